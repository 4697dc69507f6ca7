/** How Anthropic's headers speak of limits: the unified windows of subscriptions, and the buckets of API keys. */
import { fixedHeader, type NormalHeaders, readAgain, readHeader, readMost } from '../core/headers.js';
import { readRetryAfter, undatedLimits } from '../core/provider.js';
import { readRfc3339 } from '../core/read-instant.js';
import { readEpochMs, readFraction, readInteger } from '../core/read-number.js';
import { safeWord } from '../core/safe-text.js';
import type { LimitFacts, Signal, WindowReading } from '../core/signal.js';
import { DAY_MS, type EpochMs, SESSION_WINDOW_MS } from '../core/time.js';
import { CEILINGS, within } from '../core/until.js';
import {
  CLAIM,
  FIXED_HEADERS,
  OVERAGE_RESET,
  OVERAGE_STATUS,
  OVERAGE_USED,
  RESET,
  SESSION_RESET,
  SESSION_STATUS,
  SESSION_USED,
  STATUS,
  WEEK_RESET,
  WEEK_STATUS,
  WEEK_USED,
} from './unified-headers.js';

/** Which window a reading is of. */
interface WindowKind {
  readonly name: string;
  /** The header that says that it is nearly used up. */
  readonly threshold: string;
  /** How far ahead its reset may lie to end a hold. */
  readonly ceilingMs: number;
}

function windowKind(name: string, ceilingMs: number): WindowKind {
  return { name, threshold: `anthropic-ratelimit-unified-${name}-surpassed-threshold`, ceilingMs };
}

const SESSION = windowKind('5h', CEILINGS.session);
const WEEK = windowKind('7d', CEILINGS.week);
const OVERAGE = windowKind('7d_oi', CEILINGS.week);
/** The model family's window that each claim names. */
const FAMILY_OF_CLAIM: ReadonlyMap<string, WindowKind> = new Map([
  ['seven_day_opus', windowKind('7d_opus', CEILINGS.week)],
  ['seven_day_sonnet', windowKind('7d_sonnet', CEILINGS.week)],
]);

/** The buckets of an API key's limits: remaining and reset. */
const BUCKETS: readonly (readonly [remaining: string, reset: string])[] = ['requests', 'tokens', 'input-tokens', 'output-tokens'].map(
  (name) => [`anthropic-ratelimit-${name}-remaining`, `anthropic-ratelimit-${name}-reset`],
);

/** The 5-hour reset as a fact about the window lies between five hours ago and seven days ahead. */
function sessionFact(reset: EpochMs | null, now: EpochMs): EpochMs | null {
  return reset !== null && reset >= now - SESSION_WINDOW_MS && reset <= now + 7 * DAY_MS ? reset : null;
}

function weekFact(reset: EpochMs | null, now: EpochMs): EpochMs | null {
  return reset !== null && reset >= now - 7 * DAY_MS && reset <= now + CEILINGS.week ? reset : null;
}

function resetOf(text: string | null, skewMs: number): EpochMs | null {
  if (text === null) return null;
  const reset = readMost(text, readEpochMs);
  return reset === null ? null : reset + skewMs;
}

/** What a status or a claim looks like. Anything else is not kept: it might be anything. */
const WORD = /^[A-Za-z][a-z0-9_]{0,31}$/;
/** The words that are sent nearly always. */
const USUAL: readonly string[] = ['allowed', 'rejected', 'allowed_warning', 'five_hour', 'seven_day'];

function wordOf(text: string | null): string | null {
  if (text === null || USUAL.includes(text)) return text;
  return WORD.test(text) ? safeWord(text) : null;
}

/** Fully used, within what floating point may lose. */
const FULL = 1;

/** One window's headers. */
interface Stated {
  readonly status: string | null;
  readonly used: string | null;
  readonly reset: string | null;
}

/** A window as the headers state it; null where they do not. */
function readWindow(headers: NormalHeaders, kind: WindowKind, stated: Stated, { receivedAt, skewMs }: Signal): WindowReading | null {
  const { status } = stated;
  const utilization = stated.used === null ? null : readFraction(stated.used);
  const reset = resetOf(stated.reset, skewMs);
  if (status === null && utilization === null && reset === null) return null;
  const isSpent = status === 'rejected' || (utilization !== null && utilization >= FULL);
  const exhausted = isSpent || readHeader(headers, kind.threshold)?.toLowerCase() === 'true';
  const resetAt = kind === SESSION ? sessionFact(reset, receivedAt) : weekFact(reset, receivedAt);
  return { name: kind.name, utilization, resetAt, exhausted, holdUntil: exhausted ? within(reset, receivedAt, kind.ceilingMs) : null };
}

