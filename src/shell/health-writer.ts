/** Writing one account's health, through an outbox. */
import type { Action } from '../core/action.js';
import { type AccountHealth, EMPTY_HEALTH } from '../core/health.js';
import { isObject } from '../core/json.js';
import { mergeHealth, patchOf } from '../core/merge-health.js';
import type { HealthPatch } from '../core/patch.js';
import { toPatches } from '../core/to-patches.js';
import { createAlarm } from './alarm.js';
import type { Outbox } from './outbox.js';
import type { HealthRepository } from './ports.js';

/** Writes health; what fails is kept and written again. */
export interface HealthWriter {
  /** Patches an account by actions that are all about it. The post-image; null where there was nothing to write. Rejects where the store does, and then the patch is kept. */
  write(accountId: string, actions: readonly Action[]): Promise<AccountHealth | null>;
  /** Waits for writing what was kept, and tries once more to write what is left of it. Never rejects. */
  replay(): Promise<void>;
  /** What the store has not taken, or not yet, by account. */
  unconfirmed(): ReadonlyMap<string, HealthPatch>;
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

/** Patches that nobody knows to be written yet. */
interface UnderWay {
  /** Does the work; until it has ended, the patch is one of them. */
  readonly during: <T>(sent: Sent, work: () => Promise<T>) => Promise<T>;
  readonly all: ReadonlySet<Sent>;
}

type Sent = readonly [accountId: string, patch: HealthPatch];

function createUnderWay(): UnderWay {
  const all = new Set<Sent>();
  return {
    all,
    async during(sent, work) {
      all.add(sent);
      try {
        return await work();
      } finally {
        all.delete(sent);
      }
    },
  };
}

/** One patch an account, of what waits and what is under way. */
function joinUnconfirmed(outbox: Outbox, { all }: UnderWay): ReadonlyMap<string, HealthPatch> {
  const healths = new Map(outbox.waiting());
  for (const [accountId, patch] of all) healths.set(accountId, mergeHealth(healths.get(accountId) ?? EMPTY_HEALTH, patch));
  return new Map([...healths].map(([accountId, health]) => [accountId, patchOf(health)] as const).filter(([, patch]) => patch.length > 0));
}

/** The wait before a store that failed is asked again by itself. */
const RETRY = { firstMs: 1_000, longestMs: 30_000 } as const;

interface CatchUp {
  /** Begins now, where anything waits and it is not under way already. */
  readonly now: () => void;
  /** Begins after a while, where anything waits. */
  readonly later: () => void;
  /** Begins no more by itself; resolves when what is under way has ended. */
  readonly stop: () => Promise<void>;
}

/** Writes what waits, one account after the other: a store that has just come back is not to be flooded. `replay` says whether the store took what waited for an account. */
function createCatchUp(outbox: Outbox, replay: (accountId: string) => Promise<boolean>): CatchUp {
  const alarm = createAlarm(RETRY);
  let running: Promise<void> | null = null;

  function now(): void {
    if (outbox.accountIds().length > 0) running ??= run();
  }

  function later(): void {
    if (outbox.accountIds().length > 0) alarm.set(now);
  }

  /** Ends at the first failure: that account now waits behind all others, so what no store ever takes keeps nobody waiting. */
  async function run(): Promise<void> {
    let isDown = false;
    for (const accountId of outbox.accountIds()) {
      isDown = !(await replay(accountId));
      if (isDown) break;
    }
    running = null;
    if (!isDown) alarm.reset();
    later();
  }

  return {
    now,
    later,
    async stop() {
      alarm.stop();
      await running;
    },
  };
}

/**
 * Makes a writer over a repository and an outbox. What waits for an account is written before its next patch; as soon as the store takes any write again, so is all that waits for the others; and where nobody
 * writes, the store is asked again after a second, two seconds … half a minute.
 */
export function createHealthWriter(repository: HealthRepository, outbox: Outbox): HealthWriter {
  const put = putInto(repository, outbox);
  const underWay = createUnderWay();
  function replayAccount(accountId: string): Promise<boolean> {
    const patch = outbox.take(accountId);
    return underWay
      .during([accountId, patch], () => put(accountId, patch))
      .then(
        () => true,
        () => false,
      );
  }

  async function writePatch(accountId: string, patch: HealthPatch): Promise<AccountHealth | null> {
    // Apart from the new patch: one that no store ever takes must not keep others from being written. Where nothing waits, the write begins at once.
    if (outbox.has(accountId)) await replayAccount(accountId);
    if (patch.length === 0) return null;
    try {
      const health = await put(accountId, patch);
      catchUp.now();
      return health;
    } finally {
      catchUp.later();
    }
  }

  const catchUp = createCatchUp(outbox, replayAccount);

  return {
    write(accountId, actions) {
      const patch = toPatches(actions).get(accountId) ?? [];
      return underWay.during([accountId, patch], () => writePatch(accountId, patch));
    },
    async replay() {
      await catchUp.stop();
      await Promise.all(outbox.accountIds().map(replayAccount));
    },
    unconfirmed: () => joinUnconfirmed(outbox, underWay),
  };
}
