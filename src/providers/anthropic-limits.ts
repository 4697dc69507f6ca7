/** How Anthropic's headers speak of limits: the unified windows of subscriptions, and the buckets of API keys. */
import type { Exchange } from '../core/exchange.js';
import { hasAnyHeader, type NormalHeaders, readHeader, readMost } from '../core/headers.js';
import type { UsageSample } from '../core/health.js';
import { readRetryAfter, undatedLimits } from '../core/provider.js';
import { readRfc3339 } from '../core/read-instant.js';
import { readEpochMs, readFraction, readInteger } from '../core/read-number.js';
import { safeWord } from '../core/safe-text.js';
import { isSameSecond, isSameUtilization } from '../core/same-number.js';
import type { LimitFacts, Signal, WindowReading } from '../core/signal.js';
import { DAY_MS, type EpochMs, MINUTE_MS, SESSION_WINDOW_MS } from '../core/time.js';
import { CEILINGS, within } from '../core/until.js';

const PREFIX = 'anthropic-ratelimit-unified-';

/** The names of one window's headers, made once. */
interface WindowHeaders {
  readonly name: string;
  readonly status: string;
  readonly reset: string;
  readonly utilization: string;
  readonly threshold: string;
  /** How far ahead its reset may lie to end a hold. */
  readonly ceilingMs: number;
}

function windowHeaders(name: string, ceilingMs: number): WindowHeaders {
  const of = (field: string): string => `${PREFIX}${name}-${field}`;
  return {
    name,
    status: of('status'),
    reset: of('reset'),
    utilization: of('utilization'),
    threshold: of('surpassed-threshold'),
    ceilingMs,
  };
}

const SESSION = windowHeaders('5h', CEILINGS.session);
const WEEK = windowHeaders('7d', CEILINGS.week);
const OVERAGE = windowHeaders('7d_oi', CEILINGS.week);
/** The windows that every answer is read for. */
const UNIFIED: readonly WindowHeaders[] = [SESSION, WEEK, OVERAGE];
/** The model family's window that each claim names. */
const FAMILY_OF_CLAIM: ReadonlyMap<string, WindowHeaders> = new Map([
  ['seven_day_opus', windowHeaders('7d_opus', CEILINGS.week)],
  ['seven_day_sonnet', windowHeaders('7d_sonnet', CEILINGS.week)],
]);
const AGGREGATE = { status: `${PREFIX}status`, reset: `${PREFIX}reset`, claim: `${PREFIX}representative-claim` } as const;

/** The buckets of an API key's limits: remaining and reset. */
const BUCKETS: readonly (readonly [remaining: string, reset: string])[] = ['requests', 'tokens', 'input-tokens', 'output-tokens'].map(
  (name) => [`anthropic-ratelimit-${name}-remaining`, `anthropic-ratelimit-${name}-reset`],
);

/** A snapshot's samples are fresh for a minute (design section 5). */
const FRESH_MS: number = MINUTE_MS;

/** The 5-hour reset as a fact about the window lies between five hours ago and seven days ahead. */
function sessionFact(reset: EpochMs | null, now: EpochMs): EpochMs | null {
  return reset !== null && reset >= now - SESSION_WINDOW_MS && reset <= now + 7 * DAY_MS ? reset : null;
}

function weekFact(reset: EpochMs | null, now: EpochMs): EpochMs | null {
  return reset !== null && reset >= now - 7 * DAY_MS && reset <= now + CEILINGS.week ? reset : null;
}

function readReset(headers: NormalHeaders, name: string, skewMs: number): EpochMs | null {
  const reset = readMost(readHeader(headers, name), readEpochMs);
  return reset === null ? null : reset + skewMs;
}

/** What a status or a claim looks like. Anything else is not kept: it might be anything. */
const WORD = /^[A-Za-z][a-z0-9_]{0,31}$/;
/** The words that are sent nearly always. */
const USUAL: readonly string[] = ['allowed', 'rejected', 'allowed_warning', 'five_hour', 'seven_day'];

function readWord(headers: NormalHeaders, name: string): string | null {
  const word = readHeader(headers, name);
  if (word === null || USUAL.includes(word)) return word;
  return WORD.test(word) ? safeWord(word) : null;
}

/** Fully used, within what floating point may lose. */
const FULL = 1;

/** A window as the headers state it; null where they do not. */
function readWindow(headers: NormalHeaders, names: WindowHeaders, { receivedAt, skewMs }: Signal): WindowReading | null {
  const status = readHeader(headers, names.status);
  const utilization = readFraction(readHeader(headers, names.utilization));
  const reset = readReset(headers, names.reset, skewMs);
  if (status === null && utilization === null && reset === null) return null;
  const isSpent = status === 'rejected' || (utilization !== null && utilization >= FULL);
  const exhausted = isSpent || readHeader(headers, names.threshold)?.toLowerCase() === 'true';
  const resetAt = names === SESSION ? sessionFact(reset, receivedAt) : weekFact(reset, receivedAt);
  return { name: names.name, utilization, resetAt, exhausted, holdUntil: exhausted ? within(reset, receivedAt, names.ceilingMs) : null };
}

