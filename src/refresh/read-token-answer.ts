/** Reading what a token endpoint answered. */
import { isObject, type JsonObject, own, parseJson } from '../core/json.js';
import { jsonNumber } from '../core/read-number.js';
import { clampInstant, DAY_MS, type EpochMs, HOUR_MS, MINUTE_MS, SECOND_MS } from '../core/time.js';
import { classifyRefreshFailure } from './classify-refresh-failure.js';
import { isBlank, mergeCredentials } from './merge-credentials.js';
import type { RefreshFailure } from './outcome.js';
import type { Credentials, NextCredentials } from './ports.js';

/** A token lives at least this long for us, whatever an endpoint says: else it would be refreshed without end. */
export const SHORTEST_LIFE_MS: number = MINUTE_MS;
const LONGEST_LIFE_MS: number = 30 * DAY_MS;
const UNSTATED_LIFE_MS: number = HOUR_MS;

/** The names that tell of the answer and not of the account: they are not kept. */
const NOT_KEPT: ReadonlySet<string> = new Set(['expires_in', 'error', 'error_description', 'error_uri']);
const TOKENS: readonly string[] = ['access_token', 'refresh_token'];

/**
 * What an answer means.
 * - `tokens`: new credentials.
 * - `partial`: a new refresh token and no access token. It must be stored all the same.
 * - `refused`: the endpoint says no, and did nothing.
 * - `unclear`: it may have taken the refresh token, and what it gave for it cannot be read.
 */
export type TokenAnswer =
  | { readonly kind: 'tokens'; readonly next: NextCredentials; readonly isShortLived: boolean }
  | { readonly kind: 'partial'; readonly next: NextCredentials; readonly failure: RefreshFailure }
  | { readonly kind: 'refused' | 'unclear'; readonly failure: RefreshFailure };

/** An answer of a token endpoint, as it came. */
export interface RawTokenAnswer {
  readonly status: number;
  readonly body: string;
  readonly receivedAt: EpochMs;
}

/** How long the access token lives, within bounds; `expires_in` is a number or the same as text. */
function lifeMs(root: JsonObject): number {
  const stated = jsonNumber(own(root, 'expires_in'));
  if (stated === null) return UNSTATED_LIFE_MS;
  return Math.min(Math.max(stated * SECOND_MS, SHORTEST_LIFE_MS), LONGEST_LIFE_MS);
}

/** What is kept of an answer. A token that is no text is no token. */
function keptOf(root: JsonObject): Credentials {
  const isKept = ([name, value]: [string, unknown]): boolean =>
    !NOT_KEPT.has(name) && (!TOKENS.includes(name) || typeof value === 'string');
  return Object.fromEntries(Object.entries(root).filter(isKept)) as Credentials;
}

function hasToken(kept: Credentials, name: string): boolean {
  return Object.hasOwn(kept, name) && !isBlank(kept[name]);
}

/** A server that breaks down may have done its work before; so may one whose answer cannot be read. */
function mayHaveActed(status: number): boolean {
  return !(status >= 300 && status < 500 && status !== 408);
}

function withoutTokens(answer: RawTokenAnswer, root: unknown): TokenAnswer {
  const { status, body } = answer;
  if (!(status >= 200 && status < 300)) {
    return { kind: mayHaveActed(status) ? 'unclear' : 'refused', failure: classifyRefreshFailure({ status, body }) };
  }
  if (isObject(root) && !isBlank(own(root, 'error'))) return { kind: 'refused', failure: classifyRefreshFailure({ status, body }) };
  return { kind: 'unclear', failure: { kind: 'retryable', code: isObject(root) ? 'missing_access_token' : 'unreadable_answer' } };
}

/**
 * Reads an answer to a refresh of `stored`. A 2xx with an access token is new credentials: everything else of `stored` is kept, and so is its refresh token where the answer has none. The end of the access token is
 * `receivedAt` and `expires_in` seconds, from a minute to 30 days; an hour where it is not stated. Total, pure.
 *
 * @example readTokenAnswer({ status: 200, body: '{"access_token":"a","expires_in":3600}', receivedAt: now }, stored)
 */
export function readTokenAnswer(answer: RawTokenAnswer, stored: NextCredentials): TokenAnswer {
  const { status, body, receivedAt } = answer;
  const root = parseJson(body);
  if (!(status >= 200 && status < 300) || !isObject(root)) return withoutTokens(answer, root);
  const kept = keptOf(root);
  const credentials = mergeCredentials(stored.credentials, kept);
  if (hasToken(kept, 'access_token')) {
    const life = lifeMs(root);
    return { kind: 'tokens', next: { credentials, expiresAt: clampInstant(receivedAt + life) }, isShortLived: life <= SHORTEST_LIFE_MS };
  }
  if (!hasToken(kept, 'refresh_token')) return withoutTokens(answer, root);
  const failure: RefreshFailure = { kind: 'retryable', code: 'missing_access_token' };
  return { kind: 'partial', next: { credentials, expiresAt: stored.expiresAt }, failure };
}
