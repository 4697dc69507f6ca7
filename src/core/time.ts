/** Instants and lengths of time: epoch milliseconds and their bounds. */

/** An instant in milliseconds since 1970-01-01T00:00:00Z, a finite integer from 0 to `MAX_INSTANT`. */
export type EpochMs = number;

/** The latest instant that is ever stored: 2100-01-01T00:00:00Z. Anything later in an upstream's answer is absent. */
export const MAX_INSTANT: EpochMs = 4_102_444_800_000;

/** One second in milliseconds. */
export const SECOND_MS = 1_000;
/** One minute in milliseconds. */
export const MINUTE_MS = 60_000;
/** One hour in milliseconds. */
export const HOUR_MS = 3_600_000;
/** One day of 24 hours in milliseconds. */
export const DAY_MS = 86_400_000;

/** The length of Anthropic's session window: five hours. */
export const SESSION_WINDOW_MS: number = 5 * HOUR_MS;

/** An instant made storable: an integer from 0 to `MAX_INSTANT`; what is not a number becomes 0. Total, pure. */
export function clampInstant(value: number): EpochMs {
  if (!(value > 0)) return 0;
  return value >= MAX_INSTANT ? MAX_INSTANT : Math.ceil(value);
}
