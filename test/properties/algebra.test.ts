import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createMemoryRepository } from '../../src/adapters/memory.js';
import type { Action } from '../../src/core/action.js';
import { decodeCell } from '../../src/core/decode-cell.js';
import { encodeCell } from '../../src/core/encode-cell.js';
import { type AccountHealth, EMPTY_HEALTH, MAX_GENERATION, MAX_STRIKES } from '../../src/core/health.js';
import { healthFromJson, healthToJson } from '../../src/core/health-json.js';
import { joinStrikes } from '../../src/core/join-strikes.js';
import { joinHealth, mergeHealth, patchOf } from '../../src/core/merge-health.js';
import type { CellWrite, HealthPatch } from '../../src/core/patch.js';
import { isIdentifier, isModelKey } from '../../src/core/text.js';
import { MAX_INSTANT } from '../../src/core/time.js';
import { toPatches } from '../../src/core/to-patches.js';
import { ACCOUNT_IDS, absurdActions, actions, healths, holds, patches, writes } from '../support/arbitraries.js';
import { reached, runs } from '../support/hostile.js';
import { JOIN } from './designs.js';
import { LAWS } from './laws.js';
import { NAIVE_DESIGNS } from './naive-designs.js';

const RUNS = { numRuns: runs(2_000) };

/** The same text exactly for healths that say the same. */
const text = (health: AccountHealth): string => JSON.stringify(healthToJson(health));
const patchFor = (accountId: string, list: readonly Action[]): HealthPatch => toPatches(list).get(accountId) ?? [];
/** Which cell a write is about. */
const addressOf = (write: CellWrite): string => `${write.cell} ${'key' in write ? write.key : ''}`;

/** Frozen through and through: a write to it throws. */
function frozen<T>(value: T): T {
  if (value instanceof Map) [...value.values()].forEach(frozen);
  else if (typeof value === 'object' && value !== null) Object.values(value).forEach(frozen);
  return Object.freeze(value);
}

describe('events, as actions and patches', () => {
  it.each(Object.values(LAWS))('$id: $says', ({ property, situations }) => {
    const { note, check } = reached(...situations);
    fc.assert(property(JOIN, note), RUNS);
    check();
  });

  it.each(NAIVE_DESIGNS)('$law.id refutes "$design.name" within $within runs', ({ design, law, within }) => {
    for (const seed of [1, 2, 3, 4, 5]) {
      expect(fc.check(law.property(design), { numRuns: within, seed }).failed, `seed ${seed}`).toBe(true);
    }
  });
});

