// Compiled with the project, never run: each line is a promise of the public types.
import type {
  Account,
  AccountHealth,
  Action,
  Blocker,
  bodyNeeded,
  CellWrite,
  CredentialRef,
  classify,
  Decision,
  Disposition,
  decide,
  ErrorKind,
  Exchange,
  Exit,
  evaluate,
  HealthPatch,
  HealthRepository,
  Hold,
  mergeHealth,
  Platform,
  Policy,
  PolicyEvent,
  readSignal,
  Schedulability,
  Scope,
  Signal,
  toPatches,
  Verdict,
  VerdictKind,
} from 'poolwarden';
import type { DeepKeys, Equal, Expect, MutableKeys, NotJson } from './assert.js';

/** What belongs to a credential or to settings, and so may never stand in a patch or an action. */
type ForbiddenKey =
  | 'credential'
  | 'credentials'
  | 'secret'
  | 'token'
  | 'tokens'
  | 'accessToken'
  | 'access_token'
  | 'refreshToken'
  | 'refresh_token'
  | 'apiKey'
  | 'api_key'
  | 'key_hash'
  | 'expiresAt'
  | 'refreshable'
  | 'settings'
  | 'enabled'
  | 'priority'
  | 'weight';

// A health patch cannot hold a credential field, at any depth; nor can an action.
export type _1 = Expect<Equal<Extract<DeepKeys<HealthPatch>, ForbiddenKey>, never>>;
export type _2 = Expect<Equal<Extract<DeepKeys<Action>, ForbiddenKey>, never>>;
export type _3 = Expect<Equal<Extract<CellWrite['cell'], keyof CredentialRef | 'credential' | 'settings'>, never>>;
// The tool itself finds such a field.
export type _4 = Expect<Equal<Extract<DeepKeys<readonly { a: { refreshToken: string }[] }[]>, ForbiddenKey>, 'refreshToken'>>;

declare const hold: Hold;
// @ts-expect-error a credential is no cell
export const credentialWrite: CellWrite = { cell: 'credential', value: { revision: 1, expiresAt: null, refreshable: true } };
// @ts-expect-error a cell has no room for a secret
export const smuggled: CellWrite = { cell: 'rateLimit', value: { ...hold, refreshToken: 'r' } };
// @ts-expect-error nor has a write
export const beside: CellWrite = { cell: 'rateLimit', value: hold, credentials: {} };
// @ts-expect-error a patch is a list of cells, not a record
export const record: HealthPatch = { rateLimit: hold };

// The unions are exactly those of the contract.
export type _10 = Expect<
  Equal<
    VerdictKind,
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
    | 'unknown'
  >
>;
export type _11 = Expect<Equal<Scope, 'request' | 'model' | 'credential' | 'account' | 'organization' | 'provider' | 'network'>>;
export type _12 = Expect<Equal<Exit, 'none' | 'time' | 'refresh' | 'probe' | 'operator'>>;
export type _13 = Expect<
  Equal<ErrorKind, 'credential' | 'billing' | 'verification' | 'violation' | 'forbidden' | 'organization' | 'custom'>
>;
export type _14 = Expect<Equal<Disposition['type'], 'respond' | 'retry' | 'fail_over'>>;
export type _15 = Expect<
  Equal<
    Action['type'],
    | 'set_error'
    | 'clear_error'
    | 'set_rate_limited'
    | 'set_overloaded'
    | 'set_temp_unschedulable'
    | 'set_model_rate_limit'
    | 'clear_model_rate_limit'
    | 'clear_holds'
    | 'update_session_window'
    | 'record_usage'
    | 'add_strike'
    | 'clear_strikes'
    | 'request_refresh'
    | 'invalidate_token'
  >
>;
export type _16 = Expect<
  Equal<
    CellWrite['cell'],
    | 'rateLimit'
    | 'overload'
    | 'temporary'
    | 'authentication'
    | 'modelRateLimits'
    | 'errors'
    | 'sessionWindow.header'
    | 'sessionWindow.status'
    | 'sessionWindow.predicted'
    | 'usage'
    | 'strikes'
    | 'refreshRequestedFor'
  >
>;

/** A switch over the discriminant of every union ends in `never`: a new member breaks the compile of whoever handles them all. */
export function statusOf(disposition: Disposition): number | null {
  switch (disposition.type) {
    case 'respond':
      return disposition.status ?? null;
    case 'retry':
      return disposition.delayMs;
    case 'fail_over':
      return disposition.otherwise.status;
    default:
      return disposition satisfies never;
  }
}

// @ts-expect-error a missing member is noticed
export const incomplete = (exit: Exit): never => (exit === 'none' ? (0 as never) : exit);

// A decision without its signal is plain JSON data.
export type _20 = Expect<Equal<NotJson<Action>, never>>;
export type _21 = Expect<Equal<NotJson<Disposition>, never>>;
export type _22 = Expect<Equal<NotJson<PolicyEvent>, never>>;
export type _23 = Expect<Equal<NotJson<Omit<Verdict, 'signal'>>, never>>;
// So is a patch, but for the evidence of strikes, which is a map (`healthToJson` writes it as an object).
export type _24 = Expect<Equal<NotJson<Exclude<CellWrite, { cell: 'strikes' }>>, never>>;
export type _25 = Expect<Equal<NotJson<{ a: { b: Date }[] }>, '.a[].b'>>;

// What goes in and what comes out is read-only.
export type _30 = Expect<Equal<MutableKeys<Account>, never>>;
export type _31 = Expect<Equal<MutableKeys<AccountHealth>, never>>;
export type _32 = Expect<Equal<MutableKeys<Decision>, never>>;
export type _33 = Expect<Equal<MutableKeys<Verdict>, never>>;
export type _34 = Expect<Equal<MutableKeys<Hold>, never>>;
export type _35 = Expect<Equal<MutableKeys<Exchange>, never>>;
export type _36 = Expect<Equal<MutableKeys<Policy>, never>>;
export type _37 = Expect<Equal<MutableKeys<Blocker>, never>>;
export type _38 = Expect<Equal<MutableKeys<{ readonly a: 1; b: 2 }>, 'b'>>;

// One direction, and nothing asynchronous in it.
export type _40 = Expect<Equal<ReturnType<typeof evaluate>, Decision>>;
export type _41 = Expect<Equal<Parameters<typeof evaluate>, [exchange: Exchange, policy?: Policy | undefined]>>;
export type _42 = Expect<Equal<ReturnType<typeof readSignal>, Signal>>;
export type _43 = Expect<Equal<ReturnType<typeof classify>, Verdict>>;
export type _44 = Expect<Equal<ReturnType<typeof decide>, Decision>>;
export type _45 = Expect<Equal<ReturnType<typeof bodyNeeded>, number>>;
export type _46 = Expect<Equal<ReturnType<typeof toPatches>, ReadonlyMap<string, HealthPatch>>>;
export type _47 = Expect<Equal<ReturnType<typeof mergeHealth>, AccountHealth>>;

// A repository for health can read and patch health, nothing else.
export type _50 = Expect<Equal<keyof HealthRepository, 'load' | 'patch' | 'subscribe'>>;

// Any platform has a place, and the known ones are suggested.
export const platforms: readonly Platform[] = ['anthropic', 'a-new-one'];

/** Who cannot be scheduled says at least one reason. */
export function firstBlocker(answer: Schedulability): Blocker | null {
  return answer.schedulable ? null : answer.blockers[0];
}
