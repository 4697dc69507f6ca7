/** How OpenAI's headers speak of limits: the Codex windows of subscriptions, and the buckets of API keys. */
import type { Exchange } from '../core/exchange.js';
import { type NormalHeaders, readHeader, readMost } from '../core/headers.js';
import type { AccountHealth, UsageSample } from '../core/health.js';
import { NO_LIMITS, readRetryAfter, undatedLimits } from '../core/provider.js';
import { readGoDurationMs } from '../core/read-duration.js';
import { readEpochMs, readInteger, readPercent, readSeconds } from '../core/read-number.js';
import { isSameSecond, isSameUtilization } from '../core/same-number.js';
import type { LimitFacts, Signal, WindowReading } from '../core/signal.js';
import { DAY_MS, type EpochMs, HOUR_MS, MINUTE_MS } from '../core/time.js';
import { within } from '../core/until.js';

interface CodexHeaders {
  readonly used: string;
  readonly minutes: string;
  readonly resetAt: string;
  readonly resetAfter: string;
}

function codexHeaders(name: string): CodexHeaders {
  const of = (field: string): string => `x-codex-${name}-${field}`;
  return { used: of('used-percent'), minutes: of('window-minutes'), resetAt: of('reset-at'), resetAfter: of('reset-after-seconds') };
}

const PRIMARY = codexHeaders('primary');
const SECONDARY = codexHeaders('secondary');

/** Windows by length: the first whose `upToMinutes` is not exceeded. A hold may last as long as its window and an hour. */
export const CODEX_WINDOWS: readonly { readonly name: string; readonly upToMinutes: number; readonly ceilingMs: number }[] = [
  { name: '5h', upToMinutes: 360, ceilingMs: 6 * HOUR_MS },
  { name: '7d', upToMinutes: 15_000, ceilingMs: 7 * DAY_MS + HOUR_MS },
  { name: '30d', upToMinutes: Number.POSITIVE_INFINITY, ceilingMs: 30 * DAY_MS + HOUR_MS },
];

interface RawWindow {
  readonly utilization: number | null;
  readonly minutes: number | null;
  readonly reset: EpochMs | null;
}

function readRaw(headers: NormalHeaders, names: CodexHeaders, { receivedAt, skewMs }: Signal): RawWindow | null {
  const utilization = readPercent(readHeader(headers, names.used));
  const minutes = readInteger(readHeader(headers, names.minutes));
  if (utilization === null || minutes === 0) return null;
  const at = readEpochMs(readHeader(headers, names.resetAt));
  if (at !== null) return { utilization, minutes, reset: at + skewMs };
  const seconds = readSeconds(readHeader(headers, names.resetAfter));
  return { utilization, minutes, reset: seconds === null ? null : receivedAt + Math.ceil(seconds * 1000) };
}

/** The name of a window by its length in minutes. A loop, because every successful answer asks. */
function nameByLength(minutes: number): string {
  for (const { name, upToMinutes } of CODEX_WINDOWS) if (minutes <= upToMinutes) return name;
  return '30d';
}

/** A window's own length where it is stated; else the other's, or the usual order: primary is the week. */
function nameOf(minutes: number | null, other: number | null, usual: '5h' | '7d'): string {
  if (minutes !== null) return nameByLength(minutes);
  if (other === null) return usual;
  return nameByLength(other) === '5h' ? '7d' : '5h';
}

function toReading(raw: RawWindow, name: string, now: EpochMs): WindowReading {
  const ceiling = CODEX_WINDOWS.find((window) => window.name === name)?.ceilingMs ?? 0;
  const exhausted = raw.utilization !== null && raw.utilization >= 1;
  const resetAt = raw.reset !== null && raw.reset <= now + ceiling ? raw.reset : null;
  return { name, utilization: raw.utilization, resetAt, exhausted, holdUntil: exhausted ? within(raw.reset, now, ceiling) : null };
}

