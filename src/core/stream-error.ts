/** The error that a frame of a stream is, as the answer that it would have been outside of a stream. */
import type { Platform } from './account.js';
import { type ErrorFacts, readEnvelope } from './error-envelope.js';
import type { UpstreamResponse } from './exchange.js';
import { isHealthyBody } from './healthy-body.js';
import { isObject, type JsonObject, ownObject, parseJson } from './json.js';
import { normalizeStatus } from './reading.js';
import type { StreamFrame } from './stream-frame.js';
import { statusOfError } from './stream-status.js';

/** Names of events that are errors, whatever is in them. Google's streams name no events. */
const ERROR_EVENTS: ReadonlyMap<Platform, readonly string[]> = new Map([
  ['anthropic', ['error']],
  ['openai', ['error', 'response.failed']],
  ['gemini', []],
  ['antigravity', []],
]);
const ANY_ERROR_EVENT: readonly string[] = ['error', 'response.failed'];

/** What the JSON of an error has, and hardly any other has: content that quotes it has it in escaped quotes. Cheap to look for. */
const SIGNS: readonly string[] = ['"error"', '"response.failed"', '"detail"'];
/** The status of an error that names none. */
const UNKNOWN_STATUS = 500;
const MAX_HEADERS = 64;
/** So deep already that nothing nested in a message is followed. */
const OUTERMOST_ONLY = { depth: Number.POSITIVE_INFINITY };

/** The names of events that are errors on this platform; on an unknown one, every name that is known. Total, pure. */
export function errorEventsOf(platform: Platform): readonly string[] {
  return ERROR_EVENTS.get(platform) ?? ANY_ERROR_EVENT;
}

/** The object in the data of a frame, or the first of an array. A text is content, whatever it looks like. */
function rootOf(data: string): JsonObject | null {
  const value = parseJson(data);
  const first: unknown = Array.isArray(value) ? value[0] : value;
  return isObject(first) ? first : null;
}

/** The status that the words of an error stand for, or that its code states; null: none. */
function statusOfFacts({ code, type, status }: ErrorFacts): number | null {
  const stated = normalizeStatus(code);
  return statusOfError(code, type) ?? status ?? (stated >= 400 && stated <= 599 ? stated : null);
}

/**
 * The status that an error object would have had as an answer of its own: what its envelope says comes before what a message repeats in JSON; 500 where nothing names
 * one. Total, pure.
 */
export function statusOfRoot(root: JsonObject): number {
  return statusOfFacts(readEnvelope(root, OUTERMOST_ONLY)) ?? statusOfFacts(readEnvelope(root)) ?? UNKNOWN_STATUS;
}

/** Headers that a frame carries in itself, as ChatGPT's do where the transport has none. */
function headersOf(root: JsonObject): Readonly<Record<string, string>> {
  const entries = Object.entries(ownObject(root, 'headers') ?? {}).slice(0, MAX_HEADERS);
  return Object.fromEntries(entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
}

/**
 * The answer that a frame stands for where it is an error: by its event's name, or by the form of its JSON (as `evaluate` knows errors in answers of status 200); null for any other
 * frame, whatever words are in it. `body` is the frame's data as it came. Total, pure.
 */
export function errorInFrame({ name, data }: StreamFrame, errorEvents: readonly string[]): UpstreamResponse | null {
  const isNamed = name !== null && errorEvents.includes(name);
  const root = data !== null && (isNamed || SIGNS.some((sign) => data.includes(sign))) ? rootOf(data) : null;
  if (root === null) return isNamed ? { status: UNKNOWN_STATUS, headers: {}, body: data } : null;
  return isNamed || !isHealthyBody(root) ? { status: statusOfRoot(root), headers: headersOf(root), body: data } : null;
}
