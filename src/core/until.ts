/** When a hold ends, by the source that its rule names. */
import { governingWindow, isAccountWindow } from './governing-window.js';
import { nextPacificMidnight } from './pacific-midnight.js';
import type { UntilSource } from './rule.js';
import type { Signal } from './signal.js';
import { DAY_MS, type EpochMs, HOUR_MS, MINUTE_MS, SECOND_MS } from './time.js';

/** How far ahead a stated end may lie. Anything further is absent. */
export const CEILINGS: Readonly<Record<'stated' | 'week' | 'session' | 'date', number>> = {
  /** Retry-After, RetryInfo, quotaResetDelay, `resets_at` and lengths in a sentence. */
  stated: 8 * DAY_MS,
  /** A weekly window's reset. */
  week: 8 * DAY_MS,
  /** The 5-hour window's reset, and the aggregate's that speaks of it. */
  session: 6 * HOUR_MS,
  /** Monthly and spend windows, and a date in words. */
  date: 32 * DAY_MS,
};

/** The shortest hold: "retry after 0 seconds" is not true (providers.md 1.4). */
export const MIN_HOLD_MS: number = SECOND_MS;

/** An instant that is ahead and not too far; else null. Total, pure. */
export function within(instant: EpochMs | null, now: EpochMs, ceilingMs: number): EpochMs | null {
  return instant !== null && instant > now && instant <= now + ceilingMs ? instant : null;
}

/** A length of time as the instant at which it is over, at least a second ahead; null where it is absent or too long. Total, pure. */
export function after(now: EpochMs, delayMs: number | null, ceilingMs: number): EpochMs | null {
  return delayMs === null || delayMs > ceilingMs ? null : now + Math.max(MIN_HOLD_MS, Math.ceil(delayMs));
}

/** A stated wait in milliseconds, from headers first and then the body; null where none is stated within bounds. Total, pure. */
export function statedDelayMs(signal: Signal): number | null {
  const retryAfter = signal.limits?.retryAfterMs ?? null;
  if (retryAfter !== null && retryAfter <= CEILINGS.stated) return retryAfter;
  const delay = signal.bodyLimits?.delayMs ?? null;
  return delay !== null && delay <= CEILINGS.stated ? delay : null;
}

function familyUntil(signal: Signal): EpochMs | null {
  const limits = signal.limits;
  if (limits === null) return null;
  const own = limits.windows.find((window) => window.exhausted && !isAccountWindow(window))?.holdUntil ?? null;
  return (
    own ??
    within(limits.aggregateResetAt, signal.receivedAt, CEILINGS.week) ??
    after(signal.receivedAt, limits.retryAfterMs, CEILINGS.stated)
  );
}

function aggregateUntil(signal: Signal): EpochMs | null {
  const limits = signal.limits;
  const ceiling = limits?.claim === 'five_hour' ? CEILINGS.session : CEILINGS.week;
  return within(limits?.aggregateResetAt ?? null, signal.receivedAt, ceiling);
}

function statedUntil(signal: Signal): EpochMs | null {
  const { receivedAt: now, limits, bodyLimits, skewMs } = signal;
  const byDelay = after(now, statedDelayMs(signal), CEILINGS.stated);
  if (byDelay !== null) return byDelay;
  const instant = bodyLimits?.resetAt ?? null;
  return (
    within(instant === null ? null : instant + skewMs, now, CEILINGS.stated) ?? within(limits?.bucketResetAt ?? null, now, CEILINGS.stated)
  );
}

function dateUntil(signal: Signal): EpochMs | null {
  const instant = signal.bodyLimits?.resetAt ?? null;
  return within(instant === null ? null : instant + signal.skewMs, signal.receivedAt, CEILINGS.date);
}

/** The end that an answer states, by its source; null where it states none within bounds, and for `fallback`, which is the settings'. Total, pure. */
export function statedEnd(source: UntilSource, signal: Signal): EpochMs | null {
  switch (source) {
    case 'windows':
      return governingWindow(signal.limits)?.holdUntil ?? null;
    case 'family':
      return familyUntil(signal);
    case 'aggregate':
      return aggregateUntil(signal);
    case 'stated':
      return statedUntil(signal);
    case 'date':
      return dateUntil(signal);
    case 'daily':
      return nextPacificMidnight(signal.receivedAt) ?? signal.receivedAt + DAY_MS;
    case 'fallback':
      return null;
    default:
      return signal.receivedAt + source * MINUTE_MS;
  }
}

function isTooLong(delayMs: number | null | undefined): boolean {
  return delayMs !== null && delayMs !== undefined && delayMs > CEILINGS.stated;
}

/** Whether an answer states an end that was not used, because it is past or too far away. Total, pure. */
export function hasRefusedEnd(signal: Signal): boolean {
  const { limits, bodyLimits } = signal;
  if (limits?.outOfBounds === true || isTooLong(limits?.retryAfterMs) || isTooLong(bodyLimits?.delayMs)) return true;
  const instant = bodyLimits?.resetAt ?? null;
  return instant !== null && within(instant + signal.skewMs, signal.receivedAt, CEILINGS.date) === null;
}