describe('the join of healths', () => {
  it('I8, I9, I10: is idempotent, commutative and associative', () => {
    const { note, check } = reached('all three differ', 'the same unknown cell');
    fc.assert(
      fc.property(healths, healths, healths, (a, b, c) => {
        if (new Set([a, b, c, joinHealth(a, b)].map(text)).size === 4) note('all three differ');
        if ([...a.unknown.keys()].some((cell) => b.unknown.has(cell))) note('the same unknown cell');
        expect(joinHealth(a, a)).toBe(a);
        expect(text(joinHealth(a, b))).toBe(text(joinHealth(b, a)));
        expect(text(joinHealth(joinHealth(a, b), c))).toBe(text(joinHealth(a, joinHealth(b, c))));
      }),
      RUNS,
    );
    check();
  });

  it('I11: only goes up, and gives back the very same object where it stays', () => {
    const { note, check } = reached('goes up', 'stays');
    fc.assert(
      fc.property(healths, patches, (health, patch) => {
        const merged = mergeHealth(health, patch);
        expect(joinHealth(merged, health)).toBe(merged);
        expect(mergeHealth(merged, patch)).toBe(merged);
        note(merged === health ? 'stays' : 'goes up');
        expect(text(merged) === text(health)).toBe(merged === health);
      }),
      RUNS,
    );
    check();
  });

  it('I10: is the same for a patch, its parts, and the patch of all its cells', () => {
    const { note, check } = reached('several writes to a cell');
    fc.assert(
      fc.property(healths, patches, (health, patch) => {
        if (new Set(patch.map(addressOf)).size < patch.length) note('several writes to a cell');
        const merged = text(mergeHealth(health, patch));
        expect(text(patch.reduce((known, write) => mergeHealth(known, [write]), health))).toBe(merged);
        expect(text(mergeHealth(health, [...patch].reverse()))).toBe(merged);
        expect(text(mergeHealth(health, patchOf(mergeHealth(EMPTY_HEALTH, patch))))).toBe(merged);
      }),
      RUNS,
    );
    check();
  });

  it('changes neither of its arguments', () => {
    fc.assert(
      fc.property(healths, patches, (health, patch) => {
        const before = [text(health), JSON.stringify(patch)];
        mergeHealth(frozen(health), frozen(patch));
        expect([text(health), JSON.stringify(patch)]).toEqual(before);
      }),
      RUNS,
    );
  });

  it('I15: a write changes its own cell only, and shares all others', () => {
    const { note, check } = reached('in a dictionary', 'in a session window', 'in a cell of its own');
    fc.assert(
      fc.property(healths, writes, (health, write) => {
        const merged = mergeHealth(health, [write]);
        const before = new Map(patchOf(health).map((one) => [addressOf(one), one.value]));
        const after = new Map(patchOf(merged).map((one) => [addressOf(one), one.value]));
        for (const [address, value] of before) if (address !== addressOf(write)) expect(after.get(address)).toBe(value);
        for (const address of after.keys()) expect(before.has(address) || address === addressOf(write)).toBe(true);
        expect(merged.unknown).toBe(health.unknown);
        if (merged === health) return;
        note('key' in write ? 'in a dictionary' : write.cell.startsWith('session') ? 'in a session window' : 'in a cell of its own');
      }),
      RUNS,
    );
    check();
  });

  it('I16: keeps what a patch does not name, and what this version does not know', () => {
    const { note, check } = reached('unknown cells', 'absent on one side');
    fc.assert(
      fc.property(healths, healths, (a, b) => {
        const joined = joinHealth(a, b);
        for (const cell of [...a.unknown.keys(), ...b.unknown.keys()]) {
          note('unknown cells');
          expect(joined.unknown.has(cell)).toBe(true);
        }
        const addresses = (health: AccountHealth): string[] => patchOf(health).map(addressOf).sort();
        const all = new Set([...addresses(a), ...addresses(b)]);
        if (all.size > addresses(a).length) note('absent on one side');
        expect(addresses(joined)).toEqual([...all].sort());
        expect(mergeHealth(a, [])).toBe(a);
      }),
      RUNS,
    );
    check();
  });
});

describe('patches', () => {
  it('I15: what is patched in one account is the same whatever happens to another', () => {
    const { note, check } = reached('both accounts');
    fc.assert(
      fc.property(fc.array(actions, { maxLength: 8 }), (list) => {
        const together = toPatches(list);
        if (together.size === 2) note('both accounts');
        for (const accountId of ACCOUNT_IDS) {
          const alone = toPatches(list.filter((action) => action.accountId === accountId));
          expect(together.get(accountId)).toEqual(alone.get(accountId));
        }
      }),
      RUNS,
    );
    check();
  });

  it('I10: write a cell once, and a batch is the join of its parts', () => {
    const { note, check } = reached('joined writes');
    fc.assert(
      fc.property(healths, fc.array(actions, { maxLength: 8 }), fc.nat({ max: 8 }), (health, list, cut) => {
        const patch = patchFor('a1', list);
        expect(new Set(patch.map(addressOf)).size).toBe(patch.length);
        if (patch.length < list.filter(({ accountId, type }) => accountId === 'a1' && type !== 'invalidate_token').length)
          note('joined writes');
        const parts = mergeHealth(mergeHealth(health, patchFor('a1', list.slice(0, cut))), patchFor('a1', list.slice(cut)));
        expect(text(parts)).toBe(text(mergeHealth(health, patch)));
      }),
      RUNS,
    );
    check();
  });

  it('I17: are within bounds, whatever the numbers of an action', () => {
    const { note, check } = reached('left out', 'instant', 'generation', 'text', 'evidence');
    fc.assert(
      fc.property(fc.array(absurdActions, { maxLength: 6 }), (list) => {
        if (list.length > 0 && toPatches(list).size === 0) note('left out');
        const health = mergeHealth(EMPTY_HEALTH, patchFor('a1', list));
        for (const [kind, value] of boundedValues(healthToJson(health))) {
          note(kind);
          expect(value, kind).toBe(true);
        }
        for (const key of health.modelRateLimits.keys()) expect(isModelKey(key)).toBe(true);
        expect(text(healthFromJson(healthToJson(health)))).toBe(text(health));
      }),
      RUNS,
    );
    check();
  });
});

