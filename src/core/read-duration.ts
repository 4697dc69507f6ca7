import { digitsAt, powerOfTen, trimBlanks } from './read-number.js';

const SECOND = 1e9;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const WEEK = 7 * DAY;
const MILLISECOND = 1e6;
const MICROSECOND = 1e3;
/** 100 days in nanoseconds: the sums stay exact below it, and no wait that is longer is plausible. */
const MAX_NANOSECONDS = 100 * DAY;
/** The longest Go duration that is read, in characters. */
const MAX_GO_LENGTH = 40;
/** Bounds of a scan, in characters: they keep it linear. */
const LONGEST_NUMBER = 24;
const LONGEST_UNIT = 12;
const MOST_PARTS = 8;

/** Units that people write besides those of Go, in nanoseconds; a plural `s` is taken off first. */
const WORD_UNITS: ReadonlyMap<string, number> = new Map([
  ['millisecond', MILLISECOND],
  ['sec', SECOND],
  ['second', SECOND],
  ['min', MINUTE],
  ['minute', MINUTE],
  ['hr', HOUR],
  ['hour', HOUR],
  ['d', DAY],
  ['day', DAY],
  ['w', WEEK],
  ['wk', WEEK],
  ['week', WEEK],
]);

/** The words before a wait. */
const ANNOUNCEMENT = /(?:resets? (?:in|after)|(?:try again|retry) (?:in|after)) /i;
/** What the last word of an announcement and a number are at least: cheaper to look for, and most sentences have nothing of the kind. */
const MAY_ANNOUNCE = / (?:in|after) [0-9]/i;
/** More characters than the longest wait in words that is read. */
const LONGEST_WAIT = 400;

const SPACE = 32;
const POINT = 46;
const LOWER_H = 104;
const LOWER_M = 109;
const LOWER_N = 110;
const LOWER_S = 115;
const LOWER_U = 117;
/** The micro sign, and the Greek letter that looks like it. */
const MICRO = 0xb5;
const MU = 0x3bc;

const isDigit = (code: number): boolean => code >= 48 && code <= 57;
const isLetter = (code: number): boolean => ((code | 32) >= 97 && (code | 32) <= 122) || code === MICRO || code === MU;
/** Characters of a unit of Go: those below a second have two. */
const goUnitLength = (unit: number): number => (unit < SECOND ? 2 : 1);

function endOfNumber(text: string, from: number): number {
  const limit = from + LONGEST_NUMBER;
  let index = from;
  while (index < limit && isDigit(text.charCodeAt(index))) index += 1;
  if (text.charCodeAt(index) !== POINT || !isDigit(text.charCodeAt(index + 1))) return index;
  index += 1;
  while (index < limit && isDigit(text.charCodeAt(index))) index += 1;
  return index;
}

function endOfLetters(text: string, from: number): number {
  let index = from;
  while (index - from <= LONGEST_UNIT && isLetter(text.charCodeAt(index))) index += 1;
  return index;
}

/** The number of [from, to), which `endOfNumber` found, in nanoseconds; NaN where it has no digit, or more than 9 decimals. */
function nanoseconds(text: string, from: number, to: number, unit: number): number {
  let point = from;
  while (point < to && text.charCodeAt(point) !== POINT) point += 1;
  const places = to - point - 1;
  const whole = digitsAt(text, from, point) * unit;
  if (places <= 0) return whole;
  return places <= 9 ? whole + digitsAt(text, point + 1, to) * (unit / powerOfTen(places)) : Number.NaN;
}

/** The unit of Go's durations at `at`, in nanoseconds; NaN where there is none: https://pkg.go.dev/time#ParseDuration. */
function goUnit(text: string, at: number): number {
  const first = text.charCodeAt(at);
  if (first === LOWER_S) return SECOND;
  if (first === LOWER_H) return HOUR;
  if (text.charCodeAt(at + 1) !== LOWER_S) return first === LOWER_M ? MINUTE : Number.NaN;
  if (first === LOWER_M) return MILLISECOND;
  if (first === LOWER_U || first === MICRO || first === MU) return MICROSECOND;
  return first === LOWER_N ? 1 : Number.NaN;
}

