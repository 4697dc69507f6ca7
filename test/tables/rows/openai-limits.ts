/** behaviour.md 4.2, 8.2 and providers.md 2, 3: OpenAI's windows, bodies and 403. */
import type { AccountInput } from '../../../src/core/define-account.js';
import { answered, codex, DAY, given, HOUR, MINUTE, MODEL, NOW, SECOND, says, seconds } from '../../support/exchanges.js';
import { type ExpectedAction, error, failOver, limited, modelLimited, paused, type Row, struck } from '../../support/rows.js';

const oauth = given('openai', 'oauth');
const apiKey = given('openai', 'api_key');
type Codex = Readonly<Record<string, string | number>>;

const window = (name: 'primary' | 'secondary', used: number | string, after?: number | string, minutes?: number | string): Codex => ({
  [`${name}-used-percent`]: used,
  ...(after === undefined ? {} : { [`${name}-reset-after-seconds`]: after }),
  ...(minutes === undefined ? {} : { [`${name}-window-minutes`]: minutes }),
});
const used = (utilization: number, after: number | null): { utilization: number; resetAt: number | null; sampledAt: number } => ({
  utilization,
  resetAt: after === null ? null : NOW + after * SECOND,
  sampledAt: NOW,
});

/** Which window is which: by length; where none is stated, by what the other one is, else primary is the week. */
const NORMALISED: readonly (readonly [
  name: string,
  headers: Codex,
  samples: Extract<ExpectedAction, { type: 'record_usage' }>['samples'],
])[] = [
  [
    'both, primary the longer',
    { ...window('primary', 10, 500, 10080), ...window('secondary', 20, 60, 300) },
    { '7d': used(0.1, 500), '5h': used(0.2, 60) },
  ],
  [
    'both, primary the shorter',
    { ...window('primary', 10, 60, 300), ...window('secondary', 20, 500, 10080) },
    { '5h': used(0.1, 60), '7d': used(0.2, 500) },
  ],
  ['only primary, 360 minutes', window('primary', 10, 60, 360), { '5h': used(0.1, 60) }],
  ['only primary, 361 minutes', window('primary', 10, 60, 361), { '7d': used(0.1, 60) }],
  ['only primary, 30 days', window('primary', 10, 60, 43200), { '30d': used(0.1, 60) }],
  [
    'primary 300 minutes, secondary of unknown length',
    { ...window('primary', 10, 60, 300), ...window('secondary', 20, 500) },
    { '5h': used(0.1, 60), '7d': used(0.2, 500) },
  ],
  [
    'primary 10080 minutes, secondary of unknown length',
    { ...window('primary', 10, 500, 10080), ...window('secondary', 20, 60) },
    { '7d': used(0.1, 500), '5h': used(0.2, 60) },
  ],
  [
    'no length: primary is the week',
    { ...window('primary', 10, 500), ...window('secondary', 20, 60) },
    { '7d': used(0.1, 500), '5h': used(0.2, 60) },
  ],
  ['only primary, 80 %, 50000 s', window('primary', 80, 50_000), { '7d': used(0.8, 50_000) }],
  ['a window of 0 minutes is absent', { ...window('primary', 10, 60, 300), ...window('secondary', 0, 0, 0) }, { '5h': used(0.1, 60) }],
  ['percent with decimals', window('primary', '2.53', 60, 300), { '5h': used(0.0253, 60) }],
  ['no reset', window('primary', 10, undefined, 300), { '5h': used(0.1, null) }],
  ['an empty reset-at', { ...window('primary', 10, 60, 300), 'primary-reset-at': '' }, { '5h': used(0.1, 60) }],
  [
    'reset-at before reset-after',
    { ...window('primary', 10, 60, 300), 'primary-reset-at': seconds(NOW + HOUR) },
    { '5h': used(0.1, 3600) },
  ],
];

const normalised: readonly Row[] = NORMALISED.map(([name, headers, samples]) => ({
  name: `4.2 windows: ${name}`,
  exchange: answered(oauth, 200, { headers: codex(headers) }),
  rule: 'ok',
  actions: [samples === undefined ? { type: 'record_usage' } : { type: 'record_usage', samples }],
}));

const spent = says('The usage limit has been reached', { type: 'usage_limit_reached', plan_type: 'plus' });

interface Reset {
  readonly name: string;
  readonly headers: Codex;
  readonly rule: string;
  readonly after: number;
}

