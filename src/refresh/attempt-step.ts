/** What the steps of the reducer share. */
import { PolicyError } from '../core/policy-error.js';
import type { AttemptEffect, RefreshReport, RefreshReportCode } from './attempt-effect.js';
import type { AttemptEvent } from './attempt-event.js';
import type { AttemptPlan, AttemptStage } from './attempt-state.js';
import type { RefreshFailure, RefreshOutcome } from './outcome.js';

/** The next stage, and what is to be done now. A `done` that comes after the callers were told is dropped. */
export interface AttemptStep {
  readonly stage: AttemptStage;
  readonly effects: readonly AttemptEffect[];
}

/** Goes on to a stage. */
export function goOn(stage: AttemptStage, ...effects: readonly AttemptEffect[]): AttemptStep {
  return { stage, effects };
}

/** The attempt is over. */
export function end(outcome: RefreshOutcome, ...more: readonly AttemptEffect[]): AttemptStep {
  return goOn({ type: 'ended' }, ...more, { type: 'done', outcome });
}

/** As `end`, and the attempt is given back behind the callers' back: nobody waits for a store that is in trouble. */
export function endAndRelease(outcome: RefreshOutcome, ...more: readonly AttemptEffect[]): AttemptStep {
  return goOn({ type: 'ended' }, ...more, { type: 'done', outcome }, { type: 'release' });
}

/** Gives the attempt back first, so that whoever hears the outcome can begin at once. */
export function release(outcome: RefreshOutcome, ...more: readonly AttemptEffect[]): AttemptStep {
  return goOn({ type: 'releasing', outcome }, ...more, { type: 'release' });
}

/** A message to the operator. */
export function report(
  { accountId, revision }: AttemptPlan,
  code: RefreshReportCode,
  said: Pick<RefreshReport, 'level' | 'detail'>,
): AttemptEffect {
  return { type: 'report', report: { code, accountId, revision, ...said } };
}

/** The message about an endpoint's refusal or failure. */
export function reportFailure(plan: AttemptPlan, { kind, code }: RefreshFailure): AttemptEffect {
  return report(plan, kind === 'provider_wide' ? 'refresh_provider_refused' : 'refresh_failed', { level: 'warn', detail: code });
}

/** An event that cannot happen at this stage is a mistake of whoever drives the reducer: it throws rather than guess. */
export function unexpected(stage: AttemptStage, event: AttemptEvent): never {
  throw new PolicyError('refresh_event_unexpected', [{ path: 'event', message: `${event.type} cannot happen while ${stage.type}` }]);
}
