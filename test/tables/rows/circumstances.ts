/** design section 5: purposes, phases, retries, and recovery (behaviour.md 1.5, 8.6). */
import type { AccountInput } from '../../../src/core/define-account.js';
import { evaluate } from '../../../src/evaluate.js';
import {
  answered,
  anthropicError,
  failed,
  given,
  HOUR,
  MINUTE,
  MODEL,
  NOW,
  SECOND,
  says,
  seconds,
  unified,
} from '../../support/exchanges.js';
import { type ExpectedAction, failOver, limited, modelLimited, type Row } from '../../support/rows.js';

const oauth = given('anthropic', 'oauth');
const IN_3H = NOW + 3 * HOUR;
const spent = unified({ '5h-status': 'rejected', '5h-utilization': 1, '5h-reset': seconds(IN_3H) });
const sample: ExpectedAction = { type: 'record_usage' };
const session: ExpectedAction = { type: 'update_session_window', status: 'rejected' };
const respond = { type: 'respond' } as const;

const usage: readonly Row[] = [
  ...[401, 403, 429, 500, 529].map(
    (status): Row => ({
      name: `usage: ${status} records usage and nothing else`,
      exchange: answered(oauth, status, { headers: spent, body: says('No'), purpose: 'usage' }),
      rule: 'usage_answer',
      verdict: { scope: 'request', exit: 'none' },
      actions: [{ type: 'record_usage', samples: { '5h': { utilization: 1, resetAt: IN_3H, sampledAt: NOW } } }],
      disposition: respond,
    }),
  ),
  {
    name: "usage: a setup token's 403 is normal",
    exchange: answered(given('anthropic', 'setup_token'), 403, { body: says('scope requirement'), purpose: 'usage' }),
    rule: 'usage_answer',
    actions: [],
    disposition: respond,
  },
  {
    name: 'usage: a success records usage, and no window',
    exchange: answered(oauth, 200, { headers: spent, purpose: 'usage' }),
    rule: 'ok',
    actions: [sample],
  },
];

const hold = (until: number, generation = 0) =>
  ({ generation, credentialRevision: -1, until, rule: 'r', kind: 'quota', detail: '' }) as const;
const sick: Partial<AccountInput> = {
  health: {
    errors: { billing: { generation: 1, credentialRevision: -1, at: NOW - HOUR, rule: 'r', message: 'm', link: null } },
    rateLimit: hold(IN_3H, 2),
    overload: hold(NOW - 1, 3),
    temporary: hold(IN_3H, 4),
    authentication: { ...hold(IN_3H, 5), credentialRevision: 7 },
    modelRateLimits: { [MODEL]: hold(IN_3H, 6), other: hold(IN_3H, 7), AICredits: hold(IN_3H, 8), gone: hold(0, 9) },
    strikes: { forbidden: { generation: 10, evidence: { a: NOW - 1 } }, undated_rate_limit: { generation: 11, evidence: { b: NOW - 1 } } },
  },
};
const clears = (...cells: readonly (readonly ['rateLimit' | 'overload' | 'temporary' | 'authentication', number])[]): ExpectedAction => ({
  type: 'clear_holds',
  holds: cells.map(([cell, generation]) => ({ cell, generation })),
});
const clearsModel = (model: string, generation: number): ExpectedAction => ({ type: 'clear_model_rate_limit', model, generation });
const everything: readonly ExpectedAction[] = [
  { type: 'clear_error', kind: 'billing', generation: 1 },
  clears(['rateLimit', 2], ['overload', 3], ['temporary', 4], ['authentication', 5]),
];
const strikes: readonly ExpectedAction[] = [
  { type: 'clear_strikes', kind: 'forbidden', generation: 10 },
  { type: 'clear_strikes', kind: 'undated_rate_limit', generation: 11 },
];

