/** The question: one request that was sent for an account, and what came back. */
import type { Account } from './account.js';
import type { Phase, Purpose, TransportFailure } from './circumstances.js';
import type { Decision } from './decision.js';
import type { EpochMs } from './time.js';

/** Response headers in any of the usual forms; names in any case. A plain object with lower-case names is the fast path. */
export type HeadersLike =
  | { get(name: string): string | null }
  | Readonly<Record<string, string | readonly string[] | undefined>>
  | Iterable<readonly [string, string]>;

/** An upstream's answer. `body` is what was read of it so far (`bodyNeeded` says how much is wanted). */
export interface UpstreamResponse {
  readonly status: number;
  readonly headers: HeadersLike;
  readonly body?: string | Uint8Array | object | null;
}

/** Why there was no answer; undefined: there was one. Total, pure. */
export function failureOf(response: Exchange['response']): TransportFailure | undefined {
  // A plain read: asking with `in` costs ten times as much.
  return (response as { readonly failure?: TransportFailure }).failure;
}

/** An answer, or null where there was none. Total, pure. */
export function answerOf(response: Exchange['response']): UpstreamResponse | null {
  return failureOf(response) === undefined ? (response as UpstreamResponse) : null;
}

/** One request, the account that sent it as it was when it was selected, and the outcome. */
export interface Exchange {
  readonly account: Account;
  /** The model that the client asked for; the engine applies `resolveModel`. */
  readonly model: string | null;
  readonly response: UpstreamResponse | { readonly failure: TransportFailure };
  /** When the headers (or the failure) came. */
  readonly receivedAt: EpochMs;
  readonly sentAt?: EpochMs;
  readonly requestId?: string;
  /** Of the token that was really posted, where it is newer than the snapshot's. */
  readonly credentialRevision?: number;
  /** Sent with paid credits enabled. */
  readonly withCredits?: boolean;
  /** The balance, where the gateway knows it; unknown: try. */
  readonly credits?: 'available' | 'insufficient' | 'unknown';
  /** The decision before this one about the same request, of whichever account: where it was a retry, its `otherwise` is applied if this answer fails too. */
  readonly previous?: Decision;
  /** From 1: how often this request was sent to this account. */
  readonly attempt?: number;
  /** How far the answer has come. Default `complete`. Recovery and clears only at `complete`; after the first byte to the client only `respond`. */
  readonly phase?: Phase;
  /** Default `request`. */
  readonly purpose?: Purpose;
}