const INSTANTS = ['until', 'at', 'end', 'start', 'observedAt', 'sampledAt', 'resetAt'];
const NAMES = ['rule', 'status'];
const TEXTS = ['detail', 'message'];

const isWithin = (value: unknown, least: number, most: number): boolean =>
  Number.isInteger(value) && Number(value) >= least && Number(value) <= most;

/** A fraction from 0 to 100 in steps of 1e-4. */
const isShare = (value: number): boolean => value >= 0 && value <= 100 && Math.round(value * 1e4) / 1e4 === value;

/** Each value of a health that has a bound, and whether it keeps it. */
function boundedValues(value: unknown, name: string = ''): readonly (readonly [kind: string, isWithinBounds: boolean])[] {
  if (INSTANTS.includes(name)) return [['instant', value === null || isWithin(value, 0, MAX_INSTANT)]];
  if (name === 'generation') return [['generation', isWithin(value, 0, MAX_GENERATION)]];
  if (name === 'credentialRevision' || name === 'refreshRequestedFor') return [['revision', isWithin(value, -1, MAX_GENERATION)]];
  if (name === 'utilization') return [['utilization', value === null || isShare(Number(value))]];
  if (NAMES.includes(name) && typeof value !== 'object') return [['name', typeof value === 'string' && isIdentifier(value)]];
  if (TEXTS.includes(name))
    return [['text', typeof value === 'string' && new TextEncoder().encode(value).length <= 512 && !/[\p{Cc}\p{Cs}]/u.test(value)]];
  if (name === 'evidence' && Array.isArray(value)) {
    return [['evidence', value.length <= MAX_STRIKES && value.every((pair) => isWithin(pair[1], 0, MAX_INSTANT))]];
  }
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([inner, one]) => boundedValues(one, inner));
}

describe('names', () => {
  const HOSTILE = ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'a.b', "o'brien{,}"] as const;
  const renamed = (action: Action, name: string): Action => {
    if ('model' in action) return { ...action, model: name };
    if (action.type !== 'record_usage') return action;
    const [sample] = Object.values(action.samples);
    return sample === undefined ? action : { ...action, samples: Object.fromEntries([[name, sample]]) };
  };

  it('I32: a model of any name is an ordinary model', () => {
    const { note, check } = reached('a limit', 'a clear');
    fc.assert(
      fc.property(fc.array(actions, { maxLength: 6 }), fc.constantFrom(...HOSTILE), (list, name) => {
        const models = list.filter((action) => 'model' in action);
        for (const { type } of models) note(type === 'set_model_rate_limit' ? 'a limit' : 'a clear');
        const healthOf = (model: string): AccountHealth =>
          mergeHealth(
            EMPTY_HEALTH,
            patchFor(
              'a1',
              models.map((action) => renamed(action, model)),
            ),
          );
        const ordinary = healthOf('ordinary');
        const hostile = healthOf(name);
        expect([...hostile.modelRateLimits.keys()]).toEqual([...ordinary.modelRateLimits.keys()].map(() => name));
        expect([...hostile.modelRateLimits.values()]).toEqual([...ordinary.modelRateLimits.values()]);
        expect(text(healthFromJson(JSON.parse(text(hostile))))).toBe(text(hostile));
        expect(Object.getPrototypeOf(hostile)).toBe(Object.prototype);
        expect(Object.hasOwn(Object.prototype, 'until')).toBe(false);
      }),
      RUNS,
    );
    check();
  });
});