/** The unified windows. */
export function readUnifiedWindows(headers: NormalHeaders, signal: Signal): LimitFacts {
  const windows: WindowReading[] = [];
  let outOfBounds = false;
  for (const names of UNIFIED) {
    const window = readWindow(headers, names, signal);
    if (window === null) continue;
    windows.push(window);
    outOfBounds ||= window.exhausted && window.holdUntil === null;
  }
  const first = windows[0];
  return {
    windows,
    sessionStatus: readWord(headers, SESSION.status),
    sessionEnd: first?.name === SESSION.name ? first.resetAt : null,
    aggregateStatus: null,
    aggregateResetAt: null,
    claim: null,
    retryAfterMs: null,
    bucketResetAt: null,
    outOfBounds,
  };
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

/** The model family's window that the claim names; without a claim, every one that the answer states. */
function readFamilies(headers: NormalHeaders, claim: string | null, signal: Signal): readonly WindowReading[] {
  const families: WindowReading[] = [];
  for (const [name, names] of FAMILY_OF_CLAIM) {
    const window = claim === null || claim === name ? readWindow(headers, names, signal) : null;
    if (window !== null) families.push(window);
  }
  return families;
}

/** Aggregate, claim, the claim's family window, Retry-After and, where there are no unified windows, the empty buckets. */
export function readAnthropicRest(headers: NormalHeaders, signal: Signal, limits: LimitFacts | null): LimitFacts {
  const retryAfterMs = readRetryAfter(headers, signal.receivedAt);
  if (limits === null) return undatedLimits(retryAfterMs, retryAfterMs === null ? bucketReset(headers, signal.skewMs) : null);
  const claim = readWord(headers, AGGREGATE.claim);
  const families = readFamilies(headers, claim, signal);
  const aggregateResetAt = readReset(headers, AGGREGATE.reset, signal.skewMs);
  return {
    ...limits,
    windows: families.length === 0 ? limits.windows : [...limits.windows, ...families],
    sessionEnd: limits.sessionEnd ?? (claim === 'five_hour' ? sessionFact(aggregateResetAt, signal.receivedAt) : null),
    aggregateStatus: readWord(headers, AGGREGATE.status),
    aggregateResetAt,
    claim,
    retryAfterMs,
  };
}

/** What tells that an answer speaks of unified windows. */
const SIGNS: readonly string[] = [SESSION.status, AGGREGATE.status, SESSION.utilization];
/** What tells it of a failure, which may state one of the windows without the aggregate. */
const SIGNS_OF_FAILURE: readonly string[] = [...SIGNS, WEEK.utilization, WEEK.status, OVERAGE.utilization, OVERAGE.status];

/** Whether an answer speaks of unified windows: one read where it does, mostly, and three where not. */
export function hasUnifiedWindows(headers: NormalHeaders): boolean {
  return hasAnyHeader(headers, SIGNS);
}

/** Whether a failure states one of the windows, with or without the aggregate. */
export function hasAnyUnifiedWindow(headers: NormalHeaders): boolean {
  return hasAnyHeader(headers, SIGNS_OF_FAILURE);
}

function isSameSample(headers: NormalHeaders, names: WindowHeaders, sample: UsageSample | undefined): boolean {
  const utilization = readHeader(headers, names.utilization);
  if (sample === undefined) return utilization === null;
  if (!isSameUtilization(utilization, sample.utilization, 0)) return false;
  return utilization === null || isSameSecond(readHeader(headers, names.reset), sample.resetAt);
}

function isFresh(sample: UsageSample | undefined, exchange: Exchange): boolean {
  return sample === undefined || exchange.receivedAt - sample.sampledAt < FRESH_MS;
}

/** Whether status, end and utilizations are the snapshot's, and its samples younger than a minute. */
export function isUnifiedUnchanged(headers: NormalHeaders, exchange: Exchange): boolean {
  const { health } = exchange.account;
  const now = exchange.receivedAt;
  const { status, header } = health.sessionWindow;
  if (header === null || status === null || now > header.end) return false;
  if (readHeader(headers, SESSION.status) !== status.status) return false;
  if (!isSameSecond(readHeader(headers, SESSION.reset), header.end)) return false;
  if (health.rateLimit !== null && health.rateLimit.until > now) return false;
  if (health.overload !== null && health.overload.until > now) return false;
  const session = health.usage.get(SESSION.name);
  const week = health.usage.get(WEEK.name);
  const overage = health.usage.get(OVERAGE.name);
  if (session === undefined || session.resetAt !== header.end) return false;
  if (!isFresh(session, exchange) || !isFresh(week, exchange) || !isFresh(overage, exchange)) return false;
  // Its reset was compared above.
  return (
    isSameUtilization(readHeader(headers, SESSION.utilization), session.utilization, 0) &&
    isSameSample(headers, WEEK, week) &&
    isSameSample(headers, OVERAGE, overage)
  );
}
