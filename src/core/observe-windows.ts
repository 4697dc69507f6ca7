/** What an answer's headers say of usage windows, as actions: the session window, and samples. */
import type { Account } from './account.js';
import type { Action, UpdateSessionWindow } from './action.js';
import { observedAt } from './clock-skew.js';
import type { UsageSample } from './health.js';
import { currentSessionWindow } from './session-window.js';
import type { LimitFacts, Signal } from './signal.js';
import { isIdentifier } from './text.js';
import { type EpochMs, HOUR_MS, SESSION_WINDOW_MS } from './time.js';

/** Windows that begin anew with a new session window, as far as an answer says nothing newer of them. */
const RESET_WITH_SESSION: readonly string[] = ['5h', '7d', '7d_oi'];
/** Statuses under which a window may be guessed where the header is missing. */
const HEALTHY: readonly string[] = ['allowed', 'allowed_warning'];

type Window = UpdateSessionWindow['window'];

function windowOf(limits: LimitFacts, status: string, shown: EpochMs | null, now: EpochMs): Window {
  const end = limits.sessionEnd;
  if (end !== null) return end === shown ? null : { start: end - SESSION_WINDOW_MS, end, source: 'header' };
  if (shown !== null || !HEALTHY.includes(status)) return null;
  const start = Math.floor(now / HOUR_MS) * HOUR_MS;
  return { start, end: start + SESSION_WINDOW_MS, source: 'predicted' };
}

function samplesOf(limits: LimitFacts, sampledAt: EpochMs, isNewSession: boolean): Record<string, UsageSample> | null {
  let samples: Record<string, UsageSample> | null = null;
  for (const { name, utilization, resetAt } of limits.windows) {
    if (utilization === null) continue;
    samples ??= {};
    samples[name] = { utilization, resetAt, sampledAt };
  }
  if (!isNewSession) return samples;
  const fresh = samples ?? {};
  for (const name of RESET_WITH_SESSION) fresh[name] ??= { utilization: null, resetAt: null, sampledAt };
  return fresh;
}

/**
 * The observations of one answer. `status` is the 5-hour window's status; without one only samples are taken. A shadow account observes nothing: the headers
 * speak of its parent's plan. Total, pure.
 */
export function observeWindows(signal: Signal, account: Account, status: string | null): readonly Action[] {
  const { limits, receivedAt } = signal;
  if (limits === null || account.parent !== null) return [];
  const at = observedAt(signal);
  const shown = currentSessionWindow(account.health, receivedAt)?.end ?? null;
  const hasStatus = status !== null && isIdentifier(status);
  const window = hasStatus ? windowOf(limits, status, shown, receivedAt) : null;
  const samples = samplesOf(limits, at, shown === null && window?.source === 'header');
  const actions: Action[] = [];
  if (hasStatus) actions.push({ type: 'update_session_window', accountId: account.id, window, status, observedAt: at });
  if (samples !== null) actions.push({ type: 'record_usage', accountId: account.id, samples });
  return actions;
}
