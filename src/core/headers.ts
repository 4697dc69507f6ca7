/** Response headers in one of two forms that can be read by a lower-case name. */
import type { HeadersLike } from './exchange.js';

/** Headers that answer to a lower-case name: a plain object with lower-case names, or something with a `get` such as `Headers`. */
export type NormalHeaders = Readonly<Record<string, unknown>>;

/** No header at all. */
export const NO_HEADERS: NormalHeaders = Object.freeze(Object.create(null));

/** How many headers are looked at when names have to be lower-cased. */
const MAX_HEADERS = 200;
/** The longest value that is read. */
const MAX_VALUE = 1024;

function joined(before: unknown, value: unknown): unknown {
  return typeof before === 'string' && typeof value === 'string' ? `${before}, ${value}` : value;
}

function lowerCased(entries: Iterable<readonly [unknown, unknown]>): NormalHeaders {
  const lower: Record<string, unknown> = Object.create(null);
  let count = 0;
  for (const entry of entries) {
    count += 1;
    if (count > MAX_HEADERS) break;
    const [name, value] = entry;
    if (typeof name !== 'string') continue;
    const key = name.toLowerCase();
    lower[key] = joined(lower[key], value);
  }
  return lower;
}

/** Node's `rawHeaders` form: name, value, name, value. */
function pairs(flat: readonly unknown[]): (readonly [unknown, unknown])[] {
  const found: (readonly [unknown, unknown])[] = [];
  for (let index = 0; index + 1 < flat.length; index += 2) found.push([flat[index], flat[index + 1]]);
  return found;
}

function convert(headers: object): NormalHeaders {
  if (Array.isArray(headers)) return lowerCased(typeof headers[0] === 'string' ? pairs(headers) : headers);
  if ('get' in headers && typeof headers.get === 'function' && !(headers instanceof Map)) return headers as unknown as NormalHeaders;
  if (Symbol.iterator in headers) return lowerCased(headers as Iterable<readonly [unknown, unknown]>);
  return lowerCased(Object.entries(headers));
}

/**
 * Headers made readable by lower-case names. A plain object with an own `date` or `content-type` counts as lower-cased and is taken as it is; any other
 * form is copied (at most 200 headers). Total: what cannot be read has no headers.
 */
export function normalizeHeaders(headers: HeadersLike | null | undefined): NormalHeaders {
  try {
    if (typeof headers !== 'object' || headers === null) return NO_HEADERS;
    if (Object.hasOwn(headers, 'content-type') || Object.hasOwn(headers, 'date')) return headers as NormalHeaders;
    return convert(headers);
  } catch {
    return NO_HEADERS;
  }
}

/** A header's value out of a getter, as whoever made that has it. */
function getOf(headers: NormalHeaders, name: string): unknown {
  return typeof headers.get === 'function' ? headers.get(name) : null;
}

function textOf(value: unknown): string | null {
  if (typeof value === 'string') return value.length <= MAX_VALUE ? value : null;
  return Array.isArray(value)
    ? value
        .filter((item) => typeof item === 'string')
        .join(', ')
        .slice(0, MAX_VALUE)
    : null;
}

/** One header's value; null where it is absent, over 1 KiB or unreadable. Several values are joined by a comma. `name` is lower-case. Total. */
export function readHeader(headers: NormalHeaders, name: string): string | null {
  try {
    // A plain object answers at once; `Headers` has no property of a header's name.
    const value = headers[name];
    if (typeof value === 'string' && value.length <= MAX_VALUE) return value;
    return textOf(value === undefined ? getOf(headers, name) : value);
  } catch {
    return null;
  }
}

/** The same of a value that was read from a plain object already. Throws where the value does. */
export function headerText(value: unknown): string | null {
  return typeof value === 'string' && value.length <= MAX_VALUE ? value : textOf(value);
}

/**
 * The same for a name that is fixed, `fixedHeader(headers, DATE, headers[DATE])`: ten times cheaper, and not total, for an object's own property may throw.
 * `readAgain` makes it so.
 */
export function fixedHeader(headers: NormalHeaders, name: string, value: unknown): string | null {
  return typeof value === 'string' && value.length <= MAX_VALUE ? value : textOf(value === undefined ? getOf(headers, name) : value);
}

/** Copies of these headers, for whoever met an exception with `fixedHeader`. Total. */
export function readAgain(headers: NormalHeaders, names: readonly string[]): NormalHeaders {
  return Object.fromEntries(names.map((name) => [name, readHeader(headers, name) ?? undefined]));
}

/**
 * Reads a header that may hold several values, such as `5, 9999`: the largest that `read` understands, for a later end is the more conservative one.
 * null where none is readable. Total.
 */
export function readMost(text: string | null, read: (value: string) => number | null): number | null {
  if (text === null) return null;
  const whole = read(text);
  if (whole !== null || !text.includes(',')) return whole;
  let most: number | null = null;
  for (const part of text.split(',')) {
    const value = read(part);
    if (value !== null && (most === null || value > most)) most = value;
  }
  return most;
}
