/** Writes that a store did not take, kept until it does. */
import { type AccountHealth, EMPTY_HEALTH } from '../core/health.js';
import { mergeHealth, patchOf } from '../core/merge-health.js';
import type { HealthPatch } from '../core/patch.js';

/** Cells that wait at most, over all accounts (fault F45: a store that is down for ten minutes). */
export const MAX_OUTBOX_CELLS = 10_000;

/** What waits to be written again, one joined patch an account. */
export interface Outbox {
  /** Joins a patch to what waits for the account. */
  add(accountId: string, patch: HealthPatch): void;
  /** Takes out all that waits for the account; empty where nothing does. */
  take(accountId: string): HealthPatch;
  has(accountId: string): boolean;
  accountIds(): readonly string[];
  /** All that waits, by account. */
  waiting(): Iterable<readonly [accountId: string, health: AccountHealth]>;
}

interface Waiting {
  readonly health: AccountHealth;
  readonly cells: number;
}

const NO_USAGE: AccountHealth['usage'] = new Map();

function waitingFor(health: AccountHealth): Waiting {
  return { health, cells: patchOf(health).length };
}

/**
 * Makes an outbox of at most `maxCells` cells. Patches of one account are joined, so that an outage costs a cell once, however often it is written. Over the bound
 * the usage samples of the account that has waited longest are given up first, then those of the next, for the next answers bring new ones; where that is not enough,
 * everything of the account that has waited longest.
 */
export function createOutbox(maxCells: number = MAX_OUTBOX_CELLS): Outbox {
  const waiting = new Map<string, Waiting>();
  let size = 0;

  function put(accountId: string, next: Waiting | null): void {
    size += (next?.cells ?? 0) - (waiting.get(accountId)?.cells ?? 0);
    if (next === null || next.cells === 0) waiting.delete(accountId);
    else waiting.set(accountId, next);
  }

  function giveUp(remainder: (health: AccountHealth) => Waiting | null): void {
    for (const [accountId, { health }] of waiting) {
      if (size <= maxCells) return;
      put(accountId, remainder(health));
    }
  }

  return {
    add(accountId, patch) {
      put(accountId, waitingFor(mergeHealth(waiting.get(accountId)?.health ?? EMPTY_HEALTH, patch)));
      giveUp((health) => waitingFor(health.usage.size === 0 ? health : { ...health, usage: NO_USAGE }));
      giveUp(() => null);
    },
    take(accountId) {
      const patch = patchOf(waiting.get(accountId)?.health ?? EMPTY_HEALTH);
      put(accountId, null);
      return patch;
    },
    has: (accountId) => waiting.has(accountId),
    accountIds: () => [...waiting.keys()],
    waiting: () => [...waiting].map(([accountId, { health }]) => [accountId, health] as const),
  };
}
