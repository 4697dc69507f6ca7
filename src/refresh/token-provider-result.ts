/** What a request gets when it asks for a token. */
import type { Action } from '../core/action.js';
import type { EpochMs } from '../core/time.js';

/**
 * Why there is no token.
 * - `missing`: no such account, or nothing of it that could become a token.
 * - `refused`: the token endpoint takes the refresh token no more, or there is none to renew an access token that is over: a person has to sign in.
 * - `refresh_failed`: the endpoint failed, or was not in time.
 * - `busy`: another process is refreshing, and was not done in time.
 * - `store_unavailable`: the store of credentials did not answer, and no token that is still good is remembered.
 * - `stopped`: the process is stopping.
 * - `gave_up`: the caller's signal was aborted.
 */
export type NoTokenReason = 'missing' | 'refused' | 'refresh_failed' | 'busy' | 'store_unavailable' | 'stopped' | 'gave_up';

/**
 * A token, or why there is none. `via`: where it was found; `existing` is one whose refresh is due, and that is used until that succeeds. `retryAfterMs`: when asking again may help; null: it does not.
 * `actions`: what a failed refresh means for the account's health; the provider has them carried out by its `apply`, else the host does.
 */
export type TokenResult =
  | {
      readonly type: 'token';
      readonly token: string;
      readonly revision: number;
      /** null: unknown, as it is for a token out of the cache. */
      readonly expiresAt: EpochMs | null;
      readonly via: 'cache' | 'stored' | 'refreshed' | 'existing';
      readonly actions: readonly Action[];
    }
  | {
      readonly type: 'unavailable';
      readonly reason: NoTokenReason;
      readonly retryAfterMs: number | null;
      readonly actions: readonly Action[];
    };

/** A result without a token. Pure. */
export function noToken(reason: NoTokenReason, retryAfterMs: number | null, actions: readonly Action[] = []): TokenResult {
  return { type: 'unavailable', reason, retryAfterMs, actions };
}
