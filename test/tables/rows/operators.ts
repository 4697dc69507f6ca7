/** behaviour.md 4.5, 4.6, 7: custom error codes, pool mode, temporary rules, and settings. */
import type { AccountSettings, AccountType } from '../../../src/core/account.js';
import { definePolicy } from '../../../src/define-policy.js';
import {
  answered,
  errorInfo,
  given,
  HOUR,
  MINUTE,
  MODEL,
  NOW,
  retryInfo,
  rpc,
  SECOND,
  says,
  seconds,
  unified,
} from '../../support/exchanges.js';
import { type ExpectedAction, error, failOver, limited, modelLimited, paused, type Row, struck } from '../../support/rows.js';

const withSettings = (type: AccountType, settings: Partial<AccountSettings>) => given('openai', type, { settings });
const body = says('Overloaded Service');
const rule = (statusCode: number, ...keywords: readonly string[]) => ({ statusCode, keywords, durationMinutes: 15 });
const IN_15_MIN = NOW + 15 * MINUTE;
const untouched: Pick<Row, 'rule' | 'actions' | 'disposition'> = {
  rule: 'custom_codes_unlisted',
  actions: [],
  disposition: { type: 'respond', status: 500 },
};
const custom = (status: number, text = 'Overloaded Service'): ExpectedAction => error('custom', `Custom error code ${status}: ${text}`);
const byRule = (until: number = IN_15_MIN): ExpectedAction => ({ type: 'set_model_rate_limit', model: MODEL, until, kind: 'temporary' });

const only599 = ['anthropic', 'openai', 'gemini', 'antigravity'].flatMap((platform) =>
  [429, 500, 503, 401, 403, 400, 404, 529].map(
    (status): Row => ({
      name: `7.2 codes [599] of ${platform}: ${status} is the client's 500, nothing is written`,
      exchange: answered(given(platform, 'api_key', { settings: { customErrorCodes: [599] } }), status, {
        body: says('Your credit balance is too low'),
        headers: { 'retry-after': '60' },
      }),
      ...untouched,
    }),
  ),
);

const customCodes: readonly Row[] = [
  {
    name: '7.1 codes [429, 500] & 500',
    exchange: answered(withSettings('api_key', { customErrorCodes: [429, 500] }), 500, { body }),
    rule: 'custom_code',
    verdict: { kind: 'upstream_error', scope: 'account', exit: 'operator' },
    actions: [custom(500)],
    disposition: 'fail_over',
  },
  {
    name: '7.1 codes [500] & 500, no message',
    exchange: answered(withSettings('api_key', { customErrorCodes: [500] }), 500),
    rule: 'custom_code',
    actions: [custom(500, 'Custom error code triggered')],
  },
  {
    name: '7.1 codes [429, 500] & 503',
    exchange: answered(withSettings('api_key', { customErrorCodes: [429, 500] }), 503, { body }),
    ...untouched,
  },
  {
    name: '7.1 codes [503] win over a temporary rule',
    exchange: answered(withSettings('api_key', { customErrorCodes: [503], temporaryRules: [rule(503, 'overloaded')] }), 503, { body }),
    rule: 'custom_code',
    actions: [custom(503)],
  },
  {
    name: '7.1 an unlisted status is not asked for temporary rules',
    exchange: answered(withSettings('api_key', { customErrorCodes: [500], temporaryRules: [rule(503, 'overloaded')] }), 503, { body }),
    ...untouched,
  },
  {
    name: '7.3 an empty list is every status',
    exchange: answered(withSettings('api_key', { customErrorCodes: [] }), 418, { body }),
    rule: 'custom_code',
    actions: [custom(418)],
  },
  ...(['oauth', 'setup_token', 'service_account'] as const).map(
    (type): Row => ({
      name: `7.3 codes are for API keys: ${type}`,
      exchange: answered(withSettings(type, { customErrorCodes: [599] }), 500, { body }),
      rule: 'upstream_error',
      disposition: failOver(502),
    }),
  ),
  {
    name: '0.5 codes [529] & 529: an error, no overload',
    exchange: answered(withSettings('api_key', { customErrorCodes: [529] }), 529, { body }),
    rule: 'custom_code_529',
    actions: [custom(529)],
    disposition: 'fail_over',
  },
  {
    name: '4.6 codes without 529: no overload',
    exchange: answered(withSettings('api_key', { customErrorCodes: [500] }), 529, { body }),
    ...untouched,
  },
  {
    name: '0.5 a listed 401 keeps its own meaning',
    exchange: answered(withSettings('api_key', { customErrorCodes: 'all' }), 401, { body }),
    rule: 'authentication_failed',
    actions: [error('credential', 'Authentication failed (401): Overloaded Service')],
  },
  {
    name: '0.5 a listed 402 keeps its own meaning',
    exchange: answered(withSettings('api_key', { customErrorCodes: 'all' }), 402, { body }),
    rule: 'payment_required',
    actions: [error('billing', 'Payment required (402): Overloaded Service')],
  },
  {
    name: '0.5 a listed 403 keeps its own meaning',
    exchange: answered(withSettings('api_key', { customErrorCodes: 'all' }), 403, { body }),
    rule: 'openai_403_strikes',
    actions: [{ type: 'add_strike' }, { type: 'set_temp_unschedulable' }],
  },
  {
    name: '0.5 a listed 429 keeps its own meaning',
    exchange: answered(withSettings('api_key', { customErrorCodes: 'all' }), 429, { body, headers: { 'retry-after': '60' } }),
    rule: 'openai_api_key_rate_limit',
    actions: [modelLimited(MODEL, NOW + MINUTE)],
  },
  {
    name: '0.5 a listed 400 keeps its own meaning',
    exchange: answered(withSettings('api_key', { customErrorCodes: 'all' }), 400, { body }),
    rule: 'invalid_request_listed',
    actions: [],
    disposition: { type: 'respond' },
  },
  {
    name: '0.5 a listed 404 of a model keeps its own meaning',
    exchange: answered(withSettings('api_key', { customErrorCodes: 'all' }), 404, { body: says('model not found') }),
    rule: 'upstream_404_model_not_found',
    actions: [{ type: 'set_model_rate_limit', until: NOW + 30 * MINUTE }],
  },
  {
    name: '0.5 another listed 404 is an error',
    exchange: answered(withSettings('api_key', { customErrorCodes: 'all' }), 404, { body: says('no such page') }),
    rule: 'custom_code',
    actions: [custom(404, 'no such page')],
  },
  {
    name: 'a listed page is the edge',
    exchange: answered(withSettings('api_key', { customErrorCodes: 'all' }), 500, { body: '<html>' }),
    rule: 'blocked_egress_html',
  },
];

