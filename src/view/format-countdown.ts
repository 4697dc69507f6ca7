/** How long until a window resets, as a person reads it. */
import { minutesInDay, minutesInHour } from 'date-fns/constants';
import { millisecondsToMinutes } from 'date-fns/millisecondsToMinutes';
import type { EpochMs } from '../core/time.js';

/** What is shown for a window that is over while its old usage is all there is to show. */
export const PENDING_REFRESH = 'pending refresh';

const NOW = 'now';
const UNKNOWN = '-';

/**
 * The time until `resetAt`, floored: `2d 3h`, `4h 5m`, `6m`; `-` where it is unknown; once it has come, `now`, or `pending refresh` while a
 * usage above 0 is still shown. `showNowWhenIdle`: `now` for a window that nothing was used of. Total, pure. Source: behaviour 3.3.
 *
 * @example formatCountdown(now + 90 * 60_000, 0.4, now) // '1h 30m'
 */
export function formatCountdown(
  resetAt: EpochMs | null,
  utilization: number,
  now: EpochMs,
  { showNowWhenIdle = false }: { readonly showNowWhenIdle?: boolean } = {},
): string {
  const isUsed = utilization > 0;
  if (showNowWhenIdle && !isUsed) return NOW;
  if (resetAt === null || !Number.isFinite(resetAt - now)) return UNKNOWN;
  const left = resetAt - now;
  if (left <= 0) return isUsed ? PENDING_REFRESH : NOW;
  const minutes = millisecondsToMinutes(left);
  if (minutes >= minutesInDay) return `${Math.floor(minutes / minutesInDay)}d ${Math.floor((minutes % minutesInDay) / minutesInHour)}h`;
  if (minutes >= minutesInHour) return `${Math.floor(minutes / minutesInHour)}h ${minutes % minutesInHour}m`;
  return `${minutes}m`;
}
