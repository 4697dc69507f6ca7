/** The evidence: what was read of one answer, redacted and bounded, as plain data. */
import type { AccountType, Platform } from './account.js';
import type { Phase, Purpose, TransportFailure } from './circumstances.js';
import type { EpochMs } from './time.js';
import type { VerificationLink } from './verification-link.js';

/**
 * What a body is. `unread`: no rule asked for it. `html` also stands for any page of an edge or proxy. `broken`: begins like JSON and does not
 * parse (or is over 64 KiB, so that it is not parsed); it makes nothing durable.
 */
export type BodyKind = 'unread' | 'empty' | 'json' | 'text' | 'html' | 'broken';

/** One usage window as this answer states it. */
export interface WindowReading {
  /** `5h`, `7d`, `30d`, or a model family's `7d_oi`, `7d_opus`, `7d_sonnet`. */
  readonly name: string;
  /** Fraction used; may exceed 1; null where not stated. */
  readonly utilization: number | null;
  /** The stated reset as a fact about the window; null where absent or implausible. */
  readonly resetAt: EpochMs | null;
  /** Rejected, past its threshold, or used up. */
  readonly exhausted: boolean;
  /** The stated reset as the end of a hold: in the future and within the window's own ceiling. */
  readonly holdUntil: EpochMs | null;
}

/** What the headers say of limits. */
export interface LimitFacts {
  readonly windows: readonly WindowReading[];
  /** The 5-hour window's own status word. */
  readonly sessionStatus: string | null;
  /** The stated end of the 5-hour window as a fact, within [now - 5 h, now + 7 d]. */
  readonly sessionEnd: EpochMs | null;
  /** The status over all windows, such as `allowed` or `rejected`. */
  readonly aggregateStatus: string | null;
  readonly aggregateResetAt: EpochMs | null;
  /** The window that governs, such as `five_hour`. */
  readonly claim: string | null;
  /** Retry-After (or retry-after-ms) as a length of time. */
  readonly retryAfterMs: number | null;
  /** The latest reset of the request and token buckets that are empty. */
  readonly bucketResetAt: EpochMs | null;
  /** A stated reset was refused: in the past, or implausibly far away. */
  readonly outOfBounds: boolean;
}

/** What the body says of the length of a limit. All null where it says nothing. */
export interface BodyLimits {
  /** A stated instant (`resets_at`, `quotaResetTimeStamp`, a date in words). */
  readonly resetAt: EpochMs | null;
  /** A stated length of time (`resets_in_seconds`, `quotaResetDelay`, RetryInfo, "try again in"). */
  readonly delayMs: number | null;
  /** A quota that counts the day. */
  readonly perDay: boolean;
  /** The limit is about one model. */
  readonly namesModel: boolean;
}

/** What was read of an exchange. Fields that no rule asked for are null, and `body` is then `unread`. */
export interface Signal {
  readonly platform: Platform;
  readonly type: AccountType;
  /** The upstream's model name; empty where it is unusable as a key (over 256 characters, or with control characters). */
  readonly model: string | null;
  readonly purpose: Purpose;
  readonly phase: Phase;
  readonly receivedAt: EpochMs;
  /** The upstream's Date header, where it was read and is within 24 hours of `receivedAt`; else null. */
  readonly date: EpochMs | null;
  /** The local clock minus the upstream's, where they differ by 5 minutes to 24 hours; else 0. */
  readonly skewMs: number;
  /** The status that counts: the HTTP status, or that of an error inside a stream. 0 where there was no answer. */
  readonly status: number;
  readonly failure: TransportFailure | null;
  /** Whether the credential can be refreshed. */
  readonly refreshable: boolean;
  /** What the account's custom error codes say of this status. */
  readonly errorCodes: 'off' | 'listed' | 'unlisted';
  readonly poolMode: boolean;
  readonly withCredits: boolean;
  /** Index of the account's temporary rule that matches; -1: none, or not asked yet. */
  readonly temporaryRule: number;
  /** The authentication cell holds (or held) this very credential revision. */
  readonly authenticationSeen: boolean;
  readonly body: BodyKind;
  /** `error.type`, or Google's `error.status`. */
  readonly errorType: string | null;
  /** `error.code` as text. */
  readonly code: string | null;
  /** Google's ErrorInfo reason, or Anthropic's `error.details.error_code`. */
  readonly reason: string | null;
  /** The model that the error names by itself (Anthropic's `error.details.model`). */
  readonly namedModel: string | null;
  readonly message: string | null;
  /** A top-level `detail` that is a string. */
  readonly detail: string | null;
  readonly link: VerificationLink | null;
  /** What a 403 of Google's platforms says of the account. */
  readonly forbidden: 'validation' | 'violation' | 'forbidden' | null;
  /** The answer to a request with credits says that they are used up. */
  readonly creditsExhausted: boolean;
  readonly limits: LimitFacts | null;
  readonly bodyLimits: BodyLimits | null;
}

/** The signal while it is being read: the one place where a field is written. */
export type SignalDraft = { -readonly [K in keyof Signal]: Signal[K] };
