/** A usage sample, read at an instant: a window that is over has nothing used of it. */
import type { UsageSample } from './health.js';
import type { EpochMs } from './time.js';

/** Whether the window that a sample speaks of is over. One whose end is not known never is. Total, pure. */
export function isWindowOver({ resetAt }: Pick<UsageSample, 'resetAt'>, now: EpochMs): boolean {
  return resetAt !== null && now >= resetAt;
}

/**
 * The fraction of its window that a sample shows at `now` (it may exceed 1): 0 once the window is over, null while nothing is known of a new
 * one. Total, pure.
 *
 * @example usageNow({ utilization: 0.9, resetAt: 2_000, sampledAt: 0 }, 2_000) // 0
 */
export function usageNow(sample: Pick<UsageSample, 'utilization' | 'resetAt'>, now: EpochMs): number | null {
  return isWindowOver(sample, now) ? 0 : sample.utilization;
}

/** A fraction in percent, to a hundredth: what samples can tell apart (0.57 is 57, not 56.99999999999999). Total, pure. */
export function toPercent(utilization: number): number {
  return Math.round(utilization * 10_000) / 100;
}
