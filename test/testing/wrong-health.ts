/** Health repositories that look right. Each breaks the rule that it is named with. */
import { type AccountHealth, CLEARED, EMPTY_HEALTH, type Hold } from '../../src/core/health.js';
import { mergeHealth, patchOf } from '../../src/core/merge-health.js';
import type { CellWrite, HealthPatch } from '../../src/core/patch.js';
import type { HealthChange, HealthRepository } from '../../src/shell/ports.js';
import type { HealthFixture } from '../../src/testing.js';

/** A fixture, and the rule that it breaks. */
export interface Wrong<F> {
  readonly name: string;
  readonly breaks: string;
  readonly make: () => F;
}

type Rows = Map<string, AccountHealth>;
type Join = (before: AccountHealth, patch: HealthPatch) => AccountHealth;

const rowOf = (rows: Rows, accountId: string): AccountHealth => rows.get(accountId) ?? EMPTY_HEALTH;

function loadFrom(rows: Rows): HealthRepository['load'] {
  return async (accountIds) =>
    new Map(
      accountIds.flatMap((accountId): (readonly [string, AccountHealth])[] => {
        const row = rows.get(accountId);
        return row === undefined ? [] : [[accountId, row]];
      }),
    );
}

/** A repository whose only fault is its join. */
function joining(join: Join): () => HealthFixture {
  return () => {
    const rows: Rows = new Map();
    const repository: HealthRepository = {
      load: loadFrom(rows),
      async patch(accountId, patch) {
        const next = join(rowOf(rows, accountId), patch);
        rows.set(accountId, next);
        return next;
      },
    };
    return {
      repository,
      storeUnknownCell(accountId, cell, value) {
        const row = rowOf(rows, accountId);
        rows.set(accountId, { ...row, unknown: new Map([...row.unknown, [cell, value]]) });
      },
    };
  };
}

/** What is stored, but for the cells of a patch. */
function withoutCells(health: AccountHealth, patch: HealthPatch): AccountHealth {
  const isWritten = (write: CellWrite): boolean =>
    patch.some((other) => other.cell === write.cell && ('key' in other ? other.key : '') === ('key' in write ? write.key : ''));
  const kept = patchOf(health).filter((write) => !isWritten(write));
  return { ...mergeHealth(EMPTY_HEALTH, kept), unknown: health.unknown };
}

const isClear = ({ value }: CellWrite): boolean => typeof value === 'object' && 'rule' in value && value.rule === CLEARED;

/** The groups of cells that are one JSON value each, as a careless author would keep them. */
const groupOf = ({ cell }: CellWrite): string => cell.split('.')[0] ?? cell;

const shallow: Join = (before, patch) => {
  const merged = patchOf(mergeHealth(before, patch));
  const groups = new Set(patch.map(groupOf));
  const isNamed = (write: CellWrite): boolean =>
    patch.some((other) => other.cell === write.cell && ('key' in other ? other.key : '') === ('key' in write ? write.key : ''));
  const kept = merged.filter((write) => !groups.has(groupOf(write)) || isNamed(write));
  return { ...mergeHealth(EMPTY_HEALTH, kept), unknown: before.unknown };
};

let counter = 0;

/** Every call counts: no call can be told from its repetition. */
function counted(write: CellWrite): CellWrite {
  if (write.cell !== 'strikes') return write;
  counter += 1;
  const evidence = new Map([...write.value.evidence].map(([id, at]) => [`${id}:${counter}`.slice(0, 64), at]));
  return { ...write, value: { ...write.value, evidence } };
}

function renamed(rename: (key: string) => string): Join {
  return (before, patch) =>
    mergeHealth(
      before,
      patch.map((write) => (write.cell === 'modelRateLimits' ? { ...write, key: rename(write.key) } : write)),
    );
}

function changedHolds(change: (hold: Hold) => Hold): Join {
  return (before, patch) =>
    mergeHealth(
      before,
      patch.map((write): CellWrite => {
        switch (write.cell) {
          case 'rateLimit':
          case 'overload':
          case 'temporary':
          case 'authentication':
          case 'modelRateLimits':
            return { ...write, value: change(write.value) };
          default:
            return write;
        }
      }),
    );
}

const handles = (make: () => HealthRepository): HealthFixture => ({ repository: make(), another: make });

function wholeRow(): HealthFixture {
  const rows: Rows = new Map();
  return handles(() => {
    const seen: Rows = new Map();
    return {
      async load(accountIds) {
        const loaded = await loadFrom(rows)(accountIds);
        for (const accountId of accountIds) seen.set(accountId, loaded.get(accountId) ?? EMPTY_HEALTH);
        return loaded;
      },
      async patch(accountId, patch) {
        const next = mergeHealth(seen.get(accountId) ?? rowOf(rows, accountId), patch);
        seen.set(accountId, next);
        rows.set(accountId, next);
        return next;
      },
    };
  });
}

