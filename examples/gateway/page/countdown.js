/**
 * How long until a window resets, as a person reads it: the page's own `formatCountdown` of poolwarden, because the page is served as it lies here, with no build step
 * that could bundle the library. test/gateway/page/ticking.test.ts proves that both say the same.
 */

const MINUTE_MS = 60_000;
const HOUR_MINUTES = 60;
const DAY_MINUTES = 1440;

/**
 * The time until `resetAt`, floored: `2d 3h`, `4h 5m`, `6m`; `-` where it is unknown; once it has come, `now`, or `pending refresh` while an old usage is still shown.
 *
 * @param {number | null} resetAt epoch ms
 * @param {number} utilization
 * @param {number} now epoch ms
 * @returns {string}
 */
export function formatCountdown(resetAt, utilization, now) {
  if (resetAt === null || !Number.isFinite(resetAt - now)) return '-';
  if (resetAt <= now) return utilization > 0 ? 'pending refresh' : 'now';
  const minutes = Math.floor((resetAt - now) / MINUTE_MS);
  if (minutes >= DAY_MINUTES) return `${Math.floor(minutes / DAY_MINUTES)}d ${Math.floor((minutes % DAY_MINUTES) / HOUR_MINUTES)}h`;
  if (minutes >= HOUR_MINUTES) return `${Math.floor(minutes / HOUR_MINUTES)}h ${minutes % HOUR_MINUTES}m`;
  return `${minutes}m`;
}

/**
 * The time until something ends, for the middle of a sentence: `4h 5m`, `under a minute`.
 *
 * @param {number} until epoch ms
 * @param {number} now epoch ms
 * @returns {string}
 */
export function formatLeft(until, now) {
  return until - now < MINUTE_MS ? 'under a minute' : formatCountdown(until, 0, now);
}