/** Only an exhausted window may supply the reset; of several, the latest. */
const RESETS: readonly Reset[] = [
  {
    name: 'primary 100/384607/10080, secondary 3/17369/300',
    headers: { ...window('primary', 100, 384_607, 10_080), ...window('secondary', 3, 17_369, 300) },
    rule: '7d',
    after: 384_607,
  },
  {
    name: 'primary 50/500000/10080, secondary 100/3600/300',
    headers: { ...window('primary', 50, 500_000, 10_080), ...window('secondary', 100, 3600, 300) },
    rule: '5h',
    after: 3600,
  },
  {
    name: 'primary 100/3600/300, secondary 50/500000/10080',
    headers: { ...window('primary', 100, 3600, 300), ...window('secondary', 50, 500_000, 10_080) },
    rule: '5h',
    after: 3600,
  },
  {
    name: 'both exhausted: the later',
    headers: { ...window('primary', 100, 3600, 300), ...window('secondary', 100, 500_000, 10_080) },
    rule: '7d',
    after: 500_000,
  },
  { name: 'only secondary', headers: window('secondary', 100, 3600), rule: '5h', after: 3600 },
  { name: 'thirty days', headers: window('primary', 100, 2_000_000, 43_200), rule: '30d', after: 2_000_000 },
  {
    name: 'the length of the window and an hour is plausible',
    headers: window('primary', 100, 6 * 3600, 300),
    rule: '5h',
    after: 6 * 3600,
  },
  { name: 'above 100 %', headers: window('primary', '101.5', 3600, 300), rule: '5h', after: 3600 },
];

const resets: readonly Row[] = RESETS.map(({ name, headers, rule, after }) => ({
  name: `4.2 ${name}`,
  exchange: answered(oauth, 429, { headers: codex(headers), body: spent }),
  rule: `openai_${rule}_window_exhausted`,
  verdict: { kind: 'quota_exhausted', scope: 'account', resetAt: NOW + after * SECOND, exit: 'time' },
  actions: [limited(NOW + after * SECOND), { type: 'record_usage' }],
  disposition: failOver(429, NOW + after * SECOND),
}));

const transient: readonly Row[] = [
  {
    name: 'nothing exhausted: a burst',
    headers: { ...window('primary', 50, 500_000, 10_080), ...window('secondary', 60, 3600, 300) },
    events: [],
  },
  { name: '100 % without a reset', headers: window('primary', 100, undefined, 300), events: ['reset_out_of_bounds'] },
  { name: 'a reset beyond the window and an hour', headers: window('primary', 100, 6 * 3600 + 1, 300), events: ['reset_out_of_bounds'] },
  { name: "Anthropic's headers say nothing here", headers: null, events: [] },
].map(({ name, headers, events }) => ({
  name: `4.2 ${name}`,
  exchange: answered(oauth, 429, {
    headers:
      headers === null
        ? { 'anthropic-ratelimit-unified-5h-status': 'rejected', 'anthropic-ratelimit-unified-5h-reset': seconds(NOW + HOUR) }
        : codex(headers),
    body: says('Slow down'),
  }),
  rule: 'no_reset_time',
  actions: [struck, limited(NOW + 5 * SECOND), ...(headers === null ? [] : [{ type: 'record_usage' } as const])],
  events: events as Row['events'] & object,
}));

const wait = (text: string): object =>
  says(`Rate limit reached for a-model on tokens per min (TPM): Limit 30000. ${text}`, { type: 'tokens', code: 'rate_limit_exceeded' });

/** The body's own words on when: for a plan, the account; for a rate limit, the model. */
const BODIES: readonly (readonly [name: string, body: object, ms: number])[] = [
  ['resets_at, a number', { error: { type: 'usage_limit_reached', resets_at: NOW / SECOND + 3600 } }, HOUR],
  // No clock can be wrong about a length of time (I27), so it goes before an instant.
  ['both', { error: { type: 'usage_limit_reached', resets_at: NOW / SECOND + 3600, resets_in_seconds: 60 } }, MINUTE],
  ['resets_at, a text', { error: { type: 'usage_limit_reached', resets_at: seconds(NOW + HOUR) } }, HOUR],
  ['resets_in_seconds, a number', { error: { type: 'usage_limit_reached', resets_in_seconds: 60 } }, MINUTE],
  ['resets_in_seconds, a text', { error: { type: 'usage_limit_reached', resets_in_seconds: '60' } }, MINUTE],
  [
    'days and hours in words',
    { error: { type: 'GoUsageLimitError', message: 'Usage limit reached, resets in 2 days 3 hours' } },
    2 * DAY + 3 * HOUR,
  ],
];

