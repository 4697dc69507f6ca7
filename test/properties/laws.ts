/** The laws of stored state, for any design. Each says when a design breaks it, and which situations have to occur for that to mean something. */
import fc from 'fast-check';
import type { Action } from '../../src/core/action.js';
import { HOLD_CELLS } from '../../src/core/health.js';
import { isModelKey } from '../../src/core/text.js';
import { NOW } from '../support/accounts.js';
import { actions, modelKeys } from '../support/arbitraries.js';
import { ACCOUNT_ID, type Design, type Event, type Place } from './designs.js';

/** Whether a design keeps a law in one case. `note` counts a situation. */
type Check<T> = (design: Design, value: T, note: (situation: string) => void) => boolean;

/** A law of `reliability` section 4.1, bound to its cases. */
export interface Law {
  readonly id: string;
  readonly says: string;
  readonly situations: readonly string[];
  /** A fast-check property that fails where the design breaks the law. */
  readonly property: (design: Design, note?: (situation: string) => void) => fc.IProperty<[unknown]>;
}

function law<T>(id: string, says: string, from: { cases: fc.Arbitrary<T>; situations: readonly string[]; check: Check<T> }): Law {
  const property = (design: Design, note: (situation: string) => void = () => undefined): fc.IProperty<[unknown]> =>
    fc.property(from.cases, (value) => from.check(design, value, note)) as fc.IProperty<[unknown]>;
  return { id, says, situations: from.situations, property };
}

const clocks = fc.integer({ min: 0, max: 9 });
const events: fc.Arbitrary<Event> = fc.record({
  action: actions.map((action): Action => ({ ...action, accountId: ACCOUNT_ID })),
  clock: clocks,
});
const histories: fc.Arbitrary<readonly Event[]> = fc.array(events, { maxLength: 4 });
const batches: fc.Arbitrary<readonly Event[]> = fc.array(events, { minLength: 1, maxLength: 4 });

const places: fc.Arbitrary<Place> = fc.oneof(fc.record({ cell: fc.constantFrom(...HOLD_CELLS) }), fc.record({ model: modelKeys }));

interface Extent {
  readonly generation: number;
  readonly revision: number;
  readonly until: number;
  readonly clock: number;
}

/** The event that holds a place. Only `authentication` speaks of a revision. */
function holding(place: Place, { generation, revision, until, clock }: Extent): Event {
  const facts = { accountId: ACCOUNT_ID, until, rule: 'rule', kind: 'quota', detail: '', generation } as const;
  if ('model' in place) return { action: { type: 'set_model_rate_limit', model: place.model, ...facts }, clock };
  switch (place.cell) {
    case 'rateLimit':
      return { action: { type: 'set_rate_limited', ...facts, credentialRevision: -1 }, clock };
    case 'overload':
      return { action: { type: 'set_overloaded', ...facts, credentialRevision: -1 }, clock };
    default: {
      const credentialRevision = place.cell === 'authentication' ? revision : -1;
      return { action: { type: 'set_temp_unschedulable', cell: place.cell, ...facts, credentialRevision }, clock };
    }
  }
}

/** The event that clears what was seen at a place. */
function clearing(place: Place, generation: number, clock: number): Event {
  if ('model' in place) return { action: { type: 'clear_model_rate_limit', accountId: ACCOUNT_ID, model: place.model, generation }, clock };
  return { action: { type: 'clear_holds', accountId: ACCOUNT_ID, holds: [{ cell: place.cell, generation }] }, clock };
}

const untils = fc.integer({ min: 1, max: 5 }).map((minutes) => NOW + minutes * 60_000);
const extents: fc.Arbitrary<Extent> = fc.record({
  generation: fc.integer({ min: 0, max: 2 }),
  revision: fc.integer({ min: 0, max: 2 }),
  until: untils,
  clock: clocks,
});

const sameCells = (a: Event, b: Event): boolean => a.action.type === b.action.type;

const idempotent = law('I8', 'the same batch twice is the same as once', {
  cases: fc.record({ history: histories, batch: batches }),
  situations: ['changes something', 'holds', 'strikes', 'clears'],
  check(design, { history, batch }, note) {
    const once = design.run([history, batch]).text;
    if (once !== design.run([history]).text) note('changes something');
    for (const { action } of batch) {
      if ('until' in action) note('holds');
      if (action.type === 'add_strike') note('strikes');
      if (action.type.startsWith('clear_')) note('clears');
    }
    return once === design.run([history, batch, batch]).text;
  },
});

const commutative = law('I9', 'two batches may come in any order', {
  cases: fc.record({ history: histories, first: batches, second: batches }),
  situations: ['meet in a cell', 'one clears', 'both change something'],
  check(design, { history, first, second }, note) {
    const either = design.run([history, first, second]).text;
    if (first.some((a) => second.some((b) => sameCells(a, b)))) note('meet in a cell');
    if (first.some(({ action }) => action.type.startsWith('clear_'))) note('one clears');
    if (either !== design.run([history, first]).text && either !== design.run([history, second]).text) note('both change something');
    return either === design.run([history, second, first]).text;
  },
});

