/** behaviour.md 4.3, 5.2, 5.6 and providers.md 4: Google's quotas, capacity and other answers, without credits. */
import type { Platform } from '../../../src/core/account.js';
import {
  answered,
  errorInfo,
  given,
  HOUR,
  MINUTE,
  MODEL,
  NOW,
  quotaFailure,
  retryInfo,
  rpc,
  SECOND,
  says,
} from '../../support/exchanges.js';
import { error, failOver, limited, modelLimited, paused, type Row, struck } from '../../support/rows.js';

const gemini = given('gemini', 'api_key');
const codeAssist = given('gemini', 'oauth');
const antigravity = given('antigravity', 'oauth');
const GOOGLE: readonly Platform[] = ['gemini', 'antigravity'];
/** Midnight in Los Angeles after NOW (2026-03-02 02:20:30 there): 08:00 UTC of the next day. */
const MIDNIGHT = Date.UTC(2026, 2, 3, 8);
const exhausted = 'RESOURCE_EXHAUSTED';
const FALLBACK = NOW + 5 * SECOND;

const perDay = rpc(exhausted, 'You exceeded your current quota.', [
  quotaFailure('GenerateRequestsPerDayPerProjectPerModel-FreeTier', { quotaDimensions: { model: MODEL } }),
  retryInfo('26s'),
]);

const daily: readonly Row[] = [
  ...GOOGLE.map(
    (platform): Row => ({
      name: `4.3 ${platform}: a quota of the day and of a model, until midnight Pacific, whatever RetryInfo says`,
      exchange: answered(given(platform, 'oauth'), 429, { body: perDay }),
      rule: 'google_daily_quota',
      verdict: { kind: 'quota_exhausted', scope: 'model', resetAt: MIDNIGHT },
      actions: [modelLimited(MODEL, MIDNIGHT)],
      disposition: failOver(429, MIDNIGHT),
    }),
  ),
  {
    name: '4.3 a quota of the day of a model that is not known: the account',
    exchange: answered(gemini, 429, { body: perDay, model: null }),
    rule: 'google_daily_quota',
    verdict: { scope: 'account' },
    actions: [limited(MIDNIGHT)],
  },
  {
    name: '4.3 a quota of the day that names no model: the account',
    exchange: answered(gemini, 429, { body: rpc(exhausted, 'Quota exceeded: requests per day') }),
    rule: 'google_daily_quota_account',
    verdict: { scope: 'account', resetAt: MIDNIGHT },
    actions: [limited(MIDNIGHT)],
  },
  {
    name: '4.3 a minute and a day together: the day',
    exchange: answered(gemini, 429, {
      body: rpc(exhausted, 'You exceeded your current quota.', [
        quotaFailure('GenerateRequestsPerMinutePerProjectPerModel-FreeTier'),
        quotaFailure('GenerateRequestsPerDayPerProjectPerModel-FreeTier'),
        retryInfo('26s'),
      ]),
    }),
    rule: 'google_daily_quota',
    actions: [modelLimited(MODEL, MIDNIGHT)],
  },
  ...(
    [
      ['in summer', Date.UTC(2026, 6, 1, 12), Date.UTC(2026, 6, 2, 7)],
      ['before midnight', Date.UTC(2026, 2, 3, 7, 59, 59), Date.UTC(2026, 2, 3, 8)],
      ['at midnight', Date.UTC(2026, 2, 3, 8), Date.UTC(2026, 2, 4, 8)],
      ['the day that has 23 hours', Date.UTC(2026, 2, 8, 8), Date.UTC(2026, 2, 9, 7)],
      ['the day that has 25 hours', Date.UTC(2026, 10, 1, 7), Date.UTC(2026, 10, 2, 8)],
    ] as const
  ).map(
    ([name, receivedAt, until]): Row => ({
      name: `4.3 midnight Pacific ${name}`,
      exchange: answered(gemini, 429, { body: perDay, receivedAt }),
      rule: 'google_daily_quota',
      actions: [modelLimited(MODEL, until)],
    }),
  ),
];

const perMinute = quotaFailure('GenerateRequestsPerMinutePerProjectPerModel-FreeTier');
const modelDetail = (metadata: Readonly<Record<string, string>>): readonly object[] => [
  errorInfo('RATE_LIMIT_EXCEEDED', { model: 'gemini-3', ...metadata }),
];

/** How long, from the most telling field down; fractions round up. */
const DELAYS: readonly (readonly [name: string, body: object, ms: number])[] = [
  ['quotaResetDelay in seconds', rpc(exhausted, 'x', modelDetail({ quotaResetDelay: '12.345s' })), 12_345],
  ['quotaResetDelay in hours', rpc(exhausted, 'x', modelDetail({ quotaResetDelay: '1h2m3s' })), HOUR + 2 * MINUTE + 3 * SECOND],
  [
    'quotaResetDelay of many hours',
    rpc(exhausted, 'x', modelDetail({ quotaResetDelay: '160h20m10.7s' })),
    160 * HOUR + 20 * MINUTE + 10_700,
  ],
  ['quotaResetDelay before RetryInfo', rpc(exhausted, 'x', [...modelDetail({ quotaResetDelay: '90s' }), retryInfo('30s')]), 90_000],
  ['RetryInfo', rpc(exhausted, 'x', [perMinute, retryInfo('26s')]), 26_000],
  ['RetryInfo with nine decimals, rounded up', rpc(exhausted, 'x', [perMinute, retryInfo('26.479417207s')]), 26_480],
  ['Please retry in', rpc(exhausted, 'Quota. Please retry in 26.597142857s.', [perMinute]), 26_598],
];

