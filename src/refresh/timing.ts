/** How long the steps of a refresh may take: one table. */
import { PolicyError, type PolicyErrorIssue } from '../core/policy-error.js';
import { SECOND_MS } from '../core/time.js';
import { stableJitter } from './stable-jitter.js';

/** Times of the refresh protocol, in milliseconds. */
export interface RefreshTiming {
  /** An attempt is ours for so long, on the store's clock: 20 s for the endpoint, 50 s for storing its answer, 20 s of margin. */
  readonly attemptMs: number;
  /** A token endpoint may take so long. */
  readonly endpointMs: number;
  /** Nothing is sent later than this after the attempt was asked for. */
  readonly sendWithinMs: number;
  /** The first wait before the store is asked again to take an answer; each further one is twice as long. */
  readonly retryBaseMs: number;
  /** The longest such wait. */
  readonly retryCapMs: number;
  /** A revision that this process has just stored is not refreshed again before this is over, whatever its lifetime and whoever asks. */
  readonly minIntervalMs: number;
}

/** The times that hold unless the host says otherwise. */
export const REFRESH_TIMING: RefreshTiming = {
  attemptMs: 90 * SECOND_MS,
  endpointMs: 20 * SECOND_MS,
  sendWithinMs: 5 * SECOND_MS,
  retryBaseMs: SECOND_MS / 2,
  retryCapMs: 30 * SECOND_MS,
  minIntervalMs: 30 * SECOND_MS,
};

/** Doublings after which a wait has long reached its cap. */
const MOST_DOUBLINGS = 20;

/**
 * The table with the host's own times in it. Throws a `PolicyError` for a time that is not a positive finite number, and where an attempt would be over before its endpoint must have
 * answered: two processes would then send the same token.
 */
export function refreshTiming(own: Partial<RefreshTiming> = {}): RefreshTiming {
  const timing: RefreshTiming = { ...REFRESH_TIMING, ...own };
  const issues: PolicyErrorIssue[] = Object.entries(timing)
    .filter(([, value]) => !(Number.isFinite(value) && value > 0))
    .map(([path]) => ({ path, message: 'must be a positive number of milliseconds' }));
  if (timing.attemptMs <= timing.sendWithinMs + timing.endpointMs) {
    issues.push({ path: 'attemptMs', message: 'must be longer than sendWithinMs and endpointMs together' });
  }
  if (issues.length > 0) throw new PolicyError('refresh_timing_invalid', issues);
  return timing;
}

/** The wait before the store is asked again, after so many failures (from 1) with this answer: doubled each time, capped, and always the same for the same account and failure. Total, pure. */
export function storeRetryMs({ retryBaseMs, retryCapMs }: RefreshTiming, failures: number, words: readonly (string | number)[]): number {
  const doubled = retryBaseMs * 2 ** Math.min(failures - 1, MOST_DOUBLINGS);
  return stableJitter(Math.min(doubled, retryCapMs), [...words, failures]);
}