describe('cells as text', () => {
  const order = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));
  /** What stands before the digest of a hold or an error. */
  const tupleOf = (encoded: string): string => encoded.split(' ', 4).join(' ');
  /** Which of two writes to a cell the join takes: below 0 the second, 0 both are the same. */
  function joinOrder(a: CellWrite, b: CellWrite): number {
    const [both, first, second] = [[a, b], [a], [b]].map((patch) => text(mergeHealth(EMPTY_HEALTH, patch)));
    return first === second ? 0 : both === first ? 1 : -1;
  }
  /** Two holds with one tuple. */
  const twins: fc.Arbitrary<readonly [CellWrite, CellWrite]> = fc.tuple(holds, holds).map(([one, { kind, detail }]) => [
    { cell: 'rateLimit', value: one },
    { cell: 'rateLimit', value: { ...one, kind, detail } },
  ]);
  const sameCell: fc.Arbitrary<readonly [CellWrite, CellWrite]> = fc.oneof(
    { weight: 1, arbitrary: twins },
    { weight: 9, arbitrary: fc.tuple(writes, writes).filter(([a, b]) => addressOf(a) === addressOf(b) && a.cell !== 'strikes') },
  );

  it('are ASCII, and their bytes have the order of the join', () => {
    const cells = [
      'rateLimit',
      'modelRateLimits',
      'errors',
      'sessionWindow.header',
      'sessionWindow.status',
      'usage',
      'refreshRequestedFor',
    ];
    const { note, check } = reached(...cells, 'equal', 'only the digest differs');
    fc.assert(
      fc.property(sameCell, ([a, b]) => {
        note(a.cell);
        const [textA, textB] = [encodeCell(a), encodeCell(b)];
        expect(textA).toMatch(/^[ -~]*$/);
        expect(Math.sign(order(textA, textB))).toBe(Math.sign(joinOrder(a, b)));
        if (textA === textB) note('equal');
        else if ('rule' in Object(a.value) && tupleOf(textA) === tupleOf(textB)) note('only the digest differs');
      }),
      RUNS,
    );
    check();
  });

  it('come back as they were', () => {
    const { note, check } = reached(
      'rateLimit',
      'modelRateLimits',
      'errors',
      'sessionWindow.header',
      'sessionWindow.status',
      'sessionWindow.predicted',
      'usage',
      'strikes',
      'refreshRequestedFor',
    );
    fc.assert(
      fc.property(writes, (write) => {
        note(write.cell);
        expect(decodeCell(write.cell, 'key' in write ? write.key : '', encodeCell(write))).toEqual(write);
      }),
      RUNS,
    );
    check();
  });

  it('are nothing where the text is anything else', () => {
    const { note, check } = reached('nothing', 'still a cell');
    fc.assert(
      fc.property(writes, fc.string({ unit: 'binary', maxLength: 6 }), fc.nat({ max: 80 }), (write, junk, at) => {
        const whole = encodeCell(write);
        const damaged = whole.slice(0, at) + junk + whole.slice(at + 1);
        const key = 'key' in write ? write.key : '';
        const decoded = decodeCell(write.cell, key, damaged);
        note(decoded === null ? 'nothing' : 'still a cell');
        if (decoded !== null) expect(decodeCell(write.cell, key, encodeCell(decoded))).toEqual(decoded);
      }),
      RUNS,
    );
    check();
  });
});

