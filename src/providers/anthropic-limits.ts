/** How Anthropic's headers speak of limits: the unified windows of subscriptions, and the buckets of API keys. */
import { headerText, type NormalHeaders, readAgain, readHeader, readMost } from '../core/headers.js';
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
  OVERAGE_SURPASSED,
  OVERAGE_USED,
  RESET,
  SESSION_RESET,
  SESSION_STATUS,
  SESSION_SURPASSED,
  SESSION_USED,
  STATUS,
  WEEK_RESET,
  WEEK_STATUS,
  WEEK_SURPASSED,
  WEEK_USED,
} from './unified-headers.js';

/** Which window a reading is of. */
interface WindowKind {
  readonly name: string;
  /** How far ahead its reset may lie to end a hold. */
  readonly ceilingMs: number;
}

const SESSION: WindowKind = { name: '5h', ceilingMs: CEILINGS.session };
const WEEK: WindowKind = { name: '7d', ceilingMs: CEILINGS.week };
const OVERAGE: WindowKind = { name: '7d_oi', ceilingMs: CEILINGS.week };
/** The model family's window that each claim names. */
const FAMILY_OF_CLAIM: ReadonlyMap<string, WindowKind> = new Map([
  ['seven_day_opus', { name: '7d_opus', ceilingMs: CEILINGS.week }],
  ['seven_day_sonnet', { name: '7d_sonnet', ceilingMs: CEILINGS.week }],
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
  const reset = readEpochMs(text) ?? readMost(text, readEpochMs);
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
  /** `true`: it is nearly used up. */
  readonly surpassed: string | null;
}

/** A window as the headers state it; null where they do not. */
function readWindow(kind: WindowKind, { status, used, reset, surpassed }: Stated, { receivedAt, skewMs }: Signal): WindowReading | null {
  const utilization = used === null ? null : readFraction(used);
  const end = resetOf(reset, skewMs);
  if (status === null && utilization === null && end === null) return null;
  const isSpent = status === 'rejected' || (utilization !== null && utilization >= FULL);
  const exhausted = isSpent || surpassed?.toLowerCase() === 'true';
  const resetAt = kind === SESSION ? sessionFact(end, receivedAt) : weekFact(end, receivedAt);
  return { name: kind.name, utilization, resetAt, exhausted, holdUntil: exhausted ? within(end, receivedAt, kind.ceilingMs) : null };
}

function readSession(headers: NormalHeaders, status: string | null, signal: Signal): WindowReading | null {
  const used = headerText(headers[SESSION_USED]);
  const reset = headerText(headers[SESSION_RESET]);
  return readWindow(SESSION, { status, used, reset, surpassed: headerText(headers[SESSION_SURPASSED]) }, signal);
}

function readWeek(headers: NormalHeaders, signal: Signal): WindowReading | null {
  const status = headerText(headers[WEEK_STATUS]);
  const used = headerText(headers[WEEK_USED]);
  const reset = headerText(headers[WEEK_RESET]);
  return readWindow(WEEK, { status, used, reset, surpassed: headerText(headers[WEEK_SURPASSED]) }, signal);
}

function readOverage(headers: NormalHeaders, signal: Signal): WindowReading | null {
  const status = headerText(headers[OVERAGE_STATUS]);
  const used = headerText(headers[OVERAGE_USED]);
  const reset = headerText(headers[OVERAGE_RESET]);
  if (status === null && used === null && reset === null) return null;
  return readWindow(OVERAGE, { status, used, reset, surpassed: headerText(headers[OVERAGE_SURPASSED]) }, signal);
}

/** Whether a window is spent without an end that could be believed. */
function isUndated(window: WindowReading | null): boolean {
  return window?.exhausted === true && window.holdUntil === null;
}

function listOf(...found: readonly (WindowReading | null)[]): readonly WindowReading[] {
  return found.filter((window) => window !== null);
}

/** The windows of headers that answer as a plain object. */
function readWindowsOf(headers: NormalHeaders, signal: Signal): LimitFacts {
  const status = headerText(headers[SESSION_STATUS]);
  const session = readSession(headers, status, signal);
  const week = readWeek(headers, signal);
  const overage = readOverage(headers, signal);
  const isUsual = session !== null && week !== null && overage === null;
  const windows = isUsual ? [session, week] : listOf(session, week, overage);
  return {
    windows,
    sessionStatus: wordOf(status),
    sessionEnd: session === null ? null : session.resetAt,
    aggregateStatus: null,
    aggregateResetAt: null,
    claim: null,
    retryAfterMs: null,
    bucketResetAt: null,
    outOfBounds: isUndated(session) || isUndated(week) || isUndated(overage),
  };
}

/** The unified windows. Headers with a getter, and those of which one throws, are copied first. */
export function readUnifiedWindows(headers: NormalHeaders, signal: Signal): LimitFacts {
  try {
    if (typeof headers.get !== 'function') return readWindowsOf(headers, signal);
  } catch {
    // One of them throws: the copy has the others.
  }
  return readWindowsOf(readAgain(headers, FIXED_HEADERS), signal);
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
  return readWindow(
    kind,
    { status: of('status'), used: of('utilization'), reset: of('reset'), surpassed: of('surpassed-threshold') },
    signal,
  );
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
