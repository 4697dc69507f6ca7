/** Instants of the past as texts that stay true without a timer. */

const TIME = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
const TIME_AND_SECONDS = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' });
const DAY = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short' });

/**
 * The time of day, of today; before that, the day.
 *
 * @param {number} at epoch ms
 * @param {number} now epoch ms
 * @returns {string}
 */
export function formatInstant(at, now) {
  return new Date(at).toDateString() === new Date(now).toDateString() ? TIME.format(at) : DAY.format(at);
}

/**
 * Day, hours and minutes of an instant to come.
 *
 * @param {number} at epoch ms
 * @returns {string}
 */
export function formatDayAndTime(at) {
  return `${DAY.format(at)}, ${TIME.format(at)}`;
}

/**
 * The time of day to the second.
 *
 * @param {number} at epoch ms
 * @returns {string}
 */
export function formatSeconds(at) {
  return TIME_AND_SECONDS.format(at);
}
