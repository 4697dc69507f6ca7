/** What an error's body says of the length of a limit, in the forms of every provider. */
import { isObject, type JsonObject, owned, ownText } from './json.js';
import { readGoDurationMs, readProtobufDurationMs, readWordsDurationMs } from './read-duration.js';
import { findDateInWords, readRfc3339 } from './read-instant.js';
import { jsonNumber, readEpochMs, toEpochMs } from './read-number.js';
import type { BodyLimits } from './signal.js';
import type { EpochMs } from './time.js';

/** How many details and violations are looked at. */
const MAX_ITEMS = 16;
const COUNTS_THE_DAY = /per ?day|daily/i;
/** Of a sentence these words suffice; "daily" counts only beside a quota. */
const SAYS_PER_DAY = /per day/i;
const NAMES_MODEL = /per_base_model|base model:/;

/** Of a body that says nothing; shared, for most say nothing. */
const NOTHING_SAID: BodyLimits = Object.freeze({ resetAt: null, delayMs: null, perDay: false, namesModel: false });

interface Found {
  resetAt: EpochMs | null;
  /** From the most telling field down: an own reset delay, the body's seconds, RetryInfo. */
  ownDelayMs: number | null;
  retryDelayMs: number | null;
  perDay: boolean;
  namesModel: boolean;
}

function readMetadata(metadata: JsonObject, found: Found): void {
  found.ownDelayMs ??= readGoDurationMs(textOf(owned(metadata, 'quotaResetDelay', metadata.quotaResetDelay)));
  found.resetAt ??= readRfc3339(textOf(owned(metadata, 'quotaResetTimeStamp', metadata.quotaResetTimeStamp)));
  if (textOf(owned(metadata, 'model', metadata.model)) !== null) found.namesModel = true;
  const headers = owned(metadata, 'headers', metadata.headers);
  if (isObject(headers)) found.resetAt ??= readEpochMs(ownText(headers, 'X-RateLimit-Reset') ?? ownText(headers, 'x-ratelimit-reset'));
}

function readViolation(violation: JsonObject, found: Found): void {
  const id = textOf(owned(violation, 'quotaId', violation.quotaId)) ?? '';
  if (COUNTS_THE_DAY.test(id)) found.perDay = true;
  const dimensions = owned(violation, 'quotaDimensions', violation.quotaDimensions);
  if (id.includes('PerModel') || (isObject(dimensions) && ownText(dimensions, 'model') !== null)) found.namesModel = true;
}

function readDetail(detail: JsonObject, found: Found): void {
  const metadata = owned(detail, 'metadata', detail.metadata);
  if (isObject(metadata)) readMetadata(metadata, found);
  found.retryDelayMs ??= readProtobufDurationMs(textOf(owned(detail, 'retryDelay', detail.retryDelay)));
  readEach(owned(detail, 'violations', detail.violations), readViolation, found);
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}

/** Reads the first objects of a list. */
function readEach(list: unknown, read: (item: JsonObject, found: Found) => void, found: Found): void {
  if (!Array.isArray(list)) return;
  const count = Math.min(list.length, MAX_ITEMS);
  for (let index = 0; index < count; index += 1) {
    const item: unknown = list[index];
    if (isObject(item)) read(item, found);
  }
}

/** An epoch instant of a body: seconds or milliseconds, as a number or as text. */
function instantOf(value: unknown): EpochMs | null {
  const number = jsonNumber(value);
  return number === null ? null : toEpochMs(number);
}

function lengthOf(value: unknown): number | null {
  const seconds = jsonNumber(value);
  return seconds === null || seconds < 0 ? null : Math.ceil(seconds * 1000);
}

/** What the fields of an error say. */
function readFields(error: JsonObject): Found {
  const found: Found = {
    resetAt: instantOf(owned(error, 'resets_at', error.resets_at)),
    ownDelayMs: lengthOf(owned(error, 'resets_in_seconds', error.resets_in_seconds)),
    retryDelayMs: null,
    perDay: false,
    namesModel: false,
  };
  readEach(owned(error, 'details', error.details), readDetail, found);
  const metadata = owned(error, 'metadata', error.metadata);
  if (isObject(metadata)) readMetadata(metadata, found);
  return found;
}

/** Google's envelope states its status in a word; only there do words about a quota say which one. */
function isRpcStatus(error: JsonObject | null): boolean {
  return error !== null && typeof owned(error, 'status', error.status) === 'string';
}

function saysPerDay(text: string): boolean {
  return SAYS_PER_DAY.test(text) || (text.includes('quota') && COUNTS_THE_DAY.test(text));
}

/**
 * Reads what an error says of its own end. `error` is the error object, null for a plain text; `message` is its sentence. Instants and lengths are as stated, not
 * yet bounded. Total, pure.
 */
export function readBodyLimits(error: JsonObject | null, message: string | null): BodyLimits {
  const found = error === null ? null : readFields(error);
  const text = message ?? '';
  const isRpc = isRpcStatus(error);
  const resetAt = found?.resetAt ?? (text.includes('-') ? findDateInWords(text) : null);
  const delayMs = found?.ownDelayMs ?? found?.retryDelayMs ?? readWordsDurationMs(text);
  const perDay = found?.perDay === true || (isRpc && saysPerDay(text));
  const namesModel = found?.namesModel === true || (isRpc && NAMES_MODEL.test(text));
  return resetAt === null && delayMs === null && !perDay && !namesModel ? NOTHING_SAID : { resetAt, delayMs, perDay, namesModel };
}
