/** behaviour.md 4.0, 4.1 and providers.md 1.2, 1.3: Anthropic's 429 and 529. */
import { answered, anthropicError, DAY, given, HOUR, MINUTE, MODEL, NOW, SECOND, seconds, unified } from '../../support/exchanges.js';
import { error, failOver, limited, modelLimited, type Row, struck } from '../../support/rows.js';

const oauth = given('anthropic', 'oauth');
const apiKey = given('anthropic', 'api_key');
const limit = anthropicError('rate_limit_error', "This request would exceed your account's rate limit.");

/** Whole seconds, as headers have them. */
const IN_3H = NOW + 3 * HOUR;
const IN_4D = NOW + 4 * DAY;
const FIVE = '5h';
const WEEK = '7d';

const session = (end: number): Row['actions'] => [
  { type: 'update_session_window', status: 'rejected', observedAt: NOW, window: { start: end - 5 * HOUR, end, source: 'header' } },
];

interface Reset {
  readonly name: string;
  readonly headers: Readonly<Record<string, string | number>>;
  /** What the hold ends with, and by which window; null: the short fallback. */
  readonly until: number | null;
  readonly window: '5h' | '7d' | null;
}

const both = (five: number, week: number): Readonly<Record<string, string | number>> => ({
  '5h-utilization': five,
  '5h-reset': seconds(IN_3H),
  '7d-utilization': week,
  '7d-reset': seconds(IN_4D),
});

/** Which window ends the hold: the exhausted one; of two, the later. */
const RESETS: readonly Reset[] = [
  { name: '5h 1.02, 7d 0.32', headers: both(1.02, 0.32), until: IN_3H, window: FIVE },
  { name: '5h 0.50, 7d 1.05', headers: both(0.5, 1.05), until: IN_4D, window: WEEK },
  { name: '5h 1.10, 7d 1.02', headers: both(1.1, 1.02), until: IN_4D, window: WEEK },
  { name: '5h 1.0 is exhausted', headers: both(1, 0.5), until: IN_3H, window: FIVE },
  { name: '5h 0.99 is not', headers: both(0.99, 0.5), until: null, window: null },
  { name: '5h 0.95, 7d 0.80: nothing is exhausted, a burst', headers: both(0.95, 0.8), until: null, window: null },
  {
    name: '5h past its threshold',
    headers: { '5h-surpassed-threshold': 'TRUE', '7d-surpassed-threshold': 'false', ...both(0.5, 0.5) },
    until: IN_3H,
    window: FIVE,
  },
  { name: '5h rejected', headers: { '5h-status': 'rejected', '5h-reset': seconds(IN_3H) }, until: IN_3H, window: FIVE },
  {
    name: '5h and 7d exhausted, the 7d reset missing',
    headers: { '5h-utilization': 1, '5h-reset': seconds(IN_3H), '7d-utilization': 1 },
    until: IN_3H,
    window: FIVE,
  },
  { name: 'only the 7d window', headers: { '7d-utilization': 1, '7d-reset': seconds(IN_4D) }, until: IN_4D, window: WEEK },
  { name: 'milliseconds', headers: { '5h-utilization': 1, '5h-reset': IN_3H }, until: IN_3H, window: FIVE },
  {
    name: '6 hours ahead is plausible',
    headers: { '5h-utilization': 1, '5h-reset': seconds(NOW + 6 * HOUR) },
    until: NOW + 6 * HOUR,
    window: FIVE,
  },
  {
    name: '7d: 8 days ahead is plausible',
    headers: { '7d-utilization': 1, '7d-reset': seconds(NOW + 8 * DAY) },
    until: NOW + 8 * DAY,
    window: WEEK,
  },
];

const resets: readonly Row[] = RESETS.flatMap(({ name, headers, until, window }): Row[] => {
  if (until === null || window === null) {
    return [
      {
        name: `4.1 ${name}`,
        exchange: answered(oauth, 429, { headers: unified(headers), body: limit }),
        rule: 'no_reset_time',
        actions: [struck, limited(NOW + 5 * SECOND), { type: 'record_usage' }],
      },
    ];
  }
  const hasSession = headers['5h-reset'] !== undefined && (window === FIVE || headers['5h-status'] !== undefined);
  const hasSample = headers['5h-utilization'] !== undefined || headers['7d-utilization'] !== undefined || hasSession;
  return [
    {
      name: `4.1 ${name}`,
      exchange: answered(oauth, 429, { headers: unified(headers), body: limit }),
      rule: `anthropic_${window}_window_exhausted`,
      verdict: { kind: 'quota_exhausted', scope: 'account', resetAt: until, exit: 'time' },
      actions: [
        limited(until),
        ...(hasSession ? (session(window === FIVE ? until : IN_3H) ?? []) : []),
        ...(hasSample ? ([{ type: 'record_usage' }] as const) : []),
      ],
      disposition: failOver(429, until),
    },
  ];
});