const tests: readonly Row[] = [
  {
    name: '8.6 a passed connection test recovers the account',
    exchange: answered(given('gemini', 'oauth', sick), 200, { purpose: 'connection_test' }),
    rule: 'ok',
    actions: [...everything, clearsModel(MODEL, 6), clearsModel('other', 7), clearsModel('AICredits', 8), ...strikes],
    disposition: respond,
  },
  {
    name: '8.6 a passed connection test of an OpenAI key that names a model clears only that model',
    exchange: answered(given('openai', 'api_key', sick), 200, { purpose: 'connection_test' }),
    rule: 'ok',
    actions: [...everything, clearsModel(MODEL, 6), ...strikes],
  },
  {
    name: '8.6 a passed connection test of an OpenAI subscription clears every model, also where it names one',
    exchange: answered(given('openai', 'oauth', sick), 200, { purpose: 'connection_test' }),
    rule: 'ok',
    actions: [...everything, clearsModel(MODEL, 6), clearsModel('other', 7), clearsModel('AICredits', 8), ...strikes],
  },
  {
    name: '8.6 nothing set: nothing cleared',
    exchange: answered(given('openai', 'api_key'), 200, { purpose: 'connection_test' }),
    rule: 'ok',
    actions: [],
  },
  {
    name: '1.5 a connection test: a 429 with a reset',
    exchange: answered(oauth, 429, { headers: spent, purpose: 'connection_test' }),
    rule: 'anthropic_5h_window_exhausted',
    actions: [limited(IN_3H), session, sample],
    disposition: respond,
  },
  {
    name: '1.5 a connection test: a 429 without a reset marks nothing',
    exchange: answered(oauth, 429, { body: says('Slow'), purpose: 'connection_test' }),
    rule: 'no_reset_time',
    actions: [],
    disposition: respond,
  },
  ...[402, 403, 529].map(
    (status): Row => ({
      name: `1.5 a connection test: a ${status} marks nothing`,
      exchange: answered(oauth, status, { body: says('No'), purpose: 'connection_test' }),
      rule: { 402: 'payment_required', 403: 'access_forbidden' }[status] ?? 'overloaded_529',
      actions: [],
      disposition: respond,
    }),
  ),
];

const probes: readonly Row[] = [
  {
    name: 'a probe that succeeds clears the holds it was sent under',
    exchange: answered(given('gemini', 'oauth', sick), 200, { purpose: 'probe' }),
    rule: 'ok',
    actions: [
      clears(['rateLimit', 2], ['temporary', 4], ['authentication', 5]),
      clearsModel(MODEL, 6),
      { type: 'clear_strikes', kind: 'forbidden', generation: 10 },
    ],
    disposition: respond,
  },
  {
    name: 'a probe that is refused sets nothing that a person would have to lift',
    exchange: answered(given('openai', 'api_key'), 401, { body: says('No'), purpose: 'probe' }),
    rule: 'authentication_failed',
    actions: [],
    disposition: respond,
  },
  {
    name: 'a probe that meets a limit says so',
    exchange: answered(oauth, 429, { headers: spent, purpose: 'probe' }),
    rule: 'anthropic_5h_window_exhausted',
    actions: [limited(IN_3H), session, sample],
    disposition: respond,
  },
];

const half = unified({ '5h-status': 'allowed', '5h-utilization': 0.5, '5h-reset': seconds(IN_3H) });
const halfUsed: ExpectedAction = { type: 'record_usage', samples: { '5h': { utilization: 0.5, resetAt: IN_3H, sampledAt: NOW } } };

/** Usage is sampled on every answer that states it; only a 429 moves the session window. */
const sampled: readonly Row[] = [
  {
    name: 'a 400 shows usage',
    exchange: answered(oauth, 400, { headers: half, body: says('No') }),
    rule: 'invalid_request',
    actions: [halfUsed],
  },
  {
    name: 'a 503 shows usage',
    exchange: answered(oauth, 503, { headers: half, body: says('No') }),
    rule: 'upstream_error',
    actions: [halfUsed],
  },
  {
    name: 'a 529 shows usage',
    exchange: answered(oauth, 529, { headers: half }),
    rule: 'overloaded_529',
    actions: [{ type: 'set_overloaded' }, halfUsed],
  },
  {
    name: 'a 400 of Codex shows usage',
    exchange: answered(given('openai', 'oauth'), 400, {
      headers: {
        'x-codex-primary-used-percent': '50',
        'x-codex-primary-window-minutes': '300',
        'x-codex-primary-reset-after-seconds': '10800',
      },
      body: says('No'),
    }),
    rule: 'invalid_request',
    actions: [halfUsed],
  },
  {
    name: 'a page shows nothing',
    exchange: answered(oauth, 502, { headers: half, body: '<html>' }),
    rule: 'blocked_egress_html',
    actions: [],
  },
  {
    name: 'a status that the account does not list shows nothing',
    exchange: answered(given('anthropic', 'api_key', { settings: { customErrorCodes: [599] } }), 500, { headers: half }),
    rule: 'custom_codes_unlisted',
    actions: [],
  },
  {
    name: 'a pool shows nothing',
    exchange: answered(given('anthropic', 'api_key', { settings: { poolMode: true } }), 500, { headers: half }),
    rule: 'pool_mode_hands_off',
    actions: [],
  },
];

