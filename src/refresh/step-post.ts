/** What came of the one request (R4, R5, R9). */
import type { AttemptEffect } from './attempt-effect.js';
import type { AttemptEvent, EventOf } from './attempt-event.js';
import type { Answer, AttemptPlan, StageOf } from './attempt-state.js';
import { type AttemptStep, end, goOn, release, report, reportFailure, unexpected } from './attempt-step.js';
import { classifyRefreshFailure } from './classify-refresh-failure.js';
import type { RefreshFailure, RefreshOutcome } from './outcome.js';
import { readTokenAnswer, type TokenAnswer } from './read-token-answer.js';

type Posting = StageOf<'posting'>;

/** Nothing is known of the token, until the attempt is over and another may ask again. */
function ambiguous({ revision, timing }: AttemptPlan, failure: RefreshFailure, sinceMs: number): RefreshOutcome {
  return { type: 'ambiguous', revision, failure, retryAfterMs: Math.max(timing.attemptMs - sinceMs, 0) };
}

/** The attempt stays: the next one learns from it that a rotation may have been lost. */
function unknown(plan: AttemptPlan, failure: RefreshFailure, sinceMs: number): AttemptStep {
  return end(ambiguous(plan, failure, sinceMs), report(plan, 'refresh_ambiguous', { level: 'warn', detail: failure.code }));
}

/** Stores an answer at once: before anything else looks at it, and whatever has become of the callers. */
function store({ revision }: AttemptPlan, answer: Answer, ...more: readonly AttemptEffect[]): AttemptStep {
  return goOn({ type: 'committing', answer }, { type: 'commit', revision, next: answer.next }, ...more);
}

function refused(plan: AttemptPlan, { grant }: Posting, failure: RefreshFailure): AttemptStep {
  const told = reportFailure(plan, failure);
  // The token is judged by what the store says now: it may have moved on while the endpoint was asked.
  if (failure.kind === 'invalid_grant' || failure.kind === 'non_retryable')
    return goOn({ type: 'checking', grant, failure }, told, { type: 'read' });
  return release({ type: 'failed', revision: plan.revision, failure }, told);
}

function answered(
  plan: AttemptPlan,
  stage: Posting,
  { answer, sinceMs }: { readonly answer: TokenAnswer; readonly sinceMs: number },
): AttemptStep {
  switch (answer.kind) {
    case 'tokens': {
      const short = answer.isShortLived
        ? [report(plan, 'refresh_short_lived', { level: 'warn', detail: String(answer.next.expiresAt) })]
        : [];
      return store(plan, { next: answer.next, failure: null, failures: 0 }, ...short);
    }
    case 'partial':
      return store(plan, { next: answer.next, failure: answer.failure, failures: 0 }, reportFailure(plan, answer.failure));
    case 'refused':
      return refused(plan, stage, answer.failure);
    case 'unclear':
      return unknown(plan, answer.failure, sinceMs);
    default:
      return answer satisfies never;
  }
}

function posted(plan: AttemptPlan, stage: Posting, { result, elapsedMs }: EventOf<'posted'>): AttemptStep {
  const sinceMs = elapsedMs - stage.grant.startedMs;
  switch (result.kind) {
    case 'answered':
      return answered(plan, stage, { answer: readTokenAnswer(result, stage.grant.stored), sinceMs });
    case 'ambiguous':
      return unknown(plan, classifyRefreshFailure({ error: result.error }), sinceMs);
    case 'not_sent': {
      const failure = classifyRefreshFailure({ error: result.error });
      return release({ type: 'failed', revision: plan.revision, failure }, reportFailure(plan, failure));
    }
    default:
      return result satisfies never;
  }
}

/** Takes the endpoint's answer, also one that comes so late that the callers were told not to wait for it. */
export function stepPosting(plan: AttemptPlan, stage: Posting, event: AttemptEvent): AttemptStep {
  if (event.type === 'posted') return posted(plan, stage, event);
  if (event.type !== 'overdue') return unexpected(stage, event);
  const outcome = ambiguous(plan, { kind: 'retryable', code: 'timeout' }, event.elapsedMs - stage.grant.startedMs);
  return goOn(stage, { type: 'done', outcome });
}
