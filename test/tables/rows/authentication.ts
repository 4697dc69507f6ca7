/** behaviour.md 1.1, 1.2 and 1.5: every 401, by platform and type. */
import type { Account, AccountType, Platform } from '../../../src/core/account.js';
import type { AccountInput } from '../../../src/core/define-account.js';
import { answered, given, HOUR, MINUTE, MODEL, NOW, REVISION, says } from '../../support/exchanges.js';
import { type ExpectedAction, error, failOver, invalidated, paused, type Row, refreshRequested, refused } from '../../support/rows.js';

const KNOWN: readonly Platform[] = ['anthropic', 'openai', 'gemini', 'antigravity'];
const TYPES: readonly AccountType[] = ['oauth', 'setup_token', 'api_key', 'service_account'];
const DEFAULT_TEXT = 'Authentication failed (401): invalid or expired credentials';
const IN_10_MIN = NOW + 10 * MINUTE;
const revoked = says('Session ended', { code: 'token_invalidated' });

/** The same 401 for a platform and type: with a message, and without one. */
function pair(name: string, account: Account, expected: (message: string | null) => Pick<Row, 'rule' | 'actions'>): readonly Row[] {
  const common = { disposition: failOver(503) };
  return [
    { name: `1.1 ${name}`, exchange: answered(account, 401, { body: says('No entry') }), ...common, ...expected('No entry') },
    { name: `1.1 ${name}, without a message`, exchange: answered(account, 401, { body: 'unauthorized' }), ...common, ...expected(null) },
  ];
}

const refreshable: readonly Row[] = KNOWN.filter((platform) => platform !== 'antigravity').flatMap((platform) =>
  pair(`row 4: ${platform} oauth`, given(platform, 'oauth'), (message) => ({
    rule: 'oauth_401',
    actions: [invalidated, refused(IN_10_MIN, message === null ? DEFAULT_TEXT : `OAuth 401: ${message}`), refreshRequested],
  })).map((row) => ({ ...row, disposition: failOver(503, IN_10_MIN), verdict: { scope: 'credential', exit: 'refresh' } as const })),
);

const withoutRefreshToken: readonly Row[] = KNOWN.filter((platform) => platform !== 'antigravity').flatMap((platform) =>
  pair(`row 3: ${platform} oauth without a refresh token`, given(platform, 'oauth', { credential: { refreshable: false } }), (message) => ({
    rule: 'oauth_401_no_refresh_token',
    actions: [
      invalidated,
      error(
        'credential',
        message === null
          ? 'Authentication failed (401): refresh_token missing, cannot recover'
          : `OAuth 401 (no refresh_token): ${message}`,
      ),
    ],
  })),
);

const antigravity: readonly Row[] = [true, false].flatMap((isRefreshable) =>
  pair(
    `row 5: antigravity oauth, refreshable ${isRefreshable}`,
    given('antigravity', 'oauth', { credential: { refreshable: isRefreshable } }),
    (message) => ({
      rule: 'antigravity_401',
      actions: [invalidated, error('credential', message === null ? DEFAULT_TEXT : `Authentication failed (401): ${message}`)],
    }),
  ),
);

const staticCredentials: readonly Row[] = KNOWN.flatMap((platform) =>
  TYPES.filter((type) => type !== 'oauth').flatMap((type) =>
    pair(`row 6: ${platform} ${type}`, given(platform, type), (message) => ({
      rule: 'authentication_failed',
      actions: [error('credential', message === null ? DEFAULT_TEXT : `Authentication failed (401): ${message}`)],
    })),
  ),
);