const pools: readonly Row[] = [
  ...[400, 401, 403, 429, 500, 503, 529].map(
    (status): Row => ({
      name: `0.5 a pool: hands off ${status}`,
      exchange: answered(withSettings('api_key', { poolMode: true }), status, { body, headers: { 'retry-after': '60' } }),
      rule: 'pool_mode_hands_off',
      actions: [],
      disposition: 'fail_over',
    }),
  ),
  {
    name: '0.5 a pool: its temporary rule counts',
    exchange: answered(withSettings('api_key', { poolMode: true, temporaryRules: [rule(503, 'overloaded')] }), 503, { body }),
    rule: 'pool_mode_temporary_rule',
    actions: [byRule()],
    disposition: failOver(502, IN_15_MIN),
  },
  {
    name: '0.5 a pool: but not for a 401',
    exchange: answered(withSettings('api_key', { poolMode: true, temporaryRules: [rule(401, 'overloaded')] }), 401, { body }),
    rule: 'pool_mode_hands_off',
    actions: [],
  },
  {
    name: '0.5 a pool with custom codes: the codes decide',
    exchange: answered(withSettings('api_key', { poolMode: true, customErrorCodes: [500] }), 500, { body }),
    rule: 'custom_code',
    actions: [custom(500)],
  },
  {
    name: '7.3 a subscription is no pool',
    exchange: answered(withSettings('oauth', { poolMode: true }), 529, { body }),
    rule: 'overloaded_529',
    actions: [{ type: 'set_overloaded', until: NOW + 10 * MINUTE }],
  },
];

/** Which words match, case aside, in the first 64 KiB. */
const MATCHES: readonly (readonly [name: string, keyword: string, body: string | object, matches: boolean])[] = [
  ['a word of the message', 'overloaded', body, true],
  ['another case', 'OVERLOADED service', body, true],
  ['outer blanks of the keyword', '  overloaded ', body, true],
  ['another word', 'random msg', body, false],
  ['a field name', '"message"', body, true],
  ['a plain text', 'overloaded', 'overloaded service', true],
  ['a page', 'overloaded', '<html>overloaded</html>', true],
  ['a body that does not parse', 'overloaded', '{"error":"overloaded', true],
  ['an empty body', 'overloaded', '', false],
  ['the end of the first 64 KiB', 'overloaded', `${'x'.repeat(65_526)}overloaded`, true],
  ['beyond the first 64 KiB', 'overloaded', `${'x'.repeat(65_527)}overloaded`, false],
];