const bodies: readonly Row[] = BODIES.map(([name, body, ms]) => ({
  name: `4.2 body: ${name}`,
  exchange: answered(oauth, 429, { body }),
  rule: 'openai_usage_limit_reached',
  verdict: { kind: 'quota_exhausted', scope: 'account', resetAt: NOW + ms },
  actions: [limited(NOW + ms)],
}));

const models: readonly Row[] = [
  ...(
    [
      ['Please try again in 12.441s.', 12_441],
      ['Please try again in 6m0s.', 6 * MINUTE],
      ['Please try again in 1m9.696s.', 69_696],
      ['Please try again in 2h.', 2 * HOUR],
    ] as const
  ).map(
    ([text, ms]): Row => ({
      name: `2 rate_limit_exceeded: ${text}`,
      exchange: answered(oauth, 429, { body: wait(text) }),
      rule: 'openai_rate_limit_exceeded',
      verdict: { kind: 'rate_limited', scope: 'model', resetAt: NOW + ms },
      actions: [modelLimited(MODEL, NOW + ms)],
      disposition: failOver(429, NOW + ms),
    }),
  ),
  {
    name: '2 rate_limit_exceeded: less than a second is waited for',
    exchange: answered(apiKey, 429, { body: wait('Please try again in 579ms.') }),
    rule: 'openai_rate_limit_exceeded',
    actions: [],
    disposition: {
      type: 'retry',
      delayMs: 579,
      withCredits: false,
      otherwise: [modelLimitAction(NOW + SECOND)],
    },
  },
  {
    name: '2 rate_limit_exceeded: the second time it is not waited for',
    exchange: answered(apiKey, 429, { body: wait('Please try again in 579ms.'), attempt: 2 }),
    rule: 'openai_rate_limit_exceeded',
    actions: [modelLimited(MODEL, NOW + SECOND)],
    disposition: 'fail_over',
  },
  {
    name: '2 rate_limit_exceeded without a wait',
    exchange: answered(apiKey, 429, { body: says('Rate limit reached', { code: 'rate_limit_exceeded' }) }),
    rule: 'openai_rate_limit_exceeded_undated',
    actions: [struck, modelLimited(MODEL, NOW + 5 * SECOND)],
  },
  {
    name: '2 rate_limit_exceeded without a known model',
    exchange: answered(apiKey, 429, { body: wait('Please try again in 20s.'), model: null }),
    rule: 'openai_rate_limit_exceeded',
    verdict: { scope: 'account' },
    actions: [limited(NOW + 20 * SECOND)],
  },
  {
    name: '2 headers before words',
    exchange: answered(apiKey, 429, { headers: { 'retry-after': '40' }, body: wait('Please try again in 20s.') }),
    rule: 'openai_rate_limit_exceeded',
    actions: [modelLimited(MODEL, NOW + 40 * SECOND)],
  },
  {
    name: '2 retry-after-ms before retry-after',
    exchange: answered(apiKey, 429, { headers: { 'retry-after': '40', 'retry-after-ms': '2500' }, body: says('Slow down') }),
    rule: 'openai_api_key_rate_limit',
    actions: [modelLimited(MODEL, NOW + 2500)],
  },
  {
    name: '2 the empty bucket says when, as a Go duration',
    exchange: answered(apiKey, 429, {
      headers: {
        'x-ratelimit-remaining-requests': '10',
        'x-ratelimit-reset-requests': '6m0s',
        'x-ratelimit-remaining-tokens': '0',
        'x-ratelimit-reset-tokens': '1m9.696s',
      },
      body: says('Slow down'),
    }),
    rule: 'openai_api_key_rate_limit',
    actions: [modelLimited(MODEL, NOW + 69_696)],
  },
  {
    name: '2 an API key without any reset',
    exchange: answered(apiKey, 429, { body: says('Slow down') }),
    rule: 'openai_api_key_rate_limit_undated',
    actions: [struck, modelLimited(MODEL, NOW + 5 * SECOND)],
  },
  {
    name: '2 a request that can never pass',
    exchange: answered(apiKey, 429, { body: says('Request too large for a-model on tokens per min', { code: 'rate_limit_exceeded' }) }),
    rule: 'openai_request_too_large',
    verdict: { kind: 'invalid_request', scope: 'request' },
    disposition: { type: 'respond' },
  },
];

