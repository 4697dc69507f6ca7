/** What an error says of itself, in every envelope that upstreams and proxies wrap it in (docs/concepts.md). */
import { isObject, type JsonObject, own, owned, ownList, ownObject, ownText, parseJson } from './json.js';

/** An error out of its envelope. */
export interface ErrorFacts {
  readonly type: string | null;
  readonly code: string | null;
  readonly reason: string | null;
  /** The model that Anthropic's `details` name. */
  readonly model: string | null;
  readonly message: string | null;
  /** A top-level `detail` that is a text. */
  readonly detail: string | null;
  /** The error object itself, for what it says of limits; null where the error is a text. */
  readonly error: JsonObject | null;
  /** A status that the envelope states (`status_code`, Google's number). */
  readonly status: number | null;
}

const MAX_NESTING = 3;
const MAX_DETAILS = 16;
/** Longest text of a type, code or reason. */
const MAX_WORD = 64;

function word(value: unknown): string | null {
  if (typeof value === 'string') return value !== '' && value.length <= MAX_WORD ? value : null;
  return typeof value === 'number' && Number.isFinite(value) ? String(value) : null;
}

/** Google's reason: the first of its details that has one. */
function firstReason(details: readonly unknown[]): string | null {
  const count = Math.min(details.length, MAX_DETAILS);
  for (let index = 0; index < count; index += 1) {
    const detail = details[index];
    const reason = isObject(detail) ? word(owned(detail, 'reason', detail.reason)) : null;
    if (reason !== null) return reason;
  }
  return null;
}

function statusOf(value: unknown): number | null {
  return typeof value === 'number' && Number.isInteger(value) && value >= 400 && value <= 599 ? value : null;
}

const OPENING_BRACE = 123;
const CLOSING_BRACE = 125;
const HIGHEST_BLANK = 32;

/** Whether a message begins as JSON or ends as JSON: two looks instead of a search. */
function mayNest(message: string): boolean {
  if (message.charCodeAt(0) === OPENING_BRACE) return true;
  let end = message.length - 1;
  while (end > 0 && message.charCodeAt(end) <= HIGHEST_BLANK) end -= 1;
  return message.charCodeAt(end) === CLOSING_BRACE;
}

/** How deep an envelope lies in others, and a text of the caller's that a message may repeat. */
interface Nesting {
  readonly depth?: number;
  readonly echo?: string | null;
}

const OUTERMOST: Nesting = {};

/** Whether the JSON in a message is the caller's own: a model may be called `{"error": …}`. */
function isEcho(message: string, echo: string | null): boolean {
  return echo?.includes('{') === true && message.includes(echo);
}

/** The error in a message that is itself JSON, or ends in JSON, such as a proxy's "attempt failed: {…}". */
function nestedIn(message: string, { depth = 0, echo = null }: Nesting): ErrorFacts | null {
  if (!mayNest(message) || isEcho(message, echo)) return null;
  const start = message.indexOf('{');
  const end = message.lastIndexOf('}');
  if (start === -1 || end <= start || depth >= MAX_NESTING) return null;
  const inner = parseJson(message.slice(start, end + 1));
  return isObject(inner) && (Object.hasOwn(inner, 'error') || Object.hasOwn(inner, 'message'))
    ? readEnvelope(inner, { depth: depth + 1, echo })
    : null;
}

function fromObject(error: JsonObject, nesting: Nesting): ErrorFacts {
  const message = owned(error, 'message', error.message);
  const text = typeof message === 'string' && message !== '' ? message : null;
  const status = owned(error, 'status', error.status);
  const code = owned(error, 'code', error.code);
  const details = owned(error, 'details', error.details);
  const isDetailed = isObject(details);
  // Google lists details, and its ErrorInfo has the reason; Anthropic's details are one object.
  const facts: ErrorFacts = {
    type: word(owned(error, 'type', error.type)) ?? (typeof status === 'string' ? word(status) : null),
    code: word(code),
    reason: isDetailed ? word(own(details, 'error_code')) : Array.isArray(details) ? firstReason(details) : null,
    model: isDetailed ? word(own(details, 'model')) : null,
    message: text,
    detail: null,
    error,
    status: statusOf(code) ?? statusOf(status),
  };
  const inner = text === null ? fromMessageObject(message, nesting) : nestedIn(text, nesting);
  if (inner === null) return facts;
  return {
    ...facts,
    type: inner.type ?? facts.type,
    code: inner.code ?? facts.code,
    reason: inner.reason ?? facts.reason,
    model: inner.model ?? facts.model,
    message: inner.message ?? facts.message,
    error: inner.error ?? error,
  };
}

function fromMessageObject(message: unknown, { depth = 0, echo = null }: Nesting): ErrorFacts | null {
  return isObject(message) && depth < MAX_NESTING ? fromObject(message, { depth: depth + 1, echo }) : null;
}

/** `{ "error": "text" }`: an OAuth endpoint's code with a description, or a code beside a sentence. */
function fromText(root: JsonObject, error: string): ErrorFacts {
  const code = word(own(root, 'code'));
  const description = ownText(root, 'error_description');
  const message = code === null ? (description ?? error) : error;
  return { type: null, code: code ?? word(error), reason: null, model: null, message, detail: null, error: null, status: null };
}

function fromDetail(root: JsonObject, nesting: Nesting): ErrorFacts | null {
  const detail = own(root, 'detail');
  if (isObject(detail)) return fromObject(detail, nesting);
  if (typeof detail !== 'string' || detail === '') return null;
  return { type: null, code: null, reason: null, model: null, message: detail, detail, error: root, status: null };
}

function withStatus(facts: ErrorFacts, root: JsonObject): ErrorFacts {
  if (facts.status !== null) return facts;
  const status = statusOf(owned(root, 'status_code', root.status_code)) ?? statusOf(owned(root, 'status', root.status));
  return status === null ? facts : { ...facts, status };
}

/** The error of a JSON body. Total, bounded in depth; own properties only; of duplicate keys the last counts, as in every JSON parser. */
export function readEnvelope(root: JsonObject, nesting: Nesting = OUTERMOST): ErrorFacts {
  const error = owned(root, 'error', root.error);
  if (isObject(error)) return withStatus(fromObject(error, nesting), root);
  if (typeof error === 'string' && error !== '') return fromText(root, error);
  const response = ownObject(root, 'response');
  const inResponse = response === null ? null : ownObject(response, 'error');
  if (inResponse !== null) return fromObject(inResponse, nesting);
  const first = ownList(root, 'errors')[0];
  return (
    fromDetail(root, nesting) ??
    (isObject(first) && ownText(root, 'message') === null ? fromObject(first, nesting) : fromObject(root, nesting))
  );
}