const delays: readonly Row[] = DELAYS.map(([name, body, ms]) => ({
  name: `4.3 ${name}`,
  exchange: answered(gemini, 429, { body }),
  rule: 'google_model_rate_limit',
  verdict: { kind: 'rate_limited', scope: 'model', resetAt: NOW + ms },
  actions: [modelLimited(MODEL, NOW + ms)],
  disposition: failOver(429, NOW + ms),
}));

const undated: readonly Row[] = [
  {
    name: '4.3 a limit of a model without a wait',
    exchange: answered(gemini, 429, { body: rpc(exhausted, 'x', [perMinute]) }),
    rule: 'google_model_rate_limit_undated',
    actions: [struck, modelLimited(MODEL, FALLBACK)],
  },
  {
    name: '4.4 Vertex: a base model',
    exchange: answered(codeAssist, 429, {
      body: [rpc(exhausted, 'Quota exceeded for aiplatform.googleapis.com/online_prediction_requests_per_base_model with base model: x')],
    }),
    rule: 'google_model_rate_limit_undated',
    actions: [struck, modelLimited(MODEL, FALLBACK)],
  },
  {
    name: '4.1 "Resource has been exhausted" without a detail is shared load',
    exchange: answered(codeAssist, 429, { body: rpc(exhausted, 'Resource has been exhausted (e.g. check quota).') }),
    rule: 'google_shared_capacity',
    verdict: { kind: 'rate_limited', scope: 'model', resetAt: null },
    actions: [struck, modelLimited(MODEL, FALLBACK)],
  },
  {
    name: '4.3 another 429 of Gemini',
    exchange: answered(gemini, 429, { body: rpc(exhausted, 'Too many requests') }),
    rule: 'no_reset_time',
    verdict: { scope: 'account' },
    actions: [struck, limited(FALLBACK)],
  },
  {
    name: '4.3 another 429 of Gemini, with a wait',
    exchange: answered(gemini, 429, { body: rpc(exhausted, 'Too many requests. Please retry in 12s.') }),
    rule: 'rate_limited',
    actions: [limited(NOW + 12 * SECOND)],
  },
  {
    name: '5.6 another 429 of Antigravity, with a wait, counts by model',
    exchange: answered(antigravity, 429, { body: rpc(exhausted, 'Too many requests. Please retry in 12s.') }),
    rule: 'antigravity_rate_limit',
    verdict: { kind: 'rate_limited', scope: 'model' },
    actions: [modelLimited(MODEL, NOW + 12 * SECOND)],
  },
  {
    name: '5.6 another 429 of Antigravity',
    exchange: answered(antigravity, 429, { body: rpc(exhausted, 'Too many requests') }),
    rule: 'no_reset_time',
    actions: [struck, limited(FALLBACK)],
  },
];

const quota = (delay: string | null): object =>
  rpc(exhausted, 'You have exhausted your capacity on this model.', [
    errorInfo('QUOTA_EXHAUSTED', { model: 'gemini-3', ...(delay === null ? {} : { quotaResetDelay: delay }) }),
  ]);

const structured: readonly Row[] = [
  ...GOOGLE.flatMap((platform): Row[] => [
    {
      name: `5.2 ${platform}: the quota of a model`,
      exchange: answered(given(platform, 'oauth'), 429, { body: quota('71h15m') }),
      rule: 'google_quota_exhausted',
      verdict: { kind: 'quota_exhausted', scope: 'model', resetAt: NOW + 71 * HOUR + 15 * MINUTE },
      actions: [modelLimited(MODEL, NOW + 71 * HOUR + 15 * MINUTE)],
      disposition: failOver(429, NOW + 71 * HOUR + 15 * MINUTE),
    },
    {
      name: `5.2 ${platform}: the quota of a model, no reset`,
      exchange: answered(given(platform, 'oauth'), 429, { body: quota(null) }),
      rule: 'google_quota_exhausted_undated',
      verdict: { kind: 'quota_exhausted', resetAt: null },
      actions: [struck, modelLimited(MODEL, FALLBACK)],
    },
    ...['MODEL_CAPACITY_EXHAUSTED', 'MODEL_CAPACITY_EXCEEDED'].flatMap((reason) =>
      [429, 503].map(
        (status): Row => ({
          name: `5.6 ${platform}: ${status} ${reason} is waited for, and nobody's fault`,
          exchange: answered(given(platform, 'oauth'), status, {
            body: rpc('UNAVAILABLE', 'No capacity', [errorInfo(reason, { model: 'x' }), retryInfo('30s')]),
          }),
          rule: 'google_capacity_exhausted',
          verdict: { kind: 'overloaded', scope: 'model', exit: 'none', resetAt: null },
          disposition: { type: 'retry', delayMs: SECOND, withCredits: false, otherwise: [] },
        }),
      ),
    ),
  ]),
  ...[1, 2, 3].map(
    (attempt): Row => ({
      name: `5.6 no capacity, attempt ${attempt}`,
      exchange: answered(antigravity, 503, { body: rpc('UNAVAILABLE', 'x', [errorInfo('MODEL_CAPACITY_EXHAUSTED')]), attempt }),
      rule: 'google_capacity_exhausted',
      disposition: attempt < 3 ? 'retry' : failOver(503),
    }),
  ),
];

