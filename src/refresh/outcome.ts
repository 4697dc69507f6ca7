/** What came of wanting a refresh. */
import type { Platform } from '../core/account.js';
import type { CondemnCode, StoredCredentials } from './ports.js';

/**
 * A refusal or failure of a token endpoint, read. `invalid_grant`: it does not take this refresh token; `provider_wide`: the client or its configuration is refused, so every account fails alike;
 * `non_retryable`: asking again cannot help; `retryable`: later. `code` is the endpoint's own word, or a name for what happened (`http_502`, `timeout`).
 */
export interface RefreshFailure {
  readonly kind: 'invalid_grant' | 'provider_wide' | 'non_retryable' | 'retryable';
  readonly code: string;
}

/**
 * What came of a refresh.
 * - `refreshed`: this process rotated the credentials, just now or within the last half minute, and they are stored.
 * - `pending`: this process has them and the store does not take them yet; it goes on trying. They can be used.
 * - `adopted`: the store already had another revision; these are its credentials.
 * - `busy`: another process is at it, for at most `remainingMs` more.
 * - `condemned`: the token of `revision` is dead for good.
 * - `failed`: the endpoint refused or failed; nothing is known to be lost.
 * - `ambiguous`: the request was sent and its outcome is unknown; `failure` says how, and it is tried once more when the attempt is over.
 * - `unavailable`: the credential store did not answer, so nothing was sent.
 * - `missing`: no such account, or no refresh token.
 * - `aborted`: the process is stopping, or it was paused for so long that sending was not safe any more.
 */
export type RefreshOutcome =
  | ({ readonly type: 'refreshed' | 'pending' | 'adopted' } & StoredCredentials)
  | { readonly type: 'busy'; readonly remainingMs: number }
  | { readonly type: 'condemned'; readonly revision: number; readonly code: CondemnCode }
  | { readonly type: 'failed'; readonly revision: number; readonly failure: RefreshFailure }
  | { readonly type: 'ambiguous'; readonly revision: number; readonly retryAfterMs: number; readonly failure: RefreshFailure }
  | { readonly type: 'unavailable'; readonly error: unknown }
  | { readonly type: 'missing' }
  | { readonly type: 'aborted' };

/** Which credentials to refresh. */
export interface RefreshRequest {
  readonly accountId: string;
  readonly platform: Platform;
  /** The revision that needs it; where the store already has another one, that is adopted. */
  readonly revision: number;
}

/** Carries refreshes out. */
export interface Refresher {
  /** One refresh; calls for the same account and revision share one. Never rejects. A caller that stops waiting does not stop it. */
  refresh(request: RefreshRequest): Promise<RefreshOutcome>;
  /** Credentials that this process has and the store does not yet; null: none. */
  pending(accountId: string): StoredCredentials | null;
  /** Starts nothing new, and waits for what is under way to be stored, at most as long as an attempt lasts. Never rejects. */
  drain(): Promise<void>;
}
