import { digitsAt, powerOfTen, readSeconds, trimBlanks } from './read-number.js';
import { DAY_MS, type EpochMs, MAX_INSTANT, MINUTE_MS } from './time.js';

const BLANK = 32;
const PLUS = 43;
const DASH = 45;
const POINT = 46;
const COLON = 58;
const LOWER_T = 116;
const LOWER_Z = 122;
const COMMA = 44;
/** The highest code of an ASCII character. */
const LAST_ASCII = 127;

/** Three ASCII letters as one number, which is faster to compare than text; -1 for any others. */
function letters(text: string, at: number): number {
  const first = text.charCodeAt(at);
  const second = text.charCodeAt(at + 1);
  const third = text.charCodeAt(at + 2);
  return (first | second | third) <= LAST_ASCII ? (first << 16) | (second << 8) | third : -1;
}

/** Day 0, 1970-01-01, was a Thursday. */
const WEEKDAYS: readonly number[] = ['Thu', 'Fri', 'Sat', 'Sun', 'Mon', 'Tue', 'Wed'].map((name) => letters(name, 0));
const MONTHS: readonly number[] = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'].map((name) =>
  letters(name, 0),
);
const GMT: number = letters('GMT', 0);
/** Where an IMF-fixdate has blanks. */
const BLANKS: readonly number[] = [4, 7, 11, 16, 25];
/** Days before each month of a common year. */
const DAYS_BEFORE: readonly number[] = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365];

const isLeap = (year: number): boolean => year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);

/** Days from 1970-01-01 to a day of the Gregorian calendar; NaN where it has no such day. */
function dayNumber(year: number, month: number, day: number): number {
  const before = DAYS_BEFORE[month - 1];
  const after = DAYS_BEFORE[month];
  if (before === undefined || after === undefined) return Number.NaN;
  const leap = isLeap(year);
  if (!(day >= 1 && day <= after - before + (leap && month === 2 ? 1 : 0))) return Number.NaN;
  const leapDays = Math.floor((year - 1969) / 4) - Math.floor((year - 1901) / 100) + Math.floor((year - 1601) / 400);
  return (year - 1970) * 365 + leapDays + before + (leap && month > 2 ? 1 : 0) + day - 1;
}

/** `HH:MM` at `at` in milliseconds; NaN where it is not a time of day. */
function hoursAndMinutes(text: string, at: number): number {
  const hours = digitsAt(text, at, at + 2);
  const minutes = digitsAt(text, at + 3, at + 5);
  return text.charCodeAt(at + 2) === COLON && hours <= 23 && minutes <= 59 ? (hours * 60 + minutes) * MINUTE_MS : Number.NaN;
}

/** `HH:MM:SS` at `at` in milliseconds; NaN where it is not a time of day. */
function timeOfDay(text: string, at: number): number {
  const seconds = digitsAt(text, at + 6, at + 8);
  return text.charCodeAt(at + 5) === COLON && seconds <= 59 ? hoursAndMinutes(text, at) + seconds * 1000 : Number.NaN;
}

/** `YYYY-MM-DD` at `at` as its first millisecond in UTC; NaN where it is not a day. */
function calendarDay(text: string, at: number): number {
  if (text.charCodeAt(at + 4) !== DASH || text.charCodeAt(at + 7) !== DASH) return Number.NaN;
  return dayNumber(digitsAt(text, at, at + 4), digitsAt(text, at + 5, at + 7), digitsAt(text, at + 8, at + 10)) * DAY_MS;
}

/** The end of the digits from `from` on. */
function endOfDigits(text: string, from: number): number {
  let index = from;
  while (digitsAt(text, index, index + 1) >= 0) index += 1;
  return index;
}

/** The decimals of a second in [from, to) as milliseconds, rounded up; NaN where there are none or more than 9. */
function fraction(text: string, from: number, to: number): number {
  return to - from <= 9 ? Math.ceil((digitsAt(text, from, to) * 1000) / powerOfTen(to - from)) : Number.NaN;
}

/** `Z` or `+HH:MM` from `at` to the end, in milliseconds east of UTC; NaN where it is not a zone. */
function zone(text: string, at: number): number {
  const mark = text.charCodeAt(at);
  if ((mark | 32) === LOWER_Z && text.length === at + 1) return 0;
  if ((mark !== PLUS && mark !== DASH) || text.length !== at + 6) return Number.NaN;
  return mark === PLUS ? hoursAndMinutes(text, at + 1) : -hoursAndMinutes(text, at + 1);
}

