/** The guards of the protocol, each taken out by itself: what goes wrong without it says what it is for. */

import type { AttemptEvent } from '../../src/refresh/attempt-event.js';
import type { AttemptState } from '../../src/refresh/attempt-state.js';
import type { refreshReducer as Shipped } from '../../src/refresh/reducer.js';
import { refreshReducer } from '../../src/refresh/reducer.js';
import { ROW_OPERATIONS, type Row, type RowOperations } from './explore-row.js';
import type { Violation } from './explore-search.js';
import type { ServerKind } from './explore-server.js';
import { credentialsOf, type Fault, type Protocol } from './explore-world.js';

type Reducer = typeof Shipped;
type Step = ReturnType<Reducer>;

/** One guard, the protocol without it, where to look, and what is found there; null: nothing, so that nothing is claimed of it. */
export interface Guard {
  readonly name: string;
  readonly without: Protocol;
  readonly server: ServerKind;
  readonly faults: Readonly<Partial<Record<Fault, number>>>;
  readonly finds: Violation | null;
}

function withRow(changed: Partial<RowOperations>): Protocol {
  return { reducer: refreshReducer, operations: { ...ROW_OPERATIONS, ...changed } };
}

/** The shipped reducer, but for what `instead` answers. */
function withReducer(instead: (state: AttemptState, event: AttemptEvent) => Step | null): Protocol {
  return { operations: ROW_OPERATIONS, reducer: (state, event) => instead(state, event) ?? refreshReducer(state, event) };
}

function ended(state: AttemptState): Step {
  return { state: { ...state, stage: { type: 'ended' }, isTold: true }, effects: [] };
}

/** Reads what `begin` would have given out of what the process remembers: the revision that it asked for. */
function fromSnapshot(state: AttemptState): Step {
  const { revision } = state.plan;
  const result = { kind: 'granted' as const, orphan: false, revision, credentials: credentialsOf(revision), expiresAt: null };
  return refreshReducer(state, { type: 'begun', result, elapsedMs: 0, isStopping: false });
}

const unguarded = (row: Row, revision: number, nonce: string): Row => ({ ...row, revision, attempt: { nonce, isOver: false } });

const discards = (state: AttemptState, event: AttemptEvent): Step | null =>
  state.stage.type === 'committing' && event.type === 'committed' && event.result.kind === 'conflict' && !event.result.same
    ? ended(state)
    : null;

const fenced: RowOperations['commit'] = (row, revision, given) =>
  row.attempt?.nonce === given.nonce && !row.attempt.isOver
    ? ROW_OPERATIONS.commit(row, revision, given)
    : { row, answer: { kind: 'conflict', same: row.committedBy === given.nonce } };

const INFRA = { lease_expiry: 1, failed_read: 1, failed_write: 1 } as const;
const PAUSE = { pause: 1, failed_read: 1, failed_write: 1, lease_expiry: 1 } as const;
const CRASH = { crash: 1, lost_answer: 1, lease_expiry: 1 } as const;

