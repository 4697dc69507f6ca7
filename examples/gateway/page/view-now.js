/** What an account's view, described by the gateway a while ago, says now: what has ended since is gone without a question to the gateway. */

import { formatCountdown } from './countdown.js';

/**
 * Which blockers make which status, in the order of precedence: `accountStatus` of poolwarden.
 *
 * @type {readonly (readonly [status: string, cells: readonly string[]])[]}
 */
const PRECEDENCE = [
  ['error', ['errors']],
  ['temp_unschedulable', ['temporary', 'authentication', 'usage']],
  ['disabled', ['settings.enabled']],
  ['expired', ['settings.expiresAt']],
  ['rate_limited', ['rateLimit']],
  ['overloaded', ['overload']],
];

/**
 * What still holds of badges or blockers.
 *
 * @template {{ until: number | null }} One
 * @param {readonly One[]} ones
 * @param {number} now
 * @returns {One[]}
 */
export function running(ones, now) {
  return ones.filter(({ until }) => until === null || until > now);
}

/**
 * The status in one word.
 *
 * @param {import('poolwarden').AccountView} view
 * @param {number} now
 * @returns {string}
 */
export function statusNow(view, now) {
  const left = running(view.blockers, now);
  if (left.length === view.blockers.length) return view.status;
  const found = PRECEDENCE.find(([, cells]) => left.some(({ cell }) => cells.includes(cell)));
  return found === undefined ? 'active' : found[0];
}

/**
 * When nothing blocks the account any more; null: when a person did something, or nothing does block it.
 *
 * @param {import('poolwarden').AccountView} view
 * @param {number} now
 * @returns {number | null}
 */
export function untilNow(view, now) {
  const left = running(view.blockers, now);
  if (left.length === 0 || left.some(({ until }) => until === null)) return null;
  return Math.max(...left.map(({ until }) => until ?? 0));
}

/**
 * The time until a window resets; empty where there is none to show.
 *
 * @param {import('poolwarden').WindowView} window
 * @param {number} now
 * @returns {string}
 */
export function countdownNow({ resetAt, utilization, countdown }, now) {
  const text = resetAt === null ? countdown : formatCountdown(resetAt, utilization, now);
  return text === '-' ? '' : text;
}

/**
 * The next instant at which a text about the account ends; null: nothing about it is counting.
 *
 * @param {import('poolwarden').AccountView} view
 * @param {number} now
 * @returns {number | null}
 */
export function nextChange({ badges, blockers, windows, models }, now) {
  let next = Number.POSITIVE_INFINITY;
  for (const { until } of [...badges, ...blockers]) if (until !== null && until > now && until < next) next = until;
  for (const { resetAt } of [...windows, ...models]) if (resetAt !== null && resetAt > now && resetAt < next) next = resetAt;
  return Number.isFinite(next) ? next : null;
}

/**
 * Whether the gateway has to be asked anew: the limit of the credits has ended while a model's quota still runs, which they may pass now.
 *
 * @param {import('poolwarden').AccountView} view
 * @param {number} now
 * @returns {boolean}
 */
export function isOutdated({ badges }, now) {
  const hasEnded = badges.some(({ kind, until }) => kind === 'credits_exhausted' && until !== null && until <= now);
  return hasEnded && running(badges, now).some(({ kind, model }) => kind === 'rate_limited' && model !== null);
}
