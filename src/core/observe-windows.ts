/** What an answer's headers say of usage windows, as actions: the session window, and samples. */
import type { Account } from './account.js';
import type { Action, UpdateSessionWindow } from './action.js';
import { observedAt } from './clock-skew.js';
import type { UsageSample } from './health.js';
import { currentSessionWindow } from './session-window.js';
import type { LimitFacts, Signal } from './signal.js';
import { isIdentifier } from './text.js';
import { type EpochMs, HOUR_MS, SESSION_WINDOW_MS } from './time.js';

/** Statuses under which a window may be guessed where the header is missing. */
const HEALTHY: readonly string[] = ['allowed', 'allowed_warning'];
/** The other status that is sent. */
const REJECTED = 'rejected';

const NOTHING: readonly Action[] = [];

type Window = UpdateSessionWindow['window'];

function windowOf(limits: LimitFacts, status: string, shown: EpochMs | null, now: EpochMs): Window {
  const end = limits.sessionEnd;
  if (end !== null) return end === shown ? null : { start: end - SESSION_WINDOW_MS, end, source: 'header' };
  if (shown !== null || !HEALTHY.includes(status)) return null;
  const start = Math.floor(now / HOUR_MS) * HOUR_MS;
  return { start, end: start + SESSION_WINDOW_MS, source: 'predicted' };
}

/** Samples of the windows that an answer states; of a new session's all that begin with it. null: there is nothing to take. */
function samplesOf(limits: LimitFacts, sampledAt: EpochMs, isNewSession: boolean): Readonly<Record<string, UsageSample>> | null {
  const unused: UsageSample = { utilization: null, resetAt: null, sampledAt };
  // Windows that begin anew with a session, as far as its answer says nothing newer of them.
  const samples: Record<string, UsageSample> = isNewSession ? { '5h': unused, '7d': unused, '7d_oi': unused } : {};
  let isEmpty = !isNewSession;
  for (const { name, utilization, resetAt } of limits.windows) {
    if (utilization === null) continue;
    samples[name] = { utilization, resetAt, sampledAt };
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
  const shown = currentSessionWindow(account.health, receivedAt)?.end ?? null;
  const hasStatus = status !== null && (status === REJECTED || HEALTHY.includes(status) || isIdentifier(status));
  const window = hasStatus ? windowOf(limits, status, shown, receivedAt) : null;
  const samples = samplesOf(limits, at, shown === null && window?.source === 'header');
  const usage: Action | null = samples === null ? null : { type: 'record_usage', accountId: account.id, samples };
  if (!hasStatus) return usage === null ? NOTHING : [usage];
  const session: Action = { type: 'update_session_window', accountId: account.id, window, status, observedAt: at };
  return usage === null ? [session] : [session, usage];
}
