import { DAY_MS, type EpochMs, HOUR_MS, MAX_INSTANT } from './time.js';

/** Made at the first use and kept: building one costs a thousand times as much as asking it. null: this runtime lacks the zone. */
let pacific: Intl.DateTimeFormat | null | undefined;

function zoneFormat(): Intl.DateTimeFormat | null {
  if (pacific !== undefined) return pacific;
  try {
    pacific = new Intl.DateTimeFormat('en-US', { timeZone: 'America/Los_Angeles', timeZoneName: 'longOffset' });
  } catch {
    pacific = null;
  }
  return pacific;
}

/** What the zone's clocks add to UTC at an instant, in milliseconds; NaN where the runtime does not say. */
function offsetAt(format: Intl.DateTimeFormat, instant: number): number {
  const name = format.formatToParts(instant).find((part) => part.type === 'timeZoneName')?.value ?? '';
  return name.startsWith('GMT-') && name.endsWith(':00') ? -Number(name.slice(4, -3)) * HOUR_MS : Number.NaN;
}

/**
 * The first midnight in America/Los_Angeles after `now`, in epoch milliseconds: the end of a Google per-day quota. It follows the
 * calendar, so the days of a clock change have 23 or 25 hours. null: `now` is out of bounds, or the runtime does not know the zone. Total; the same for each `now`.
 */
export function nextPacificMidnight(now: EpochMs): EpochMs | null {
  const format = zoneFormat();
  if (format === null || !(now >= 0 && now <= MAX_INSTANT)) return null;
  const localNow = now + offsetAt(format, now);
  const localMidnight = (Math.floor(localNow / DAY_MS) + 1) * DAY_MS;
  const estimate = localMidnight - (localNow - now);
  if (Number.isNaN(estimate)) return null;
  // Clocks change at 2:00, never at midnight: the offset near the midnight is the offset at it.
  const midnight = localMidnight - offsetAt(format, estimate);
  return midnight <= MAX_INSTANT ? midnight : null;
}
