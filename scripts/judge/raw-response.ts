import type { Answer } from './answer.js';
import { InputError } from './input-error.js';

const STATUS_LINE = /^HTTP\/\d(?:\.\d)? (\d{3})(?: .*)?$/;
/** The end of a header block: the first blank line. */
const BLANK_LINE = /\r?\n\r?\n/;

function readHeaders(lines: readonly string[], name: string): Readonly<Record<string, string | readonly string[]>> {
  const headers = new Map<string, string | readonly string[]>();
  for (const line of lines) {
    const colon = line.indexOf(':');
    if (colon < 1) throw new InputError(`${name}: "${line.slice(0, 60)}" is not a header line (name: value).`, 1);
    const key = line.slice(0, colon).trim().toLowerCase();
    const value = line.slice(colon + 1).trim();
    const before = headers.get(key);
    headers.set(key, before === undefined ? value : [before, value].flat());
  }
  return Object.fromEntries(headers);
}

/** Splits a text at its first blank line; without one, all of it is head. */
function splitHead(text: string): readonly [head: string, rest: string] {
  const blank = BLANK_LINE.exec(text);
  if (blank === null) return [text.trimEnd(), ''];
  return [text.slice(0, blank.index), text.slice(blank.index + blank[0].length)];
}

/**
 * Reads a raw HTTP response, as `curl --include` prints one. Heads in front of the final one (100 Continue, a proxy's "Connection established") are
 * skipped. Throws `InputError`.
 */
export function readRawResponse(text: string, name: string): Answer {
  const [head, rest] = splitHead(text);
  const [statusLine = '', ...lines] = head.split(/\r?\n/);
  const status = Number(STATUS_LINE.exec(statusLine.trimEnd())?.[1] ?? Number.NaN);
  if (Number.isNaN(status)) {
    throw new InputError(`${name}: "${statusLine.slice(0, 60)}" is not a status line such as "HTTP/1.1 429 Too Many Requests".`, 1);
  }
  if (rest.startsWith('HTTP/') && status < 300) return readRawResponse(rest, name);
  return {
    id: name,
    platform: null,
    accountType: null,
    model: null,
    status,
    headers: readHeaders(lines, name),
    body: rest.replace(/\r?\n$/, ''),
    resetAt: null,
  };
}