/** What a store does that knows nothing of cells: it keeps the greater text, and joins strikes. */
function textStore(): { readonly patch: (patch: HealthPatch) => void; readonly health: () => AccountHealth } {
  const stored = new Map<string, { readonly write: CellWrite; readonly text: string }>();
  function put(write: CellWrite): void {
    const known = stored.get(addressOf(write));
    const next =
      known?.write.cell === 'strikes' && write.cell === 'strikes'
        ? { ...write, value: joinStrikes(known.write.value, write.value) }
        : write;
    const encoded = encodeCell(next);
    if (known === undefined || write.cell === 'strikes' || encoded > known.text)
      stored.set(addressOf(write), { write: next, text: encoded });
  }
  return {
    patch: (patch) => patch.forEach(put),
    health: () =>
      mergeHealth(
        EMPTY_HEALTH,
        [...stored.values()].flatMap(({ write, text: encoded }) => decodeCell(write.cell, 'key' in write ? write.key : '', encoded) ?? []),
      ),
  };
}

describe('stores', () => {
  it('I18: one in memory and one that compares text come to the same state, in whatever order patches arrive', async () => {
    const { note, check } = reached('strikes', 'several patches');
    await fc.assert(
      fc.asyncProperty(fc.array(patches, { maxLength: 5 }), fc.infiniteStream(fc.nat()), async (list, shuffle) => {
        if (list.length > 1) note('several patches');
        if (list.flat().some(({ cell }) => cell === 'strikes')) note('strikes');
        const expected = text(mergeHealth(EMPTY_HEALTH, list.flat()));
        const memory = createMemoryRepository();
        const store = textStore();
        const order = list.map((patch) => ({ patch, at: shuffle.next().value })).sort((a, b) => a.at - b.at);
        for (const { patch } of [...order, ...order]) {
          await memory.patch('a1', patch);
          store.patch(patch);
        }
        expect(text((await memory.load(['a1'])).get('a1') ?? EMPTY_HEALTH)).toBe(expected);
        expect(text(store.health())).toBe(expected);
      }),
      RUNS,
    );
    check();
  });
});

describe('health as JSON', () => {
  it('comes back as it was, by way of text', () => {
    const { note, check } = reached('__proto__ as a model', 'unknown cells', 'full strikes');
    fc.assert(
      fc.property(healths, (health) => {
        if (health.modelRateLimits.has('__proto__')) note('__proto__ as a model');
        if (health.unknown.size > 0) note('unknown cells');
        if ([...health.strikes.values()].some(({ evidence }) => evidence.size === MAX_STRIKES)) note('full strikes');
        const back = healthFromJson(JSON.parse(text(health)));
        expect({ ...back, unknown: null }).toEqual({ ...health, unknown: null });
        expect(text(back)).toBe(text(health));
        expect(healthFromJson(health)).toEqual(health);
      }),
      RUNS,
    );
    check();
  });

  it('F44: is read totally, and what is read is within bounds and stays so', () => {
    const { note, check } = reached('something', 'nothing');
    const nearly = fc.tuple(healths, fc.jsonValue(), fc.nat()).map(([health, junk, at]): unknown => {
      const cells = Object.entries(JSON.parse(text(health)) as object);
      const place = cells.length === 0 ? 0 : at % cells.length;
      return Object.fromEntries(
        cells.map(([cell, value], index) => [cell, index === place ? (Array.isArray(value) ? [['x', junk], junk] : junk) : value]),
      );
    });
    fc.assert(
      fc.property(fc.oneof(nearly, fc.anything()), (json) => {
        const health = healthFromJson(json);
        note(patchOf(health).length > 0 ? 'something' : 'nothing');
        for (const [kind, value] of boundedValues({ ...healthToJson({ ...health, unknown: new Map() }) })) expect(value, kind).toBe(true);
        expect({ ...healthFromJson(health), unknown: null }).toEqual({ ...health, unknown: null });
      }),
      RUNS,
    );
    check();
  });
});
