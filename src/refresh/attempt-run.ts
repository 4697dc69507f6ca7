/** One attempt under way: the reducer, driven by the answers to its effects. */
import type { AttemptEffect, RefreshReport } from './attempt-effect.js';
import type { AttemptEvent } from './attempt-event.js';
import { type AttemptPlan, type AttemptState, newAttempt, pendingOf } from './attempt-state.js';
import { type AnsweredEffect, type AttemptOwner, carryOut, type RefreshTools } from './carry-out.js';
import type { RefreshOutcome } from './outcome.js';
import type { StoredCredentials } from './ports.js';
import { refreshReducer } from './reducer.js';

/** What an attempt tells while it runs. */
export interface AttemptListener {
  /** What the callers are told, once. */
  readonly done: (outcome: RefreshOutcome) => void;
  /** Nothing is under way any more. */
  readonly ended: () => void;
  readonly report: (report: RefreshReport) => void;
  readonly invalidate: (revision: number) => void;
}

/** With what an attempt runs. */
export interface AttemptContext {
  readonly owner: AttemptOwner;
  readonly tools: RefreshTools;
  readonly listener: AttemptListener;
}

type Next = ReturnType<typeof refreshReducer>;

/** A port whose answer is none is treated like one that did not answer: an answer that is being stored is offered again. */
function nextOf(state: AttemptState, event: AttemptEvent): Next {
  try {
    return refreshReducer(state, event);
  } catch (error) {
    return afterMistake(state, error);
  }
}

function afterMistake(state: AttemptState, error: unknown): Next {
  try {
    return refreshReducer(state, { type: 'store_failed', error });
  } catch {
    return { state, effects: [{ type: 'done', outcome: { type: 'unavailable', error } }] };
  }
}

/** Starts an attempt; it goes on to its end whether or not anybody waits. The returned function gives its credentials that are not stored yet. Listeners must not throw. */
export function runAttempt(plan: AttemptPlan, { owner, tools, listener }: AttemptContext): () => StoredCredentials | null {
  let state: AttemptState = newAttempt(plan);
  let underWay = 0;

  function start(effect: AnsweredEffect): void {
    underWay += 1;
    carryOut(effect, { owner, tools, overdue: handle }).then((event) => {
      underWay -= 1;
      handle(event);
      if (underWay === 0) listener.ended();
    });
  }

  function carry(effect: AttemptEffect): void {
    if (effect.type === 'done') listener.done(effect.outcome);
    else if (effect.type === 'report') listener.report(effect.report);
    else if (effect.type === 'invalidate') listener.invalidate(effect.revision);
    else start(effect);
  }

  function handle(event: AttemptEvent): void {
    const next = nextOf(state, event);
    state = next.state;
    for (const effect of next.effects) carry(effect);
  }

  handle({ type: 'start', elapsedMs: tools.elapsed() });
  return () => pendingOf(state);
}