const phases: readonly Row[] = [
  ...(['complete', 'headers', 'first_event'] as const).map(
    (phase): Row => ({
      name: `a failure at ${phase}: another account`,
      exchange: answered(oauth, 529, { phase }),
      rule: 'overloaded_529',
      actions: [{ type: 'set_overloaded' }],
      disposition: 'fail_over',
    }),
  ),
  {
    name: 'a failure inside a stream: the client has seen a part of the answer',
    exchange: answered(oauth, 200, {
      body: `event: error\ndata: ${JSON.stringify(anthropicError('overloaded_error', 'Overloaded'))}\n\n`,
      phase: 'mid_stream',
    }),
    rule: 'overloaded_529',
    actions: [{ type: 'set_overloaded', until: NOW + 10 * MINUTE }],
    disposition: respond,
  },
  ...(['headers', 'first_event', 'mid_stream'] as const).map(
    (phase): Row => ({
      name: `a success at ${phase} proves nothing yet`,
      exchange: answered(given('openai', 'oauth', sick), 200, { phase }),
      rule: 'ok',
      actions: [],
    }),
  ),
];

const unrecognised = answered(oauth, 429, { body: anthropicError('rate_limit_error', 'Error') });
const waiting = answered(given('openai', 'api_key'), 429, { body: says('Please try again in 500ms.', { code: 'rate_limit_exceeded' }) });
const held: ExpectedAction = { ...modelLimited(MODEL, NOW + SECOND), rule: 'openai_rate_limit_exceeded' } as ExpectedAction;

const retries: readonly Row[] = [
  {
    name: 'a request that no account may serve: once to another, then the client has it',
    exchange: { ...unrecognised, previous: evaluate(unrecognised) },
    rule: 'anthropic_429_unrecognised_client',
    actions: [],
    disposition: respond,
  },
  {
    name: 'a retry that fails otherwise brings back what it had put off',
    exchange: answered(given('openai', 'api_key'), 500, { previous: evaluate(waiting), attempt: 2 }),
    rule: 'upstream_error',
    actions: [held],
    disposition: failOver(502),
  },
  {
    name: 'a retry that succeeds does not',
    exchange: answered(given('openai', 'api_key'), 200, { previous: evaluate(waiting), attempt: 2 }),
    rule: 'ok',
    actions: [],
  },
  {
    name: 'a retry that breaks off: no second one',
    exchange: failed(given('openai', 'api_key'), 'reset', { previous: evaluate(waiting), attempt: 2 }),
    rule: 'transport_failure',
    actions: [held],
    disposition: failOver(502),
  },
  {
    name: 'Retry-After 0 is not true, and no short wait',
    exchange: answered(given('openai', 'oauth'), 429, { headers: { 'retry-after': '0' }, body: says('Slow') }),
    rule: 'rate_limited',
    actions: [limited(NOW + SECOND)],
    disposition: failOver(429, NOW + SECOND),
  },
  {
    name: 'a wait of a second is not short',
    exchange: answered(given('openai', 'oauth'), 429, { headers: { 'retry-after': '1' }, body: says('Slow') }),
    rule: 'rate_limited',
    actions: [limited(NOW + SECOND)],
    disposition: failOver(429, NOW + SECOND),
  },
  {
    name: 'a wait of 999 ms is',
    exchange: answered(given('openai', 'oauth'), 429, { headers: { 'retry-after-ms': '999' }, body: says('Slow') }),
    rule: 'rate_limited',
    actions: [],
    disposition: 'retry',
  },
];

export const circumstanceRows: readonly Row[] = [...usage, ...tests, ...probes, ...phases, ...sampled, ...retries];
