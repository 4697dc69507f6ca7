/** What refreshing needs of its host: a store of credentials, a way to ask the token endpoint, a cache of access tokens. */
import type { CredentialRef, Platform } from '../core/account.js';
import type { EpochMs } from '../core/time.js';
import type { TokenCache } from '../shell/ports.js';

/** A value of a credentials object: whatever JSON can hold. */
export type CredentialValue = string | number | boolean | null | readonly CredentialValue[] | { readonly [name: string]: CredentialValue };

/**
 * The secrets of one account as one JSON object, named as token endpoints name them: `access_token`, `refresh_token`, and whatever else the
 * gateway keeps beside them (`project_id`, `scope`). Always read and written as a set.
 */
export type Credentials = { readonly [name: string]: CredentialValue };

/** Credentials that are to be stored, and when their access token ends (null: unknown). */
export interface NextCredentials {
  readonly credentials: Credentials;
  readonly expiresAt: EpochMs | null;
}

/** Credentials as they are stored. `revision` starts at 0, grows by one with each rotation, and never restarts for an account id. */
export interface StoredCredentials extends NextCredentials {
  readonly revision: number;
}

/**
 * What `begin` answered. `granted`: the attempt is ours until its time is over, and these are the credentials as they are now; `orphan` says that an earlier attempt at this
 * revision ended without a word, so that its token may have been spent. `busy`: another attempt is running, for at most `remainingMs` more. `stale`: the store has another revision.
 * `condemned`: the token of this revision was already found dead. `missing`: no such account.
 */
export type BeginResult =
  | ({ readonly kind: 'granted'; readonly orphan: boolean } & StoredCredentials)
  | { readonly kind: 'busy'; readonly remainingMs: number }
  | { readonly kind: 'stale'; readonly revision: number }
  | { readonly kind: 'condemned'; readonly code: CondemnCode }
  | { readonly kind: 'missing' };

/** What `commit` answered. `conflict`: the store has moved on; `same` says that it did so with this very attempt's commit, whose answer was lost. */
export type CommitResult =
  | { readonly kind: 'committed'; readonly revision: number }
  | { readonly kind: 'conflict'; readonly revision: number; readonly same: boolean }
  | { readonly kind: 'missing' };

/** Why a credential is condemned. `lost_rotation`: an attempt ended without a word, so a rotation may have been lost with it; `revoked`: the upstream took the token back. */
export type CondemnCode = 'revoked' | 'lost_rotation';

/**
 * Where credentials are kept: apart from health, each account a row of its own. Only compare-and-swap on the revision writes them. Every method is one atomic step of the store, on the
 * store's clock; a rejection may also mean that it is not known whether the step took place.
 *
 * A revision is *condemned* when the upstream has refused its token for good; the next revision makes that void. *Alternates* are answers that lost a race: kept (at most two), and tried before
 * anything is condemned, since some servers honour the last redemption and not the first.
 */
export interface CredentialRepository {
  /** The credentials as they are stored; null: none. */
  read(accountId: string): Promise<StoredCredentials | null>;
  /** Facts about the credentials of many accounts, without the secrets. Accounts that have none are absent. `refreshable`: a non-blank `refresh_token` is there. */
  references(accountIds: readonly string[]): Promise<ReadonlyMap<string, CredentialRef>>;
  /** Takes the attempt, the read and the fence in one step: granted only where the revision is the expected one, it is not condemned, and no attempt of it is running. */
  begin(accountId: string, expectedRevision: number, attempt: { readonly nonce: string; readonly ttlMs: number }): Promise<BeginResult>;
  /** Stores the next revision if the expected one is still there, whoever holds the attempt by now. Ends the attempt, and drops alternates of earlier revisions. */
  commit(accountId: string, expectedRevision: number, nonce: string, next: NextCredentials): Promise<CommitResult>;
  /**
   * Keeps an answer that lost the race; `parentRevision` is the one whose token it was asked with. Idempotent. Voids a condemnation, since this token may be the one that is still taken.
   * Dropped where the account is missing, where an operator replaced the credentials after that revision, and where `commit` has stored an answer to the token of a later revision: then this
   * one is spent, or was never needed, and must not come back.
   */
  keepAlternate(accountId: string, parentRevision: number, next: NextCredentials): Promise<void>;
  /** Makes the newest alternate the next revision, if the expected one is still there and the attempt is ours. Ends the attempt. The new revision; null: nothing done. */
  promoteAlternate(accountId: string, expectedRevision: number, nonce: string): Promise<{ readonly revision: number } | null>;
  /** Condemns this revision, if it is still there, the attempt is ours and no alternate is left. Ends the attempt. Whether it did. */
  condemn(accountId: string, expectedRevision: number, nonce: string, code: CondemnCode): Promise<boolean>;
  /** Gives an attempt back of which nothing was sent. Nothing happens where it is not ours. */
  release(accountId: string, nonce: string): Promise<void>;
  /** An operator's new credentials: revision 0 of a new account, else the next one, whatever was there. Ends any attempt, drops alternates, voids a condemnation. The revision. */
  replace(accountId: string, next: NextCredentials): Promise<{ readonly revision: number }>;
  /** Forgets the account's secrets. Its revision is remembered, so that the same id never restarts. Stores that tell of new revisions tell of this too. */
  remove(accountId: string): Promise<void>;
}

/** What a sealed text belongs to. `credentials`: all secrets of the account, in a store. `access_token`: one token of it, in a cache. */
export interface SecretContext {
  readonly accountId: string;
  readonly purpose: 'credentials' | 'access_token';
}

/**
 * Turns secrets into the text that is stored, and back: for encryption at rest. What `open` gets is what `seal` gave, perhaps years ago, with an equal context. A codec that authenticates the context (as the
 * associated data of AES-GCM) opens no text that somebody has copied to another account, or from a cache into a store; one that ignores it encrypts, and no more.
 */
export interface SecretCodec {
  seal(text: string, context: SecretContext): string | Promise<string>;
  open(sealed: string, context: SecretContext): string | Promise<string>;
}

/** An access token in a cache, with the credential revision that it belongs to and the instant from which it is not used any more (null: unknown). */
export interface CachedAccessToken {
  readonly token: string;
  readonly credentialRevision: number;
  readonly until: EpochMs | null;
}

/** A cache of access tokens, for the request path. Losing it costs time and nothing else. */
export interface AccessTokenCache extends TokenCache {
  /** The token, or null where there is none that may be used at `now`. */
  get(accountId: string, now: EpochMs): CachedAccessToken | null | Promise<CachedAccessToken | null>;
  /** Caches a token, unless one of a newer revision is there, or its revision was invalidated: a process that had read it before cannot bring it back. */
  set(accountId: string, cached: CachedAccessToken): void | Promise<void>;
}

/** One request to a token endpoint. */
export interface ExchangeRequest {
  readonly accountId: string;
  readonly platform: Platform;
  readonly credentials: Credentials;
  /** Ends the request: its time is over, or the host stops. */
  readonly signal: AbortSignal;
}

/**
 * What came of it. `answered`: the whole answer. `not_sent`: the request provably never reached the endpoint. `ambiguous`: it may have, and what it did there is not known.
 */
export type ExchangeResult =
  | { readonly kind: 'answered'; readonly status: number; readonly body: string; readonly receivedAt: EpochMs }
  | { readonly kind: 'not_sent'; readonly error: unknown }
  | { readonly kind: 'ambiguous'; readonly error: unknown };

/** Asks a token endpoint once: a refresh token is sent at most one time, so no transport may repeat the request. Never rejects. */
export type TokenExchange = (request: ExchangeRequest) => Promise<ExchangeResult>;
