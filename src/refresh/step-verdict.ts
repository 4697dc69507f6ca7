/** What a refusal means: evidence about the token that was posted, and a verdict only where the store agrees (R8). */
import type { AttemptEvent } from './attempt-event.js';
import type { AttemptPlan, StageOf } from './attempt-state.js';
import { type AttemptStep, end, endAndRelease, goOn, release, report, unexpected } from './attempt-step.js';
import type { StoredCredentials } from './ports.js';

function adopt(stored: StoredCredentials | null): AttemptStep {
  return end(stored === null ? { type: 'missing' } : { type: 'adopted', ...stored });
}

/** Takes what another process, or an operator, has stored. */
export function stepAdopting(stage: StageOf<'adopting'>, event: AttemptEvent): AttemptStep {
  if (event.type === 'store_failed') return end({ type: 'unavailable', error: event.error });
  return event.type === 'was_read' ? adopt(event.stored) : unexpected(stage, event);
}

/** Looks whether the refused token is still the stored one. A store that does not answer proves nothing: no verdict. */
export function stepChecking({ revision }: AttemptPlan, stage: StageOf<'checking'>, event: AttemptEvent): AttemptStep {
  if (event.type === 'store_failed') return endAndRelease({ type: 'unavailable', error: event.error });
  if (event.type !== 'was_read') return unexpected(stage, event);
  const { grant, failure } = stage;
  if (event.stored?.revision !== revision) return adopt(event.stored);
  // Not about the token: it may work again, once a person has changed something at the upstream.
  if (failure.kind === 'non_retryable') return release({ type: 'failed', revision, failure });
  const code = grant.orphan ? 'lost_rotation' : 'revoked';
  return goOn({ type: 'promoting', code }, { type: 'promote_alternate', revision });
}

/** An answer that lost a race comes before any verdict: some endpoints honour the last redemption, and not the first. */
export function stepPromoting(plan: AttemptPlan, stage: StageOf<'promoting'>, event: AttemptEvent): AttemptStep {
  const { revision } = plan;
  if (event.type === 'store_failed') return endAndRelease({ type: 'unavailable', error: event.error });
  if (event.type !== 'promoted') return unexpected(stage, event);
  if (event.revision === null) return goOn({ type: 'condemning', code: stage.code }, { type: 'condemn', revision, code: stage.code });
  const told = report(plan, 'refresh_alternate_promoted', { level: 'warn', detail: `revision_${event.revision}` });
  return goOn({ type: 'adopting' }, { type: 'invalidate', revision }, told, { type: 'read' });
}

/** The store condemns the revision only while it is there, the attempt is ours and no alternate is left. */
export function stepCondemning(plan: AttemptPlan, stage: StageOf<'condemning'>, event: AttemptEvent): AttemptStep {
  if (event.type === 'store_failed') return endAndRelease({ type: 'unavailable', error: event.error });
  if (event.type !== 'condemned') return unexpected(stage, event);
  if (!event.isDone) return goOn({ type: 'contested' }, { type: 'read' });
  const { code } = stage;
  return end({ type: 'condemned', revision: plan.revision, code }, report(plan, 'refresh_condemned', { level: 'warn', detail: code }));
}

/** The attempt is another's by now, or an alternate has appeared: no verdict. */
export function stepContested({ revision, timing }: AttemptPlan, stage: StageOf<'contested'>, event: AttemptEvent): AttemptStep {
  if (event.type === 'store_failed') return endAndRelease({ type: 'unavailable', error: event.error });
  if (event.type !== 'was_read') return unexpected(stage, event);
  if (event.stored?.revision !== revision) return adopt(event.stored);
  return endAndRelease({ type: 'busy', remainingMs: timing.attemptMs });
}

/** The attempt is given back, or was no longer ours; either way the callers hear what came of it. */
export function stepReleasing(stage: StageOf<'releasing'>, event: AttemptEvent): AttemptStep {
  return event.type === 'released' ? end(stage.outcome) : unexpected(stage, event);
}