function modelLimitAction(until: number): Extract<import('../../../src/core/action.js').Action, { type: 'set_model_rate_limit' }> {
  return {
    type: 'set_model_rate_limit',
    accountId: 'a1',
    model: MODEL,
    until,
    rule: 'openai_rate_limit_exceeded',
    kind: 'quota',
    detail: 'openai_rate_limit_exceeded (429)',
    generation: 0,
  };
}

const billing: readonly Row[] = [
  ...[
    'insufficient_quota',
    'billing_not_active',
    'credit_balance_exhausted',
    'organization_spend_limit_exceeded',
    'project_spend_limit_exceeded',
    'organization_usage_limit_exceeded',
  ].map(
    (code): Row => ({
      name: `2 429 ${code}`,
      exchange: answered(apiKey, 429, { headers: { 'retry-after': '1' }, body: says('Check your plan', { type: code, code: null }) }),
      rule: 'openai_billing',
      verdict: { kind: 'billing', scope: 'organization', exit: 'operator' },
      actions: [error('billing', 'Payment required (429): Check your plan')],
      disposition: failOver(503),
    }),
  ),
  {
    name: '2 400 billing_hard_limit_reached',
    exchange: answered(apiKey, 400, { body: says('Hard limit', { code: 'billing_hard_limit_reached' }) }),
    rule: 'openai_billing',
    actions: [error('billing', 'Payment required (400): Hard limit')],
  },
  {
    name: '2 the words alone are no billing',
    exchange: answered(apiKey, 429, { body: says('insufficient_quota: check your plan and billing details') }),
    rule: 'openai_api_key_rate_limit_undated',
    actions: [struck, modelLimited(MODEL, NOW + 5 * SECOND)],
  },
];

const others: readonly Row[] = [
  {
    name: '2 401 account_deactivated',
    exchange: answered(apiKey, 401, { body: says('Your account was deactivated', { code: 'account_deactivated' }) }),
    rule: 'openai_account_deactivated',
    verdict: { kind: 'violation', scope: 'account', exit: 'operator' },
    actions: [error('violation', 'Account deactivated (401): Your account was deactivated')],
  },
  {
    name: '2 403 of a country',
    exchange: answered(apiKey, 403, {
      body: says('Country not supported', { code: 'unsupported_country_region_territory', type: 'request_forbidden' }),
    }),
    rule: 'openai_unsupported_country',
    verdict: { kind: 'blocked_egress', scope: 'network' },
    disposition: failOver(503),
  },
  {
    name: '3 403, empty: the edge',
    exchange: answered(oauth, 403),
    rule: 'blocked_egress_empty_403',
    verdict: { kind: 'blocked_egress', scope: 'network' },
    disposition: failOver(503),
  },
  {
    name: '2 503 server_is_overloaded',
    exchange: answered(oauth, 503, { body: says('Our servers are overloaded', { code: 'server_is_overloaded' }) }),
    rule: 'openai_overloaded',
    verdict: { kind: 'overloaded', scope: 'provider', exit: 'none' },
    disposition: failOver(503),
  },
  {
    name: '3 200 and an overload inside the stream',
    exchange: answered(oauth, 200, {
      body: 'event: response.failed\ndata: {"type":"response.failed","response":{"error":{"code":"server_is_overloaded","message":"Try later"}}}\n\n',
    }),
    rule: 'openai_overloaded',
    disposition: failOver(503),
  },
  {
    name: '3 200 and an expired token under detail',
    exchange: answered(oauth, 200, { body: { detail: { message: 'Your token has expired', code: 'token_expired' } } }),
    rule: 'oauth_401',
    actions: [
      { type: 'invalidate_token' },
      { type: 'set_temp_unschedulable', cell: 'authentication', until: NOW + 10 * MINUTE },
      { type: 'request_refresh' },
    ],
  },
  {
    name: '4.0 a shadow: a 429 of the shared plan does not touch it',
    exchange: answered(given('openai', 'oauth', { parent: given('openai', 'oauth', { id: 'parent' }) }), 429, {
      headers: codex(window('primary', 100, 3600, 300)),
      body: spent,
    }),
    rule: 'openai_5h_window_exhausted',
    actions: [],
    disposition: 'fail_over',
  },
];