const openaiOnly: readonly Row[] = TYPES.flatMap((type): Row[] => {
  const account = given('openai', type);
  const invalidates = type === 'oauth' ? 'token_revoked' : 'token_invalidated';
  return [
    {
      name: `1.1 row 1: openai ${type}, ${invalidates}`,
      exchange: answered(account, 401, { body: says('Session ended', { code: invalidates }) }),
      rule: 'openai_token_revoked',
      actions: [error('credential', 'Token revoked (401): Session ended')],
      disposition: failOver(503),
    },
    {
      name: `1.1 row 1: openai ${type}, the code alone`,
      exchange: answered(account, 401, { body: { error: { code: 'token_invalidated' } } }),
      rule: 'openai_token_revoked',
      actions: [error('credential', 'Token revoked (401): account authentication permanently revoked')],
    },
    {
      name: `1.1 row 2: openai ${type}, detail Unauthorized`,
      exchange: answered(account, 401, { body: { detail: 'Unauthorized' } }),
      rule: 'openai_detail_unauthorized',
      verdict: { scope: 'credential', exit: 'operator', kind: 'unauthenticated' },
      actions: [error('credential', 'Unauthorized (401): Unauthorized')],
      disposition: failOver(503),
    },
  ];
});

/** What is not row 2, and what its text is then. */
const NOT_ROW_2: readonly (readonly [body: string, detail: string])[] = [
  ['{"detail":"Unauthorized access"}', 'OAuth 401: Unauthorized access'],
  ['{"detail":"unauthorized"}', 'OAuth 401: unauthorized'],
  ['{"detail":" Unauthorized"}', 'OAuth 401: Unauthorized'],
  ['{"detail":{"code":"x"}}', DEFAULT_TEXT],
  ['{"detail":{"detail":"Unauthorized"}}', DEFAULT_TEXT],
  ['{"detail":["Unauthorized"]}', DEFAULT_TEXT],
  ['{"message":"Unauthorized"}', 'OAuth 401: Unauthorized'],
  ['{"error":{"detail":"Unauthorized"}}', DEFAULT_TEXT],
  ['unauthorized', DEFAULT_TEXT],
  ['Unauthorized', DEFAULT_TEXT],
  ['"Unauthorized"', DEFAULT_TEXT],
  ['', DEFAULT_TEXT],
];

const notRow2: readonly Row[] = NOT_ROW_2.map(([body, detail]) => ({
  name: `1.1 not row 2: ${body === '' ? 'an empty body' : body}`,
  exchange: answered(given('openai', 'oauth'), 401, { body }),
  rule: 'oauth_401',
  actions: [invalidated, refused(IN_10_MIN, detail), refreshRequested],
}));

const openaiBodiesElsewhere: readonly Row[] = ['anthropic', 'gemini', 'antigravity'].flatMap((platform) =>
  [revoked, { detail: 'Unauthorized' }].map((body): Row => {
    const message = body === revoked ? 'Session ended' : 'Unauthorized';
    return {
      name: `1.1 ${platform} api_key: ${JSON.stringify(body)} is OpenAI's alone`,
      exchange: answered(given(platform, 'api_key'), 401, { body }),
      rule: 'authentication_failed',
      actions: [error('credential', `Authentication failed (401): ${message}`)],
    };
  }),
);

const shadow = (facts: Partial<AccountInput> = {}): Account =>
  given('openai', 'oauth', { id: 'shadow', parent: given('openai', 'oauth', { id: 'parent', ...facts }), credential: { revision: null } });

