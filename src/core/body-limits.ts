/** What an error's body says of the length of a limit, in the forms of every provider. */
import { isObject, type JsonObject, own, ownList, ownObject, ownText } from './json.js';
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

interface Found {
  resetAt: EpochMs | null;
  /** From the most telling field down: an own reset delay, the body's seconds, RetryInfo. */
  ownDelayMs: number | null;
  retryDelayMs: number | null;
  perDay: boolean;
  namesModel: boolean;
}

function readMetadata(metadata: JsonObject, found: Found): void {
  found.ownDelayMs ??= readGoDurationMs(ownText(metadata, 'quotaResetDelay'));
  found.resetAt ??= readRfc3339(ownText(metadata, 'quotaResetTimeStamp'));
  if (ownText(metadata, 'model') !== null) found.namesModel = true;
  const headers = ownObject(metadata, 'headers');
  if (headers !== null) found.resetAt ??= readEpochMs(ownText(headers, 'X-RateLimit-Reset') ?? ownText(headers, 'x-ratelimit-reset'));
}

function readViolation(violation: JsonObject, found: Found): void {
  const id = ownText(violation, 'quotaId') ?? '';
  if (COUNTS_THE_DAY.test(id)) found.perDay = true;
  const dimensions = ownObject(violation, 'quotaDimensions');
  if (id.includes('PerModel') || (dimensions !== null && ownText(dimensions, 'model') !== null)) found.namesModel = true;
}

function readDetail(detail: JsonObject, found: Found): void {
  const metadata = ownObject(detail, 'metadata');
  if (metadata !== null) readMetadata(metadata, found);
  found.retryDelayMs ??= readProtobufDurationMs(ownText(detail, 'retryDelay'));
  readEach(ownList(detail, 'violations'), readViolation, found);
}

/** Reads the first objects of a list. */
function readEach(list: readonly unknown[], read: (item: JsonObject, found: Found) => void, found: Found): void {
  const count = Math.min(list.length, MAX_ITEMS);
  for (let index = 0; index < count; index += 1) {
    const item = list[index];
    if (isObject(item)) read(item, found);
  }
}

/** Google's envelope states its status in a word; only there do words about a quota say which one. */
function isRpcStatus(error: JsonObject | null): boolean {
  return error !== null && typeof own(error, 'status') === 'string';
}

function readQuotaWords(text: string, found: Found): void {
  if (SAYS_PER_DAY.test(text) || (text.includes('quota') && COUNTS_THE_DAY.test(text))) found.perDay = true;
  if (NAMES_MODEL.test(text)) found.namesModel = true;
}

/** An epoch instant of a body: seconds or milliseconds, as a number or as text. */
function instantOf(value: unknown): EpochMs | null {
  const number = jsonNumber(value);
  return number === null ? null : toEpochMs(number);
}

/**
 * Reads what an error says of its own end. `error` is the error object, null for a plain text; `message` is its sentence. Instants and lengths are as stated, not
 * yet bounded. Total, pure.
 */
export function readBodyLimits(error: JsonObject | null, message: string | null): BodyLimits {
  const found: Found = { resetAt: null, ownDelayMs: null, retryDelayMs: null, perDay: false, namesModel: false };
  if (error !== null) {
    found.resetAt = instantOf(own(error, 'resets_at'));
    const seconds = jsonNumber(own(error, 'resets_in_seconds'));
    found.ownDelayMs = seconds === null || seconds < 0 ? null : Math.ceil(seconds * 1000);
    readEach(ownList(error, 'details'), readDetail, found);
    const metadata = ownObject(error, 'metadata');
    if (metadata !== null) readMetadata(metadata, found);
  }
  const text = message ?? '';
  if (isRpcStatus(error)) readQuotaWords(text, found);
  return {
    resetAt: found.resetAt ?? (text.includes('-') ? findDateInWords(text) : null),
    delayMs: found.ownDelayMs ?? found.retryDelayMs ?? readWordsDurationMs(text),
    perDay: found.perDay,
    namesModel: found.namesModel,
  };
}