const strikes = (...earlier: readonly number[]): Partial<AccountInput> => ({
  health: {
    strikes: { forbidden: { generation: 1, evidence: Object.fromEntries(earlier.map((at) => [`openai_403_strikes:${at}`, at])) } },
  },
});
const strike: ExpectedAction = { type: 'add_strike', kind: 'forbidden', at: NOW, generation: 1 };
const forbiddenBody = says('No access');
const cooldown = (count: number): ExpectedAction =>
  paused(NOW + 10 * MINUTE, `OpenAI 403 temporary cooldown (${count}/3): Access forbidden (403): No access`);

const forbidden: readonly Row[] = [
  {
    name: '8.2 the first 403',
    exchange: answered(given('openai', 'oauth'), 403, { body: forbiddenBody }),
    rule: 'openai_403_strikes',
    verdict: { kind: 'forbidden', scope: 'account' },
    actions: [{ ...strike, generation: 0 } as ExpectedAction, cooldown(1)],
    disposition: failOver(503, NOW + 10 * MINUTE),
  },
  {
    name: '8.2 the second',
    exchange: answered(given('openai', 'oauth', strikes(NOW - HOUR)), 403, { body: forbiddenBody }),
    rule: 'openai_403_strikes',
    actions: [strike, cooldown(2)],
  },
  {
    name: '8.2 the third is an error',
    exchange: answered(given('openai', 'oauth', strikes(NOW - HOUR, NOW - 2 * HOUR)), 403, { body: forbiddenBody }),
    rule: 'openai_403_strikes',
    actions: [strike, error('forbidden', 'Access forbidden (403): No access | consecutive_403=3/3')],
  },
  {
    name: '8.2 180 minutes later a strike does not count',
    exchange: answered(given('openai', 'oauth', strikes(NOW - HOUR, NOW - 3 * HOUR)), 403, { body: forbiddenBody }),
    rule: 'openai_403_strikes',
    actions: [strike, cooldown(2)],
  },
  {
    name: '8.2 a millisecond less and it does',
    exchange: answered(given('openai', 'oauth', strikes(NOW - HOUR, NOW - 3 * HOUR + 1)), 403, { body: forbiddenBody }),
    rule: 'openai_403_strikes',
    actions: [strike, error('forbidden', 'Access forbidden (403): No access | consecutive_403=3/3')],
  },
  {
    name: '8.2 a burst under the same hold is one strike',
    exchange: answered(
      given('openai', 'oauth', {
        health: {
          temporary: { generation: 0, credentialRevision: -1, until: NOW + MINUTE, rule: 'openai_403_strikes' },
          strikes: {
            forbidden: {
              generation: 1,
              evidence: { [`openai_403_strikes:${NOW + MINUTE}`]: NOW - SECOND, 'openai_403_strikes:0': NOW - MINUTE },
            },
          },
        },
      }),
      403,
      { body: forbiddenBody },
    ),
    rule: 'openai_403_strikes',
    actions: [strike, cooldown(2)],
  },
  {
    name: '8.2 a third 403 that does not parse is no error',
    exchange: answered(given('openai', 'oauth', strikes(NOW - HOUR, NOW - 2 * HOUR)), 403, { body: '{"error":' }),
    rule: 'openai_403_strikes',
    actions: [strike, { type: 'set_temp_unschedulable', cell: 'temporary', until: NOW + 10 * MINUTE }],
  },
  ...['<!DOCTYPE html><title>Just a moment</title>', '\n  <HTML>', '<html lang="en">'].map(
    (body): Row => ({
      name: `8.2 a page: ${JSON.stringify(body.slice(0, 14))}`,
      exchange: answered(given('openai', 'oauth', strikes(NOW - HOUR, NOW - 2 * HOUR)), 403, { body }),
      rule: 'blocked_egress_html',
      verdict: { kind: 'blocked_egress', scope: 'network', exit: 'none' },
      actions: [],
      disposition: failOver(503),
    }),
  ),
  {
    name: '8.2 a success clears the strikes',
    exchange: answered(given('openai', 'oauth', strikes(NOW - HOUR)), 200),
    rule: 'ok',
    actions: [{ type: 'clear_strikes', kind: 'forbidden', generation: 1 }],
  },
];

export const openaiLimitRows: readonly Row[] = [
  ...normalised,
  ...resets,
  ...transient,
  ...bodies,
  ...models,
  ...billing,
  ...others,
  ...forbidden,
];
