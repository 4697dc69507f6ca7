/** Whether a successful answer says of Anthropic's unified windows just what the account's snapshot says. */
import type { Exchange } from '../core/exchange.js';
import { fixedHeader, type NormalHeaders, readAgain } from '../core/headers.js';
import type { UsageSample } from '../core/health.js';
import { isSameSecond, isSameUtilization } from '../core/same-number.js';
import { MINUTE_MS } from '../core/time.js';
import {
  FIXED_HEADERS,
  OVERAGE_RESET,
  OVERAGE_USED,
  SESSION_RESET,
  SESSION_STATUS,
  SESSION_USED,
  WEEK_RESET,
  WEEK_USED,
} from './unified-headers.js';

/** A snapshot's samples are fresh for a minute (design section 5). */
const FRESH_MS: number = MINUTE_MS;

function isSameSample(used: string | null, reset: string | null, sample: UsageSample | undefined): boolean {
  if (sample === undefined) return used === null;
  return isSameUtilization(used, sample, 0) && (used === null || isSameSecond(reset, sample));
}

function isFresh(sample: UsageSample | undefined, exchange: Exchange): boolean {
  return sample === undefined || exchange.receivedAt - sample.sampledAt < FRESH_MS;
}

function isUnchanged(headers: NormalHeaders, exchange: Exchange): boolean {
  const { health } = exchange.account;
  const now = exchange.receivedAt;
  const { status, header } = health.sessionWindow;
  if (header === null || status === null || now > header.end) return false;
  if (fixedHeader(headers, SESSION_STATUS, headers[SESSION_STATUS]) !== status.status) return false;
  if (health.rateLimit !== null && health.rateLimit.until > now) return false;
  if (health.overload !== null && health.overload.until > now) return false;
  const session = health.usage.get('5h');
  // What changes most often is asked first.
  if (session === undefined || session.resetAt !== header.end || !isFresh(session, exchange)) return false;
  if (!isSameUtilization(fixedHeader(headers, SESSION_USED, headers[SESSION_USED]), session, 0)) return false;
  if (!isSameSecond(fixedHeader(headers, SESSION_RESET, headers[SESSION_RESET]), session)) return false;
  const week = health.usage.get('7d');
  const overage = health.usage.get('7d_oi');
  if (!isFresh(week, exchange) || !isFresh(overage, exchange)) return false;
  const weekReset = week === undefined ? null : fixedHeader(headers, WEEK_RESET, headers[WEEK_RESET]);
  if (!isSameSample(fixedHeader(headers, WEEK_USED, headers[WEEK_USED]), weekReset, week)) return false;
  const overageReset = overage === undefined ? null : fixedHeader(headers, OVERAGE_RESET, headers[OVERAGE_RESET]);
  return isSameSample(fixedHeader(headers, OVERAGE_USED, headers[OVERAGE_USED]), overageReset, overage);
}

/** Whether status, end and utilizations are the snapshot's, and its samples younger than a minute. */
export function isUnifiedUnchanged(headers: NormalHeaders, exchange: Exchange): boolean {
  try {
    return isUnchanged(headers, exchange);
  } catch {
    return isUnchanged(readAgain(headers, FIXED_HEADERS), exchange);
  }
}