const matches: readonly Row[] = MATCHES.map(([name, keyword, text, isMatch]) => {
  const exchange = answered(withSettings('oauth', { temporaryRules: [rule(503, keyword)] }), 503, { body: text });
  const isPage = typeof text === 'string' && text.startsWith('<');
  return isMatch
    ? { name: `7.3 a keyword: ${name}`, exchange, rule: 'temporary_rule', actions: [byRule()], disposition: failOver(502, IN_15_MIN) }
    : { name: `7.3 a keyword: ${name}`, exchange, rule: isPage ? 'blocked_egress_html' : 'upstream_error', actions: [] };
});

const temporary: readonly Row[] = [
  {
    name: '7.3 without a known model the account is held',
    exchange: answered(withSettings('oauth', { temporaryRules: [rule(503, 'overloaded')] }), 503, { body, model: null }),
    rule: 'temporary_rule',
    actions: [paused(IN_15_MIN, 'temporary rule 0 (503): Overloaded Service')],
  },
  {
    name: '7.3 the first rule that matches wins',
    exchange: answered(
      withSettings('oauth', {
        temporaryRules: [
          rule(500, 'overloaded'),
          rule(503, 'nothing'),
          { ...rule(503, 'service'), durationMinutes: 2 },
          rule(503, 'overloaded'),
        ],
      }),
      503,
      { body },
    ),
    rule: 'temporary_rule',
    actions: [{ ...byRule(NOW + 2 * MINUTE), detail: 'temporary rule 2 (503): Overloaded Service' } as ExpectedAction],
  },
  {
    name: '7.3 a hold that lasts longer already stays',
    exchange: answered(
      given('openai', 'oauth', {
        settings: { temporaryRules: [rule(503, 'overloaded')] },
        health: { modelRateLimits: { [MODEL]: { generation: 1, credentialRevision: -1, until: NOW + HOUR, rule: 'r' } } },
      }),
      503,
      { body },
    ),
    rule: 'temporary_rule',
    actions: [],
    disposition: failOver(502, IN_15_MIN),
  },
  {
    name: '7.1 a 529 comes before temporary rules',
    exchange: answered(withSettings('oauth', { temporaryRules: [rule(529, 'overloaded')] }), 529, { body }),
    rule: 'overloaded_529',
    actions: [{ type: 'set_overloaded', until: NOW + 10 * MINUTE }],
  },
  {
    name: '0.5 a model that is not found comes before temporary rules',
    exchange: answered(withSettings('oauth', { temporaryRules: [rule(404, 'model')] }), 404, { body: says('model not found') }),
    rule: 'upstream_404_model_not_found',
    actions: [{ type: 'set_model_rate_limit', until: NOW + 30 * MINUTE }],
  },
  {
    name: '7.2 a structured limit of Antigravity comes before temporary rules',
    exchange: answered(given('antigravity', 'oauth', { settings: { temporaryRules: [rule(429, 'slow')] } }), 429, {
      body: rpc('RESOURCE_EXHAUSTED', 'Slow', [errorInfo('RATE_LIMIT_EXCEEDED', { model: 'm' }), retryInfo('60s')]),
    }),
    rule: 'google_model_rate_limit',
    actions: [modelLimited(MODEL, NOW + MINUTE)],
  },
  {
    name: '7.3 a temporary rule comes before a 402',
    exchange: answered(withSettings('oauth', { temporaryRules: [rule(402, 'overloaded')] }), 402, { body }),
    rule: 'temporary_rule',
    actions: [byRule()],
  },
];

const overload = (settings: { readonly enabled?: boolean; readonly cooldownMinutes?: number }) =>
  definePolicy({ settings: { overload: settings } });
const fallback = (settings: { readonly enabled?: boolean; readonly cooldownSeconds?: number }) =>
  definePolicy({ settings: { rateLimitFallback: settings } });
const anthropic = given('anthropic', 'oauth');