const owners: readonly Row[] = [
  {
    name: '1.1 a shadow: the parent is held',
    exchange: answered(shadow(), 401, { body: says('No entry') }),
    rule: 'oauth_401',
    actions: [
      { ...invalidated, accountId: 'parent' },
      { ...refused(IN_10_MIN, 'OAuth 401: No entry'), accountId: 'parent' },
      { ...refreshRequested, accountId: 'parent' },
    ] as readonly ExpectedAction[],
  },
  {
    name: "1.1 a shadow: the error is the parent's, under the parent's generation",
    exchange: answered(
      shadow({
        health: { errors: { credential: { generation: 4, credentialRevision: 1, at: NOW - HOUR, rule: 'r', message: '', link: null } } },
      }),
      401,
      { body: revoked },
    ),
    rule: 'openai_token_revoked',
    actions: [{ ...error('credential', 'Token revoked (401): Session ended'), accountId: 'parent', generation: 4 } as ExpectedAction],
  },
  {
    name: "1.1 without revisions the hold is the account's, and no refresh is requested",
    exchange: answered(given('gemini', 'oauth', { credential: { revision: null } }), 401, { body: says('No entry') }),
    rule: 'oauth_401',
    actions: [{ type: 'invalidate_token', credentialRevision: -1 }, paused(IN_10_MIN, 'OAuth 401: No entry')],
  },
  {
    name: "1.1 the revision that was posted counts, not the snapshot's",
    exchange: answered(given('gemini', 'oauth'), 401, { body: says('No entry'), credentialRevision: REVISION + 1 }),
    rule: 'oauth_401',
    actions: [
      { type: 'invalidate_token', credentialRevision: REVISION + 1 },
      { type: 'set_temp_unschedulable', cell: 'authentication', until: IN_10_MIN, credentialRevision: REVISION + 1 },
      { type: 'request_refresh', credentialRevision: REVISION + 1 },
    ],
  },
  {
    name: '1.1 a refresh of this revision was requested already',
    exchange: answered(given('gemini', 'oauth', { health: { refreshRequestedFor: REVISION } }), 401, { body: says('No entry') }),
    rule: 'oauth_401',
    actions: [invalidated, refused(IN_10_MIN, 'OAuth 401: No entry')],
  },
  {
    name: '1.1 a body that does not parse makes no error, but a rest',
    exchange: answered(given('openai', 'api_key'), 401, { body: '{"error":{"message":"No en' }),
    rule: 'authentication_failed',
    actions: [refused(IN_10_MIN, DEFAULT_TEXT)],
    events: ['durable_softened'],
  },
  {
    name: '1.1 a page is the edge, not the account',
    exchange: answered(given('anthropic', 'api_key'), 401, { body: '<html>401</html>' }),
    rule: 'blocked_egress_html',
    verdict: { kind: 'blocked_egress', scope: 'network' },
    disposition: failOver(503),
  },
  {
    name: 'an unknown platform rests ten minutes',
    exchange: answered(given('azure', 'api_key'), 401, { body: says('No entry') }),
    rule: 'unknown_platform_401',
    verdict: { scope: 'account', exit: 'time' },
    actions: [paused(IN_10_MIN, '401: No entry')],
    disposition: failOver(503, IN_10_MIN),
  },
];

const capability: readonly Row[] = [
  {
    name: '1.5 missing scopes are no verdict on the key',
    exchange: answered(given('openai', 'api_key'), 401, {
      body: says('You have insufficient permissions for this operation. Missing scopes: api.responses.write.'),
    }),
    rule: 'openai_401_missing_scopes',
    verdict: { kind: 'forbidden', scope: 'request', exit: 'none' },
    disposition: 'fail_over',
  },
  {
    name: '1.5 an unknown model is no verdict on the key',
    exchange: answered(given('openai', 'api_key'), 401, { body: says('Unknown model') }),
    rule: 'unknown_model_401',
    verdict: { kind: 'model_unavailable', scope: 'request' },
    disposition: 'fail_over',
  },
];

const withRule = (platform: Platform, health: AccountInput['health'] = {}): Account =>
  given(platform, 'oauth', { health, settings: { temporaryRules: [{ statusCode: 401, keywords: ['no entry'], durationMinutes: 30 }] } });
const authentication = {
  generation: 0,
  credentialRevision: REVISION,
  until: NOW - HOUR,
  rule: 'r',
  kind: 'temporary',
  detail: '',
} as const;
const seen = { authentication };
const byRule = (platform: Platform, rule: string, health?: AccountInput['health']): Row => ({
  name: `1.2 ${platform}: ${health === undefined ? 'the first' : 'a second'} 401 with a rule for it`,
  exchange: answered(withRule(platform, health), 401, { body: says('No entry') }),
  rule,
  actions: [invalidated, refused(NOW + 30 * MINUTE, 'temporary rule 0 (401): No entry'), refreshRequested],
});