function readSession(headers: NormalHeaders, signal: Signal): WindowReading | null {
  const status = fixedHeader(headers, SESSION_STATUS, headers[SESSION_STATUS]);
  const used = fixedHeader(headers, SESSION_USED, headers[SESSION_USED]);
  return readWindow(headers, SESSION, { status, used, reset: fixedHeader(headers, SESSION_RESET, headers[SESSION_RESET]) }, signal);
}

function readWeek(headers: NormalHeaders, signal: Signal): WindowReading | null {
  const status = fixedHeader(headers, WEEK_STATUS, headers[WEEK_STATUS]);
  const used = fixedHeader(headers, WEEK_USED, headers[WEEK_USED]);
  return readWindow(headers, WEEK, { status, used, reset: fixedHeader(headers, WEEK_RESET, headers[WEEK_RESET]) }, signal);
}

function readOverage(headers: NormalHeaders, signal: Signal): WindowReading | null {
  const status = fixedHeader(headers, OVERAGE_STATUS, headers[OVERAGE_STATUS]);
  const used = fixedHeader(headers, OVERAGE_USED, headers[OVERAGE_USED]);
  return readWindow(headers, OVERAGE, { status, used, reset: fixedHeader(headers, OVERAGE_RESET, headers[OVERAGE_RESET]) }, signal);
}

/** Whether a window is spent without an end that could be believed. */
function isUndated(window: WindowReading | null): boolean {
  return window?.exhausted === true && window.holdUntil === null;
}

function listOf(...found: readonly (WindowReading | null)[]): readonly WindowReading[] {
  return found.filter((window) => window !== null);
}

function readWindowsOf(headers: NormalHeaders, signal: Signal): LimitFacts {
  const session = readSession(headers, signal);
  const week = readWeek(headers, signal);
  const overage = readOverage(headers, signal);
  const isUsual = session !== null && week !== null && overage === null;
  const windows = isUsual ? [session, week] : listOf(session, week, overage);
  return {
    windows,
    sessionStatus: wordOf(fixedHeader(headers, SESSION_STATUS, headers[SESSION_STATUS])),
    sessionEnd: session === null ? null : session.resetAt,
    aggregateStatus: null,
    aggregateResetAt: null,
    claim: null,
    retryAfterMs: null,
    bucketResetAt: null,
    outOfBounds: isUndated(session) || isUndated(week) || isUndated(overage),
  };
}

/** The unified windows. */
export function readUnifiedWindows(headers: NormalHeaders, signal: Signal): LimitFacts {
  try {
    return readWindowsOf(headers, signal);
  } catch {
    return readWindowsOf(readAgain(headers, [...FIXED_HEADERS, ...[SESSION, WEEK, OVERAGE].map(({ threshold }) => threshold)]), signal);
  }
}

function bucketReset(headers: NormalHeaders, skewMs: number): EpochMs | null {
  let latest: EpochMs | null = null;
  for (const [remaining, reset] of BUCKETS) {
    const left = readHeader(headers, remaining);
    if (left === null || readInteger(left) !== 0) continue;
    const end = readRfc3339(readHeader(headers, reset));
    if (end !== null && (latest === null || end + skewMs > latest)) latest = end + skewMs;
  }
  return latest;
}

function readFamily(headers: NormalHeaders, kind: WindowKind, signal: Signal): WindowReading | null {
  const of = (field: string): string | null => readHeader(headers, `anthropic-ratelimit-unified-${kind.name}-${field}`);
  return readWindow(headers, kind, { status: of('status'), used: of('utilization'), reset: of('reset') }, signal);
}

/** The model family's window that the claim names; without a claim, every one that the answer states. */
function readFamilies(headers: NormalHeaders, claim: string | null, signal: Signal): readonly WindowReading[] {
  const families: WindowReading[] = [];
  for (const [named, kind] of FAMILY_OF_CLAIM) {
    const window = claim === null || claim === named ? readFamily(headers, kind, signal) : null;
    if (window !== null) families.push(window);
  }
  return families;
}

/** Aggregate, claim, the claim's family window, Retry-After and, where there are no unified windows, the empty buckets. */
export function readAnthropicRest(headers: NormalHeaders, signal: Signal, limits: LimitFacts | null): LimitFacts {
  const retryAfterMs = readRetryAfter(headers, signal.receivedAt);
  if (limits === null) return undatedLimits(retryAfterMs, retryAfterMs === null ? bucketReset(headers, signal.skewMs) : null);
  const claim = wordOf(readHeader(headers, CLAIM));
  const families = readFamilies(headers, claim, signal);
  const aggregateResetAt = resetOf(readHeader(headers, RESET), signal.skewMs);
  return {
    ...limits,
    windows: families.length === 0 ? limits.windows : [...limits.windows, ...families],
    sessionEnd: limits.sessionEnd ?? (claim === 'five_hour' ? sessionFact(aggregateResetAt, signal.receivedAt) : null),
    aggregateStatus: wordOf(readHeader(headers, STATUS)),
    aggregateResetAt,
    claim,
    retryAfterMs,
  };
}