const settings: readonly Row[] = [
  {
    name: '4.6 enabled, 15 minutes',
    exchange: answered(anthropic, 529, { body }),
    policy: overload({ cooldownMinutes: 15 }),
    rule: 'overloaded_529',
    verdict: { kind: 'overloaded', scope: 'provider', exit: 'time', resetAt: null },
    actions: [{ type: 'set_overloaded', until: NOW + 15 * MINUTE, kind: 'overload', rule: 'overloaded_529', credentialRevision: -1 }],
    disposition: failOver(503, NOW + 15 * MINUTE),
    events: [],
  },
  {
    name: '4.6 disabled: an event, no hold',
    exchange: answered(anthropic, 529, { body }),
    policy: overload({ enabled: false }),
    rule: 'overloaded_529',
    actions: [],
    disposition: failOver(503),
    events: ['overload_ignored'],
  },
  {
    name: '4.6 by default ten minutes, whatever quota window the headers show',
    exchange: answered(anthropic, 529, { headers: { ...unified({ '5h-reset': seconds(NOW + 3 * HOUR) }), 'retry-after': '3600' } }),
    rule: 'overloaded_529',
    actions: [{ type: 'set_overloaded', until: NOW + 10 * MINUTE }],
  },
  {
    name: '4.6 overloaded for longer already',
    exchange: answered(
      given('anthropic', 'oauth', { health: { overload: { generation: 0, credentialRevision: -1, until: NOW + HOUR, rule: 'r' } } }),
      529,
      { body },
    ),
    rule: 'overloaded_529',
    actions: [],
  },
  {
    name: '4.5 five seconds',
    exchange: answered(anthropic, 429, { body }),
    rule: 'no_reset_time',
    actions: [struck, limited(NOW + 5 * SECOND)],
  },
  {
    name: '4.5 two hours',
    exchange: answered(anthropic, 429, { body }),
    policy: fallback({ cooldownSeconds: 7200 }),
    rule: 'no_reset_time',
    actions: [struck, limited(NOW + 2 * HOUR)],
  },
  {
    name: '4.5 disabled: an event, no hold',
    exchange: answered(anthropic, 429, { body }),
    policy: fallback({ enabled: false }),
    rule: 'no_reset_time',
    actions: [],
    disposition: failOver(429),
    events: ['rate_limit_ignored'],
  },
  {
    name: '1.1 the 401 cooldown is a setting',
    exchange: answered(anthropic, 401, { body }),
    policy: definePolicy({ settings: { oauth401CooldownMinutes: 3 } }),
    rule: 'oauth_401',
    actions: [{ type: 'invalidate_token' }, { type: 'set_temp_unschedulable', until: NOW + 3 * MINUTE }, { type: 'request_refresh' }],
  },
  {
    name: '8.2 the strikes are settings',
    exchange: answered(given('openai', 'oauth'), 403, { body }),
    policy: definePolicy({ settings: { forbiddenStrikes: { threshold: 1 } } }),
    rule: 'openai_403_strikes',
    actions: [{ type: 'add_strike' }, error('forbidden', 'Access forbidden (403): Overloaded Service | consecutive_403=1/1')],
  },
];

/** Strikes of earlier bursts: how often a 429 without a reset came in the last ten minutes, and how long it is then. */
const DOUBLED: readonly (readonly [ages: readonly number[], seconds: number])[] = [
  [[], 5],
  [[MINUTE], 10],
  [[MINUTE, 2 * MINUTE], 20],
  [[MINUTE, 10 * MINUTE], 10],
  [[10 * MINUTE - 1], 10],
  [[1, 2, 3, 4, 5, 6], 300],
  [[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12], 300],
];

const doubled: readonly Row[] = DOUBLED.map(([ages, wait]) => ({
  name: `design 5 a 429 without a reset, after ${ages.length} others (${ages.join(', ')} ms ago): ${wait} s`,
  exchange: answered(
    given('anthropic', 'oauth', {
      health: {
        strikes: {
          undated_rate_limit: { generation: 0, evidence: Object.fromEntries(ages.map((age) => [`no_reset_time:${age}`, NOW - age])) },
        },
      },
    }),
    429,
    { body },
  ),
  rule: 'no_reset_time',
  actions: [struck, limited(NOW + wait * SECOND)],
}));

const burst: readonly Row[] = [
  {
    name: 'design 5 a burst under the same hold is one strike: no longer than the first',
    exchange: answered(
      given('anthropic', 'oauth', {
        health: { strikes: { undated_rate_limit: { generation: 0, evidence: { 'no_reset_time:0': NOW - SECOND } } } },
      }),
      429,
      { body },
    ),
    rule: 'no_reset_time',
    actions: [{ ...struck, evidenceId: 'no_reset_time:0' } as ExpectedAction, limited(NOW + 5 * SECOND)],
  },
  {
    name: 'design 5 the setting is longer than five minutes: it is not shortened',
    exchange: answered(
      given('anthropic', 'oauth', {
        health: { strikes: { undated_rate_limit: { generation: 0, evidence: { 'no_reset_time:1': NOW - SECOND } } } },
      }),
      429,
      { body },
    ),
    policy: fallback({ cooldownSeconds: 600 }),
    rule: 'no_reset_time',
    actions: [struck, limited(NOW + 600 * SECOND)],
  },
];

export const operatorRows: readonly Row[] = [
  ...only599,
  ...customCodes,
  ...pools,
  ...matches,
  ...temporary,
  ...settings,
  ...doubled,
  ...burst,
];