/** Resets that do not count, so that a weaker source decides, and an event says so. */
const REFUSED: readonly (readonly [name: string, headers: Readonly<Record<string, string | number>>])[] = [
  ['6 hours and a second ahead', { '5h-utilization': 1, '5h-reset': seconds(NOW + 6 * HOUR + SECOND) }],
  ['now', { '5h-utilization': 1, '5h-reset': seconds(NOW) }],
  ['in the past', { '5h-utilization': 1, '5h-reset': seconds(NOW - HOUR) }],
  ['7d: 8 days and a second ahead', { '7d-utilization': 1, '7d-reset': seconds(NOW + 8 * DAY + SECOND) }],
  ['a reset in the year 5138', { '5h-utilization': 1, '5h-reset': '99999999999' }],
];

const refusedResets: readonly Row[] = REFUSED.map(([name, headers]) => ({
  name: `4.1 ${name}: not plausible`,
  exchange: answered(oauth, 429, { headers: unified(headers), body: limit }),
  rule: 'no_reset_time',
  actions: [struck, limited(NOW + 5 * SECOND), { type: 'record_usage' }],
  events: ['reset_out_of_bounds'],
}));

const aggregate: readonly Row[] = [
  {
    name: '4.0 the aggregate reset of a rejected answer',
    exchange: answered(oauth, 429, {
      headers: unified({ status: 'rejected', reset: seconds(IN_4D), 'representative-claim': 'seven_day' }),
    }),
    rule: 'anthropic_unified_rejected',
    verdict: { kind: 'quota_exhausted', resetAt: IN_4D },
    actions: [limited(IN_4D)],
    disposition: failOver(429, IN_4D),
  },
  {
    name: '4.0 the aggregate reset that speaks of the session closes it',
    exchange: answered(oauth, 429, {
      headers: unified({ status: 'rejected', reset: seconds(IN_3H), 'representative-claim': 'five_hour' }),
    }),
    rule: 'anthropic_unified_rejected',
    actions: [limited(IN_3H), ...(session(IN_3H) ?? []), { type: 'record_usage' }],
  },
  {
    name: '4.0 an aggregate of the session, 6 hours and a second ahead',
    exchange: answered(oauth, 429, {
      headers: unified({ status: 'rejected', reset: seconds(NOW + 6 * HOUR + SECOND), 'representative-claim': 'five_hour' }),
    }),
    rule: 'no_reset_time',
    actions: [struck, limited(NOW + 5 * SECOND), { type: 'update_session_window', status: 'rejected' }, { type: 'record_usage' }],
  },
  {
    name: '4.0 an aggregate reset without a rejection is no reason',
    exchange: answered(oauth, 429, { headers: unified({ status: 'allowed', reset: seconds(IN_4D) }) }),
    rule: 'no_reset_time',
    actions: [struck, limited(NOW + 5 * SECOND)],
  },
  {
    name: '4.0 an unreadable aggregate reset',
    exchange: answered(oauth, 429, { headers: unified({ status: 'rejected', reset: 'soon' }) }),
    rule: 'no_reset_time',
    actions: [struck, limited(NOW + 5 * SECOND)],
  },
  {
    name: '4.0 Retry-After where no window says more',
    exchange: answered(oauth, 429, { headers: { 'retry-after': '2094' }, body: limit }),
    rule: 'rate_limited',
    verdict: { resetAt: NOW + 2094 * SECOND },
    actions: [limited(NOW + 2094 * SECOND)],
  },
  {
    name: '4.0 Retry-After as a date',
    exchange: answered(oauth, 429, { headers: { 'retry-after': 'Mon, 02 Mar 2026 10:30:30 GMT' }, body: limit }),
    rule: 'rate_limited',
    actions: [limited(NOW + 10 * MINUTE)],
  },
  {
    name: '4.0 nothing usable',
    exchange: answered(oauth, 429, { body: limit }),
    rule: 'no_reset_time',
    verdict: { kind: 'rate_limited', scope: 'account', resetAt: null, exit: 'time' },
    actions: [struck, limited(NOW + 5 * SECOND)],
    disposition: failOver(429, NOW + 5 * SECOND),
  },
];

