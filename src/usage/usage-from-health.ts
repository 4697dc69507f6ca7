/** The usage of an account that may not ask for it: what answers to its requests have said. */
import type { Account } from '../core/account.js';
import type { AccountHealth, UsageSample } from '../core/health.js';
import { currentSessionWindow, usedByStatus } from '../core/session-window.js';
import type { EpochMs } from '../core/time.js';
import type { UsageInfo } from '../core/usage-info.js';
import { isWindowOver } from '../core/usage-now.js';
import { emptyUsage } from './usage-facts.js';

const SESSION = '5h';
/** The latest instant at which the session window was heard of; 0: never. */
function heardAt({ sessionWindow }: AccountHealth): EpochMs {
  return Math.max(sessionWindow.status?.observedAt ?? 0, sessionWindow.header?.observedAt ?? 0);
}

/**
 * The use of the 5-hour session window: nothing, without a reset, where no window runs; else its sample, else what its status says (`rejected` all, `allowed_warning` 0.8, any other nothing).
 * Total, pure. Source: behaviour 3.2.
 */
export function estimateSession(health: AccountHealth, now: EpochMs): UsageSample {
  const session = currentSessionWindow(health, now);
  const sample = health.usage.get(SESSION);
  const sampledAt = Math.max(sample?.sampledAt ?? 0, heardAt(health));
  if (session === null) return { utilization: 0, resetAt: null, sampledAt };
  if (sample !== undefined && sample.utilization !== null && !isWindowOver(sample, now)) return { ...sample, resetAt: session.end };
  return { utilization: usedByStatus(session.status), resetAt: session.end, sampledAt };
}

/** Whether a sample tells anything: some use, or a reset that is ahead. */
function isTelling(sample: UsageSample, now: EpochMs): boolean {
  return !isWindowOver(sample, now) && ((sample.utilization ?? 0) > 0 || sample.resetAt !== null);
}

/**
 * Usage without asking for it, for Anthropic's setup tokens: their scope does not include the usage endpoint, which refuses them for ever. The session window as `estimateSession` has it, and
 * of the other windows those of which a sample tells anything. Total, pure.
 */
export function usageFromHealth({ health }: Pick<Account, 'health'>, now: EpochMs): UsageInfo {
  const others = [...health.usage].filter(([name, sample]) => name !== SESSION && isTelling(sample, now));
  return { ...emptyUsage(now), windows: new Map([[SESSION, estimateSession(health, now)], ...others]) };
}