/** A unit in words or letters in [from, to), in nanoseconds; NaN where it is none. */
function wordUnit(text: string, from: number, to: number): number {
  const unit = goUnit(text, from);
  if (unit > 0 && to - from === goUnitLength(unit)) return unit;
  const word = text.slice(from, to);
  return WORD_UNITS.get(word) ?? (word.endsWith('s') ? WORD_UNITS.get(word.slice(0, -1)) : undefined) ?? Number.NaN;
}

/** Milliseconds, rounded up; null over 100 days and for NaN. */
function milliseconds(total: number): number | null {
  if (!(total <= MAX_NANOSECONDS)) return null;
  const whole = Math.floor(total / MILLISECOND);
  return whole * MILLISECOND < total ? whole + 1 : whole;
}

/**
 * A Go duration: `6m0s`, `1m9.696s`, `479.417207ms`, `135h9m46s`. At most 40 characters and 100 days; the result is whole
 * milliseconds, rounded up. null: absent, negative, without a unit or unreadable. Pure, total.
 */
export function readGoDurationMs(text: string | null | undefined): number | null {
  const duration = trimBlanks(text ?? '');
  if (duration === '' || duration.length > MAX_GO_LENGTH) return null;
  let total = 0;
  for (let index = 0; index < duration.length; ) {
    const unitStart = endOfNumber(duration, index);
    const unit = goUnit(duration, unitStart);
    total += nanoseconds(duration, index, unitStart, unit);
    index = unitStart + goUnitLength(unit);
  }
  return milliseconds(total);
}

/** A protobuf Duration as JSON: seconds with at most 9 decimals and the letter `s`. Whole milliseconds, rounded up. null: absent or unreadable. Pure, total. */
export function readProtobufDurationMs(text: string | null | undefined): number | null {
  const duration = trimBlanks(text ?? '');
  const end = duration.length - 1;
  return duration.endsWith('s') && endOfNumber(duration, 0) === end ? milliseconds(nanoseconds(duration, 0, end, SECOND)) : null;
}

/** Where the next part of a duration in words may begin: after spaces, a comma, `and`. Bounded. */
function skipJoint(text: string, from: number): number {
  let index = from;
  while (index - from < 4 && (text[index] === ' ' || text[index] === ',')) index += 1;
  return index > from && text.startsWith('and ', index) ? index + 4 : index;
}

/** Sums `<number> <unit>` parts from `from` on; NaN if there is none, or if `whole` and something else follows. */
function sumOfWords(text: string, from: number, whole: boolean): number {
  let total = Number.NaN;
  let index = from;
  let partEnd = from;
  for (let parts = 0; parts < MOST_PARTS && isDigit(text.charCodeAt(index)); parts += 1) {
    const numberEnd = endOfNumber(text, index);
    const unitStart = text.charCodeAt(numberEnd) === SPACE ? numberEnd + 1 : numberEnd;
    partEnd = endOfLetters(text, unitStart);
    const part = nanoseconds(text, index, numberEnd, wordUnit(text, unitStart, partEnd));
    if (Number.isNaN(part)) return whole ? Number.NaN : total;
    total = parts === 0 ? part : total + part;
    index = skipJoint(text, partEnd);
  }
  return whole && partEnd !== text.length ? Number.NaN : total;
}

/**
 * A wait in words: the first one behind `resets in`, `reset after`, `try again in`, `retry after` and their like (`resets in 2 days 3
 * hours`), or else the whole text (`2d 3h`). Units from nanoseconds to weeks are summed; whole milliseconds, rounded up. null: none. Pure, total, linear.
 */
export function readWordsDurationMs(text: string | null | undefined): number | null {
  const whole = trimBlanks(text ?? '');
  if (isDigit(whole.charCodeAt(0))) {
    const found = milliseconds(sumOfWords(whole.toLowerCase(), 0, true));
    if (found !== null) return found;
  }
  let rest = MAY_ANNOUNCE.test(whole) ? whole : '';
  for (let match = ANNOUNCEMENT.exec(rest); match !== null; match = ANNOUNCEMENT.exec(rest)) {
    rest = rest.slice(match.index + match[0].length);
    const found = milliseconds(sumOfWords(rest.slice(0, LONGEST_WAIT).toLowerCase(), 0, false));
    if (found !== null) return found;
  }
  return null;
}
