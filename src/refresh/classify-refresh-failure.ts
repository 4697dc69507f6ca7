/** What a refusal or failure of a token endpoint means: read from its structure, never from its prose. */
import { isObject, type JsonObject, own, ownText, parseJson } from '../core/json.js';
import { PolicyError } from '../core/policy-error.js';
import type { RefreshFailure } from './outcome.js';

type FinalKind = Exclude<RefreshFailure['kind'], 'retryable'>;

/**
 * The words of token endpoints that end the matter, in the order in which they are looked for: RFC 6749 5.2, and those that OpenAI, Google and Okta add. The client's and its configuration's come first,
 * because they are no account's fault.
 */
const FINAL_CODES: readonly (readonly [kind: FinalKind, codes: ReadonlySet<string>])[] = [
  ['provider_wide', new Set(['invalid_client', 'unauthorized_client', 'unsupported_grant_type', 'invalid_scope', 'unknown_scope'])],
  [
    'invalid_grant',
    new Set([
      'invalid_grant',
      'invalid_refresh_token',
      'refresh_token_expired',
      'refresh_token_invalidated',
      'refresh_token_reused',
      'refresh_token_revoked',
      'token_expired',
      'token_invalidated',
      'token_revoked',
    ]),
  ],
  ['non_retryable', new Set(['access_denied', 'app_session_terminated', 'missing_project_id'])],
];

/** Statuses of an endpoint that is not there, or does not speak this protocol: every account's refresh fails alike. */
const NO_ENDPOINT: ReadonlySet<number> = new Set([301, 302, 303, 307, 308, 404, 405, 410, 415]);
/** A word of an endpoint that may be shown although no table knows it: too plain for a secret. */
const PLAIN_WORD = /^[a-z]{2,20}(?:_[a-z]{2,20}){0,4}$/;

/** What an endpoint, a transport or a caller says of a refresh that failed. */
export interface RefreshTrouble {
  readonly status?: number;
  readonly body?: string;
  readonly error?: unknown;
}

/** The machine words of an error body, most telling first: OAuth's `error`, OpenAI's `error.code`, `error.type` and `code`. */
function wordsOf(root: JsonObject): readonly string[] {
  const error = own(root, 'error');
  const found = isObject(error) ? [ownText(error, 'code'), ownText(error, 'type')] : [typeof error === 'string' ? error : null];
  return [...found, ownText(root, 'code')].filter((word) => word !== null).map((word) => word.trim());
}

function finalFailure(words: readonly string[]): RefreshFailure | null {
  for (const [kind, codes] of FINAL_CODES) {
    const code = words.find((word) => codes.has(word.toLowerCase()));
    if (code !== undefined) return { kind, code: code.toLowerCase() };
  }
  return null;
}

/** An error body says what status it is of only by its words, so without a status it counts as a refusal. */
function isRefusal(status: number | undefined): boolean {
  return status === undefined || (status >= 200 && status < 500 && status !== 408 && status !== 429);
}

/** Nothing was answered: the request was not made or did not come through. */
function ofError(error: unknown): RefreshFailure {
  if (error instanceof PolicyError) return { kind: 'provider_wide', code: error.code };
  const isTimeout = error instanceof Error && (error.name === 'TimeoutError' || error.name === 'AbortError');
  return { kind: 'retryable', code: isTimeout ? 'timeout' : 'network_error' };
}

/**
 * Reads a failed refresh. Only the parsed `error` field counts (RFC 6749 5.2, or OpenAI's object form): a description or an account's name may contain any word. Server errors, 429, pages of proxies and
 * transport errors are `retryable` whatever they say; an endpoint that is not there is `provider_wide`. `code` is safe to show. Total, pure.
 *
 * @example classifyRefreshFailure({ status: 400, body: '{"error":"invalid_grant"}' }) // { kind: 'invalid_grant', code: 'invalid_grant' }
 */
export function classifyRefreshFailure({ status, body, error }: RefreshTrouble): RefreshFailure {
  if (status === undefined && body === undefined) return ofError(error);
  const root = parseJson(body ?? '');
  const words = isObject(root) ? wordsOf(root) : [];
  const final = isRefusal(status) ? finalFailure(words) : null;
  if (final !== null) return final;
  const ofStatus = status === undefined ? 'unknown' : `http_${status}`;
  if (status !== undefined && NO_ENDPOINT.has(status)) return { kind: 'provider_wide', code: ofStatus };
  return { kind: 'retryable', code: words.find((word) => PLAIN_WORD.test(word)) ?? ofStatus };
}
