import { type EpochMs, MAX_INSTANT } from './time.js';

const ZERO = 48;
const SPACE = 32;
const TAB = 9;
const POINT = 46;
/** The most decimals of any grammar here. */
const MOST_DECIMALS = 20;
const POWERS_OF_TEN: readonly number[] = Array.from({ length: MOST_DECIMALS + 1 }, (_, exponent) => 10 ** exponent);

/** 10 to the power of a whole number from 0 to 20, NaN for any other: a table, which is faster than `**`. Total. */
export function powerOfTen(exponent: number): number {
  return POWERS_OF_TEN[exponent] ?? Number.NaN;
}

const isBlank = (code: number): boolean => code === SPACE || code === TAB;

/** `text` without outer spaces and tabs (no other blanks); the same string where there are none. Pure, total, linear. */
export function trimBlanks(text: string): string {
  let start = 0;
  let end = text.length;
  while (isBlank(text.charCodeAt(start))) start += 1;
  while (end > start && isBlank(text.charCodeAt(end - 1))) end -= 1;
  return start === 0 && end === text.length ? text : text.slice(start, end);
}

/** The ASCII digits of `text` in [from, to) as a number, exact up to 15 of them; NaN for an empty range or anything but digits. Total. */
export function digitsAt(text: string, from: number, to: number): number {
  let value = 0;
  for (let index = from; index < to; index += 1) {
    const digit = text.charCodeAt(index) - ZERO;
    if (!(digit >= 0 && digit <= 9)) return Number.NaN;
    value = value * 10 + digit;
  }
  return to > from ? value : Number.NaN;
}

/** A decimal of at most `wholeDigits` and `decimals` digits, outer blanks aside; NaN for anything else. */
function decimal(text: string | null | undefined, wholeDigits: number, decimals: number): number {
  if (text === null || text === undefined) return Number.NaN;
  const digits = trimBlanks(text);
  const end = digits.length;
  let point = end;
  let value = 0;
  for (let index = 0; index < end; index += 1) {
    const digit = digits.charCodeAt(index) - ZERO;
    if (digit >= 0 && digit <= 9) value = value * 10 + digit;
    else if (digit === POINT - ZERO && point === end) point = index;
    else return Number.NaN;
  }
  const places = point === end ? 0 : end - point - 1;
  const isWritten = point > 0 && point <= wholeDigits && places <= decimals && point !== end - 1;
  return isWritten ? value / powerOfTen(places) : Number.NaN;
}

/**
 * Seconds, as `Retry-After` states them: 1 to 9 digits, at most 3 decimals; no sign, exponent, hex or separator (F47-F49).
 * `0` stays 0: a caller applies its own minimum. null: absent or unreadable. Pure, total.
 *
 * @example readSeconds('12') // 12
 */
export function readSeconds(text: string | null | undefined): number | null {
  const value = decimal(text, 9, 3);
  return value >= 0 ? value : null;
}

/** A whole number of 1 to 15 digits, without a sign. null: absent or unreadable. Pure, total. */
export function readInteger(text: string | null | undefined): number | null {
  const value = decimal(text, 15, 0);
  return value >= 0 ? value : null;
}

/**
 * An instant out of a number whose unit its size tells: 10 digits before the point are seconds, 13 are milliseconds (F52).
 * Part of a millisecond rounds up. null: any other size, or after `MAX_INSTANT`. Pure, total.
 */
export function toEpochMs(value: number): EpochMs | null {
  const milliseconds = value < 1e10 ? Math.ceil(value * 1000) : Math.ceil(value);
  return milliseconds >= 1e12 && milliseconds <= MAX_INSTANT ? milliseconds : null;
}

/**
 * A Unix time in text: exactly 10 digits are seconds, exactly 13 are milliseconds; the result is epoch milliseconds.
 * null: absent, any other length, or after `MAX_INSTANT`. Pure, total.
 */
export function readEpochMs(text: string | null | undefined): EpochMs | null {
  if (text === null || text === undefined) return null;
  const digits = trimBlanks(text);
  return digits.length === 10 || digits.length === 13 ? toEpochMs(digitsAt(digits, 0, digits.length)) : null;
}

/**
 * A share between 0 and 100 in steps of 1e-4; slightly above 1 is real. Rounds down, so that rounding never makes a window
 * look exhausted, but for the last 1e-9, which is noise of floating point. null: out of range or not finite. Pure, total, idempotent.
 */
export function toFraction(value: number): number | null {
  return value >= 0 && value <= 100 ? Math.floor(value * 1e4 + 1e-5) / 1e4 : null;
}

/** A utilization stated as a fraction (`1.02`): see `toFraction`. A percent sign is not part of it (F57). null: absent or unreadable. Pure, total. */
export function readFraction(text: string | null | undefined): number | null {
  return toFraction(decimal(text, 3, MOST_DECIMALS));
}

/** A utilization stated in percent (`85.5`), as a fraction: see `toFraction`. null: absent or unreadable. Pure, total. */
export function readPercent(text: string | null | undefined): number | null {
  return toFraction(decimal(text, 5, MOST_DECIMALS) / 100);
}

/** A number of a JSON body: a finite number, or the same as text of at most 15 digits and 20 decimals. null: anything else. Pure, total. */
export function jsonNumber(value: unknown): number | null {
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  return typeof value === 'string' && decimal(value, 15, MOST_DECIMALS) >= 0 ? Number(value) : null;
}
