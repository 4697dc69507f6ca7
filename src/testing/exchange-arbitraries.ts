/** Exchanges: answers as upstreams send them, damaged ones, and none at all. */
import fc from 'fast-check';
import type { Phase, Purpose, TransportFailure } from '../core/circumstances.js';
import type { Exchange, UpstreamResponse } from '../core/exchange.js';
import { accountArbitrary } from './account-arbitraries.js';
import { hostileTextArbitrary } from './hostile-text.js';
import { modelNameArbitrary } from './name-arbitraries.js';
import { ARBITRARY_NOW } from './number-arbitraries.js';

const statuses = fc.oneof(
  { weight: 3, arbitrary: fc.constant(200) },
  { weight: 8, arbitrary: fc.constantFrom(400, 401, 402, 403, 404, 413, 422, 429, 429, 500, 502, 503, 529) },
  { weight: 1, arbitrary: fc.oneof(fc.integer({ min: 100, max: 599 }), fc.constantFrom(0, 999, -1, Number.NaN)) },
);

const aheadMs = fc.integer({ min: -3_600, max: 700_000 }).map((seconds) => ARBITRARY_NOW + seconds * 1_000);
const numbers = fc.oneof(
  fc.integer({ min: 0, max: 100_000 }).map(String),
  aheadMs.map((at) => String(at / 1_000)),
  aheadMs.map((at) => new Date(at).toISOString()),
  aheadMs.map((at) => new Date(at).toUTCString()),
  fc.constantFrom('0', '-5', '0.85', '1.02', '1e400', '６0', '6m0s', '120abc', ''),
);
const words = fc.oneof(fc.constantFrom('allowed', 'allowed_warning', 'rejected', 'five_hour', 'true'), hostileTextArbitrary);

/** Headers that mean something to a platform, by the kind of their value. */
const NUMBER_HEADERS: readonly string[] = [
  'retry-after',
  'retry-after-ms',
  'date',
  'anthropic-ratelimit-unified-5h-reset',
  'anthropic-ratelimit-unified-5h-utilization',
  'anthropic-ratelimit-unified-7d-reset',
  'anthropic-ratelimit-unified-7d-utilization',
  'anthropic-ratelimit-unified-reset',
  'x-codex-primary-used-percent',
  'x-codex-primary-reset-after-seconds',
  'x-ratelimit-reset-requests',
];
const WORD_HEADERS: readonly string[] = ['anthropic-ratelimit-unified-5h-status', 'anthropic-ratelimit-unified-status', 'content-type'];

const headers = fc
  .array(
    fc.oneof(
      { weight: 5, arbitrary: fc.tuple(fc.constantFrom(...NUMBER_HEADERS), numbers) },
      { weight: 2, arbitrary: fc.tuple(fc.constantFrom(...WORD_HEADERS), words) },
      { weight: 1, arbitrary: fc.tuple(fc.constantFrom('__proto__', 'x-request-id'), hostileTextArbitrary) },
    ),
    { maxLength: 8 },
  )
  .map((entries): Readonly<Record<string, string>> => Object.fromEntries(entries));

const messages = fc.oneof(
  fc.constantFrom(
    'Rate limit reached',
    'Your credit balance is too low',
    'This organization has been disabled.',
    'Overloaded',
    'Invalid bearer token',
    'Please verify your account to continue.',
    'The model does not exist',
  ),
  hostileTextArbitrary,
);
const codes = fc.constantFrom(
  'rate_limit_error',
  'overloaded_error',
  'authentication_error',
  'permission_error',
  'invalid_request_error',
  'insufficient_quota',
  'usage_limit_reached',
  'token_revoked',
);
const rpcStatuses = fc.constantFrom('RESOURCE_EXHAUSTED', 'PERMISSION_DENIED', 'UNAUTHENTICATED', 'UNAVAILABLE');

/** The envelopes of Anthropic, OpenAI and Google, and what is none. */
const bodies: fc.Arbitrary<string | null> = fc.oneof(
  fc.record({ type: codes, message: messages }).map((error) => JSON.stringify({ type: 'error', error })),
  fc.record({ type: codes, code: codes, message: messages }).map((error) => JSON.stringify({ error })),
  fc.record({ status: rpcStatuses, message: messages }).map((error) => JSON.stringify({ error })),
  fc
    .tuple(fc.record({ type: codes, message: messages }), fc.nat({ max: 60 }))
    .map(([error, end]) => JSON.stringify({ error }).slice(0, end)),
  fc.constantFrom(null, '', '{}', '[]', 'null', '<html><title>403 Forbidden</title></html>', '{"id":"msg_1","content":[]}'),
  hostileTextArbitrary,
);

const responses: fc.Arbitrary<UpstreamResponse> = fc.record({ status: statuses, headers, body: bodies });
const failures = fc.constantFrom<TransportFailure>('connect', 'timeout', 'reset', 'empty_stream', 'client_abort');
const phases = fc.constantFrom<Phase>('complete', 'complete', 'headers', 'first_event', 'mid_stream');
const purposes = fc.constantFrom<Purpose>('request', 'request', 'connection_test', 'probe', 'usage');

/** An exchange of an arbitrary account: one answer in four a success, one exchange in ten without an answer, statuses and bodies that need not fit. */
export const exchangeArbitrary: fc.Arbitrary<Exchange> = fc.record(
  {
    account: accountArbitrary,
    model: fc.option(modelNameArbitrary, { freq: 8 }),
    response: fc.oneof({ weight: 9, arbitrary: responses }, { weight: 1, arbitrary: fc.record({ failure: failures }) }),
    receivedAt: fc.integer({ min: 0, max: 3 }).map((step) => ARBITRARY_NOW + step * 1_000),
    attempt: fc.integer({ min: 1, max: 3 }),
    phase: phases,
    purpose: purposes,
    withCredits: fc.boolean(),
    credits: fc.constantFrom('available', 'insufficient', 'unknown'),
  },
  { requiredKeys: ['account', 'model', 'response', 'receivedAt'] },
);
