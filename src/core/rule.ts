/** Rules as data: when an answer looks like this, it means that. */
import type { AccountType, Platform } from './account.js';
import type { Purpose, TransportFailure } from './circumstances.js';
import type { Exit, Scope, VerdictKind } from './decision.js';
import type { ErrorKind, HoldKind } from './health.js';
import type { BodyKind, Signal } from './signal.js';

/**
 * What must hold of a signal; every condition that is given must hold, and a list holds if one of its items does.
 * Texts are compared without regard to case.
 */
export interface Condition {
  readonly purpose?: readonly Purpose[];
  readonly failure?: readonly TransportFailure[];
  readonly errorCodes?: readonly Signal['errorCodes'][];
  readonly poolMode?: boolean;
  readonly withCredits?: boolean;
  readonly refreshable?: boolean;
  readonly modelKnown?: boolean;
  /** The window that governs: exhausted, with a plausible reset, the latest of those. */
  readonly exhausted?: readonly string[];
  /** One of these model-family windows is exhausted. */
  readonly family?: readonly string[];
  /** The aggregate status word; `absent` where there is none. */
  readonly aggregate?: readonly string[];
  readonly body?: readonly BodyKind[];
  /** `error.type` or Google's `error.status`; `none` where there is none. */
  readonly errorType?: readonly string[];
  /** `error.code`, or `error.type` where that carries the code. */
  readonly code?: readonly string[];
  readonly reason?: readonly string[];
  /** The whole top-level `detail`, letter by letter. */
  readonly detail?: readonly string[];
  /** The whole message. */
  readonly message?: readonly string[];
  /** Words of the message before its first quotation: text that a caller controls decides nothing. */
  readonly phrases?: readonly string[];
  /** Words anywhere in type, code and message. Only for rules that touch at most a model. */
  readonly anywhere?: readonly string[];
  /** As `anywhere`, a second list of which one must occur too. */
  readonly anywhereToo?: readonly string[];
  readonly perDay?: boolean;
  readonly namesModel?: boolean;
  /** One of the account's temporary rules matches. */
  readonly temporaryRule?: boolean;
  /** This credential revision was already held for a 401. */
  readonly authenticationSeen?: boolean;
  /** What a 403 of Google's platforms says of the account. */
  readonly forbidden?: readonly NonNullable<Signal['forbidden']>[];
  /** The answer to a request with credits says that they are used up. */
  readonly creditsExhausted?: boolean;
  /** Your own test. Pure; an exception counts as "no match", with an event. */
  readonly test?: (signal: Signal) => boolean;
}

/**
 * Where the end of a hold comes from. A rule whose source states nothing does not match, but `fallback` and lengths always do.
 * `windows`: the governing window. `family`: a model-family window, the aggregate, Retry-After. `aggregate`: the aggregate reset. `stated`: whatever the
 * answer states (headers first, then the body). `date`: an instant in the body, up to 32 days. `daily`: midnight Pacific.
 * `fallback`: the settings' seconds, doubled for repeats. A number: so many minutes.
 */
export type UntilSource = 'windows' | 'family' | 'aggregate' | 'stated' | 'date' | 'daily' | 'fallback' | number;

/** What a rule does to the account. */
export type Effect =
  | { readonly type: 'none' }
  /**
   * A person has to lift it. The text is `title` and the upstream's message, or `missing` where there is none; `{status}` in either is the status. `link` stores
   * the verification link too, `invalidate` drops the cached token.
   */
  | {
      readonly type: 'error';
      readonly kind: ErrorKind;
      readonly title: string;
      readonly missing: string;
      readonly link?: boolean;
      readonly invalidate?: boolean;
    }
  /** A hold of the account (`account`), or of the model where it is known (`model`); `model_only` never widens. */
  | {
      readonly type: 'limit';
      readonly on: 'account' | 'model' | 'model_only';
      readonly kind: HoldKind;
      readonly until: UntilSource;
      readonly key?: string;
    }
  /** A temporary hold of the account. */
  | { readonly type: 'pause'; readonly minutes: number; readonly title: string; readonly missing: string }
  /** The credential was refused: invalidate the token, hold this revision, ask for a refresh. */
  | { readonly type: 'authentication'; readonly title: string; readonly missing: string }
  /** The settings' overload hold, if enabled. */
  | { readonly type: 'overload' }
  /** A pause that becomes an error at the settings' number of strikes. */
  | { readonly type: 'strikes'; readonly kind: ErrorKind; readonly title: string; readonly missing: string; readonly pausedTitle: string }
  /** The account's temporary rule that matched. */
  | { readonly type: 'temporary_rule' }
  /** Marks the AI credits as used up. */
  | { readonly type: 'credits' };

/** What becomes of the request under a rule, before the exchange narrows it (first byte sent, attempts used up, credits). */
export type Course =
  | 'respond'
  | 'fail_over'
  /** Fail over, but give the answer to the client when another account said the same. */
  | 'fail_over_once'
  /** Once more with the same account after a broken connection. */
  | 'retry_once'
  /** The same account, up to three times, one second apart. */
  | 'retry_capacity';

/** What a rule concludes. */
export interface Outcome {
  /** `by_status`: what the status alone says (docs/rules.md). */
  readonly kind: VerdictKind | 'by_status';
  readonly scope: Scope;
  readonly exit: Exit;
  readonly effect: Effect;
  readonly course: Course;
  /** The status that the client gets instead of the upstream's. */
  readonly status?: number;
}

/** One row of the table. The first match in order decides. */
export interface Rule {
  /** ASCII `[a-z0-9_.:-]{1,64}`; the reason in every record. */
  readonly id: string;
  readonly platform?: readonly Platform[];
  /** Not for these platforms. */
  readonly exceptPlatform?: readonly Platform[];
  readonly type?: readonly AccountType[];
  /** Statuses, from 400 to 599, or every one; 0 where there was no answer. */
  readonly status: readonly (number | StatusRange)[] | 'any';
  readonly when: Condition;
  readonly then: Outcome;
}

/** All statuses from the first to the second. */
export type StatusRange = readonly [from: number, to: number];

/** How a rule takes part. `shadow`: it is reported as an event and changes nothing. */
export type RuleMode = 'enforce' | 'shadow' | 'off';

/** A rule of a policy, with its mode. */
export interface PolicyRule extends Rule {
  readonly mode: RuleMode;
}

/** A change to the table: another mode, another outcome, or a new rule before an existing one. */
export type RuleOverride =
  | { readonly id: string; readonly mode: RuleMode }
  | { readonly id: string; readonly then: Outcome; readonly mode?: RuleMode }
  | (Rule & { readonly before: string; readonly mode?: RuleMode });
