/** The answers that are measured: real shapes, sixteen of each that differ in an id. */
import type { Account, UpstreamResponse } from '../src/core.js';

/** How many inputs take turns: a power of two. */
export const TURNS = 16;

/** When every answer came. */
export const NOW: number = Date.UTC(2026, 2, 25, 20, 0, 0);
const DATE = 'Wed, 25 Mar 2026 20:00:00 GMT';

/** Sixteen of something. */
export function turns<T>(make: (id: string) => T): readonly T[] {
  return Array.from({ length: TURNS }, (_, at) => make(`req_011CZRtHe9vmeRRMu6G4r${String(at).padStart(3, '0')}`));
}

/** 331 bytes: Anthropic's error envelope with a sentence of usual length. */
export function smallBody(id: string): string {
  const message =
    'This request would exceed the rate limit for your organization of 30,000 input tokens per minute. For details, refer to: https://docs.claude.com/en/api/rate-limits. Please reduce the prompt length or the maximum tokens requested, or try again later.';
  return JSON.stringify({ type: 'error', error: { type: 'rate_limit_error', message: message.slice(0, 227) }, request_id: id });
}

/** 1.9 KB: Google's status with its details. */
export function googleBody(id: string): string {
  const detail = {
    '@type': 'type.googleapis.com/google.rpc.QuotaFailure',
    violations: [
      {
        quotaMetric: 'generativelanguage.googleapis.com/generate_content_free_tier_input_token_count',
        quotaId: 'GenerateContentInputTokensPerModelPerMinute-FreeTier',
        quotaDimensions: { location: 'global', model: 'gemini-2.5-flash' },
        quotaValue: '250000',
      },
    ],
  };
  const help = {
    '@type': 'type.googleapis.com/google.rpc.Help',
    links: Array.from({ length: 5 }, (_, at) => ({
      description: `Learn more about Gemini API quotas, part ${at}`,
      url: `https://ai.google.dev/gemini-api/docs/rate-limits#part-${at}-${id}`,
    })),
  };
  const retry = { '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '26s' };
  const message =
    'You exceeded your current quota, please check your plan and billing details. For more information on this error, head to: https://ai.google.dev/gemini-api/docs/rate-limits. ';
  return JSON.stringify(
    { error: { code: 429, message: message.repeat(2), status: 'RESOURCE_EXHAUSTED', details: [detail, help, retry] } },
    null,
    2,
  );
}

/** A page of a given size. */
export function htmlBody(size: number): string {
  return `<!DOCTYPE html><title>Attention Required!</title>${'<p>blocked</p>'.repeat(Math.ceil(size / 14))}`.slice(0, size);
}

/** A JSON text of a given size, which is over the cap. */
export function largeBody(size: number): string {
  return `{"error":{"message":"${'x'.repeat(size)}"}}`.slice(0, size);
}

/** The headers of an answer with a spent 5-hour window. */
export function spentHeaders(id: string): Record<string, string> {
  return {
    date: DATE,
    'content-type': 'application/json',
    'anthropic-ratelimit-unified-status': 'rejected',
    'anthropic-ratelimit-unified-5h-status': 'rejected',
    'anthropic-ratelimit-unified-5h-reset': '1774472400',
    'anthropic-ratelimit-unified-5h-utilization': '1.0',
    'anthropic-ratelimit-unified-7d-status': 'allowed',
    'anthropic-ratelimit-unified-7d-reset': '1774580400',
    'anthropic-ratelimit-unified-7d-utilization': '0.59',
    'anthropic-ratelimit-unified-representative-claim': 'five_hour',
    'anthropic-ratelimit-unified-reset': '1774472400',
    'retry-after': '2094',
    'request-id': id,
  };
}

/** The headers of a healthy answer. */
export function allowedHeaders(utilization: string, id: string): Record<string, string> {
  return {
    ...spentHeaders(id),
    'anthropic-ratelimit-unified-status': 'allowed',
    'anthropic-ratelimit-unified-5h-status': 'allowed',
    'anthropic-ratelimit-unified-5h-utilization': utilization,
  };
}

/** The headers that a healthy answer is read for, in the order in which they are read. */
export const READ_ON_SUCCESS: readonly string[] = [
  '5h-status',
  '5h-reset',
  '5h-utilization',
  '7d-utilization',
  '7d-reset',
  '7d_oi-utilization',
].map((name) => `anthropic-ratelimit-unified-${name}`);

/** Headers without any limit. */
export function plainHeaders(id: string): Record<string, string> {
  return { date: DATE, 'content-type': 'application/json', 'request-id': id };
}

/** An answer of a status. */
export function answer(status: number, headers: UpstreamResponse['headers'], body: UpstreamResponse['body'] = null): UpstreamResponse {
  return { status, headers, body };
}

/** An account whose snapshot says what `allowedHeaders('0.42')` says, ten seconds ago. */
export function withSamples(account: Account): Account {
  const sampledAt = NOW - 10_000;
  return {
    ...account,
    health: {
      ...account.health,
      sessionWindow: {
        header: { observedAt: sampledAt, end: 1_774_472_400_000 },
        status: { observedAt: sampledAt, status: 'allowed' },
        predicted: null,
      },
      usage: new Map([
        ['5h', { utilization: 0.42, resetAt: 1_774_472_400_000, sampledAt }],
        ['7d', { utilization: 0.59, resetAt: 1_774_580_400_000, sampledAt }],
      ]),
    },
  };
}
