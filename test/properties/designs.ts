/** What a design of stored state does with events, seen from outside: the one of this library, and naive ones that the laws have to refute. */
import type { Action } from '../../src/core/action.js';
import { countsForRevision } from '../../src/core/active.js';
import { type AccountHealth, EMPTY_HEALTH, type Hold, type HoldCell } from '../../src/core/health.js';
import { healthToJson } from '../../src/core/health-json.js';
import { mergeHealth } from '../../src/core/merge-health.js';
import { toPatches } from '../../src/core/to-patches.js';

/** The account that all events are about. */
export const ACCOUNT_ID = 'a1';

/** An action, and what the clock of the worker that made it showed. */
export interface Event {
  readonly action: Action;
  readonly clock: number;
}

/** Where a hold is: one of the account's cells, or a model. */
export type Place = { readonly cell: HoldCell } | { readonly model: string };

/** The state that a design has come to. */
export interface Outcome {
  /** The same for the same state. */
  readonly text: string;
  /** Until when a place is held, as a credential of this revision sees it; 0: it is not. */
  readonly untilOf: (place: Place, revision: number) => number;
}

/** Batches of events, applied one after another to nothing. */
export interface Design {
  readonly name: string;
  readonly run: (batches: readonly (readonly Event[])[]) => Outcome;
}

function holdAt(health: AccountHealth, place: Place): Hold | null {
  return 'cell' in place ? health[place.cell] : (health.modelRateLimits.get(place.model) ?? null);
}

function applied(health: AccountHealth, batch: readonly Event[]): AccountHealth {
  return mergeHealth(health, toPatches(batch.map(({ action }) => action)).get(ACCOUNT_ID) ?? []);
}

/** The library's own design: patches, and the join. */
export const JOIN: Design = {
  name: 'join',
  run(batches) {
    const health = batches.reduce(applied, EMPTY_HEALTH);
    return {
      text: JSON.stringify(healthToJson(health)),
      untilOf(place, revision) {
        const hold = holdAt(health, place);
        return hold !== null && countsForRevision(hold.credentialRevision, revision) ? hold.until : 0;
      },
    };
  },
};
