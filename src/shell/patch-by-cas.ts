/** A health repository over a store that can only compare and swap. */
import { type AccountHealth, EMPTY_HEALTH } from '../core/health.js';
import { type HealthJson, healthFromJson, healthToJson } from '../core/health-json.js';
import { mergeHealth } from '../core/merge-health.js';
import type { HealthPatch } from '../core/patch.js';
import type { HealthRepository } from './ports.js';

/** What a store has of an account. */
export interface Versioned<V> {
  /** Health as it was given to `write`, or as JSON of it; whatever does not have a cell's form is dropped. */
  readonly health: unknown;
  /** What changes with every write of the account: a counter, a tag, the stored text itself. */
  readonly version: V;
}

/** The two steps of a store. What they reject with goes through. */
export interface CompareAndSwap<V> {
  /** What is stored of the account; null: nothing yet. */
  readonly read: (accountId: string) => Promise<Versioned<V> | null>;
  /** Stores the health if the version is still the one that was read (null: there is still nothing). Whether it did. */
  readonly write: (accountId: string, next: HealthJson, version: V | null) => Promise<boolean>;
  /** How often a patch is tried before it is rejected, from 1. Default 20. */
  readonly attempts?: number;
}

/** Rejects a patch that lost every try to other writers. Nothing of it was stored; the same patch may be tried again. */
export class SwapConflictError extends Error {
  readonly code: 'swap_conflict' = 'swap_conflict';
  readonly accountId: string;
  readonly attempts: number;

  constructor(accountId: string, attempts: number) {
    super(`the health of account ${JSON.stringify(accountId)} was changed by others during each of ${attempts} attempts`);
    this.name = 'SwapConflictError';
    this.accountId = accountId;
    this.attempts = attempts;
  }
}

const ATTEMPTS = 20;
const FIRST_WAIT_MS = 2;
const LONGEST_WAIT_MS = 100;

/** Waits a part of a time that doubles, so that writers that collided do not do so again. */
async function waitAfter(attempt: number): Promise<void> {
  const longest = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (attempt - 1));
  await new Promise((resolve) => setTimeout(resolve, Math.random() * longest));
}

/**
 * Makes a health repository of a store that can only compare and swap. A patch reads, joins and swaps, and does so again where another writer was faster; where the join changes
 * nothing, nothing is written. After the last try it rejects with a `SwapConflictError`.
 *
 * @example const health = patchByCas({ read: (id) => store.get(id), write: (id, next, version) => store.putIfVersion(id, next, version) });
 */
export function patchByCas<V>({ read, write, attempts = ATTEMPTS }: CompareAndSwap<V>): HealthRepository {
  async function readHealth(accountId: string): Promise<{ readonly health: AccountHealth; readonly version: V | null }> {
    const stored = await read(accountId);
    return stored === null ? { health: EMPTY_HEALTH, version: null } : { health: healthFromJson(stored.health), version: stored.version };
  }

  /** The health as it then is; null: another writer was faster. */
  async function tryPatch(accountId: string, patch: HealthPatch): Promise<AccountHealth | null> {
    const { health, version } = await readHealth(accountId);
    const next = mergeHealth(health, patch);
    return next === health || (await write(accountId, healthToJson(next), version)) ? next : null;
  }

  return {
    async load(accountIds) {
      const ids = [...new Set(accountIds)];
      const all = await Promise.all(ids.map(async (accountId) => [accountId, (await readHealth(accountId)).health] as const));
      return new Map(all.filter(([, health]) => health !== EMPTY_HEALTH));
    },
    async patch(accountId, patch) {
      for (let attempt = 1; ; attempt += 1) {
        const patched = await tryPatch(accountId, patch);
        if (patched !== null) return patched;
        if (attempt >= attempts) throw new SwapConflictError(accountId, attempt);
        await waitAfter(attempt);
      }
    },
  };
}
