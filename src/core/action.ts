/** What must change: declarative, JSON data, each naming its account. Nothing else can leave a decision. */
import type { ErrorKind, HoldCell, HoldKind, UsageSample } from './health.js';
import type { EpochMs } from './time.js';
import type { VerificationLink } from './verification-link.js';

interface HoldFacts {
  readonly accountId: string;
  readonly until: EpochMs;
  readonly rule: string;
  readonly kind: HoldKind;
  readonly detail: string;
  /** The cell's generation that the exchange's account showed. */
  readonly generation: number;
}

/** Takes an account out until a person lifts it. `credentialRevision` is -1 but for kind `credential`, which a new revision lifts too. */
export interface SetError {
  readonly type: 'set_error';
  readonly accountId: string;
  readonly kind: ErrorKind;
  readonly message: string;
  readonly link: VerificationLink | null;
  readonly rule: string;
  readonly at: EpochMs;
  readonly generation: number;
  readonly credentialRevision: number;
}

/** Voids an error of this generation. */
export interface ClearError {
  readonly type: 'clear_error';
  readonly accountId: string;
  readonly kind: ErrorKind;
  readonly generation: number;
}

/** Holds the account: its quota is spent (`set_rate_limited`) or its upstream is overloaded (`set_overloaded`). */
export interface SetAccountHold extends HoldFacts {
  readonly type: 'set_rate_limited' | 'set_overloaded';
  readonly credentialRevision: -1;
}

/** Holds the account for a while; in `authentication`, only as long as its credential keeps the revision. */
export interface SetTempUnschedulable extends HoldFacts {
  readonly type: 'set_temp_unschedulable';
  readonly cell: 'temporary' | 'authentication';
  /** 0 or more exactly in `authentication`, else -1. */
  readonly credentialRevision: number;
}

/** Holds one model of the account, or its credits (`model` is then `AICredits`). */
export interface SetModelRateLimit extends HoldFacts {
  readonly type: 'set_model_rate_limit';
  readonly model: string;
}

/** Voids a model's hold of this generation. */
export interface ClearModelRateLimit {
  readonly type: 'clear_model_rate_limit';
  readonly accountId: string;
  readonly model: string;
  readonly generation: number;
}

/** The account proved itself: voids the holds it was selected under. */
export interface ClearHolds {
  readonly type: 'clear_holds';
  readonly accountId: string;
  readonly holds: readonly { readonly cell: HoldCell; readonly generation: number }[];
}

/** What an answer said of the 5-hour window. `window` null: only the status is new. */
export interface UpdateSessionWindow {
  readonly type: 'update_session_window';
  readonly accountId: string;
  readonly window: { readonly start: EpochMs; readonly end: EpochMs; readonly source: 'header' | 'predicted' } | null;
  readonly status: string;
  readonly observedAt: EpochMs;
}

/** New samples of usage windows, by window name. */
export interface RecordUsage {
  readonly type: 'record_usage';
  readonly accountId: string;
  readonly samples: Readonly<Record<string, UsageSample>>;
}

/** One piece of evidence that only counts together with others. */
export interface AddStrike {
  readonly type: 'add_strike';
  readonly accountId: string;
  readonly kind: string;
  readonly at: EpochMs;
  readonly evidenceId: string;
  readonly generation: number;
}

/** Voids the strikes of this generation. */
export interface ClearStrikes {
  readonly type: 'clear_strikes';
  readonly accountId: string;
  readonly kind: string;
  readonly generation: number;
}

/** The credential of this revision was refused: refresh it when it can be refreshed. */
export interface RequestRefresh {
  readonly type: 'request_refresh';
  readonly accountId: string;
  readonly credentialRevision: number;
}

/** The one effect that is not a patch: drop the cached access token of this revision (a newer one stays). */
export interface InvalidateToken {
  readonly type: 'invalidate_token';
  readonly accountId: string;
  readonly credentialRevision: number;
}

/** Everything that a decision can ask for. */
export type Action =
  | SetError
  | ClearError
  | SetAccountHold
  | SetTempUnschedulable
  | SetModelRateLimit
  | ClearModelRateLimit
  | ClearHolds
  | UpdateSessionWindow
  | RecordUsage
  | AddStrike
  | ClearStrikes
  | RequestRefresh
  | InvalidateToken;