const batchable = law('I10', 'a batch is the same as its parts, however it is cut', {
  cases: fc.record({ history: histories, first: batches, second: batches }),
  situations: ['changes something', 'meet in a cell'],
  check(design, { history, first, second }, note) {
    const together = design.run([history, [...first, ...second]]).text;
    if (together !== design.run([history]).text) note('changes something');
    if (first.some((a) => second.some((b) => sameCells(a, b)))) note('meet in a cell');
    return together === design.run([history, first, second]).text && together === design.run([[...history, ...first, ...second]]).text;
  },
});

const neverShorter = law('I12', 'weaker evidence of the same generation and revision never shortens a hold', {
  cases: fc.record({ place: places, extent: extents, until: untils, clock: clocks }),
  situations: ['shorter', 'longer', 'the same'],
  check(design, { place, extent, until, clock }, note) {
    note(until < extent.until ? 'shorter' : until > extent.until ? 'longer' : 'the same');
    const outcome = design.run([[holding(place, extent)], [holding(place, { ...extent, until, clock })]]);
    return outcome.untilOf(place, extent.revision) === Math.max(until, extent.until);
  },
});

const clearVoids = law('I13', 'a clear voids evidence up to the generation that it saw, also what comes late', {
  cases: fc.record({ place: places, seen: extents, late: extents, clock: clocks }),
  situations: ['late evidence of an older generation', 'late evidence of the generation that was cleared'],
  check(design, { place, seen, late, clock }, note) {
    if (late.generation > seen.generation) return true;
    note(late.generation < seen.generation ? 'late evidence of an older generation' : 'late evidence of the generation that was cleared');
    const clear = clearing(place, seen.generation, clock);
    const orders: readonly (readonly Event[])[] = [
      [holding(place, seen), clear, clear, holding(place, late)],
      [holding(place, late), holding(place, seen), clear],
    ];
    return orders.every((order) => design.run(order.map((event) => [event])).untilOf(place, 0) === 0);
  },
});

const clearVoidsNoMore = law('I13', 'after a clear, new evidence counts, also where it is shorter', {
  cases: fc.record({ place: places, seen: extents, fresh: extents, clock: clocks }),
  situations: ['shorter than what was cleared'],
  check(design, { place, seen, fresh, clock }, note) {
    if (fresh.until < seen.until) note('shorter than what was cleared');
    const evidence = holding(place, { ...fresh, generation: seen.generation + 1 });
    const outcome = design.run([[holding(place, seen)], [clearing(place, seen.generation, clock)], [evidence]]);
    return outcome.untilOf(place, 0) === fresh.until;
  },
});

const newRevisionCounts = law('I5', 'what speaks of an older credential hides nothing that speaks of the one in use', {
  cases: fc.record({ old: extents, fresh: extents }),
  situations: ['the older one is longer'],
  check(design, { old, fresh }, note) {
    const place: Place = { cell: 'authentication' };
    const revision = old.revision + 1;
    if (old.until > fresh.until) note('the older one is longer');
    const evidence = holding(place, { ...fresh, generation: old.generation, revision });
    return [
      [[holding(place, old)], [evidence]],
      [[evidence], [holding(place, old)]],
    ].every((order) => design.run(order).untilOf(place, revision) === fresh.until);
  },
});

const noInterference = law('I15', 'an event of one model or cell changes no other', {
  cases: fc.record({ place: places, extent: extents, other: events }),
  situations: ['another model', 'another cell'],
  check(design, { place, extent, other }, note) {
    if (isAbout(other.action, place)) return true;
    if (other.action.type === 'set_model_rate_limit' && isModelKey(other.action.model)) note('another model');
    else note('another cell');
    return design.run([[holding(place, extent)], [other]]).untilOf(place, extent.revision) === extent.until;
  },
});

function isAbout(action: Action, place: Place): boolean {
  if ('model' in action) return 'model' in place && place.model === action.model;
  if ('model' in place) return false;
  if (action.type === 'clear_holds') return action.holds.some(({ cell }) => cell === place.cell);
  if (action.type === 'set_temp_unschedulable') return action.cell === place.cell;
  return (
    (action.type === 'set_rate_limited' && place.cell === 'rateLimit') || (action.type === 'set_overloaded' && place.cell === 'overload')
  );
}

type LawName =
  | 'idempotent'
  | 'commutative'
  | 'batchable'
  | 'neverShorter'
  | 'clearVoids'
  | 'clearVoidsNoMore'
  | 'newRevisionCounts'
  | 'noInterference';

/** Every law, by a short name. */
export const LAWS: Readonly<Record<LawName, Law>> = {
  idempotent,
  commutative,
  batchable,
  neverShorter,
  clearVoids,
  clearVoidsNoMore,
  newRevisionCounts,
  noInterference,
};
