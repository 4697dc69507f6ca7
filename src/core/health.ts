/** What is known of an account's health: cells, each the maximum of a total order (docs/concepts.md). */
import type { EpochMs } from './time.js';
import type { VerificationLink } from './verification-link.js';

/** What a person has to lift: one cell each. */
export type ErrorKind = 'credential' | 'billing' | 'verification' | 'violation' | 'forbidden' | 'organization' | 'custom';

/** Every `ErrorKind`, most severe first: the order in which a status is explained. */
export const ERROR_KINDS: readonly ErrorKind[] = [
  'violation',
  'organization',
  'verification',
  'credential',
  'billing',
  'forbidden',
  'custom',
];

/** Why a hold holds. Credits bypass only holds of kind `quota`. */
export type HoldKind = 'quota' | 'overload' | 'unavailable' | 'temporary' | 'credits';

/** The four account-wide hold cells. */
export type HoldCell = 'rateLimit' | 'overload' | 'temporary' | 'authentication';

/** Every `HoldCell`. */
export const HOLD_CELLS: readonly HoldCell[] = ['rateLimit', 'overload', 'temporary', 'authentication'];

/**
 * The account, or one of its models, is left alone until an instant.
 *
 * Ordered by (generation, credentialRevision, until, rule, digest): within one generation and revision the later `until` wins.
 * `until` 0 and rule `cleared` is a cleared hold. `credentialRevision` is -1 except in the cell `authentication`.
 */
export interface Hold {
  readonly generation: number;
  readonly credentialRevision: number;
  readonly until: EpochMs;
  readonly rule: string;
  readonly kind: HoldKind;
  readonly detail: string;
}

/**
 * The account is out until a person (or, for kind `credential`, a new credential revision) lifts it.
 *
 * Ordered by (generation, credentialRevision, at, rule, digest). `at` 0 and rule `cleared` is a cleared error.
 */
export interface AccountError {
  readonly generation: number;
  readonly credentialRevision: number;
  readonly at: EpochMs;
  readonly rule: string;
  readonly message: string;
  readonly link: VerificationLink | null;
}

/** The rule name of a cleared hold or error. */
export const CLEARED = 'cleared';

/**
 * How much of a usage window was spent when it was last seen. `utilization` is a fraction from 0 to 100 in steps of 1e-4 (it may exceed
 * 1); null: a new window, nothing known yet. `resetAt` null: not stated. A sample whose window is over reads as 0.
 */
export interface UsageSample {
  readonly utilization: number | null;
  readonly resetAt: EpochMs | null;
  readonly sampledAt: EpochMs;
}

/** Failures that only count together: a set of evidence, never a counter, so that repeating one adds nothing. Newest 16 a kind. */
export interface StrikeSet {
  readonly generation: number;
  /** Evidence id to the instant it was last seen. */
  readonly evidence: ReadonlyMap<string, EpochMs>;
}

/** The observed end of the 5-hour session window. */
export interface SessionHeader {
  readonly observedAt: EpochMs;
  readonly end: EpochMs;
}

/** The observed status of the 5-hour session window, such as `allowed` or `rejected`. */
export interface SessionStatus {
  readonly observedAt: EpochMs;
  readonly status: string;
}

/** The session window as it was observed, and as it was guessed where nothing was observed. */
export interface SessionWindowCells {
  readonly header: SessionHeader | null;
  readonly status: SessionStatus | null;
  /** Read only where there is no running header window. */
  readonly predicted: { readonly start: EpochMs } | null;
}

/** All health cells of an account. Absence is the bottom of each order, never a deletion. */
export interface AccountHealth {
  readonly errors: ReadonlyMap<ErrorKind, AccountError>;
  readonly rateLimit: Hold | null;
  readonly overload: Hold | null;
  readonly temporary: Hold | null;
  /** A temporary hold that speaks of one credential (a 401): its own cell, so that it hides no other. */
  readonly authentication: Hold | null;
  /** Model to hold. The key `AICredits` is the credits limit and not a model. */
  readonly modelRateLimits: ReadonlyMap<string, Hold>;
  readonly sessionWindow: SessionWindowCells;
  /** Window (`5h`, `7d`, `7d_oi`, `30d` …) to the newest sample. */
  readonly usage: ReadonlyMap<string, UsageSample>;
  readonly strikes: ReadonlyMap<string, StrikeSet>;
  /** The highest credential revision that a 401 was seen on; -1: none. */
  readonly refreshRequestedFor: number;
  /** Cells of a newer version of the library, kept as they came and ignored in decisions. */
  readonly unknown: ReadonlyMap<string, unknown>;
}

/** The key of the credits limit in `modelRateLimits`. */
export const CREDITS_KEY = 'AICredits';

/** Model cells an account may have; `evaluate` refuses more, with an event (fault F39). */
export const MAX_MODEL_CELLS = 512;

/** Evidence that a strike set keeps: the newest 16. */
export const MAX_STRIKES = 16;

/** Generations stay below this (design section 4). */
export const MAX_GENERATION: number = 2 ** 31 - 1;

/** An account of which nothing is known. */
export const EMPTY_HEALTH: AccountHealth = Object.freeze({
  errors: new Map(),
  rateLimit: null,
  overload: null,
  temporary: null,
  authentication: null,
  modelRateLimits: new Map(),
  sessionWindow: Object.freeze({ header: null, status: null, predicted: null }),
  usage: new Map(),
  strikes: new Map(),
  refreshRequestedFor: -1,
  unknown: new Map(),
});