const bounded = (instant: number): EpochMs | null => (instant >= 0 && instant <= MAX_INSTANT ? instant : null);

/**
 * An RFC 3339 instant in epoch milliseconds: a valid calendar day, a zone (required), at most 9 decimals; part of a millisecond
 * rounds up. null: absent, unreadable, a leap second, or not within 0 to `MAX_INSTANT`. Pure, total.
 *
 * @example readRfc3339('2024-03-26T20:00:00Z') // 1711483200000
 */
export function readRfc3339(text: string | null | undefined): EpochMs | null {
  const instant = trimBlanks(text ?? '');
  if (instant.length < 20 || instant.length > 35 || (instant.charCodeAt(10) | 32) !== LOWER_T) return null;
  const seconds = calendarDay(instant, 0) + timeOfDay(instant, 11);
  if (instant.charCodeAt(19) !== POINT) return bounded(seconds - zone(instant, 19));
  const zoneAt = endOfDigits(instant, 20);
  return bounded(seconds + fraction(instant, 20, zoneAt) - zone(instant, zoneAt));
}

/**
 * An HTTP date of the one form that is sent (RFC 9110 IMF-fixdate), in epoch milliseconds; the weekday must be right. null:
 * absent, any other form, or not within 0 to `MAX_INSTANT`. Pure, total.
 *
 * @example readImfFixdate('Fri, 31 Dec 2027 23:59:59 GMT') // 1830297599000
 */
export function readImfFixdate(text: string | null | undefined): EpochMs | null {
  const date = trimBlanks(text ?? '');
  if (date.length !== 29 || letters(date, 26) !== GMT || date.charCodeAt(3) !== COMMA) return null;
  for (const at of BLANKS) if (date.charCodeAt(at) !== BLANK) return null;
  const month = MONTHS.indexOf(letters(date, 8)) + 1;
  const days = dayNumber(digitsAt(date, 12, 16), month, digitsAt(date, 5, 7));
  if (!(days >= 0) || letters(date, 0) !== WEEKDAYS[days % 7]) return null;
  return bounded(days * DAY_MS + timeOfDay(date, 17));
}

/**
 * The wait that a `Retry-After` header states, in whole milliseconds: seconds, or an HTTP date after `receivedAt` (epoch milliseconds).
 * 0 stays 0. null: absent, unreadable, or a date that is not ahead (F47-F50). Pure, total.
 */
export function readRetryAfterMs(text: string | null | undefined, receivedAt: EpochMs): number | null {
  const seconds = readSeconds(text);
  if (seconds !== null) return Math.round(seconds * 1000);
  const date = readImfFixdate(text);
  return date !== null && date > receivedAt ? Math.ceil(date - receivedAt) : null;
}

/** A day and time in UTC that begin at `at`: `2026-04-01 at 00:00 UTC`; NaN where they do not. */
function dayInWords(text: string, at: number): number {
  const timeAt = text.startsWith(' at ', at + 10) ? at + 14 : at + 11;
  const withSeconds = text[timeAt + 5] === ':';
  const end = timeAt + (withSeconds ? 8 : 5);
  if (
    (text[at + 10] !== ' ' && text[at + 10] !== 'T') ||
    !(text.startsWith(' UTC', end) || text.startsWith(' GMT', end) || text[end] === 'Z')
  )
    return Number.NaN;
  return calendarDay(text, at) + (withSeconds ? timeOfDay(text, timeAt) : hoursAndMinutes(text, timeAt));
}

/**
 * The first instant that a sentence states (`regain access on 2026-04-01 at 00:00 UTC`), in epoch milliseconds; the zone must be
 * UTC and named. null: none. Pure, total, linear.
 */
export function findDateInWords(message: string): EpochMs | null {
  for (let dash = message.indexOf('-', 4); dash !== -1; dash = message.indexOf('-', dash + 1)) {
    // Most dashes of a sentence are in words: a second one tells a date.
    if (message.charCodeAt(dash + 3) !== DASH) continue;
    const start = dash - 4;
    const found = digitsAt(message, start - 1, start) >= 0 ? null : bounded(dayInWords(message, start));
    if (found !== null) return found;
  }
  return null;
}
