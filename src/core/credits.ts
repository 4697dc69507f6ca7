/** AI credits ("overages"): asking for them, and seeing that they are used up. */

import { readEnvelope } from './error-envelope.js';
import type { UpstreamResponse } from './exchange.js';
import { isObject, ownList, ownObject, ownText, parseJson } from './json.js';
import { bodyText, readBody } from './read-body.js';
import { HOUR_MS } from './time.js';

/** The credit type that Google's plans sell. */
export const CREDIT_TYPE = 'GOOGLE_ONE_AI';

/** How long used-up credits stay marked: five hours. */
export const CREDITS_HOLD_MS: number = 5 * HOUR_MS;

/** Words of an answer that say that the credits are used up, in lower case. */
export const CREDITS_EXHAUSTED_WORDS: readonly string[] = [
  'google_one_ai',
  'insufficient credit',
  'not enough credit',
  'credit exhausted',
  'credits exhausted',
  'credit balance',
  'minimumcreditamountforusage',
  'minimum credit',
  'resource has been exhausted',
];

/** Reasons that make an answer an ordinary limit of the model, whatever its words. */
const LIMIT_REASONS: readonly string[] = ['RATE_LIMIT_EXCEEDED', 'MODEL_CAPACITY_EXHAUSTED'];

/** Whether the body is a structured rate limit or capacity answer that names its model. */
function isModelLimit(body: UpstreamResponse['body']): boolean {
  const { root } = readBody(body);
  if (root === null) return false;
  const { error, reason } = readEnvelope(root);
  if (error === null || reason === null || !LIMIT_REASONS.includes(reason)) return false;
  return ownList(error, 'details').some((detail) => {
    const metadata = isObject(detail) ? ownObject(detail, 'metadata') : null;
    return metadata !== null && ownText(metadata, 'model') !== null;
  });
}

/**
 * Whether the answer to a request with credits says that they are used up. False where there was no answer, at a transport error, 408 or 5xx, and
 * for a structured limit of the model; else by words anywhere in the first 64 KiB. Total, pure.
 */
export function creditsWereExhausted(response: UpstreamResponse | null, transportError?: unknown): boolean {
  if (response === null || (transportError !== undefined && transportError !== null)) return false;
  if (response.status >= 500 || response.status === 408) return false;
  const text = bodyText(response.body).toLowerCase();
  return CREDITS_EXHAUSTED_WORDS.some((words) => text.includes(words)) && !isModelLimit(response.body);
}

/**
 * A request body with credits enabled; an existing choice of credits is replaced, all else kept. null: not a JSON object, so do not send it with
 * credits. Total, pure.
 *
 * @example injectEnabledCreditTypes('{"model":"m"}') // '{"model":"m","enabledCreditTypes":["GOOGLE_ONE_AI"]}'
 */
export function injectEnabledCreditTypes(body: string): string | null {
  const request = parseJson(body);
  if (!isObject(request)) return null;
  const entries = Object.entries(request).filter(([key]) => key !== 'enabledCreditTypes');
  return JSON.stringify(Object.fromEntries([...entries, ['enabledCreditTypes', [CREDIT_TYPE]]]));
}