const limitAction = (until: number) =>
  ({
    type: 'set_model_rate_limit',
    accountId: 'a1',
    model: MODEL,
    until,
    rule: 'google_model_rate_limit',
    kind: 'quota',
    detail: 'google_model_rate_limit (429)',
    generation: 0,
  }) as const;

/** Antigravity: less than seven seconds are waited for, at least one; once. */
const SHORT: readonly (readonly [delay: string, attempt: number, delayMs: number | null, holdMs: number])[] = [
  ['0.5s', 1, 1000, 1000],
  ['1.2s', 1, 1200, 1200],
  ['6.999s', 1, 6999, 6999],
  ['7s', 1, null, 7000],
  ['0.5s', 2, null, 1000],
];

const short: readonly Row[] = SHORT.map(([delay, attempt, delayMs, holdMs]) => ({
  name: `5.6 a wait of ${delay}, attempt ${attempt}`,
  exchange: answered(antigravity, 429, {
    body: rpc(exhausted, 'x', [errorInfo('RATE_LIMIT_EXCEEDED', { model: 'gemini-3' }), retryInfo(delay)]),
    attempt,
  }),
  rule: 'google_model_rate_limit',
  actions: delayMs === null ? [modelLimited(MODEL, NOW + holdMs)] : [],
  disposition:
    delayMs === null ? failOver(429, NOW + holdMs) : { type: 'retry', delayMs, withCredits: false, otherwise: [limitAction(NOW + holdMs)] },
}));

const others: readonly Row[] = [
  ...GOOGLE.flatMap((platform): Row[] => [
    {
      name: `4.1 ${platform}: 400 of a region`,
      exchange: answered(given(platform, 'api_key'), 400, {
        body: rpc('FAILED_PRECONDITION', 'User location is not supported for the API use.'),
      }),
      rule: 'google_user_location',
      verdict: { kind: 'blocked_egress', scope: 'network' },
      disposition: failOver(503),
    },
    {
      name: `4.1 ${platform}: 400 of a wrong key`,
      exchange: answered(given(platform, 'api_key'), 400, {
        body: rpc('INVALID_ARGUMENT', 'API key not valid.', [errorInfo('API_KEY_INVALID')]),
      }),
      rule: 'google_api_key_invalid',
      verdict: { kind: 'unauthenticated', scope: 'credential', exit: 'operator' },
      actions: [error('credential', 'Authentication failed (400): API key not valid.')],
    },
    {
      name: `5.6 ${platform}: 400 without a project`,
      exchange: answered(given(platform, 'oauth'), 400, { body: rpc('INVALID_ARGUMENT', 'Invalid project resource name projects/') }),
      rule: 'google_invalid_project',
      actions: [paused(NOW + MINUTE, 'Project missing (400): Invalid project resource name projects/')],
      disposition: failOver(400, NOW + MINUTE),
    },
    {
      name: `4.1 ${platform}: 503 of high demand`,
      exchange: answered(given(platform, 'oauth'), 503, { body: rpc('UNAVAILABLE', 'This model is currently experiencing high demand.') }),
      rule: 'google_high_demand',
      verdict: { kind: 'overloaded', scope: 'model', exit: 'none' },
      disposition: failOver(503),
    },
  ]),
  {
    name: '4.3 Gemini: 402',
    exchange: answered(gemini, 402, { body: rpc(exhausted, 'Prepay depleted', [errorInfo('payment_required')]) }),
    rule: 'payment_required',
    actions: [error('billing', 'Payment required (402): Prepay depleted')],
  },
  {
    name: '5.6 an INTERNAL 500 is a server error (rounds of them are left out)',
    exchange: answered(antigravity, 500, { body: { error: { code: 500, message: 'Internal error encountered.', status: 'INTERNAL' } } }),
    rule: 'upstream_error',
    disposition: failOver(502),
  },
  {
    name: '4.1 an error in a string in an error',
    exchange: answered(codeAssist, 429, { body: says(JSON.stringify(rpc(exhausted, 'x', [perMinute, retryInfo('26s')]))) }),
    rule: 'google_model_rate_limit',
    actions: [modelLimited(MODEL, NOW + 26 * SECOND)],
  },
];

export const googleLimitRows: readonly Row[] = [...daily, ...delays, ...undated, ...structured, ...short, ...others];