const holding = (until: number): object => ({
  rateLimit: { generation: 3, credentialRevision: -1, until, rule: 'r', kind: 'quota', detail: '' },
});
const exhausted5h = unified({ '5h-status': 'rejected', '5h-utilization': 1, '5h-reset': seconds(IN_3H) });
const overloadRule = { temporaryRules: [{ statusCode: 429, keywords: ['rate limit'], durationMinutes: 1 }] };

const alreadyLimited: readonly Row[] = [
  {
    name: '4.1 limited for longer already: neither a hold nor a session window',
    exchange: answered(given('anthropic', 'oauth', { health: holding(IN_4D) }), 429, { headers: exhausted5h, body: limit }),
    rule: 'anthropic_5h_window_exhausted',
    actions: [{ type: 'record_usage' }],
  },
  {
    name: '4.1 limited for less: extended, under the same generation',
    exchange: answered(given('anthropic', 'oauth', { health: holding(NOW + HOUR) }), 429, { headers: exhausted5h, body: limit }),
    rule: 'anthropic_5h_window_exhausted',
    actions: [{ type: 'set_rate_limited', until: IN_3H, generation: 3 }, ...(session(IN_3H) ?? []), { type: 'record_usage' }],
  },
  {
    name: "4.1 an official window beats an account's temporary rule",
    exchange: answered(given('anthropic', 'oauth', { settings: overloadRule }), 429, { headers: exhausted5h, body: limit }),
    rule: 'anthropic_5h_window_exhausted',
    actions: [limited(IN_3H), ...(session(IN_3H) ?? []), { type: 'record_usage' }],
  },
  {
    name: '4.1 without an official window the temporary rule decides',
    exchange: answered(given('anthropic', 'oauth', { settings: overloadRule }), 429, { body: limit }),
    rule: 'temporary_rule',
    actions: [{ type: 'set_model_rate_limit', model: MODEL, until: NOW + MINUTE, kind: 'temporary' }],
  },
];

const oi = { '7d_oi-status': 'rejected', '7d_oi-reset': seconds(IN_4D), '7d_oi-utilization': 1.01 };
const families: readonly Row[] = [
  {
    name: '4.1 only 7d_oi is rejected: one model family',
    exchange: answered(oauth, 429, { headers: unified(oi), body: limit }),
    rule: 'anthropic_7d_oi_window_exhausted',
    verdict: { kind: 'quota_exhausted', scope: 'model', resetAt: IN_4D },
    actions: [
      modelLimited('claude-fable-5', IN_4D),
      { type: 'record_usage', samples: { '7d_oi': { utilization: 1.01, resetAt: IN_4D, sampledAt: NOW } } },
    ],
    disposition: failOver(429, IN_4D),
  },
  {
    name: '4.1 7d_oi without a reset of its own: the aggregate',
    exchange: answered(oauth, 429, { headers: unified({ '7d_oi-status': 'rejected', reset: seconds(IN_3H) }), body: limit }),
    rule: 'anthropic_7d_oi_window_exhausted',
    actions: [modelLimited('claude-fable-5', IN_3H)],
  },
  {
    name: '4.1 7d_oi without any reset: Retry-After',
    exchange: answered(oauth, 429, {
      headers: { ...unified({ '7d_oi-utilization': 1, status: 'allowed' }), 'retry-after': '60' },
      body: limit,
    }),
    rule: 'anthropic_7d_oi_window_exhausted',
    actions: [modelLimited('claude-fable-5', NOW + MINUTE), { type: 'record_usage' }],
  },
  {
    name: '4.1 7d_oi and no reset at all is not handled here',
    exchange: answered(oauth, 429, { headers: unified({ '7d_oi-status': 'rejected', status: 'allowed' }), body: limit }),
    rule: 'no_reset_time',
    actions: [struck, limited(NOW + 5 * SECOND)],
  },
  {
    name: '4.1 7d_oi, and the 7d window too: the account',
    exchange: answered(oauth, 429, { headers: unified({ ...oi, '7d-status': 'rejected', '7d-reset': seconds(IN_4D) }), body: limit }),
    rule: 'anthropic_7d_window_exhausted',
    actions: [limited(IN_4D), { type: 'record_usage' }],
  },
  ...(
    [
      ['seven_day_opus', '7d_opus', 'claude-opus'],
      ['seven_day_sonnet', '7d_sonnet', 'claude-sonnet'],
    ] as const
  ).map(
    ([claim, window, key]): Row => ({
      name: `4.1 the claim ${claim}`,
      exchange: answered(oauth, 429, {
        headers: unified({
          status: 'rejected',
          'representative-claim': claim,
          reset: seconds(IN_4D),
          [`${window}-status`]: 'rejected',
          [`${window}-reset`]: seconds(IN_4D),
        }),
        body: limit,
      }),
      rule: `anthropic_${window}_window_exhausted`,
      verdict: { scope: 'model' },
      actions: [modelLimited(key, IN_4D)],
    }),
  ),
  {
    name: '4.1 credits_required for a fable model, with the aggregate reset',
    exchange: answered(oauth, 429, {
      headers: unified({ status: 'allowed', reset: seconds(IN_4D) }),
      body: anthropicError('rate_limit_error', 'Credits required', { error_code: 'credits_required' }),
      model: 'claude-Fable-5-20260101',
    }),
    rule: 'anthropic_fable_credits_required',
    verdict: { scope: 'model' },
    actions: [modelLimited('claude-fable-5', IN_4D)],
  },
  {
    name: '4.1 credits_required for a fable model, without a reset',
    exchange: answered(oauth, 429, {
      body: anthropicError('rate_limit_error', 'Credits required', { error_code: 'CREDITS_REQUIRED' }),
      model: 'claude-fable-5',
    }),
    rule: 'anthropic_fable_credits_required_undated',
    actions: [struck, modelLimited('claude-fable-5', NOW + 5 * SECOND)],
  },
  {
    name: '4.1 credits_required where the body names the fable model',
    exchange: answered(oauth, 429, {
      body: anthropicError('rate_limit_error', 'Credits required', { error_code: 'credits_required', model: 'claude-fable-5' }),
    }),
    rule: 'anthropic_fable_credits_required_undated',
    actions: [struck, modelLimited('claude-fable-5', NOW + 5 * SECOND)],
  },
  {
    name: '4.1 credits_required for another model is an ordinary 429',
    exchange: answered(oauth, 429, { body: anthropicError('rate_limit_error', 'Credits required', { error_code: 'credits_required' }) }),
    rule: 'no_reset_time',
    actions: [struck, limited(NOW + 5 * SECOND)],
  },
];

