import { isObject, own, parseJson } from './json.js';

/** A link that an upstream asks the account's owner to open. */
export interface VerificationLink {
  /** An absolute https URL of at most 2,048 characters. */
  readonly url: string;
  /** Whether its host is on the list and no foreign address is nested in it: only then may a page make it clickable. */
  readonly trusted: boolean;
}

/** Hosts whose links are trusted. An entry may go on with a path (`support.google.com/accounts`): then only links below it are. */
export const DEFAULT_VERIFICATION_HOSTS: readonly string[] = [
  'accounts.google.com',
  'support.google.com',
  'myaccount.google.com',
  'console.cloud.google.com',
];

const MAX_LINK = 2048;
const MAX_READ = 65_536;
const MAX_DETAILS = 16;
const MAX_NESTED_JSON = 3;
const SCHEME = 'https://';
/** Blanks, backslashes, control and format characters: an address bar drops or repairs them, so that a reader is shown another link than is opened. */
const unsafe = (): RegExp => /[\s\\\p{Cc}\p{Cf}]/u;
const NON_ASCII = /[^\x20-\x7e]/;
const STILL_ENCODED = /%(?:25|2f|3a|5c)/i;
const ABOUT_VERIFICATION = /validation|verify|appeal/i;
/** One character more than a link may have, so that a longer one is dropped and not cut. */
const LINK_IN_TEXT = /https:\/\/[^\s"'\\<>]{1,2041}/;
const LINK_FIELDS: readonly string[] = ['validation_url', 'validation_link', 'appeal_url'];

function endOfHost(text: string, from: number): number {
  for (let index = from; index < text.length; index += 1) {
    if ('/?#'.includes(text.charAt(index))) return index;
  }
  return text.length;
}

function isListed(host: string, path: string, hosts: readonly string[]): boolean {
  return hosts.some((entry) => {
    const slash = entry.indexOf('/');
    if (slash === -1) return entry.toLowerCase() === host;
    const prefix = entry.slice(slash).replace(/\/$/, '');
    return entry.slice(0, slash).toLowerCase() === host && path.startsWith(prefix) && '/?#'.includes(path.charAt(prefix.length));
  });
}

/** Whether the colon at `index` may stand there: behind a digit (a time), or in `https://`. */
function isHarmlessColon(text: string, index: number): boolean {
  const before = text.slice(Math.max(0, index - 6), index);
  return /[0-9]$/.test(before) || (/(?:^|[^a-z0-9+.-])https$/.test(before) && text.startsWith('//', index + 1));
}

/** Whether lower-case text behind a host names an address other than `https://<host of the list>`: by a scheme or by `//`. */
function namesForeignAddress(text: string, hosts: readonly string[]): boolean {
  for (let index = 0; index < text.length; index += 1) {
    const character = text[index];
    if (character === '\\' || (character === ':' && !isHarmlessColon(text, index))) return true;
    if (character !== '/' || text[index + 1] !== '/') continue;
    const end = endOfHost(text, index + 2);
    if (!text.endsWith('https:', index) || !isListed(text.slice(index + 2, end), text.slice(end), hosts)) return true;
    index = end - 1;
  }
  return false;
}

/** Percent-decoded byte by byte, and without the blanks that a browser drops from an address. */
const decodeOnce = (text: string): string =>
  text.replace(/%([0-9a-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))).replace(/[\s\p{Cc}]/gu, '');

/** Looks at the text behind the host as it is, decoded, and decoded twice; a mark that is encoded deeper still counts as foreign. */
function nestsForeignAddress(text: string, hosts: readonly string[]): boolean {
  const plain = text.toLowerCase();
  const once = decodeOnce(plain).toLowerCase();
  const twice = decodeOnce(once).toLowerCase();
  return STILL_ENCODED.test(twice) || [plain, once, twice].some((view) => namesForeignAddress(view, hosts));
}

/** A link with its host in punycode and the rest percent-encoded; empty where the host would silently become an ordinary one (full-width letters). */
function inAscii(url: string, host: string): string {
  const { href, hostname } = new URL(url);
  const isRepaired = NON_ASCII.test(host) && !hostname.includes('xn--');
  return isRepaired || NON_ASCII.test(href) ? '' : href;
}

/**
 * A link as it may be stored: https, no user, no port, no blanks, backslashes, control or bidirectional characters, at most 2,048
 * characters; any other is dropped (null). `trusted` tells whether the host is exactly one of `hosts` and the rest names no other address, also
 * percent-encoded. A link that is not ASCII comes back in its ASCII form. Pure, total, linear.
 */
export function checkLink(url: string, hosts: readonly string[] = DEFAULT_VERIFICATION_HOSTS): VerificationLink | null {
  if (url.length > MAX_LINK || url.slice(0, SCHEME.length).toLowerCase() !== SCHEME || unsafe().test(url)) return null;
  const hostEnd = endOfHost(url, SCHEME.length);
  const host = url.slice(SCHEME.length, hostEnd).toLowerCase();
  if (host === '' || /[@:%]/.test(host) || !URL.canParse(url)) return null;
  if (NON_ASCII.test(url)) return checkLink(inAscii(url, host), hosts);
  const rest = url.slice(hostEnd);
  return { url, trusted: isListed(host, rest, hosts) && !nestsForeignAddress(rest, hosts) };
}

function field(value: unknown, name: string): unknown {
  return isObject(value) ? own(value, name) : undefined;
}

function items(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value.slice(0, MAX_DETAILS) : [];
}

/** The `details` of a Google error, also where it is wrapped in an array, in a string, or in the message of another error. */
function errorDetails(value: unknown, depth: number = 0): readonly unknown[] {
  if (depth > MAX_NESTED_JSON) return [];
  if (typeof value === 'string') return /^\s{0,64}[[{"]/.test(value) ? errorDetails(parseJson(value), depth + 1) : [];
  if (Array.isArray(value)) return errorDetails(value[0], depth + 1);
  const error = field(value, 'error') ?? value;
  const details = items(field(error, 'details'));
  return details.length > 0 ? details : errorDetails(typeof error === 'string' ? error : field(error, 'message'), depth + 1);
}

function firstLink(candidates: readonly unknown[], hosts: readonly string[]): VerificationLink | null {
  for (const candidate of candidates) {
    const link = typeof candidate === 'string' ? checkLink(candidate.trim(), hosts) : null;
    if (link !== null) return link;
  }
  return null;
}

function linkInText(text: string, hosts: readonly string[]): VerificationLink | null {
  const unescaped = text
    .replace(/\\{1,4}\//g, '/')
    .replace(/\\{1,4}u00([2-7][0-9a-f])/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  const found = LINK_IN_TEXT.exec(unescaped)?.[0] ?? '';
  let end = found.length;
  while (end > 0 && '.,;:!)]}'.includes(found.charAt(end - 1))) end -= 1;
  return found.length > MAX_LINK ? null : checkLink(found.slice(0, end), hosts);
}

/**
 * The link by which an account's owner verifies the account or appeals: of each detail of the error `validation_url`, `validation_link` or
 * `appeal_url`, then the links of its Help, then the first https link of a text that speaks of validation, verifying or an appeal. What
 * `checkLink` drops is passed over; where a field offered a link and all were dropped, the text is not searched, for it would yield a piece of one of them. Reads the first 64 Ki characters. null: none. Pure, total, linear. Source: sub2api `extractValidationURL`.
 */
export function extractVerificationLink(body: string, hosts: readonly string[] = DEFAULT_VERIFICATION_HOSTS): VerificationLink | null {
  const details = body.length > MAX_READ ? [] : errorDetails(body);
  const fields = details.flatMap((detail) => LINK_FIELDS.map((name) => field(field(detail, 'metadata'), name)));
  const structured = firstLink(fields, hosts);
  const text = body.slice(0, MAX_READ);
  if (structured !== null || !ABOUT_VERIFICATION.test(text)) return structured;
  const help = details.flatMap((detail) => items(field(detail, 'links')).map((link) => field(link, 'url')));
  const isOffered = [...fields, ...help].some((candidate) => typeof candidate === 'string');
  return firstLink(help, hosts) ?? (isOffered ? null : linkInText(text, hosts));
}
