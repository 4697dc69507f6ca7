/** What the core has to know of a provider: how its headers speak of limits. */
import type { Platform } from './account.js';
import type { Exchange } from './exchange.js';
import { type NormalHeaders, readHeader, readMost } from './headers.js';
import { readRetryAfterMs } from './read-instant.js';
import type { LimitFacts, Signal } from './signal.js';
import type { EpochMs } from './time.js';

/** A provider's readers of headers. */
export interface Provider {
  readonly platform: Platform;
  /** What the headers say of usage windows; null where they say nothing. Reads as few headers as it can. */
  readonly readWindows: (headers: NormalHeaders, signal: Signal) => LimitFacts | null;
  /** The rest: aggregate, claim, Retry-After, empty buckets. `limits` is what `readWindows` found. */
  readonly readRest: (headers: NormalHeaders, signal: Signal, limits: LimitFacts | null) => LimitFacts;
  /** Whether a successful answer says of windows just what the snapshot says, younger than a minute. Allocates nothing. */
  readonly isUnchanged: (headers: NormalHeaders, exchange: Exchange) => boolean;
  /** Whether a successful answer says anything of windows. One or two header reads. */
  readonly hasWindows: (headers: NormalHeaders) => boolean;
  /** The same for a failure, which may state any one window alone. */
  readonly hasAnyWindow: (headers: NormalHeaders) => boolean;
}

/** Limit facts of which nothing is known. */
export const NO_LIMITS: LimitFacts = Object.freeze({
  windows: Object.freeze([]),
  sessionStatus: null,
  sessionEnd: null,
  aggregateStatus: null,
  aggregateResetAt: null,
  claim: null,
  retryAfterMs: null,
  bucketResetAt: null,
  outOfBounds: false,
});

/** Limit facts without any window: at most a wait, or the end of an empty bucket. */
export function undatedLimits(retryAfterMs: number | null, bucketResetAt: EpochMs | null): LimitFacts {
  return retryAfterMs === null && bucketResetAt === null ? NO_LIMITS : { ...NO_LIMITS, retryAfterMs, bucketResetAt };
}

/** Retry-After as a length of time; of several values the longest. null: absent or unreadable. */
export function readRetryAfter(headers: NormalHeaders, receivedAt: EpochMs): number | null {
  const text = readHeader(headers, 'retry-after');
  return text === null ? null : readMost(text, (value) => readRetryAfterMs(value, receivedAt));
}
