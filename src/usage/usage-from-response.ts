/** From an answer of a quota endpoint to what it says of an account. */
import type { Platform } from '../core/account.js';
import { readDate, skewOf } from '../core/clock-skew.js';
import type { UpstreamResponse } from '../core/exchange.js';
import { NO_HEADERS, type NormalHeaders, normalizeHeaders } from '../core/headers.js';
import { isHealthyBody } from '../core/healthy-body.js';
import { normalizeStatus } from '../core/reading.js';
import { statusOfRoot } from '../core/stream-error.js';
import type { EpochMs } from '../core/time.js';
import type { UsageInfo } from '../core/usage-info.js';
import { readAnthropicUsage } from './read-anthropic.js';
import { readGoogleUsage } from './read-google.js';
import { readOpenaiUsage } from './read-openai.js';
import { failedUsage, refusedUsage } from './refused-usage.js';
import { readUsageBody } from './usage-body.js';
import { emptyUsage, forbiddenUsage, type PayloadReader, type UsageContext } from './usage-facts.js';
import { cleaner } from './usage-text.js';

/** What a usage answer is read with. */
export interface UsageReading {
  /** Hosts whose links are trusted: `policy.settings.verificationHosts`. Default: the library's list. */
  readonly verificationHosts?: readonly string[];
  /** Removes the host's secrets from every text (see `createRedactor`). Texts that have the shape of a credential are removed in any case. */
  readonly redact?: (text: string) => string;
}

/** The quota endpoints that are known, by platform. */
const READERS: ReadonlyMap<Platform, PayloadReader> = new Map([
  ['anthropic', readAnthropicUsage],
  ['openai', readOpenaiUsage],
  ['gemini', readGoogleUsage],
  ['antigravity', readGoogleUsage],
]);

function contextOf(headers: NormalHeaders, now: EpochMs, { redact, verificationHosts }: UsageReading): UsageContext {
  const date = readDate(headers, now);
  return { now, skewMs: skewOf(date, now), sampledAt: date ?? now, clean: cleaner(redact), verificationHosts };
}

function fromAnswer(platform: Platform, response: UpstreamResponse, context: UsageContext): UsageInfo {
  const status = normalizeStatus(response.status);
  const body = readUsageBody(response.body);
  const isSuccess = status >= 200 && status < 300;
  if (!isSuccess || body.root === null) return refusedUsage({ platform, status, response, body }, context);
  if (!isHealthyBody(body.root)) return refusedUsage({ platform, status: statusOfRoot(body.root), response, body }, context);
  const read = READERS.get(platform);
  if (read === undefined) return failedUsage('no usage endpoint is known for this platform', context);
  const { forbidden, ...facts } = read(body.root, context);
  return { ...emptyUsage(context.now), ...facts, ...(forbidden === null ? {} : forbiddenUsage(forbidden)) };
}

/**
 * What an answer of a quota endpoint says: Anthropic's `/api/oauth/usage`, ChatGPT's `/backend-api/wham/usage`, Code Assist's and Antigravity's `loadCodeAssist`, `retrieveUserQuota` and
 * `fetchAvailableModels`. A refusal or failure is data too: a 403 of the account is `forbidden` (with its kind and its link), anything else has an `errorCode`. Reads 1 MiB of a body. Never throws:
 * what cannot be read is a degraded answer.
 *
 * @example usageFromResponse('anthropic', { status: 429, headers: {}, body: '' }, now).errorCode // 'rate_limited'
 */
export function usageFromResponse(
  platform: Platform,
  answer: UpstreamResponse | { readonly failure: unknown },
  now: EpochMs,
  reading: UsageReading = {},
): UsageInfo {
  try {
    if ('failure' in answer) return failedUsage(answer.failure, contextOf(NO_HEADERS, now, reading));
    return fromAnswer(platform, answer, contextOf(normalizeHeaders(answer.headers), now, reading));
  } catch {
    return failedUsage('an unreadable answer', contextOf(NO_HEADERS, now, reading));
  }
}
