/** What an upstream's quota endpoint said of an account, as data; a failure is data too. */
import type { UsageSample } from './health.js';
import type { EpochMs } from './time.js';
import type { VerificationLink } from './verification-link.js';

/** A 403 of the quota endpoint, or of the account itself. */
export interface UsageForbidden {
  readonly type: 'validation' | 'violation' | 'forbidden';
  /** What the upstream said, redacted. */
  readonly reason: string;
  readonly link: VerificationLink | null;
}

/** An amount of paid credits. `minimum`: how much a request needs at least. */
export interface UsageCredits {
  readonly type: string;
  readonly amount: number;
  readonly minimum: number;
}

/** The answer of a quota endpoint. Everything may be empty: a degraded answer is one too. */
export interface UsageInfo {
  /** By window (`5h`, `7d` …). */
  readonly windows: ReadonlyMap<string, UsageSample>;
  /** By model. */
  readonly models: ReadonlyMap<string, UsageSample>;
  readonly forbidden: UsageForbidden | null;
  /** The owner has to verify the account. */
  readonly needsVerify: boolean;
  /** The account broke the upstream's terms. */
  readonly isBanned: boolean;
  /** The owner has to sign in anew. */
  readonly needsReauth: boolean;
  readonly errorCode: 'forbidden' | 'unauthenticated' | 'rate_limited' | 'network_error' | null;
  /** Why there is no usage; null where there is. */
  readonly error: string | null;
  /** The subscription tier as the upstream names it. */
  readonly tier: string | null;
  readonly credits: readonly UsageCredits[];
  readonly updatedAt: EpochMs;
}