/** The Codex windows, 5h, 7d or 30d by their length; null where the answer has none. Two windows of one name are one: the fuller. */
export function readCodexWindows(headers: NormalHeaders, signal: Signal): LimitFacts | null {
  const primary = readRaw(headers, PRIMARY, signal);
  const secondary = readRaw(headers, SECONDARY, signal);
  if (primary === null && secondary === null) return null;
  const windows = new Map<string, WindowReading>();
  const add = (raw: RawWindow | null, name: string): void => {
    if (raw === null) return;
    const before = windows.get(name);
    if (before === undefined || (raw.utilization ?? 0) > (before.utilization ?? 0))
      windows.set(name, toReading(raw, name, signal.receivedAt));
  };
  add(primary, nameOf(primary?.minutes ?? null, secondary?.minutes ?? null, '7d'));
  add(secondary, nameOf(secondary?.minutes ?? null, primary?.minutes ?? null, '5h'));
  const found = [...windows.values()];
  return { ...NO_LIMITS, windows: found, outOfBounds: found.some(({ exhausted, holdUntil }) => exhausted && holdUntil === null) };
}

/** `retry-after-ms` in milliseconds, which the official SDKs honour first. */
function readRetryMs(headers: NormalHeaders): number | null {
  return readMost(readHeader(headers, 'retry-after-ms'), readSeconds);
}

/** A reset as a Go duration (`6m0s`), or plain seconds as Azure has it. */
function readResetDelay(text: string | null): number | null {
  const seconds = readSeconds(text);
  return seconds === null ? readGoDurationMs(text) : seconds * 1000;
}

/** Request and token buckets: the latest reset of those that are empty. */
function bucketReset(headers: NormalHeaders, now: EpochMs): EpochMs | null {
  let latest: number | null = null;
  for (const name of ['requests', 'tokens']) {
    if (readInteger(readHeader(headers, `x-ratelimit-remaining-${name}`)) !== 0) continue;
    const delay = readResetDelay(readHeader(headers, `x-ratelimit-reset-${name}`));
    if (delay !== null && (latest === null || delay > latest)) latest = delay;
  }
  return latest === null ? null : now + Math.ceil(latest);
}

/** Retry-After in milliseconds or seconds, and the empty buckets. */
export function readOpenaiRest(headers: NormalHeaders, { receivedAt }: Signal, limits: LimitFacts | null): LimitFacts {
  const retryAfterMs = readRetryMs(headers) ?? readRetryAfter(headers, receivedAt);
  const bucketResetAt = retryAfterMs === null ? bucketReset(headers, receivedAt) : null;
  return limits === null ? undatedLimits(retryAfterMs, bucketResetAt) : { ...limits, retryAfterMs, bucketResetAt };
}

/** Whether a successful answer speaks of Codex windows: one read. */
export function hasCodexWindows(headers: NormalHeaders): boolean {
  return readHeader(headers, PRIMARY.used) !== null;
}

/** Whether a failure states one of the windows. */
export function hasAnyCodexWindow(headers: NormalHeaders): boolean {
  return hasCodexWindows(headers) || readHeader(headers, SECONDARY.used) !== null;
}

/** A minute, as for every provider. */
const FRESH_MS: number = MINUTE_MS;

function isSame(
  headers: NormalHeaders,
  names: CodexHeaders,
  { sample, now }: { readonly sample: UsageSample | undefined; readonly now: EpochMs },
): boolean {
  if (sample === undefined || now - sample.sampledAt >= FRESH_MS) return false;
  return isSameUtilization(readHeader(headers, names.used), sample, 2) && isSameSecond(readHeader(headers, names.resetAt), sample);
}

function sampleOf(headers: NormalHeaders, names: CodexHeaders, { usage }: AccountHealth): UsageSample | undefined {
  const minutes = readInteger(readHeader(headers, names.minutes));
  if (minutes === null || minutes === 0) return undefined;
  return usage.get(nameByLength(minutes));
}

/** Whether both windows are the snapshot's, and its samples younger than a minute. */
export function isCodexUnchanged(headers: NormalHeaders, exchange: Exchange): boolean {
  const { health } = exchange.account;
  const now = exchange.receivedAt;
  if (!isSame(headers, PRIMARY, { sample: sampleOf(headers, PRIMARY, health), now })) return false;
  const minutes = readInteger(readHeader(headers, SECONDARY.minutes));
  return minutes === null || minutes === 0 || isSame(headers, SECONDARY, { sample: sampleOf(headers, SECONDARY, health), now });
}
