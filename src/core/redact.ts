import { createSecretFinder, type Span } from './secret-finder.js';

const REDACTED = '[redacted]';

/** Where a credential may begin: the prefix of a class, a scheme, a name before its value, or the sign of an e-mail address. */
const TRIGGERS =
  /(?<prefix>sk-|AIza|ya29\.|eyJ|gsk_|xai-|GOCSPX-|1\/\/|1\\\/\\\/|1%2F%2F)|(?<scheme>(?:bearer|basic)(?:\s|%20|\+){1,3})|(?<name>key|token|secret|passw(?:or)?d|credential|signature|session|authorization|cookie)(?:\\{0,3}["']|%22)?\s{0,2}(?<separator>[:=]|%3[AD])\s{0,2}(?:\[?\s{0,2}(?<quote>\\{0,3}["']))?|(?<sign>@|%40)/gi;
/** The prefixes whose letters count as they are written. */
const PREFIXES = /sk-|AIza|ya29\.|eyJ|gsk_|xai-|GOCSPX-/;
/** Prefixes that stay as the label of the class. */
const LABELS: ReadonlySet<string> = new Set(['sk-', 'AIza']);
/** A run of characters behind a prefix is a credential from this length on; within a word (`disk-usage`) from the second. */
const SHORTEST_RUN = 6;
const SHORTEST_RUN_IN_WORD = 20;
/** A value that only a scheme or a colon announces may be a word of a sentence (`bearer token`), unless it is this long or looks random. */
const LONGEST_WORD = 19;
const SHORTEST_RANDOM = 8;
const LONGEST_LOCAL_PART = 64;
const LONGEST_DOMAIN = 255;
const ENDS_OF_VALUE = ' \t\r\n&,;<>()[]{}|"\'#';
const ENDS_OF_LINE = '\r\n"\'';

const isWord = (code: number): boolean => (code >= 48 && code <= 57) || ((code | 32) >= 97 && (code | 32) <= 122);
const isLocalPart = (code: number): boolean => isWord(code) || code > 0x7f || '._%+-'.includes(String.fromCharCode(code));
const isDomain = (code: number): boolean => isWord(code) || code > 0x7f || code === 45 || code === 46;

/** The end of letters, digits, `-`, `_`, `*`, and dots between them. */
function endOfRun(text: string, from: number): number {
  const isRun = (index: number): boolean => isWord(text.charCodeAt(index)) || '-_*'.includes(text.charAt(index) || ' ');
  let index = from;
  while (isRun(index) || (text[index] === '.' && isRun(index + 1))) index += 1;
  return index;
}

function endOfValue(text: string, from: number, ends: string): number {
  let index = from;
  while (index < text.length && !ends.includes(text.charAt(index)) && (text[index] !== '\\' || text[index + 1] === '/')) index += 1;
  return index;
}

/** The end of a quoted value: the next quote that is escaped as deeply as the first, else the end of the text. */
function endOfQuoted(text: string, from: number, quote: string): number {
  const mark = quote.slice(-1);
  const depth = quote.length - 1;
  for (let index = text.indexOf(mark, from); index !== -1; index = text.indexOf(mark, index + 1)) {
    let escapes = 0;
    while (index - escapes > from && text[index - escapes - 1] === '\\') escapes += 1;
    if (escapes % (2 * depth + 2) === depth) return index - depth;
  }
  return text.length;
}

function looksRandom(value: string): boolean {
  return value.length > LONGEST_WORD || (value.length >= SHORTEST_RANDOM && /[0-9]|.[A-Z]/.test(value));
}

function afterPrefix(text: string, at: number, prefix: string): Span | null {
  if (!PREFIXES.test(prefix) && !prefix.startsWith('1')) return null;
  const from = at + prefix.length;
  const to = endOfRun(text, from);
  const shortest = at > 0 && isWord(text.charCodeAt(at - 1)) ? SHORTEST_RUN_IN_WORD : SHORTEST_RUN;
  return to - from >= shortest ? { from: LABELS.has(prefix) ? from : at, to } : null;
}

/** The end of a value that a name announces, with the words behind `Bearer` and `Basic`. */
function endOfAssigned(text: string, from: number): number {
  let start = from;
  let end = endOfValue(text, start, ENDS_OF_VALUE);
  while (/^(?:bearer|basic)$/i.test(text.slice(start, end))) {
    start = end;
    while (text[start] === ' ') start += 1;
    end = endOfValue(text, start, ENDS_OF_VALUE);
  }
  return end;
}

function afterScheme(text: string, from: number): Span | null {
  const to = endOfValue(text, from, ENDS_OF_VALUE);
  return looksRandom(text.slice(from, to)) ? { from, to } : null;
}

function afterName(text: string, from: number, groups: Readonly<Record<string, string | undefined>>): Span | null {
  if (groups.quote !== undefined) return { from, to: endOfQuoted(text, from, groups.quote) };
  if (groups.name !== undefined && /^(?:authorization|cookie)$/i.test(groups.name))
    return { from, to: endOfValue(text, from, ENDS_OF_LINE) };
  const assigns = groups.separator === '=' || groups.separator?.toUpperCase() === '%3D';
  return assigns ? { from, to: endOfAssigned(text, from) } : afterScheme(text, from);
}

/** The e-mail address around the sign of [at, from), no further left than `floor`. */
function aroundSign(text: string, at: number, options: { readonly from: number; readonly floor: number }): Span | null {
  const first = Math.max(options.floor, at - LONGEST_LOCAL_PART);
  let start = at;
  while (start > first && isLocalPart(text.charCodeAt(start - 1))) start -= 1;
  let end = options.from;
  while (end - options.from < LONGEST_DOMAIN && isDomain(text.charCodeAt(end))) end += 1;
  while (end > options.from && !isWord(text.charCodeAt(end - 1)) && text.charCodeAt(end - 1) < 0x80) end -= 1;
  const hasDomain = text.slice(options.from, end).includes('.');
  return start < at && hasDomain ? { from: start, to: end } : null;
}

function credentialAt(text: string, match: RegExpMatchArray, floor: number): Span | null {
  const groups = match.groups ?? {};
  const at = match.index ?? 0;
  const from = at + match[0].length;
  if (groups.prefix !== undefined) return afterPrefix(text, at, groups.prefix);
  if (groups.scheme !== undefined) return afterScheme(text, from);
  return groups.sign === undefined ? afterName(text, from, groups) : aroundSign(text, at, { from, floor });
}

function credentials(text: string): readonly Span[] {
  const found: Span[] = [];
  let done = 0;
  for (const match of text.matchAll(TRIGGERS)) {
    const span = match.index < done ? null : credentialAt(text, match, done);
    if (span === null || span.to === span.from) continue;
    found.push(span);
    done = span.to;
  }
  return found;
}

/** `text` with each span replaced; spans are in order of `from` and may overlap. */
function replaceSpans(text: string, spans: readonly Span[]): string {
  let result = '';
  let done = 0;
  for (const { from, to } of spans) {
    if (from > done || done === 0) result += text.slice(done, from) + REDACTED;
    done = Math.max(done, to);
  }
  return result + text.slice(done);
}

/**
 * Text without anything that has the shape of a credential: keys and tokens by their prefix, JSON web tokens, `Bearer` and `Basic` values,
 * values behind a name (`key=…`, `"refresh_token":"…"`, cookies), e-mail addresses. Errs on the side of removing. Pure, total, linear, idempotent.
 *
 * @example redactShapes('Incorrect key sk-abcdef0123') // 'Incorrect key sk-[redacted]'
 */
export function redactShapes(text: string): string {
  return replaceSpans(text, credentials(text));
}

/**
 * A function that removes the given secrets from a text in any of their forms (see `createSecretFinder`), and then whatever has the
 * shape of a credential. Keep it for as long as the secrets are valid: compiling costs more than using it. Pure, total, linear.
 */
export function createRedactor(secrets: Iterable<string>): (text: string) => string {
  const find = createSecretFinder(secrets);
  return (text) => {
    const spans = find(text);
    return redactShapes(spans.length === 0 ? text : replaceSpans(text, spans));
  };
}
