/** What the request path does while a refresh is due, by platform: data. */
import type { Platform } from '../core/account.js';
import { type EpochMs, MINUTE_MS, SECOND_MS } from '../core/time.js';

/** What a request does about a refresh that it wants. */
export interface RequestPolicy {
  /** Another process is refreshing, and the token still serves: wait a moment for its answer, or go on with the token. */
  readonly whenBusy: 'wait' | 'use_existing';
  /** The refresh failed, and the token still serves: go on with it, or do without. */
  readonly whenFailed: 'use_existing' | 'give_up';
  /** The longest that a request waits. The refresh itself goes on. */
  readonly timeoutMs: number;
  /** How long a failed refresh holds the account; null: it does not. */
  readonly holdMs: number | null;
}

/** A request waits as long as a token endpoint may take, and a little for storing the answer. */
const PATIENCE_MS: number = 25 * SECOND_MS;

const KEEPS_GOING: RequestPolicy = { whenBusy: 'wait', whenFailed: 'use_existing', timeoutMs: PATIENCE_MS, holdMs: null };
const GIVES_UP: RequestPolicy = { whenBusy: 'use_existing', whenFailed: 'give_up', timeoutMs: PATIENCE_MS, holdMs: null };

/** The policies of the platforms; any other platform is treated like Anthropic. */
export const REQUEST_POLICIES: Readonly<Record<string, RequestPolicy>> = {
  anthropic: KEEPS_GOING,
  openai: KEEPS_GOING,
  gemini: GIVES_UP,
  antigravity: { ...GIVES_UP, timeoutMs: 8 * SECOND_MS, holdMs: 10 * MINUTE_MS },
};

/** A request wants a refresh when its token ends within this. */
export const REQUEST_WINDOW_MS: number = 3 * MINUTE_MS;
/** A token that ends within this is only used when nothing better comes in time. */
export const MANDATORY_WINDOW_MS: number = 2 * MINUTE_MS;
/** The step of waiting for another process, give or take a quarter. */
export const WAIT_STEP_MS = 200;

/** The policy of a platform. Total, pure. */
export function requestPolicy(platform: Platform, own: Readonly<Record<string, RequestPolicy>> = {}): RequestPolicy {
  if (Object.hasOwn(own, platform)) return own[platform] ?? KEEPS_GOING;
  return Object.hasOwn(REQUEST_POLICIES, platform) ? (REQUEST_POLICIES[platform] ?? KEEPS_GOING) : KEEPS_GOING;
}

const CACHE_SKEW_MS: number = 5 * MINUTE_MS;
const UNKNOWN_EXPIRY_MS: number = 30 * MINUTE_MS;
const SHORTEST_MS: number = MINUTE_MS;

/** Until when a token is cached: five minutes less than it lasts; as long as it lasts where that is no more than five minutes; a minute if it is over already by our clock; half an hour if nobody knows. */
export function cachedUntil(expiresAt: EpochMs | null, now: EpochMs): EpochMs {
  if (expiresAt === null) return now + UNKNOWN_EXPIRY_MS;
  const leftMs = expiresAt - now;
  if (leftMs <= 0) return now + SHORTEST_MS;
  return leftMs > CACHE_SKEW_MS ? expiresAt - CACHE_SKEW_MS : expiresAt;
}

/** Until when a token is cached whose refresh failed: a minute, and never longer than it lasts. */
export function cachedUntilAfterFailure(expiresAt: EpochMs | null, now: EpochMs): EpochMs {
  return expiresAt === null ? now + SHORTEST_MS : Math.min(now + SHORTEST_MS, expiresAt);
}
