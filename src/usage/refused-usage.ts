/** Why there is no usage: what a refusal of a quota endpoint, or no answer at all, says of the account. */

import type { Platform } from '../core/account.js';
import { classifyForbidden } from '../core/classify-forbidden.js';
import { type ErrorFacts, readEnvelope } from '../core/error-envelope.js';
import type { UpstreamResponse } from '../core/exchange.js';
import { linkWithoutSecret } from '../core/link-without-secret.js';
import { bodyText, type ParsedBody } from '../core/read-body.js';
import { normalizeForMatch } from '../core/text.js';
import type { UsageForbidden, UsageInfo } from '../core/usage-info.js';
import { extractVerificationLink } from '../core/verification-link.js';
import { emptyUsage, forbiddenUsage, type UsageContext } from './usage-facts.js';
import { describeFailure } from './usage-text.js';

const TITLE = 'usage API error: ';
/** Words of a failure that mean that the owner has to sign in anew (behaviour 6.4). */
const SIGN_IN_WORDS: readonly string[] = ['HTTP 401', 'UNAUTHENTICATED', 'invalid_grant'];
const RATE_LIMIT_WORDS = 'HTTP 429';
/** Types and codes of an error that mean the same, whatever its status. */
const SIGN_IN_CODES: readonly string[] = ['UNAUTHENTICATED', 'invalid_grant'];

/** What is said of a body that has no message. */
const BODY_WORDS: Readonly<Record<ParsedBody['kind'], string>> = {
  empty: 'an empty body',
  html: 'a web page',
  broken: 'unreadable JSON',
  json: 'no message',
  text: 'no message',
};

/** What a 403 means that is no verdict on the account: the token may not ask, the way there is blocked, or the token is dead. */
type Refusal = 'scope' | 'egress' | 'sign_in';

/** Such refusals, by what the error says of itself (the rules of the same answers to requests: anthropic_403_*, openai_403_egress). */
const REFUSALS: readonly { readonly platform: Platform; readonly word: string; readonly phrase: string; readonly means: Refusal }[] = [
  { platform: 'anthropic', word: 'permission_error', phrase: 'scope requirement', means: 'scope' },
  { platform: 'anthropic', word: 'permission_error', phrase: 'token has been revoked', means: 'sign_in' },
  { platform: 'anthropic', word: 'forbidden', phrase: '', means: 'egress' },
  { platform: 'openai', word: 'unsupported_country_region_territory', phrase: '', means: 'egress' },
];

/** A refusal as it came. */
export interface RefusedAnswer {
  readonly platform: Platform;
  /** The status that counts: the answer's own, or that of the error in it. */
  readonly status: number;
  readonly response: UpstreamResponse;
  readonly body: ParsedBody;
}

function degraded(errorCode: UsageInfo['errorCode'], error: string, { now, clean }: UsageContext): UsageInfo {
  return { ...emptyUsage(now), needsReauth: errorCode === 'unauthenticated', errorCode, error: clean(TITLE + error) };
}

function refusalOf(platform: Platform, { type, code, message }: ErrorFacts): Refusal | null {
  const words = normalizeForMatch(message ?? '');
  const row = REFUSALS.find((one) => one.platform === platform && (one.word === type || one.word === code) && words.includes(one.phrase));
  return row?.means ?? null;
}

/** What a 403 says of the account. A body that is cut off accuses nobody. */
function forbiddenOf({ response, body }: RefusedAnswer, message: string, { clean, verificationHosts }: UsageContext): UsageForbidden {
  const text = bodyText(response.body);
  const reason = clean(message);
  if (body.kind === 'broken') return { type: 'forbidden', reason, link: null };
  return { type: classifyForbidden(text), reason, link: linkWithoutSecret(extractVerificationLink(text, verificationHosts)) };
}

function refuse403(answer: RefusedAnswer, error: ErrorFacts | null, context: UsageContext): UsageInfo {
  const said = error?.message ?? bodyText(answer.response.body);
  const message = `HTTP 403: ${said}`;
  const refusal = error === null ? null : refusalOf(answer.platform, error);
  if (refusal === 'scope') return degraded(null, message, context);
  if (refusal === 'egress') return degraded('network_error', message, context);
  if (refusal === 'sign_in') return degraded('unauthenticated', message, context);
  return { ...emptyUsage(context.now), ...forbiddenUsage(forbiddenOf(answer, said, context)), error: null };
}

function errorCodeOf(status: number, error: ErrorFacts | null): UsageInfo['errorCode'] {
  if (status === 401 || SIGN_IN_CODES.includes(error?.type ?? '') || SIGN_IN_CODES.includes(error?.code ?? '')) return 'unauthenticated';
  return status === 429 ? 'rate_limited' : 'network_error';
}

/** Whether a 401 or 403 came from the edge or a proxy, and says nothing of the account (as for requests: web pages, and a 403 without a body). */
function isEgress({ status, body }: RefusedAnswer): boolean {
  return (body.kind === 'html' && (status === 401 || status === 403)) || (body.kind === 'empty' && status === 403);
}

/** The usage answer of a refusal, or of an answer that has no payload. Total but for hostile objects. */
export function refusedUsage(answer: RefusedAnswer, context: UsageContext): UsageInfo {
  const { status, body } = answer;
  const error = body.root === null ? null : readEnvelope(body.root);
  if (status === 403 && !isEgress(answer)) return refuse403(answer, error, context);
  const said = error?.message ?? error?.code ?? (body.kind === 'text' ? body.text : BODY_WORDS[body.kind]);
  return degraded(isEgress(answer) ? 'network_error' : errorCodeOf(status, error), `HTTP ${status}: ${said}`, context);
}

/** The usage answer where there was no answer: by the words of the failure (behaviour 6.4). Total. */
export function failedUsage(failure: unknown, context: UsageContext): UsageInfo {
  const text = describeFailure(failure);
  if (SIGN_IN_WORDS.some((word) => text.includes(word))) return degraded('unauthenticated', text, context);
  return degraded(text.includes(RATE_LIMIT_WORDS) ? 'rate_limited' : 'network_error', text, context);
}
