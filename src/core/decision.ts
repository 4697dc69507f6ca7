/** The answer: what happened, what becomes of the request, and what changes. Plain data, safe to log, store and replay. */
import type { Action } from './action.js';
import type { Signal } from './signal.js';
import type { EpochMs } from './time.js';

/** What happened. */
export type VerdictKind =
  | 'ok'
  | 'rate_limited'
  | 'quota_exhausted'
  | 'credits_exhausted'
  | 'overloaded'
  | 'unauthenticated'
  | 'billing'
  | 'verification_required'
  | 'violation'
  | 'forbidden'
  | 'model_unavailable'
  | 'invalid_request'
  | 'blocked_egress'
  | 'upstream_error'
  | 'transport'
  | 'unknown';

/** Whom the evidence is about, narrowest first: request, model, credential, account, organization, provider, network. */
export type Scope = 'request' | 'model' | 'credential' | 'account' | 'organization' | 'provider' | 'network';

/** How an account gets out of it. `none`: there is nothing to get out of. */
export type Exit = 'none' | 'time' | 'refresh' | 'probe' | 'operator';

/** What an answer means. */
export interface Verdict {
  readonly kind: VerdictKind;
  readonly scope: Scope;
  /** The id of the rule that decided. */
  readonly rule: string;
  /** The upstream's message, redacted, one line, at most 512 bytes; null where the body was not read or has none. */
  readonly message: string | null;
  /** When the upstream says that it is over; null where it did not say so within plausible bounds. */
  readonly resetAt: EpochMs | null;
  readonly exit: Exit;
  /** The redacted evidence; null only in the one shared decision "ok, nothing new". */
  readonly signal: Signal | null;
}

/** What becomes of the request. */
export type Disposition =
  /** Give the answer (or this status) to the client. */
  | { readonly type: 'respond'; readonly status?: number }
  /** Send it again with the same account. `otherwise`: apply if the retry is not made; `evaluate` adds them itself when it fails and `previous` is given. */
  | { readonly type: 'retry'; readonly delayMs: number; readonly withCredits: boolean; readonly otherwise: readonly Action[] }
  /** Take another account; nobody left: tell the client this, never an upstream's 401. */
  | { readonly type: 'fail_over'; readonly otherwise: { readonly status: number; readonly retryAt: EpochMs | null } };

/** What an operator would want logged. */
export interface PolicyEvent {
  readonly code: EventCode;
  readonly level: 'info' | 'warn';
  readonly accountId: string;
  readonly detail: string;
}

/** Every event code. */
export type EventCode =
  /** The upstream is overloaded, and the settings say to hold nobody for it. */
  | 'overload_ignored'
  /** A 429 without a reset, and the settings say to hold nobody for it. */
  | 'rate_limit_ignored'
  /** A stated reset was in the past or implausibly far away, and was not used. */
  | 'reset_out_of_bounds'
  /** The model's name cannot be a key, or there are too many: nothing was held. */
  | 'model_key_refused'
  /** A rule in shadow mode would have decided. */
  | 'shadow_rule'
  /** A rule's own test failed with an exception, and was treated as "no match". */
  | 'rule_failed'
  /** Other accounts of the same organization are affected too. */
  | 'organization_affected'
  /** The body did not parse: what would have been durable became a short hold. */
  | 'durable_softened'
  /** The runtime has no time zone data: the daily quota was held for 24 hours. */
  | 'time_zone_missing'
  /** A server error that changes nothing. */
  | 'upstream_error';

/** What `evaluate` returns. */
export interface Decision {
  readonly verdict: Verdict;
  readonly disposition: Disposition;
  readonly actions: readonly Action[];
  readonly events: readonly PolicyEvent[];
}