const escalation: readonly Row[] = [
  ...['anthropic', 'openai', 'gemini'].map((platform) => byRule(platform, 'temporary_rule_401')),
  byRule('antigravity', 'temporary_rule_401_antigravity'),
  byRule('antigravity', 'temporary_rule_401_antigravity', seen),
  ...['anthropic', 'openai', 'gemini'].map(
    (platform): Row => ({
      name: `1.2 ${platform}: a second 401 falls through, also where the first hold is over`,
      exchange: answered(withRule(platform, seen), 401, { body: says('No entry') }),
      rule: 'oauth_401',
      actions: [invalidated, refused(IN_10_MIN, 'OAuth 401: No entry'), refreshRequested],
    }),
  ),
  {
    name: '1.2 a hold of an older revision is no first hit',
    exchange: answered(withRule('gemini', { authentication: { ...authentication, credentialRevision: REVISION - 1 } }), 401, {
      body: says('No entry'),
    }),
    rule: 'temporary_rule_401',
    actions: [invalidated, refused(NOW + 30 * MINUTE, 'temporary rule 0 (401): No entry'), refreshRequested],
  },
  {
    name: '1.2 a cleared hold is no first hit',
    exchange: answered(withRule('gemini', { authentication: { ...authentication, generation: 1, until: 0, rule: 'cleared' } }), 401, {
      body: says('No entry'),
    }),
    rule: 'temporary_rule_401',
    actions: [
      invalidated,
      { ...refused(NOW + 30 * MINUTE, 'temporary rule 0 (401): No entry'), generation: 1 } as ExpectedAction,
      refreshRequested,
    ],
  },
  {
    name: '1.2 another word, no rule',
    exchange: answered(withRule('gemini'), 401, { body: says('Go away') }),
    rule: 'oauth_401',
    actions: [invalidated, refused(IN_10_MIN, 'OAuth 401: Go away'), refreshRequested],
  },
  {
    name: '1.2 an api key is held by a rule without a refresh',
    exchange: answered(
      given('openai', 'api_key', { settings: { temporaryRules: [{ statusCode: 401, keywords: ['entry'], durationMinutes: 1 }] } }),
      401,
      { body: says('No entry') },
    ),
    rule: 'temporary_rule_401',
    actions: [refused(NOW + MINUTE, 'temporary rule 0 (401): No entry')],
  },
  ...[500, 503].map(
    (status): Row => ({
      name: `1.2 ${status} never escalates`,
      exchange: answered(
        given('gemini', 'oauth', {
          settings: { temporaryRules: [{ statusCode: status, keywords: ['entry'], durationMinutes: 1 }] },
          health: { ...seen, modelRateLimits: { [MODEL]: { generation: 0, credentialRevision: -1, until: NOW - 1, rule: 'r' } } },
        }),
        status,
        { body: says('No entry') },
      ),
      rule: 'temporary_rule',
      actions: [{ type: 'set_model_rate_limit', model: MODEL, until: NOW + MINUTE, kind: 'temporary' }],
    }),
  ),
];

const tests: readonly Row[] = [
  ...KNOWN.filter((platform) => platform !== 'antigravity').flatMap((platform) =>
    TYPES.map(
      (type): Row => ({
        name: `1.5 a connection test of ${platform} ${type}`,
        exchange: answered(given(platform, type), 401, { body: says('No entry'), purpose: 'connection_test' }),
        rule: 'connection_test_401',
        actions: [error('credential', 'Authentication failed (401): No entry')],
        disposition: 'respond',
      }),
    ),
  ),
  {
    name: '1.5 a connection test of antigravity oauth',
    exchange: answered(given('antigravity', 'oauth'), 401, { body: says('No entry'), purpose: 'connection_test' }),
    rule: 'antigravity_401',
    actions: [invalidated, error('credential', 'Authentication failed (401): No entry')],
    disposition: 'respond',
  },
  {
    name: "1.5 a connection test is not an account's temporary rule",
    exchange: answered(withRule('gemini'), 401, { body: says('No entry'), purpose: 'connection_test' }),
    rule: 'connection_test_401',
    actions: [error('credential', 'Authentication failed (401): No entry')],
  },
];

export const authenticationRows: readonly Row[] = [
  ...refreshable,
  ...withoutRefreshToken,
  ...antigravity,
  ...staticCredentials,
  ...openaiOnly,
  ...notRow2,
  ...openaiBodiesElsewhere,
  ...owners,
  ...capability,
  ...escalation,
  ...tests,
];
