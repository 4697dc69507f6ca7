import { contentEnd, contentStart, digitsAt } from './read-number.js';

const SECOND = 1e9;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const WEEK = 7 * DAY;
const MILLISECOND = 1e6;
/** 100 days in nanoseconds: the sums stay exact below it, and no wait that is longer is plausible. */
const MAX_NANOSECONDS = 100 * DAY;
/** The longest Go duration that is read, in characters. */
const MAX_GO_LENGTH = 40;
/** Bounds of a scan, in characters: they keep it linear. */
const LONGEST_NUMBER = 24;
const LONGEST_UNIT = 12;
const MOST_PARTS = 8;

/** Units of Go durations, in nanoseconds: https://pkg.go.dev/time#ParseDuration. */
const GO_UNITS: ReadonlyMap<string, number> = new Map([
  ['h', HOUR],
  ['m', MINUTE],
  ['s', SECOND],
  ['ms', MILLISECOND],
  ['us', 1000],
  ['\u00b5s', 1000],
  ['\u03bcs', 1000],
  ['ns', 1],
]);

/** Units as people write them, in nanoseconds; a plural `s` is taken off first. */
const WORD_UNITS: ReadonlyMap<string, number> = new Map([
  ...GO_UNITS,
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

/** Phrases that announce a wait, lower-case. */
const MARKERS: readonly string[] = [
  'resets in ',
  'reset in ',
  'resets after ',
  'reset after ',
  'try again in ',
  'retry in ',
  'retry after ',
];

const isDigit = (code: number): boolean => code >= 48 && code <= 57;
const isLetter = (code: number): boolean => (code | 32) >= 97 && (code | 32) <= 122;

function endOfNumber(text: string, from: number): number {
  const limit = from + LONGEST_NUMBER;
  let index = from;
  while (index < limit && isDigit(text.charCodeAt(index))) index += 1;
  if (text[index] !== '.' || !isDigit(text.charCodeAt(index + 1))) return index;
  index += 1;
  while (index < limit && isDigit(text.charCodeAt(index))) index += 1;
  return index;
}

function endOfUnit(text: string, from: number): number {
  let index = from;
  while (
    index - from <= LONGEST_UNIT &&
    (isLetter(text.charCodeAt(index)) || text.charCodeAt(index) === 0xb5 || text.charCodeAt(index) === 0x3bc)
  ) {
    index += 1;
  }
  return index;
}

/** The number of [from, to) in nanoseconds; NaN where it has more than 12 digits or 9 decimals. */
function nanoseconds(text: string, from: number, to: number, unit: number): number {
  const point = text.indexOf('.', from);
  const wholeEnd = point === -1 || point >= to ? to : point;
  const whole = wholeEnd - from <= 12 ? digitsAt(text, from, wholeEnd) * unit : Number.NaN;
  if (wholeEnd === to) return whole;
  const places = to - wholeEnd - 1;
  return places <= 9 ? whole + (digitsAt(text, wholeEnd + 1, to) * unit) / 10 ** places : Number.NaN;
}

function wordUnit(word: string): number | undefined {
  return WORD_UNITS.get(word) ?? (word.length > 2 && word.endsWith('s') ? WORD_UNITS.get(word.slice(0, -1)) : undefined);
}

/** Milliseconds, rounded up; null over 100 days and for NaN. */
function milliseconds(total: number): number | null {
  if (!(total <= MAX_NANOSECONDS)) return null;
  const rest = total % MILLISECOND;
  return (total - rest) / MILLISECOND + (rest > 0 ? 1 : 0);
}

/**
 * A Go duration: `6m0s`, `1m9.696s`, `479.417207ms`, `135h9m46s`. At most 40 characters and 100 days; the result is whole
 * milliseconds, rounded up. null: absent, negative, without a unit or unreadable. Pure, total.
 */
export function readGoDurationMs(text: string | null | undefined): number | null {
  if (text === null || text === undefined) return null;
  const start = contentStart(text);
  const end = contentEnd(text, start);
  if (end === start || end - start > MAX_GO_LENGTH) return null;
  let total = 0;
  for (let index = start; index < end; ) {
    const unitStart = endOfNumber(text, index);
    const unitEnd = endOfUnit(text, unitStart);
    total += nanoseconds(text, index, unitStart, GO_UNITS.get(text.slice(unitStart, unitEnd)) ?? Number.NaN);
    if (Number.isNaN(total)) return null;
    index = unitEnd;
  }
  return milliseconds(total);
}

/** A protobuf Duration as JSON: seconds with at most 9 decimals and the letter `s`. Whole milliseconds, rounded up. null: absent or unreadable. Pure, total. */
export function readProtobufDurationMs(text: string | null | undefined): number | null {
  if (text === null || text === undefined) return null;
  const start = contentStart(text);
  const end = contentEnd(text, start) - 1;
  return text[end] === 's' && endOfNumber(text, start) === end ? milliseconds(nanoseconds(text, start, end, SECOND)) : null;
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
    const unitStart = text[numberEnd] === ' ' ? numberEnd + 1 : numberEnd;
    partEnd = endOfUnit(text, unitStart);
    const unit = wordUnit(text.slice(unitStart, partEnd));
    if (unit === undefined) return whole ? Number.NaN : total;
    const part = nanoseconds(text, index, numberEnd, unit);
    total = parts === 0 ? part : total + part;
    index = skipJoint(text, partEnd);
  }
  return whole && partEnd !== contentEnd(text, 0) ? Number.NaN : total;
}

/** The first readable wait behind `marker` in a lower-case text. */
function waitAfter(text: string, marker: string): number | null {
  for (let at = text.indexOf(marker); at !== -1; at = text.indexOf(marker, at + 1)) {
    const found = milliseconds(sumOfWords(text, at + marker.length, false));
    if (found !== null) return found;
  }
  return null;
}

/**
 * The wait that a message states after `marker`, a lower-case phrase (`'try again in '`) that is found in any letter case: a Go
 * duration, or numbers with unit words (`33 seconds`). Whole milliseconds, rounded up. The first readable one counts; null: none. Pure, total, linear.
 *
 * @example findDurationMs('Please try again in 12.441s.', 'try again in ') // 12441
 */
export function findDurationMs(message: string, marker: string): number | null {
  return waitAfter(message.toLowerCase(), marker);
}

/**
 * A wait in words: after a phrase such as `resets in` (`resets in 2 days 3 hours`), or the whole text (`2d 3h`). Units from
 * milliseconds to weeks are summed; whole milliseconds, rounded up. null: none. Pure, total, linear.
 */
export function readWordsDurationMs(text: string | null | undefined): number | null {
  if (text === null || text === undefined) return null;
  const words = text.toLowerCase();
  for (const marker of MARKERS) {
    const found = waitAfter(words, marker);
    if (found !== null) return found;
  }
  return milliseconds(sumOfWords(words, contentStart(words), true));
}