const requests: readonly Row[] = [
  ...(['oauth', 'setup_token'] as const).flatMap((type): Row[] => {
    const account = given('anthropic', type);
    const common = { verdict: { kind: 'invalid_request', scope: 'request', exit: 'none' }, disposition: failOver(400) } as const;
    return [
      {
        name: `1.3 ${type}: a message that is only "Error"`,
        exchange: answered(account, 429, { body: anthropicError('rate_limit_error', 'Error') }),
        rule: 'anthropic_429_unrecognised_client',
        ...common,
      },
      {
        name: `1.3 ${type}: long context needs extra usage`,
        exchange: answered(account, 429, {
          body: anthropicError('rate_limit_error', 'Extra usage is required for long context requests.'),
        }),
        rule: 'anthropic_extra_usage',
        ...common,
      },
      {
        name: `1.3 ${type}: a 400 about extra usage`,
        exchange: answered(account, 400, {
          body: anthropicError('invalid_request_error', 'Third-party apps now draw from your extra usage, not your plan limits.'),
        }),
        rule: 'anthropic_extra_usage',
        ...common,
      },
    ];
  }),
  {
    name: '1.3 an API key: "Error" is an ordinary limit',
    exchange: answered(apiKey, 429, { body: anthropicError('rate_limit_error', 'Error') }),
    rule: 'anthropic_api_key_rate_limit_undated',
    actions: [struck, modelLimited(MODEL, NOW + 5 * SECOND)],
  },
];