function readModifyWrite(): HealthFixture {
  const rows: Rows = new Map();
  return handles(() => ({
    load: loadFrom(rows),
    async patch(accountId, patch) {
      const before = rowOf(rows, accountId);
      await Promise.resolve();
      const next = mergeHealth(before, patch);
      rows.set(accountId, next);
      return next;
    },
  }));
}

/** A right repository, but for one method. */
function answering(change: (right: HealthRepository) => Partial<HealthRepository>): () => HealthFixture {
  return () => {
    const right = joining(mergeHealth)().repository;
    return { repository: { ...right, ...change(right) } };
  };
}

const preImage = answering(({ load, patch }) => ({
  async patch(accountId, cells) {
    const before = (await load([accountId])).get(accountId) ?? EMPTY_HEALTH;
    await patch(accountId, cells);
    return before;
  },
}));

const noNewRow = answering(({ load, patch }) => {
  let known = 0;
  return {
    async patch(accountId, cells) {
      const isNew = !(await load([accountId])).has(accountId);
      if (isNew) known += 1;
      return isNew && known > 1 ? EMPTY_HEALTH : patch(accountId, cells);
    },
  };
});

function sharedObject(): HealthFixture {
  const rows = new Map<string, AccountHealth>();
  const repository: HealthRepository = {
    load: loadFrom(rows),
    async patch(accountId, patch) {
      const row = rows.get(accountId) ?? { ...EMPTY_HEALTH };
      rows.set(accountId, row);
      return Object.assign(row, mergeHealth(row, patch));
    },
  };
  return { repository };
}

function telling(tell: (listeners: Set<(change: HealthChange) => void>, change: HealthChange) => void, canLeave: boolean): HealthFixture {
  const right = joining(mergeHealth)().repository;
  const listeners = new Set<(change: HealthChange) => void>();
  return {
    newsWithinMs: 200,
    repository: {
      ...right,
      async patch(accountId, patch) {
        const health = await right.patch(accountId, patch);
        tell(listeners, { accountId, health });
        return health;
      },
      async subscribe(listener) {
        listeners.add(listener);
        return async () => void (canLeave && listeners.delete(listener));
      },
    },
  };
}

function compacting(compact: (rows: Rows) => void): HealthFixture {
  const rows: Rows = new Map();
  const repository: HealthRepository = {
    load: loadFrom(rows),
    async patch(accountId, patch) {
      const next = mergeHealth(rowOf(rows, accountId), patch);
      rows.set(accountId, next);
      return next;
    },
  };
  return { repository, compact: () => compact(rows) };
}

const tellAll = (listeners: Iterable<(change: HealthChange) => void>, change: HealthChange): void => {
  for (const listener of listeners) listener(change);
};

