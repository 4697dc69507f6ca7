/** Whether a header says what is known already: compared as text and whole numbers, so that nothing is allocated on every successful answer. */
import type { UsageSample } from './health.js';
import { digitsAt, powerOfTen } from './read-number.js';

const ZERO = 48;
const POINT = 46;
/** Digits of a fraction that are kept: steps of 1e-4. */
const KEPT_DIGITS = 4;
const LONGEST = 24;

/** A plain decimal in steps of 1e-4, cut and not rounded; -1 where it is not one. `scale` is how many digits before the point make one whole: 0 for a fraction, 2 for percent. */
function steps(text: string, scale: 0 | 2): number {
  if (text.length > LONGEST) return -1;
  let value = 0;
  let missing = KEPT_DIGITS - scale;
  let point = text.length;
  for (let at = 0; at < text.length && missing > 0; at += 1) {
    const digit = text.charCodeAt(at) - ZERO;
    if (digit === POINT - ZERO && point === text.length && at > 0) point = at;
    else if (digit >= 0 && digit <= 9) value = value * 10 + digit;
    else return -1;
    if (at > point) missing -= 1;
  }
  return text.length === 0 ? -1 : value * powerOfTen(missing);
}

/**
 * Whether a header states a sample's utilization; null on both sides is the same too. Conservative: where it is not sure it says no. Takes the sample and not its number, because a number with
 * decimals is an object of its own wherever it is passed on. Total, pure.
 */
export function isSameUtilization(text: string | null, { utilization }: Pick<UsageSample, 'utilization'>, scale: 0 | 2): boolean {
  if (text === null || utilization === null) return text === null && utilization === null;
  return steps(text, scale) === Math.round(utilization * 1e4);
}

/** Whether a header states a sample's reset in epoch seconds. Conservative: any other form says no. Total, pure. */
export function isSameSecond(text: string | null, { resetAt }: Pick<UsageSample, 'resetAt'>): boolean {
  if (text === null || resetAt === null) return text === null && resetAt === null;
  // In halves, for the same reason.
  return text.length === 10 && (digitsAt(text, 0, 5) * 1e5 + digitsAt(text, 5, 10)) * 1000 === resetAt;
}
