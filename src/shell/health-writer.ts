/** Writing one account's health, through an outbox. */
import type { Action } from '../core/action.js';
import type { AccountHealth } from '../core/health.js';
import { isObject } from '../core/json.js';
import type { HealthPatch } from '../core/patch.js';
import { toPatches } from '../core/to-patches.js';
import type { Outbox } from './outbox.js';
import type { HealthRepository } from './ports.js';

/** Writes health; what fails is kept and written again. */
export interface HealthWriter {
  /** Patches an account by actions that are all about it. The post-image; null where there was nothing to write. Rejects where the store does, and then the patch is kept. */
  write(accountId: string, actions: readonly Action[]): Promise<AccountHealth | null>;
  /** Tries once more to write all that was kept. Never rejects. */
  replay(): Promise<void>;
}

/** Makes a writer over a repository and an outbox. */
export function createHealthWriter(repository: HealthRepository, outbox: Outbox): HealthWriter {
  async function put(accountId: string, patch: HealthPatch): Promise<AccountHealth> {
    try {
      const health = await repository.patch(accountId, patch);
      if (!isObject(health)) throw new TypeError('the health repository returned no post-image');
      return health;
    } catch (error) {
      // The write may have taken place all the same: joining it once more does no harm.
      outbox.add(accountId, patch);
      throw error;
    }
  }

  async function replayAccount(accountId: string): Promise<void> {
    await put(accountId, outbox.take(accountId)).catch(() => undefined);
  }

  return {
    async write(accountId, actions) {
      // Apart from the new patch: one that no store ever takes must not keep others from being written.
      if (outbox.has(accountId)) await replayAccount(accountId);
      const patch = toPatches(actions).get(accountId) ?? [];
      return patch.length === 0 ? null : put(accountId, patch);
    },
    async replay() {
      await Promise.all(outbox.accountIds().map(replayAccount));
    },
  };
}