/** Every wrong repository. */
export const WRONG_HEALTH: readonly Wrong<HealthFixture>[] = [
  { name: 'a whole row written from a snapshot', breaks: 'what another process wrote stays', make: wholeRow },
  {
    name: 'the last write wins',
    breaks: 'the longer hold stays, whichever comes first',
    make: joining((before, patch) => mergeHealth(withoutCells(before, patch), patch)),
  },
  {
    name: 'a clear deletes the cell',
    breaks: 'a clear voids what it saw, and also what comes late',
    make: joining((before, patch) => withoutCells(mergeHealth(before, patch), patch.filter(isClear))),
  },
  { name: 'a shallow merge of JSON', breaks: 'a patch changes no cell that it does not name', make: joining(shallow) },
  { name: 'reading, joining and writing without a lock', breaks: 'patches of different cells at once lose nothing', make: readModifyWrite },
  { name: 'the pre-image as the answer', breaks: 'patch answers with the whole health as it is after the write', make: preImage },
  {
    name: 'the patch as the answer',
    breaks: 'patch answers with the whole health as it is after the write',
    make: answering(({ patch }) => ({
      async patch(accountId, cells) {
        await patch(accountId, cells);
        return mergeHealth(EMPTY_HEALTH, cells);
      },
    })),
  },
  {
    name: 'unknown cells dropped',
    breaks: 'cells of a newer version are kept as they came',
    make: joining((before, patch) => ({ ...mergeHealth(before, patch), unknown: new Map() })),
  },
  {
    name: 'strikes as a counter',
    breaks: 'evidence that is repeated counts once',
    make: joining((before, patch) => mergeHealth(before, patch.map(counted))),
  },
  {
    name: 'names folded to lower case',
    breaks: 'model names are data: each is a key of its own, however it looks',
    make: joining(renamed((key) => key.toLowerCase())),
  },
  {
    name: 'names normalised',
    breaks: 'model names are data: each is a key of its own, however it looks',
    make: joining(renamed((key) => key.normalize('NFC'))),
  },
  {
    name: 'names trimmed',
    breaks: 'model names are data: each is a key of its own, however it looks',
    make: joining(renamed((key) => key.trimEnd())),
  },
  {
    name: 'names cut to a column of 255',
    breaks: 'model names are data: each is a key of its own, however it looks',
    make: joining(renamed((key) => key.slice(0, 255))),
  },
  {
    name: 'models as properties of an object',
    breaks: 'model names are data: each is a key of its own, however it looks',
    make: joining((before, patch) => {
      const merged = mergeHealth(before, patch);
      const object: Record<string, Hold> = {};
      for (const [model, hold] of merged.modelRateLimits) object[model] = hold;
      return { ...merged, modelRateLimits: new Map(Object.entries(object)) };
    }),
  },
  {
    name: 'instants in whole seconds',
    breaks: 'numbers are kept exactly, to the millisecond and at their bounds',
    make: joining(changedHolds((hold) => ({ ...hold, until: Math.ceil(hold.until / 1_000) * 1_000 }))),
  },
  {
    name: 'details cut to 255 characters',
    breaks: 'texts are kept exactly',
    make: joining(changedHolds((hold) => ({ ...hold, detail: hold.detail.slice(0, 255) }))),
  },
  {
    name: 'no order among holds with one end',
    breaks: 'of holds with one end the same one stays, whichever comes first',
    make: joining((before, patch) => {
      const sameEnd = ({ rateLimit }: AccountHealth, next: CellWrite): boolean =>
        next.cell === 'rateLimit' &&
        rateLimit !== null &&
        rateLimit.until === next.value.until &&
        rateLimit.generation === next.value.generation;
      return mergeHealth(
        before,
        patch.filter((write) => !sameEnd(before, write)),
      );
    }),
  },
  {
    name: 'generations ignored',
    breaks: 'a hold of a later generation counts, also where it is shorter',
    make: joining((before, patch) => {
      const isShorter = (write: CellWrite): boolean =>
        write.cell === 'rateLimit' && before.rateLimit !== null && write.value.until < before.rateLimit.until;
      return mergeHealth(
        before,
        patch.filter((write) => !isShorter(write)),
      );
    }),
  },
  {
    name: 'usage without what is unknown',
    breaks: 'of usage the newest sample stays, and what is not known stays unknown',
    make: joining((before, patch) =>
      mergeHealth(
        before,
        patch.map((write) =>
          write.cell === 'usage' ? { ...write, value: { ...write.value, utilization: write.value.utilization ?? 0 } } : write,
        ),
      ),
    ),
  },
  { name: 'a row that is not there', breaks: 'a patch is kept as it was written', make: noNewRow },
  { name: 'one object for all answers', breaks: 'health that was given out does not change', make: sharedObject },
  {
    name: 'accounts that nobody asked for',
    breaks: 'load answers for many accounts at once, also unknown and repeated ones',
    make: answering(({ load }) => ({
      load: async (accountIds) => new Map([...(await load(accountIds)), ['somebody', EMPTY_HEALTH]]),
    })),
  },
  {
    name: 'one row for accounts whose ids differ in case',
    breaks: 'account ids are data',
    make: answering(({ load, patch }) => ({
      patch: (accountId, cells) => patch(accountId.toLowerCase(), cells),
      async load(accountIds) {
        const loaded = await load(accountIds.map((accountId) => accountId.toLowerCase()));
        return new Map(accountIds.map((accountId) => [accountId, loaded.get(accountId.toLowerCase()) ?? EMPTY_HEALTH]));
      },
    })),
  },
  {
    name: 'one row for all accounts',
    breaks: 'a patch changes no other account',
    make: answering(({ load, patch }) => ({
      patch: (_accountId, cells) => patch('all', cells),
      async load(accountIds) {
        const health = (await load(['all'])).get('all') ?? EMPTY_HEALTH;
        return new Map(accountIds.map((accountId) => [accountId, health]));
      },
    })),
  },
  {
    name: 'news to those who left',
    breaks: 'one who leaves hears nothing any more, and may leave twice',
    make: () => telling(tellAll, false),
  },
  {
    name: 'no news',
    breaks: 'a subscriber hears what others write, as often as it may be told',
    make: () => telling(() => undefined, true),
  },
  {
    name: 'listeners that are not contained',
    breaks: 'a listener that throws harms neither the writer nor other listeners',
    make: () => telling(tellAll, true),
  },
  {
    name: 'forgetting errors',
    breaks: 'what counts is never forgotten, and what is long over is',
    make: () =>
      compacting((rows) => {
        for (const [accountId, health] of rows) rows.set(accountId, { ...health, errors: new Map() });
      }),
  },
  {
    name: 'forgetting from a snapshot',
    breaks: 'what is written while others forget is kept',
    make: () =>
      compacting((rows) => {
        const before = new Map(rows);
        queueMicrotask(() => {
          for (const [accountId, health] of before) rows.set(accountId, health);
        });
      }),
  },
];

/** A repository that does nothing: every rule has to notice, but for those that nothing satisfies as well. */
export function nothing(): HealthFixture {
  const repository: HealthRepository = {
    load: async () => new Map(),
    patch: async () => EMPTY_HEALTH,
    subscribe: async () => async () => undefined,
  };
  return { repository, compact: () => undefined, storeUnknownCell: () => undefined, newsWithinMs: 100 };
}
