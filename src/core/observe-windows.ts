/** What an answer's headers say of usage windows, as actions: the session window, and samples. */
import type { Account } from './account.js';
import type { Action, UpdateSessionWindow } from './action.js';
import { observedAt } from './clock-skew.js';
import type { UsageSample } from './health.js';
import { currentSessionEnd } from './session-window.js';
import type { LimitFacts, Signal, WindowReading } from './signal.js';
import { isIdentifier } from './text.js';
import { type EpochMs, HOUR_MS, SESSION_WINDOW_MS } from './time.js';

/** Statuses under which a window may be guessed where the header is missing. */
function isHealthy(status: string): boolean {
  return status === 'allowed' || status === 'allowed_warning';
}

const NOTHING: readonly Action[] = [];

type Window = UpdateSessionWindow['window'];

function windowOf(limits: LimitFacts, status: string, shown: EpochMs | null, now: EpochMs): Window {
  const end = limits.sessionEnd;
  if (end !== null) return end === shown ? null : { start: end - SESSION_WINDOW_MS, end, source: 'header' };
  if (shown !== null || !isHealthy(status)) return null;
  const start = Math.floor(now / HOUR_MS) * HOUR_MS;
  return { start, end: start + SESSION_WINDOW_MS, source: 'predicted' };
}

type Samples = Readonly<Record<string, UsageSample>>;

function unusedAt(sampledAt: EpochMs): UsageSample {
  return { utilization: null, resetAt: null, sampledAt };
}

function sampleOf({ utilization, resetAt }: WindowReading, sampledAt: EpochMs): UsageSample {
  return { utilization, resetAt, sampledAt };
}

/** The samples of the two windows that nearly every answer states, written out, which is three times as fast; null: it states others. */
function usualSamples({ windows }: LimitFacts, sampledAt: EpochMs, isNewSession: boolean): Samples | null {
  const session = windows[0];
  const week = windows[1];
  if (windows.length !== 2 || session === undefined || week === undefined) return null;
  if (session.name !== '5h' || week.name !== '7d' || session.utilization === null || week.utilization === null) return null;
  const used = sampleOf(session, sampledAt);
  const usedOfWeek = sampleOf(week, sampledAt);
  return isNewSession ? { '5h': used, '7d': usedOfWeek, '7d_oi': unusedAt(sampledAt) } : { '5h': used, '7d': usedOfWeek };
}

/** Samples of the windows that an answer states; of a new session's all that begin with it. null: there is nothing to take. */
function samplesOf(limits: LimitFacts, sampledAt: EpochMs, isNewSession: boolean): Samples | null {
  const usual = usualSamples(limits, sampledAt, isNewSession);
  if (usual !== null) return usual;
  const unused = unusedAt(sampledAt);
  // Windows that begin anew with a session, as far as its answer says nothing newer of them.
  const samples: Record<string, UsageSample> = isNewSession ? { '5h': unused, '7d': unused, '7d_oi': unused } : {};
  let isEmpty = !isNewSession;
  for (const window of limits.windows) {
    if (window.utilization === null) continue;
    samples[window.name] = sampleOf(window, sampledAt);
    isEmpty = false;
  }
  return isEmpty ? null : samples;
}

/**
 * The observations of one answer. `status` is the 5-hour window's status; without one only samples are taken. A shadow account observes nothing: the headers
 * speak of its parent's plan. Total, pure.
 */
export function observeWindows(signal: Signal, account: Account, status: string | null): readonly Action[] {
  const { limits, receivedAt } = signal;
  if (limits === null || account.parent !== null || (status === null && limits.windows.length === 0)) return NOTHING;
  const at = observedAt(signal);
  const shown = currentSessionEnd(account.health, receivedAt);
  const hasStatus = status !== null && (isHealthy(status) || status === 'rejected' || isIdentifier(status));
  const window = hasStatus ? windowOf(limits, status, shown, receivedAt) : null;
  const samples = samplesOf(limits, at, shown === null && window?.source === 'header');
  const usage: Action | null = samples === null ? null : { type: 'record_usage', accountId: account.id, samples };
  if (!hasStatus) return usage === null ? NOTHING : [usage];
  const session: Action = { type: 'update_session_window', accountId: account.id, window, status, observedAt: at };
  return usage === null ? [session] : [session, usage];
}
