/** From the wish to refresh to the one request (R2 to R4). */
import type { AttemptEvent, EventOf } from './attempt-event.js';
import type { AttemptPlan, StageOf } from './attempt-state.js';
import { type AttemptStep, end, endAndRelease, goOn, release, unexpected } from './attempt-step.js';
import { isBlank } from './merge-credentials.js';

/** Asks the store for the attempt: the only way to a token that may be posted. */
export function stepIdle({ revision, timing }: AttemptPlan, stage: StageOf<'idle'>, event: AttemptEvent): AttemptStep {
  if (event.type !== 'start') return unexpected(stage, event);
  return goOn({ type: 'beginning', startedMs: event.elapsedMs }, { type: 'begin', revision, ttlMs: timing.attemptMs });
}

/** Sends the token, unless so much time has passed since the attempt was asked for that it may be over before the answer is stored. */
function send(
  { timing }: AttemptPlan,
  { startedMs }: StageOf<'beginning'>,
  { result, elapsedMs, isStopping }: EventOf<'begun'>,
): AttemptStep {
  if (result.kind !== 'granted' || isStopping || elapsedMs - startedMs >= timing.sendWithinMs) return release({ type: 'aborted' });
  const { orphan, credentials, expiresAt, revision } = result;
  if (isBlank(credentials.refresh_token)) return release({ type: 'missing' });
  const { endpointMs, sendWithinMs } = timing;
  return goOn(
    { type: 'posting', grant: { startedMs, orphan, stored: { credentials, expiresAt, revision } } },
    { type: 'post', credentials, timeoutMs: endpointMs, overdueMs: endpointMs + sendWithinMs },
  );
}

/** Takes the store's word for who may post. A store that does not answer stops the refresh: nobody's snapshot stands in for it. */
export function stepBeginning(plan: AttemptPlan, stage: StageOf<'beginning'>, event: AttemptEvent): AttemptStep {
  // Perhaps the attempt was granted and only the answer was lost; nothing was sent, so it is given back.
  if (event.type === 'store_failed') return endAndRelease({ type: 'unavailable', error: event.error });
  if (event.type !== 'begun') return unexpected(stage, event);
  const { result } = event;
  switch (result.kind) {
    case 'granted':
      return send(plan, stage, event);
    case 'busy':
      return end({ type: 'busy', remainingMs: result.remainingMs });
    case 'stale':
      return goOn({ type: 'adopting' }, { type: 'read' });
    case 'condemned':
      return end({ type: 'condemned', revision: plan.revision, code: result.code });
    case 'missing':
      return end({ type: 'missing' });
    default:
      return result satisfies never;
  }
}
