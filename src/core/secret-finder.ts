/** A part of a text: the characters from `from` up to, not including, `to`. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** Shorter secrets would be found in ordinary words; it is also the width of the rolling hash. */
const SHORTEST_SECRET = 6;
const BASE = 0x01000193;
const BASE_TO_WIDTH = Array.from({ length: SHORTEST_SECRET }).reduce<number>((power) => Math.imul(power, BASE), 1);
/** What may split a secret without hiding it: blanks and invisible characters; then also blanks as escapes of JSON. */
const blanks = (): RegExp => /[\s\p{Cc}\p{Cf}]+/gu;
const blanksAndEscapes = (): RegExp => /(?:[\s\p{Cc}\p{Cf}]|\\{1,4}[nrt])+/gu;

const inJson = (text: string): string => JSON.stringify(text).slice(1, -1);
const inUrl = (text: string): string => encodeURIComponent(text.replace(/\p{Cs}/gu, '\ufffd'));

/** The characters of base64 that `secret` alone decides where it stands `before` bytes behind a multiple of three. */
function inBase64(secret: string, before: number): string {
  const bytes = inUrl(secret).replace(/%([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  const from = Math.ceil((before * 8) / 6);
  return btoa('0'.repeat(before) + bytes).slice(from, Math.floor(((before + bytes.length) * 8) / 6));
}

/** The forms in which a secret is echoed. */
const ENCODINGS: readonly ((secret: string) => string)[] = [
  (secret) => secret,
  inUrl,
  (secret) => inUrl(inUrl(secret)),
  (secret) => inUrl(secret).replace(/%[0-9A-F]{2}/g, (byte) => byte.toLowerCase()),
  (secret) => inUrl(secret).replaceAll('%20', '+'),
  inJson,
  (secret) => inJson(inJson(secret)),
  (secret) => inJson(secret).replaceAll('/', '\\/'),
  (secret) => inJson(secret).replace(/[<>&='+]/g, (character) => `\\u00${character.charCodeAt(0).toString(16)}`),
  (secret) => inBase64(secret, 0),
  (secret) => inBase64(secret, 1),
  (secret) => inBase64(secret, 2),
];

/** Forms by the hash of a few of their characters. */
type Index = ReadonlyMap<number, readonly string[]>;

/** What is looked for. Whole forms are found by their end: credentials of one class begin alike and end at random. */
interface Patterns {
  readonly byEnd: Index;
  /** For a secret that the end of the text cuts off. */
  readonly byBeginning: Index;
  readonly longest: number;
}

/** The hash of the 6 characters up to `index`, out of that of the 6 before; ahead of the text there is nothing (`Math.imul` takes NaN as 0). */
function roll(hash: number, text: string, index: number): number {
  const leaving = Math.imul(text.charCodeAt(index - SHORTEST_SECRET), BASE_TO_WIDTH);
  return (Math.imul(hash, BASE) + text.charCodeAt(index) - leaving) | 0;
}

function indexBy(forms: readonly string[], part: (form: string) => string): Index {
  const index = new Map<number, string[]>();
  for (const form of forms) {
    let hash = 0;
    const characters = part(form);
    for (let at = 0; at < characters.length; at += 1) hash = roll(hash, characters, at);
    const group = index.get(hash);
    if (group === undefined) index.set(hash, [form]);
    else group.push(form);
  }
  return index;
}

function compile(candidates: Iterable<string>): Patterns {
  const forms = [...candidates].filter((form) => form.length >= SHORTEST_SECRET);
  return {
    byEnd: indexBy(forms, (form) => form.slice(-SHORTEST_SECRET)),
    byBeginning: indexBy(forms, (form) => form.slice(0, SHORTEST_SECRET)),
    longest: forms.reduce((length, form) => Math.max(length, form.length), 0),
  };
}

/** Adds a span that ends no earlier than the last one, or makes that one longer. */
function add(found: Span[], span: Span): void {
  const last = found.at(-1);
  if (last === undefined || span.from > last.to) found.push(span);
  else found[found.length - 1] = { from: Math.min(span.from, last.from), to: span.to };
}

function occurrences(text: string, patterns: Patterns): readonly Span[] {
  const found: Span[] = [];
  let hash = 0;
  let cutAt = text.length;
  for (let index = 0; index < text.length; index += 1) {
    hash = roll(hash, text, index);
    const to = index + 1;
    for (const form of patterns.byEnd.get(hash) ?? []) {
      if (text.endsWith(form, to)) add(found, { from: to - form.length, to });
    }
    const from = to - SHORTEST_SECRET;
    if (from < 0 || cutAt < text.length || text.length - from > patterns.longest) continue;
    if (patterns.byBeginning.get(hash)?.some((form) => form.startsWith(text.slice(from)))) cutAt = from;
  }
  return cutAt < text.length ? [...found, { from: cutAt, to: text.length }] : found;
}

/** `text` without `breaks`, and where each character that is left stood in it. */
function unbroken(text: string, breaks: RegExp): { readonly joined: string; readonly places: readonly number[] } {
  const places: number[] = [];
  let joined = '';
  let from = 0;
  const keep = (to: number): void => {
    joined += text.slice(from, to);
    for (let place = from; place < to; place += 1) places.push(place);
  };
  for (const match of text.matchAll(breaks)) {
    keep(match.index);
    from = match.index + match[0].length;
  }
  keep(text.length);
  return { joined, places };
}

function occurrencesAcross(text: string, patterns: Patterns, breaks: RegExp): readonly Span[] {
  const { joined, places } = unbroken(text, breaks);
  if (joined.length === text.length) return [];
  return occurrences(joined, patterns).map(({ from, to }) => ({ from: places[from] ?? 0, to: (places[to - 1] ?? text.length - 1) + 1 }));
}

/**
 * A function that finds every occurrence of the secrets in a text: as they are, URL-encoded, JSON-escaped, in base64 (standard and URL
 * alphabet), each also split by blanks, line breaks or invisible characters, or cut off by the end of the text. Outer blanks of a secret do not count; one
 * of fewer than 6 characters is ignored. The spans may overlap and are in order of `from`. Pure, total, linear in the text.
 */
export function createSecretFinder(secrets: Iterable<string>): (text: string) => readonly Span[] {
  const forms = new Set<string>();
  for (const secret of secrets) {
    if (secret.trim().length < SHORTEST_SECRET) continue;
    for (const encode of ENCODINGS) {
      const form = encode(secret.trim());
      const inUrlAlphabet = form.replaceAll('+', '-').replaceAll('/', '_');
      for (const variant of [form, inUrlAlphabet]) forms.add(variant).add(unbroken(variant, blanks()).joined);
    }
  }
  const patterns = compile(forms);
  if (patterns.longest === 0) return () => [];
  return (text) => {
    const plain = [...occurrences(text, patterns), ...occurrencesAcross(text, patterns, blanks())];
    const escaped = text.includes('\\') ? occurrencesAcross(text, patterns, blanksAndEscapes()) : [];
    return [...plain, ...escaped].sort((a, b) => a.from - b.from);
  };
}
