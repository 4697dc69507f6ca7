/** What kind of body came, its text, and its JSON: bounded, lazy, at most one parse of the whole. */
import type { UpstreamResponse } from './exchange.js';
import { isObject, type JsonObject, parseJson } from './json.js';
import type { BodyKind } from './signal.js';

/** Bytes of a body that a decision may look at. */
export const MAX_BODY_BYTES = 65_536;

/** A body over `MAX_BODY_BYTES` is not parsed; only its head is looked at. */
const SNIFFED = 4_096;
/** JSON in a string in a string: how deep it is followed. */
const MAX_NESTING = 3;
const MAX_FRAMES = 32;

const decoder = new TextDecoder();

/** A body that was looked at. `root` is its JSON object, if it has one. */
export interface ParsedBody {
  readonly kind: Exclude<BodyKind, 'unread'>;
  readonly root: JsonObject | null;
  readonly text: string;
  /** Whether its texts may hold control characters: JSON can only have them as escapes, and most errors have no backslash at all. */
  readonly mayHaveControls: boolean;
}

function withRoot(root: JsonObject | null, text: string, mayHaveControls: boolean = true): ParsedBody {
  return { kind: root === null ? 'text' : 'json', root, text, mayHaveControls };
}

function withoutRoot(kind: ParsedBody['kind'], text: string): ParsedBody {
  return { kind, root: null, text, mayHaveControls: true };
}

const EMPTY: ParsedBody = withoutRoot('empty', '');

/** The first `MAX_BODY_BYTES` of a body as text; an object is written as JSON. Total. */
export function bodyText(body: UpstreamResponse['body']): string {
  if (typeof body === 'string') return body.length > MAX_BODY_BYTES ? body.slice(0, MAX_BODY_BYTES) : body;
  try {
    if (body instanceof Uint8Array) return decoder.decode(body.subarray(0, MAX_BODY_BYTES));
    return isObject(body) || Array.isArray(body) ? (JSON.stringify(body) ?? '').slice(0, MAX_BODY_BYTES) : '';
  } catch {
    return '';
  }
}

/** Index of the first character that is neither blank nor a byte order mark. */
function firstVisible(text: string): number {
  let index = 0;
  while (index < text.length) {
    const code = text.charCodeAt(index);
    if (code > 32 && code !== 0xfeff && code !== 0xa0) return index;
    index += 1;
  }
  return index;
}

/** The object that a JSON value stands for: the first of an array, or the JSON in a string. */
function unwrap(value: unknown, depth = 0): JsonObject | null {
  if (isObject(value)) return value;
  if (depth >= MAX_NESTING) return null;
  if (Array.isArray(value)) return unwrap(value[0], depth + 1);
  return typeof value === 'string' && value.length <= MAX_BODY_BYTES ? unwrap(parseJson(value), depth + 1) : null;
}

/** Whether a frame of a stream is an error. */
function isErrorFrame(root: JsonObject): boolean {
  return Object.hasOwn(root, 'error') || root.type === 'error' || root.type === 'response.failed' || Object.hasOwn(root, 'detail');
}

/** The JSON of one `data:` field, which may go on over several lines. */
function frameOf(event: string): JsonObject | null {
  const at = event.indexOf('data:');
  if (at === -1) return null;
  return unwrap(parseJson(event.slice(at + 5).replace(/\n(?:data:)?/g, '\n')));
}

/** The first error frame of server-sent events, else the first frame. */
function readFrames(text: string): ParsedBody {
  let first: JsonObject | null = null;
  let rest = text.replace(/\r\n?/g, '\n');
  for (let count = 0; count < MAX_FRAMES && rest !== ''; count += 1) {
    const end = rest.indexOf('\n\n');
    const next = rest.indexOf('\nevent:', 1);
    const cut = next !== -1 && (end === -1 || next < end) ? next : end;
    const root = frameOf(cut === -1 ? rest : rest.slice(0, cut));
    if (root !== null && isErrorFrame(root)) return withRoot(root, text);
    first ??= root;
    rest = cut === -1 ? '' : rest.slice(cut + 1);
  }
  return withRoot(first, text);
}

function parsed(text: string): ParsedBody {
  const value = parseJson(text);
  if (value === undefined) return withoutRoot('broken', text);
  const root = unwrap(value);
  return withRoot(root, text, root === null || text.includes('\\'));
}

const OPENING = { html: 60, object: 123, list: 91, quote: 34 } as const;

function readText(text: string, isWhole: boolean): ParsedBody {
  const at = firstVisible(text);
  if (at === text.length) return EMPTY;
  const code = text.charCodeAt(at);
  if (code === OPENING.html) return withoutRoot('html', text);
  const looksLikeJson = code === OPENING.object || code === OPENING.list || code === OPENING.quote;
  if (!isWhole) return withoutRoot(looksLikeJson ? 'broken' : 'text', text);
  if (looksLikeJson) return parsed(at === 0 ? text : text.slice(at));
  if (text.startsWith('data:', at) || text.startsWith('event:', at)) return readFrames(text.slice(at));
  return withoutRoot('text', text);
}

/**
 * Looks at a body: its kind by the first character, its JSON where it is at most 64 KiB. Objects are taken as they are. Total: bytes that are not UTF-8, JSON that does
 * not parse and hostile objects have a kind too.
 */
export function readBody(body: UpstreamResponse['body']): ParsedBody {
  if (body === null || body === undefined) return EMPTY;
  try {
    if (typeof body === 'string') return body.length > MAX_BODY_BYTES ? readText(body.slice(0, SNIFFED), false) : readText(body, true);
    if (body instanceof Uint8Array) {
      const isWhole = body.length <= MAX_BODY_BYTES;
      return readText(decoder.decode(isWhole ? body : body.subarray(0, SNIFFED)), isWhole);
    }
    const root = unwrap(body);
    return root === null ? EMPTY : withRoot(root, '');
  } catch {
    return withoutRoot('broken', '');
  }
}
