/** What a background refresher tells of its work. No secret is in it. */
import type { Platform } from '../core/account.js';
import type { RefreshFailure } from './outcome.js';

/**
 * Why an account that was due is left as it is until the next pass.
 * - `fresh`: another process had refreshed it already. `busy`: another process is at it.
 * - `missing`: the store has no such account, or no refresh token of it. `store_unavailable`: the store did not answer.
 * - `ambiguous`: nobody knows what became of the attempt; it is tried once more when its time is over.
 * - `platform_trouble`: many accounts of the platform fail alike, so it is not asked again in this pass. `stopped`: the refresher is stopping.
 */
export type SkipReason = 'fresh' | 'busy' | 'missing' | 'store_unavailable' | 'ambiguous' | 'platform_trouble' | 'stopped';

/** What came of one account in a pass. `refused`: its token or its sign-in is not taken any more. `exhausted`: the endpoint failed as often as it was asked. */
export type AccountProgress =
  | { readonly result: 'refreshed'; readonly revision: number }
  | { readonly result: 'skipped'; readonly reason: SkipReason }
  | { readonly result: 'refused' | 'exhausted' | 'provider_wide'; readonly failure: RefreshFailure; readonly revision: number };

/**
 * Trouble that is no account's: nothing is written of any. `provider_wide`: the client, or its configuration, is refused. `systemic`: so many accounts fail with the same code that it is the
 * endpoint's trouble.
 */
export interface PlatformTrouble {
  readonly platform: Platform;
  readonly kind: 'provider_wide' | 'systemic';
  readonly code: string;
}

/** A pass in numbers: accounts that were due, and what came of them. */
export interface PassSummary {
  readonly due: number;
  readonly refreshed: number;
  readonly skipped: number;
  readonly failed: number;
}

/** Something that a background refresher tells. `platform_trouble` is told once in a pass for each code. `attempts` counts how often the endpoint was to be asked. */
export type RefreshProgress =
  | { readonly type: 'pass_started'; readonly due: number }
  | ({ readonly type: 'account'; readonly accountId: string; readonly platform: Platform; readonly attempts: number } & AccountProgress)
  | ({ readonly type: 'platform_trouble' } & PlatformTrouble)
  | { readonly type: 'accounts_unavailable'; readonly error: unknown }
  | ({ readonly type: 'pass_finished' } & PassSummary);

/** Told what happens. What it throws is ignored. */
export type ProgressListener = (progress: RefreshProgress) => void;

/** A listener that cannot disturb. */
export function containProgress(listener: ProgressListener | undefined): ProgressListener {
  return (progress) => {
    try {
      const result: unknown = listener?.(progress);
      if (result instanceof Promise) result.catch(() => undefined);
    } catch {
      // A listener only listens.
    }
  };
}
