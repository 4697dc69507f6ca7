/** Where one attempt to refresh stands: plain data. */
import type { RefreshFailure, RefreshOutcome } from './outcome.js';
import type { CondemnCode, NextCredentials, StoredCredentials } from './ports.js';
import type { RefreshTiming } from './timing.js';

/** What an attempt is about. It never changes. */
export interface AttemptPlan {
  readonly accountId: string;
  /** The revision whose token may be posted. */
  readonly revision: number;
  readonly timing: RefreshTiming;
}

/** What is known once the attempt is ours. */
export interface Grant {
  /** When it was asked for, in milliseconds of a clock that only goes forward. */
  readonly startedMs: number;
  /** An earlier attempt at this revision ended without a word. */
  readonly orphan: boolean;
  readonly stored: StoredCredentials;
}

/** An answer of the token endpoint that is to be stored. `failures`: how often the store did not take it. */
export interface Answer {
  readonly next: NextCredentials;
  /** Not null: the answer had no access token. */
  readonly failure: RefreshFailure | null;
  readonly failures: number;
}

/**
 * How far an attempt has come.
 * - `beginning`: the store is asked for the attempt.
 * - `posting`: the token was sent, once.
 * - `committing`, `keeping_alternate`: an answer is being stored, until the store takes it.
 * - `adopting`: the store has another revision, which is being read.
 * - `checking`, `promoting`, `condemning`, `contested`: the token was refused, and it is being found out what that means.
 * - `releasing`: the attempt is being given back.
 */
export type AttemptStage =
  | { readonly type: 'idle' }
  | { readonly type: 'beginning'; readonly startedMs: number }
  | { readonly type: 'posting'; readonly grant: Grant }
  | { readonly type: 'committing'; readonly answer: Answer }
  | { readonly type: 'keeping_alternate'; readonly answer: Answer }
  | { readonly type: 'adopting' }
  | { readonly type: 'checking'; readonly grant: Grant; readonly failure: RefreshFailure }
  | { readonly type: 'promoting'; readonly code: CondemnCode }
  | { readonly type: 'condemning'; readonly code: CondemnCode }
  | { readonly type: 'contested' }
  | { readonly type: 'releasing'; readonly outcome: RefreshOutcome }
  | { readonly type: 'ended' };

/** One kind of stage. */
export type StageOf<T extends AttemptStage['type']> = Extract<AttemptStage, { readonly type: T }>;

/** The state of one attempt. `isTold`: the callers have their outcome, and the attempt goes on without them. */
export interface AttemptState {
  readonly plan: AttemptPlan;
  readonly stage: AttemptStage;
  readonly isTold: boolean;
}

/** A new attempt, of which nothing has happened yet. */
export function newAttempt(plan: AttemptPlan): AttemptState {
  return { plan, stage: { type: 'idle' }, isTold: false };
}

/** Credentials that can be used and that the store does not have yet; null: none. Total, pure. */
export function pendingOf({ plan, stage }: AttemptState): StoredCredentials | null {
  if (stage.type !== 'committing' || stage.answer.failure !== null) return null;
  return { revision: plan.revision + 1, ...stage.answer.next };
}
