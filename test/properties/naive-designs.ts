/** Designs that look right, each with the law that it breaks. They are here so that the laws are known to bite. */
import type { Action } from '../../src/core/action.js';
import { CLEARED } from '../../src/core/health.js';
import type { Design, Event, Outcome, Place } from './designs.js';
import { LAWS, type Law } from './laws.js';

interface Cell {
  readonly generation: number;
  readonly revision: number;
  readonly until: number;
  readonly rule: string;
  readonly clock: number;
}

/** What a cell says; the clock only tells when it was written. */
const ORDER: readonly (keyof Cell)[] = ['generation', 'revision', 'until', 'rule'];

/** Cells by name. Names of models are prefixed, so that none can be the name of a cell. */
type State = ReadonlyMap<string, Cell>;

const nameOf = (place: Place): string => ('cell' in place ? place.cell : `model ${place.model}`);

interface CellEvent extends Cell {
  readonly cell: string;
  readonly isClear: boolean;
}

const CLEAR = { revision: -1, until: 0, rule: CLEARED, isClear: true } as const;

/** The holds that an event sets or clears. */
function cellEvents({ action, clock }: Event): readonly CellEvent[] {
  switch (action.type) {
    case 'set_rate_limited':
    case 'set_overloaded':
    case 'set_temp_unschedulable':
    case 'set_model_rate_limit': {
      const { generation, until, rule } = action;
      const revision = 'credentialRevision' in action ? action.credentialRevision : -1;
      return [{ cell: nameOf(placeOf(action)), generation, revision, until, rule, clock, isClear: false }];
    }
    case 'clear_model_rate_limit':
      return [{ ...CLEAR, cell: nameOf(action), generation: action.generation + 1, clock }];
    case 'clear_holds':
      return action.holds.map(({ cell, generation }) => ({ ...CLEAR, cell, generation: generation + 1, clock }));
    default:
      return [];
  }
}

type SetHold = Extract<Action, { readonly until: number }>;

function placeOf(action: SetHold): Place {
  if (action.type === 'set_model_rate_limit') return { model: action.model };
  if (action.type === 'set_temp_unschedulable') return { cell: action.cell };
  return { cell: action.type === 'set_rate_limited' ? 'rateLimit' : 'overload' };
}

type Update = (known: Cell | undefined, event: CellEvent) => Cell | undefined;

function sortedText(entries: Iterable<readonly [string, unknown]>): string {
  return JSON.stringify([...entries].sort(([a], [b]) => (a < b ? -1 : 1)));
}

function outcomeOf(state: State): Outcome {
  const values = [...state].map(([name, cell]): [string, unknown] => [name, ORDER.map((field) => cell[field])]);
  return {
    text: sortedText(values),
    untilOf(place, revision) {
      const cell = state.get(nameOf(place));
      return cell !== undefined && (cell.revision < 0 || cell.revision >= revision) ? cell.until : 0;
    },
  };
}

/** A design that updates one cell at a time. */
function cellByCell(name: string, update: Update): Design {
  return {
    name,
    run(batches) {
      const state = new Map<string, Cell>();
      for (const event of batches.flat().flatMap(cellEvents)) {
        const next = update(state.get(event.cell), event);
        if (next === undefined) state.delete(event.cell);
        else state.set(event.cell, next);
      }
      return outcomeOf(state);
    },
  };
}

/** The greater of two cells, by these fields from left to right. */
function greater(fields: readonly (keyof Cell)[], known: Cell | undefined, event: Cell): Cell {
  if (known === undefined) return event;
  for (const field of fields) {
    if (event[field] !== known[field]) return event[field] > known[field] ? event : known;
  }
  return known;
}

const lastWriteWins = cellByCell('last write wins, by the clock', (known, event) => greater(['clock', ...ORDER], known, event));

const deleteAsClear = cellByCell('a clear deletes', (known, event) => (event.isClear ? undefined : greater(ORDER, known, event)));

const revisionAfterUntil = cellByCell('the credential revision behind the end', (known, event) =>
  greater(['generation', 'until', 'revision', 'rule'], known, event),
);

/** One register for the latest end, and one for how far clears reached. */
const twoRegisters: Design = {
  name: 'two registers: the latest end, and the latest that was cleared',
  run(batches) {
    const untils = new Map<string, number>();
    const cleared = new Map<string, number>();
    for (const { cell, until, isClear } of batches.flat().flatMap(cellEvents)) {
      const known = untils.get(cell) ?? 0;
      if (isClear) cleared.set(cell, Math.max(cleared.get(cell) ?? 0, known));
      else untils.set(cell, Math.max(known, until));
    }
    return {
      text: sortedText(untils) + sortedText(cleared),
      untilOf(place) {
        const until = untils.get(nameOf(place)) ?? 0;
        return until > (cleared.get(nameOf(place)) ?? 0) ? until : 0;
      },
    };
  },
};

const counters: Design = {
  name: 'strikes as a counter',
  run(batches) {
    const counts = new Map<string, number>();
    for (const { action } of batches.flat()) {
      if (action.type === 'add_strike') counts.set(action.kind, (counts.get(action.kind) ?? 0) + 1);
    }
    return { text: sortedText(counts), untilOf: () => 0 };
  },
};

/** A sequence that looks random and is the same in every run. */
function noise(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

const jitter: Design = {
  name: 'random jitter on the end of a hold',
  run(batches) {
    const random = noise(7);
    const state = new Map<string, Cell>();
    for (const event of batches.flat().flatMap(cellEvents)) {
      const until = event.isClear ? 0 : event.until + Math.floor(random() * 10_000);
      state.set(event.cell, greater(ORDER, state.get(event.cell), { ...event, until }));
    }
    return outcomeOf(state);
  },
};

/** `{ ...stored, ...patch }`: the dictionary of models is one value, and the patch's own replaces it. */
const shallowMerge: Design = {
  name: 'a shallow merge of documents',
  run(batches) {
    let state = new Map<string, Cell>();
    for (const batch of batches) {
      const patch = new Map(batch.flatMap(cellEvents).map((event) => [event.cell, event]));
      const replacesModels = [...patch.keys()].some((cell) => cell.startsWith('model '));
      const kept = [...state].filter(([cell]) => !(replacesModels && cell.startsWith('model ')));
      state = new Map([...kept, ...patch]);
    }
    return outcomeOf(state);
  },
};

/** A design, the law that it breaks, and the runs within which any seed shows it. */
export interface Refuted {
  readonly design: Design;
  readonly law: Law;
  readonly within: number;
}

/** Every naive design with the law that refutes it. */
export const NAIVE_DESIGNS: readonly Refuted[] = [
  { design: lastWriteWins, law: LAWS.neverShorter, within: 100 },
  { design: deleteAsClear, law: LAWS.commutative, within: 2_000 },
  { design: deleteAsClear, law: LAWS.clearVoids, within: 100 },
  { design: twoRegisters, law: LAWS.clearVoidsNoMore, within: 100 },
  { design: counters, law: LAWS.idempotent, within: 200 },
  { design: jitter, law: LAWS.idempotent, within: 200 },
  { design: revisionAfterUntil, law: LAWS.newRevisionCounts, within: 100 },
  { design: shallowMerge, law: LAWS.noInterference, within: 500 },
];
