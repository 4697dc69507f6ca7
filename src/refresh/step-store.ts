/** Keeping an answer: a rotation that was received is never thrown away (R5, R6). */
import type { AttemptEvent } from './attempt-event.js';
import type { Answer, AttemptPlan, StageOf } from './attempt-state.js';
import { type AttemptStep, end, goOn, report, unexpected } from './attempt-step.js';
import type { RefreshOutcome } from './outcome.js';
import type { CommitResult } from './ports.js';
import { storeRetryMs } from './timing.js';

/** The same stage after one more failure, and the wait before the store is asked again. */
function later(plan: AttemptPlan, stage: StageOf<'committing' | 'keeping_alternate'>): AttemptStep {
  const answer: Answer = { ...stage.answer, failures: stage.answer.failures + 1 };
  const delayMs = storeRetryMs(plan.timing, answer.failures, [plan.accountId, plan.revision]);
  return goOn({ ...stage, answer }, { type: 'wait', delayMs });
}

function stored(plan: AttemptPlan, { next, failure, failures }: Answer, revision: number): AttemptStep {
  const outcome: RefreshOutcome =
    failure === null ? { type: 'refreshed', revision, ...next } : { type: 'failed', revision: plan.revision, failure };
  const told = report(plan, 'refresh_done', { level: 'info', detail: failures === 0 ? 'stored' : 'stored_late' });
  return end(outcome, { type: 'invalidate', revision: plan.revision }, told);
}

/** Another answer became the next revision. Ours may be the one that the endpoint honours, so it is kept; whoever cached it drops it. */
function beaten(plan: AttemptPlan, answer: Answer): AttemptStep {
  const { revision } = plan;
  return goOn(
    { type: 'keeping_alternate', answer: { ...answer, failures: 0 } },
    { type: 'keep_alternate', revision, next: answer.next },
    { type: 'invalidate', revision: answer.failures === 0 ? revision : revision + 1 },
  );
}

function committed(plan: AttemptPlan, answer: Answer, result: CommitResult): AttemptStep {
  switch (result.kind) {
    case 'committed':
      return stored(plan, answer, result.revision);
    case 'conflict':
      // The answer to our own commit was lost, and this is how we learn of it.
      return result.same ? stored(plan, answer, result.revision) : beaten(plan, answer);
    case 'missing':
      return end({ type: 'missing' }, report(plan, 'refresh_account_gone', { level: 'warn', detail: 'missing' }));
    default:
      return result satisfies never;
  }
}

/** Offers the answer until the store takes it. The callers wait for the first try and then use what the process has. */
export function stepCommitting(plan: AttemptPlan, stage: StageOf<'committing'>, event: AttemptEvent): AttemptStep {
  const { answer } = stage;
  if (event.type === 'committed') return committed(plan, answer, event.result);
  if (event.type === 'waited') return goOn(stage, { type: 'commit', revision: plan.revision, next: answer.next });
  if (event.type !== 'store_failed') return unexpected(stage, event);
  const step = later(plan, stage);
  if (answer.failures > 0) return step;
  const { revision } = plan;
  const outcome: RefreshOutcome =
    answer.failure === null
      ? { type: 'pending', revision: revision + 1, ...answer.next }
      : { type: 'failed', revision, failure: answer.failure };
  const told = report(plan, 'refresh_pending', { level: 'warn', detail: 'store_failed' });
  return { stage: step.stage, effects: [...step.effects, told, { type: 'done', outcome }] };
}

/** Offers an answer that lost the race until the store keeps it beside the winner. The callers get the winner, or hear that the store is in trouble. */
export function stepKeepingAlternate(plan: AttemptPlan, stage: StageOf<'keeping_alternate'>, event: AttemptEvent): AttemptStep {
  const { answer } = stage;
  if (event.type === 'waited') return goOn(stage, { type: 'keep_alternate', revision: plan.revision, next: answer.next });
  if (event.type === 'alternate_kept') {
    const told = report(plan, 'refresh_alternate_kept', { level: 'warn', detail: 'conflict' });
    return goOn({ type: 'adopting' }, told, { type: 'read' });
  }
  if (event.type !== 'store_failed') return unexpected(stage, event);
  const step = later(plan, stage);
  return { stage: step.stage, effects: [...step.effects, { type: 'done', outcome: { type: 'unavailable', error: event.error } }] };
}