/** Every guard. */
export const GUARDS: readonly Guard[] = [
  {
    name: 'the attempt is kept in the row until its time is over',
    without: withRow({ begin: (row, revision, nonce) => ROW_OPERATIONS.begin({ ...row, attempt: null }, revision, nonce) }),
    server: 'family',
    faults: {},
    finds: 'BURN',
  },
  {
    name: 'a store that does not answer stops the refresh; no snapshot stands in for it',
    without: withReducer((state, event) =>
      state.stage.type === 'beginning' && event.type === 'store_failed' ? fromSnapshot(state) : null,
    ),
    server: 'family',
    faults: INFRA,
    finds: 'BURN',
  },
  {
    name: 'an answer that the store did not take is offered again',
    without: withReducer((state, event) => (state.stage.type === 'committing' && event.type === 'store_failed' ? ended(state) : null)),
    server: 'simple',
    faults: INFRA,
    finds: 'LOST',
  },
  {
    name: 'an answer is stored although the attempt is over',
    without: { operations: { ...ROW_OPERATIONS, commit: fenced }, reducer: withReducer(discards).reducer },
    server: 'simple',
    faults: PAUSE,
    finds: 'LOST',
  },
  {
    name: 'an answer is stored only over the revision that it was asked with',
    without: withRow({ commit: (row, _revision, given) => ROW_OPERATIONS.commit(row, row.revision, given) }),
    server: 'last_wins',
    faults: PAUSE,
    finds: 'BROKEN_CHAIN',
  },
  {
    name: 'an answer that lost the race is kept',
    without: withRow({ keepAlternate: (row) => row }),
    server: 'last_wins',
    faults: PAUSE,
    finds: 'LOST',
  },
  {
    name: 'an alternate voids a condemnation',
    without: withRow({
      keepAlternate: (row, parent, token) => ({ ...ROW_OPERATIONS.keepAlternate(row, parent, token), condemned: row.condemned }),
    }),
    server: 'last_wins',
    faults: PAUSE,
    finds: 'FALSE_CONDEMN',
  },
  {
    name: 'an answer that was stored and followed since is not kept as an alternate',
    without: withRow({ keepAlternate: (row, parent, token) => ROW_OPERATIONS.keepAlternate({ ...row, alternatesFrom: 0 }, parent, token) }),
    server: 'simple',
    faults: { failed_write: 1, crash: 1, revocation: 1 },
    finds: 'ROLLBACK',
  },
  {
    name: 'a verdict is about a revision, and the next one voids it',
    without: withRow({
      commit(row, revision, given) {
        const stepped = ROW_OPERATIONS.commit(row, revision, given);
        return { ...stepped, row: { ...stepped.row, condemned: row.condemned } };
      },
    }),
    server: 'simple',
    faults: PAUSE,
    finds: 'FALSE_CONDEMN',
  },
  {
    name: 'the verdict names the revision that was posted',
    without: withRow({
      condemn: (row, _revision, given) => ROW_OPERATIONS.condemn(unguarded(row, row.revision, given.nonce), row.revision, given),
    }),
    server: 'simple',
    faults: PAUSE,
    finds: 'FALSE_CONDEMN',
  },
  {
    name: 'nothing is condemned while an alternate is left',
    without: withRow({
      condemn(row, revision, given) {
        const { row: next, answer } = ROW_OPERATIONS.condemn({ ...row, alternates: [] }, revision, given);
        return { row: { ...next, alternates: row.alternates }, answer };
      },
    }),
    server: 'last_wins',
    faults: PAUSE,
    finds: 'FALSE_CONDEMN',
  },
  {
    name: 'an attempt that ended without a word is remembered',
    without: withRow({
      begin(row, revision, nonce) {
        const stepped = ROW_OPERATIONS.begin(row, revision, nonce);
        return { ...stepped, row: { ...stepped.row, orphan: false } };
      },
    }),
    server: 'simple',
    faults: CRASH,
    finds: 'MISLABELLED',
  },
  {
    name: 'it stays remembered when a later attempt is given back',
    without: withRow({ begin: (row, revision, nonce) => ROW_OPERATIONS.begin({ ...row, orphan: false }, revision, nonce) }),
    server: 'simple',
    faults: CRASH,
    finds: 'MISLABELLED',
  },
  {
    name: 'an attempt is not given back after its outcome was lost',
    without: withReducer((state, event) => {
      if (state.stage.type !== 'posting' || event.type !== 'posted' || event.result.kind !== 'ambiguous') return null;
      return refreshReducer(state, { ...event, result: { kind: 'not_sent', error: event.result.error } });
    }),
    server: 'simple',
    faults: CRASH,
    finds: 'MISLABELLED',
  },
  {
    name: 'the attempt is granted only at the revision that was asked for',
    without: withRow({ begin: (row, _revision, nonce) => ROW_OPERATIONS.begin(row, row.revision, nonce) }),
    server: 'family',
    faults: INFRA,
    finds: 'BURN',
  },
  {
    name: 'a re-read that failed gives no verdict',
    without: withReducer((state, event) => {
      if (state.stage.type !== 'checking' || event.type !== 'store_failed') return null;
      return refreshReducer(state, { type: 'was_read', stored: state.stage.grant.stored });
    }),
    server: 'simple',
    faults: PAUSE,
    finds: null,
  },
  {
    name: 'the row is read again before a verdict',
    without: withReducer((state, event) => {
      if (state.stage.type !== 'checking' || event.type !== 'was_read') return null;
      return refreshReducer(state, { type: 'was_read', stored: state.stage.grant.stored });
    }),
    server: 'simple',
    faults: PAUSE,
    finds: null,
  },
  {
    name: 'nothing is sent later than five seconds after the attempt was asked for',
    without: withReducer((state, event) =>
      event.type === 'begun' && event.elapsedMs > 0 ? refreshReducer(state, { ...event, elapsedMs: 0 }) : null,
    ),
    server: 'family',
    faults: PAUSE,
    finds: null,
  },
  {
    name: 'only the owner of the attempt promotes an alternate',
    without: withRow({
      promoteAlternate: (row, revision, nonce) =>
        ROW_OPERATIONS.promoteAlternate({ ...row, attempt: { nonce, isOver: false } }, revision, nonce),
    }),
    server: 'last_wins',
    faults: PAUSE,
    finds: null,
  },
];
