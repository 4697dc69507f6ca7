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
  /** Waits for writing what was kept, and tries once more to write what is left of it. Never rejects. */
  replay(): Promise<void>;
}

type Put = (accountId: string, patch: HealthPatch) => Promise<AccountHealth>;

/** Writes, and keeps in the outbox what the store did not take. */
function putInto(repository: HealthRepository, outbox: Outbox): Put {
  return async (accountId, patch) => {
    try {
      const health = await repository.patch(accountId, patch);
      if (!isObject(health)) throw new TypeError('the health repository returned no post-image');
      return health;
    } catch (error) {
      // The write may have taken place all the same: joining it once more does no harm.
      outbox.add(accountId, patch);
      throw error;
    }
  };
}

/**
 * Makes a writer over a repository and an outbox. What waits for an account is written before its next patch; and as soon as the store takes any write again, so is all that waits for the others,
 * one account after the other, since a store that has just come back is not to be flooded.
 */
export function createHealthWriter(repository: HealthRepository, outbox: Outbox): HealthWriter {
  const put = putInto(repository, outbox);
  let catchingUp: Promise<void> | null = null;

  /** Whether the store took it. */
  async function replayAccount(accountId: string): Promise<boolean> {
    return put(accountId, outbox.take(accountId)).then(
      () => true,
      () => false,
    );
  }

  /** Ends at the first failure: that account now waits behind all others, so what no store ever takes keeps nobody waiting. */
  async function catchUp(): Promise<void> {
    for (const accountId of outbox.accountIds()) if (!(await replayAccount(accountId))) break;
    catchingUp = null;
  }

  return {
    async write(accountId, actions) {
      // Apart from the new patch: one that no store ever takes must not keep others from being written. Where nothing waits, the write begins at once.
      if (outbox.has(accountId)) await replayAccount(accountId);
      const patch = toPatches(actions).get(accountId) ?? [];
      if (patch.length === 0) return null;
      const health = await put(accountId, patch);
      if (outbox.accountIds().length > 0) catchingUp ??= catchUp();
      return health;
    },
    async replay() {
      await catchingUp;
      await Promise.all(outbox.accountIds().map(replayAccount));
    },
  };
}
