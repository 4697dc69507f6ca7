/** The refresh protocol as a pure function: what is known goes in, what is to be done comes out (docs/refresh.md). */
import type { AttemptEffect } from './attempt-effect.js';
import type { AttemptEvent } from './attempt-event.js';
import type { AttemptState } from './attempt-state.js';
import { type AttemptStep, goOn, unexpected } from './attempt-step.js';
import { stepBeginning, stepIdle } from './step-begin.js';
import { stepPosting } from './step-post.js';
import { stepCommitting, stepKeepingAlternate } from './step-store.js';
import { stepAdopting, stepChecking, stepCondemning, stepContested, stepPromoting, stepReleasing } from './step-verdict.js';

function stepOf({ plan, stage }: AttemptState, event: AttemptEvent): AttemptStep {
  switch (stage.type) {
    case 'idle':
      return stepIdle(plan, stage, event);
    case 'beginning':
      return stepBeginning(plan, stage, event);
    case 'posting':
      return stepPosting(plan, stage, event);
    case 'committing':
      return stepCommitting(plan, stage, event);
    case 'keeping_alternate':
      return stepKeepingAlternate(plan, stage, event);
    case 'adopting':
      return stepAdopting(stage, event);
    case 'checking':
      return stepChecking(plan, stage, event);
    case 'promoting':
      return stepPromoting(plan, stage, event);
    case 'condemning':
      return stepCondemning(plan, stage, event);
    case 'contested':
      return stepContested(plan, stage, event);
    case 'releasing':
      return stepReleasing(stage, event);
    case 'ended':
      // What was given back behind the callers' back.
      return event.type === 'released' ? goOn(stage) : unexpected(stage, event);
    default:
      return stage satisfies never;
  }
}

/**
 * One step of an attempt: the state after an event, and the effects to carry out, in order. Each effect that has an answer becomes the next event; there is at most one such effect under way, but for a
 * `release` behind `done`. Callers are told once. Throws a `PolicyError` for an event that cannot happen at this stage. Pure.
 */
export function refreshReducer(
  state: AttemptState,
  event: AttemptEvent,
): { readonly state: AttemptState; readonly effects: readonly AttemptEffect[] } {
  const { stage, effects } = stepOf(state, event);
  const { plan, isTold } = state;
  return {
    state: { plan, stage, isTold: isTold || effects.some(({ type }) => type === 'done') },
    effects: isTold ? effects.filter(({ type }) => type !== 'done') : effects,
  };
}
