/** What an attempt wants done: plain data, carried out by the executor in the order given. */
import type { RefreshOutcome } from './outcome.js';
import type { CondemnCode, Credentials, NextCredentials } from './ports.js';

/** What an operator would want logged. Never a secret. */
export type RefreshReportCode =
  /** The credentials were rotated, and are stored. */
  | 'refresh_done'
  /** The store did not take new credentials; they are kept in memory and offered again. */
  | 'refresh_pending'
  /** Another process was faster: the answer is kept beside the stored one. */
  | 'refresh_alternate_kept'
  /** The stored token was refused, and an answer that was kept beside it took its place. */
  | 'refresh_alternate_promoted'
  /** The account was deleted while its token was being refreshed. */
  | 'refresh_account_gone'
  /** The refresh token of this revision is dead: a person has to sign in. */
  | 'refresh_condemned'
  /** The endpoint refused or failed. */
  | 'refresh_failed'
  /** The endpoint refuses the client: all accounts of the platform are affected, and none is to blame. */
  | 'refresh_provider_refused'
  /** The token was sent, and what came of it is not known. */
  | 'refresh_ambiguous'
  /** The new access token lives no longer than a minute, or is over already. */
  | 'refresh_short_lived';

/** One such message. `detail` is a machine word, such as an endpoint's error code. */
export interface RefreshReport {
  readonly code: RefreshReportCode;
  readonly level: 'info' | 'warn';
  readonly accountId: string;
  /** The revision that the attempt was about. */
  readonly revision: number;
  readonly detail: string;
}

/**
 * An effect. The answer to it is an event; `release` answers `released` whatever the store says, and `done`, `invalidate` and `report` have none. `done` tells the callers, once. `commit` stores the
 * revision after `revision`; `keep_alternate` keeps an answer to the token of `revision`; `invalidate` drops cached access tokens of `revision` and older.
 */
export type AttemptEffect =
  | { readonly type: 'begin'; readonly revision: number; readonly ttlMs: number }
  | { readonly type: 'post'; readonly credentials: Credentials; readonly timeoutMs: number; readonly overdueMs: number }
  | { readonly type: 'commit'; readonly revision: number; readonly next: NextCredentials }
  | { readonly type: 'keep_alternate'; readonly revision: number; readonly next: NextCredentials }
  | { readonly type: 'read' }
  | { readonly type: 'release' }
  | { readonly type: 'promote_alternate'; readonly revision: number }
  | { readonly type: 'condemn'; readonly revision: number; readonly code: CondemnCode }
  | { readonly type: 'wait'; readonly delayMs: number }
  | { readonly type: 'invalidate'; readonly revision: number }
  | { readonly type: 'report'; readonly report: RefreshReport }
  | { readonly type: 'done'; readonly outcome: RefreshOutcome };

/** One kind of effect. */
export type EffectOf<T extends AttemptEffect['type']> = Extract<AttemptEffect, { readonly type: T }>;
