/** The world of the explorer: a row, a token server, and processes that each run the shipped reducer. All of it is data. */

import type { AttemptEvent } from '../../src/refresh/attempt-event.js';
import { type AttemptState, newAttempt } from '../../src/refresh/attempt-state.js';
import type { AnsweredEffect } from '../../src/refresh/carry-out.js';
import type { Credentials, StoredCredentials } from '../../src/refresh/ports.js';
import { refreshReducer } from '../../src/refresh/reducer.js';
import { REFRESH_TIMING } from '../../src/refresh/timing.js';
import { NEW_ROW, ROW_OPERATIONS, type Row, type RowOperations } from './explore-row.js';
import { newServer, type Server, type ServerKind } from './explore-server.js';

/** What may go wrong. `lease_expiry`: an attempt is over although its process is alive and holds no token; `pause`: although it does. */
export type Fault =
  | 'lease_expiry'
  | 'lost_answer'
  | 'failed_read'
  | 'failed_write'
  | 'crash'
  | 'pause'
  | 'revocation'
  | 'operator'
  | 'stale_write';

/** A process. */
export interface Worker {
  /** The revision that it believes to be the stored one, and its token as it last saw it. */
  readonly known: number;
  readonly snapshot: number;
  /** Refreshes that it will still begin. */
  readonly left: number;
  readonly begun: number;
  /** null: it has nothing under way. */
  readonly attempt: AttemptState | null;
  /** The effect under way, which will be answered. */
  readonly effect: AnsweredEffect | null;
  /** An attempt that is being given back behind the callers' back. */
  readonly releasing: string | null;
}

/** Everything there is. */
export interface World {
  readonly row: Row;
  readonly server: Server;
  readonly workers: readonly Worker[];
  /** How often each fault may still happen. */
  readonly faults: Readonly<Partial<Record<Fault, number>>>;
  /** A process crashed, an answer of the endpoint was lost, or an attempt was over while its process held a token: what no protocol can undo. */
  readonly isExcused: boolean;
  /** Tokens that the store has had as current, or has kept beside it, as sets of bits. */
  readonly wasCurrent: number;
  readonly wasKept: number;
}

/** Reducer and repository under test; the shipped ones, or ones without a guard. */
export interface Protocol {
  readonly reducer: typeof refreshReducer;
  readonly operations: RowOperations;
}

/** The protocol as it is shipped, over a repository as the port promises it. */
export const SHIPPED: Protocol = { reducer: refreshReducer, operations: ROW_OPERATIONS };

/** The size of a world. */
export interface WorldSize {
  readonly server: ServerKind;
  readonly workers: number;
  readonly refreshes: number;
  readonly faults: Readonly<Partial<Record<Fault, number>>>;
}

/** A world in which nothing has happened. */
export function newWorld({ server, workers, refreshes, faults }: WorldSize): World {
  const worker: Worker = { known: 0, snapshot: 0, left: refreshes, begun: 0, attempt: null, effect: null, releasing: null };
  return {
    row: NEW_ROW,
    server: newServer(server),
    workers: Array(workers).fill(worker),
    faults,
    isExcused: false,
    wasCurrent: 1,
    wasKept: 1,
  };
}

/** The credentials that carry a token. */
export function credentialsOf(token: number): Credentials {
  return { access_token: `a${token}`, refresh_token: `t${token}` };
}

/** The token that credentials carry. */
export function tokenOf(credentials: Credentials): number {
  return Number(String(credentials.refresh_token).slice(1));
}

/** The row as `read` and `begin` give it. */
export function storedOf({ revision, token }: Row): StoredCredentials {
  return { revision, credentials: credentialsOf(token), expiresAt: null };
}

/** The token of an answer that a process holds and has not stored; null: none. */
export function heldBy({ attempt }: Worker): number | null {
  const stage = attempt?.stage;
  return stage?.type === 'committing' || stage?.type === 'keeping_alternate' ? tokenOf(stage.answer.next.credentials) : null;
}

/** The name of a worker's present attempt. */
export function nonceOf(index: number, { begun }: Worker): string {
  return `${index}.${begun}`;
}

/** A worker after an event of its attempt: its next effect, and what it now believes. */
export function advance(
  worker: Worker,
  event: AttemptEvent,
  { reducer, nonce }: { readonly reducer: typeof refreshReducer; readonly nonce: string },
): Worker {
  if (worker.attempt === null) throw new Error('an event without an attempt');
  const { state, effects } = reducer(worker.attempt, event);
  let next: Worker = { ...worker, attempt: state.stage.type === 'ended' ? null : state, effect: null };
  for (const effect of effects) {
    if (effect.type === 'report' || effect.type === 'invalidate') continue;
    if (effect.type === 'done') {
      const { outcome } = effect;
      if ('credentials' in outcome) next = { ...next, known: outcome.revision, snapshot: tokenOf(outcome.credentials) };
    } else if (effect.type === 'release' && next.attempt === null) next = { ...next, releasing: nonce };
    else if (next.effect === null) next = { ...next, effect };
    else throw new Error(`two effects at once: ${next.effect.type}, ${effect.type}`);
  }
  if (next.attempt !== null && next.effect === null) throw new Error(`nothing under way while ${next.attempt.stage.type}`);
  return next;
}

/** A worker that begins to refresh what it believes to be stored. */
export function begin(worker: Worker, index: number, protocol: Protocol): Worker {
  const attempt = newAttempt({ accountId: 'a', revision: worker.known, timing: REFRESH_TIMING });
  const begun: Worker = { ...worker, begun: worker.begun + 1, left: worker.left - 1, attempt };
  return advance(begun, { type: 'start', elapsedMs: 0 }, { reducer: protocol.reducer, nonce: nonceOf(index, begun) });
}
