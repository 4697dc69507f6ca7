/** How far the local clock is from the upstream's, and what that does to the instants that the upstream states. */
import { type NormalHeaders, readHeader } from './headers.js';
import { readImfFixdate } from './read-instant.js';
import type { Signal } from './signal.js';
import { DAY_MS, type EpochMs, MINUTE_MS } from './time.js';

/** Smaller differences are the network's and the Date header's whole seconds (as the AWS SDKs have it). */
const MIN_SKEW_MS: number = 5 * MINUTE_MS;
/** A Date header further away is no clock. */
const MAX_SKEW_MS: number = DAY_MS;

/** The last Date header and its instant: all answers of a second have the same. */
let last: { readonly text: string; readonly date: EpochMs } | null = null;

function instantOf(text: string | null): EpochMs | null {
  if (text === null) return null;
  if (text === last?.text) return last.date;
  const date = readImfFixdate(text);
  if (date !== null) last = { text, date };
  return date;
}

/** The Date header, if it is within 24 hours of `receivedAt`; else null. */
export function readDate(headers: NormalHeaders, receivedAt: EpochMs): EpochMs | null {
  const date = instantOf(readHeader(headers, 'date'));
  return date !== null && Math.abs(receivedAt - date) <= MAX_SKEW_MS ? date : null;
}

/** The local clock minus the upstream's in milliseconds, where it matters (5 minutes to 24 hours); else 0. */
export function skewOf(date: EpochMs | null, receivedAt: EpochMs): number {
  if (date === null) return 0;
  const skew = receivedAt - date;
  return Math.abs(skew) >= MIN_SKEW_MS ? skew : 0;
}

/** When the upstream made its observation, on its own clock where it told it. */
export function observedAt(signal: Signal): EpochMs {
  return signal.date ?? signal.receivedAt;
}