const buckets = { 'anthropic-ratelimit-requests-remaining': '10', 'anthropic-ratelimit-requests-reset': '2026-03-02T10:20:00Z' };
const keys: readonly Row[] = [
  {
    name: '1.3 an API key waits per model, as long as Retry-After says',
    exchange: answered(apiKey, 429, { headers: { ...buckets, 'retry-after': '33' }, body: limit }),
    rule: 'anthropic_api_key_rate_limit',
    verdict: { kind: 'rate_limited', scope: 'model', resetAt: NOW + 33 * SECOND },
    actions: [modelLimited(MODEL, NOW + 33 * SECOND)],
  },
  {
    name: '1.3 an API key without a known model: the account',
    exchange: answered(apiKey, 429, { headers: { 'retry-after': '33' }, body: limit, model: null }),
    rule: 'anthropic_api_key_rate_limit',
    verdict: { scope: 'account' },
    actions: [limited(NOW + 33 * SECOND)],
  },
  {
    name: '1.1 the empty bucket says when, a full one does not',
    exchange: answered(apiKey, 429, {
      headers: {
        ...buckets,
        'anthropic-ratelimit-input-tokens-remaining': '0',
        'anthropic-ratelimit-input-tokens-reset': '2026-03-02T10:21:15Z',
      },
      body: limit,
    }),
    rule: 'anthropic_api_key_rate_limit',
    actions: [modelLimited(MODEL, NOW + 45 * SECOND)],
  },
  {
    name: '1.3 an API key without any reset',
    exchange: answered(apiKey, 429, { headers: buckets, body: limit }),
    rule: 'anthropic_api_key_rate_limit_undated',
    actions: [struck, modelLimited(MODEL, NOW + 5 * SECOND)],
  },
  {
    name: '1.3 an API key: Retry-After 0 is not true',
    exchange: answered(apiKey, 429, { headers: { 'retry-after': '0' }, body: limit }),
    rule: 'anthropic_api_key_rate_limit',
    actions: [modelLimited(MODEL, NOW + SECOND)],
    disposition: failOver(429, NOW + SECOND),
  },
  {
    name: '1.3 an enforced spend limit',
    exchange: answered(apiKey, 429, {
      body: anthropicError('rate_limit_error', 'Limit reached', { error_code: 'enforced_spend_limit_reached' }),
    }),
    rule: 'anthropic_spend_limit',
    verdict: { kind: 'billing', scope: 'organization', exit: 'operator' },
    actions: [error('billing', 'Spend limit reached (429): Limit reached')],
  },
  {
    name: '1.3 a spend limit with a date',
    exchange: answered(apiKey, 400, {
      body: anthropicError(
        'invalid_request_error',
        'You have reached your specified API usage limits. You will regain access on 2026-04-01 at 00:00 UTC.',
      ),
    }),
    rule: 'anthropic_400_spend_limit',
    verdict: { kind: 'quota_exhausted', scope: 'organization', resetAt: Date.UTC(2026, 3, 1) },
    actions: [limited(Date.UTC(2026, 3, 1))],
  },
  {
    name: '1.3 a spend limit whose date is over, or none',
    exchange: answered(apiKey, 400, {
      body: anthropicError('invalid_request_error', 'You will regain access on 2026-03-02 at 00:00 UTC.'),
    }),
    rule: 'invalid_request',
  },
];

const forbidden: readonly Row[] = [
  {
    name: '1.3 403 forbidden: the egress',
    exchange: answered(oauth, 403, { body: { error: { type: 'forbidden', message: 'Request not allowed' } } }),
    rule: 'anthropic_403_egress',
    verdict: { kind: 'blocked_egress', scope: 'network' },
    disposition: failOver(503),
  },
  {
    name: '1.3 403: a scope that only this endpoint asks for',
    exchange: answered(given('anthropic', 'setup_token'), 403, {
      body: anthropicError('permission_error', 'OAuth token does not meet scope requirement user:profile'),
    }),
    rule: 'anthropic_403_scope_requirement',
    verdict: { kind: 'forbidden', scope: 'request' },
    disposition: { type: 'respond' },
  },
  {
    name: '1.3 403: the token was revoked, and can be refreshed',
    exchange: answered(oauth, 403, {
      body: anthropicError('permission_error', 'OAuth token has been revoked. Please obtain a new token.'),
    }),
    rule: 'anthropic_403_token_revoked',
    verdict: { kind: 'unauthenticated', scope: 'credential', exit: 'refresh' },
    actions: [
      { type: 'invalidate_token' },
      {
        type: 'set_temp_unschedulable',
        cell: 'authentication',
        until: NOW + 10 * MINUTE,
        detail: 'OAuth 403: OAuth token has been revoked. Please obtain a new token.',
      },
      { type: 'request_refresh' },
    ],
  },
  {
    name: '1.3 403: the token was revoked, and cannot be refreshed',
    exchange: answered(given('anthropic', 'setup_token'), 403, {
      body: anthropicError('permission_error', 'OAuth token has been revoked.'),
    }),
    rule: 'access_forbidden',
    actions: [error('forbidden', 'Access forbidden (403): OAuth token has been revoked.')],
  },
];

export const anthropicLimitRows: readonly Row[] = [
  ...resets,
  ...refusedResets,
  ...aggregate,
  ...alreadyLimited,
  ...families,
  ...requests,
  ...keys,
  ...forbidden,
];
