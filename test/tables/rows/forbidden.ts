/** behaviour.md 6: what a 403 says, its link, and what is stored. */
import type { Platform } from '../../../src/core/account.js';
import { answered, errorInfo, given, MINUTE, NOW, rpc, says } from '../../support/exchanges.js';
import { type ExpectedAction, error, failOver, paused, type Row } from '../../support/rows.js';

const antigravity = given('antigravity', 'oauth');
const GOOGLE: readonly Platform[] = ['gemini', 'antigravity'];

const linked = (kind: 'verification' | 'violation', message: string, url: string, trusted: boolean): ExpectedAction =>
  ({ ...error(kind, `${message} | validation_url: ${url}`), link: { url, trusted } }) as ExpectedAction;

/** What Antigravity's 403 says by its words. */
const KINDS: readonly (readonly [body: object | string, rule: string, action: ExpectedAction])[] = [
  [
    { error: { message: 'VALIDATION_REQUIRED' } },
    'antigravity_403_validation',
    error('verification', 'Validation required (403): VALIDATION_REQUIRED'),
  ],
  [
    'Please verify your account to continue',
    'antigravity_403_validation',
    error('verification', 'Validation required (403): Please verify your account to continue'),
  ],
  [
    { error: { message: '', details: [{ metadata: { validation_url: 'https://accounts.google.com/signin/continue' } }] } },
    'antigravity_403_validation',
    linked(
      'verification',
      'Validation required (403): {"error":{"message":"","details":[{"metadata":{"validation_url":"https://accounts.google.com/signin/continue"}}]}}',
      'https://accounts.google.com/signin/continue',
      true,
    ),
  ],
  [
    says('Your account has been suspended for Terms of Service violation'),
    'antigravity_403_violation',
    error('violation', 'Account violation (403): Your account has been suspended for Terms of Service violation'),
  ],
  [
    says('Account suspended due to policy violation'),
    'antigravity_403_violation',
    error('violation', 'Account violation (403): Account suspended due to policy violation'),
  ],
  [
    says('Verify your account, or it is a violation'),
    'antigravity_403_validation',
    error('verification', 'Validation required (403): Verify your account, or it is a violation'),
  ],
  [says('Access denied'), 'access_forbidden', error('forbidden', 'Access forbidden (403): Access denied')],
  ['Access denied', 'access_forbidden', error('forbidden', 'Access forbidden (403): Access denied')],
  [{ reason: 'none' }, 'access_forbidden', error('forbidden', 'Access forbidden (403): {"reason":"none"}')],
];

const kinds: readonly Row[] = KINDS.map(([body, rule, action]) => ({
  name: `6.1, 6.3 antigravity: ${typeof body === 'string' ? body : JSON.stringify(body)}`,
  exchange: answered(antigravity, 403, { body }),
  rule,
  actions: [action],
  disposition: failOver(503),
}));

/** 6.2: the link that is stored, and whether it may be clicked. */
const LINKS: readonly (readonly [name: string, details: readonly object[] | string, url: string | null, trusted: boolean])[] = [
  [
    'validation_url',
    [errorInfo('VALIDATION_REQUIRED', { validation_url: 'https://accounts.google.com/signin/continue?x=1' })],
    'https://accounts.google.com/signin/continue?x=1',
    true,
  ],
  [
    'validation_url before appeal_url',
    [errorInfo('VALIDATION_REQUIRED', { appeal_url: 'https://a.com/', validation_url: 'https://v.com/' })],
    'https://v.com/',
    false,
  ],
  [
    'another host is kept, and not trusted',
    [errorInfo('VALIDATION_REQUIRED', { validation_url: 'https://example.com/verify' })],
    'https://example.com/verify',
    false,
  ],
  ['http is dropped', [errorInfo('VALIDATION_REQUIRED', { validation_url: 'http://accounts.google.com/signin/continue' })], null, false],
  [
    'a port is dropped',
    [errorInfo('VALIDATION_REQUIRED', { validation_url: 'https://accounts.google.com:444/signin/continue' })],
    null,
    false,
  ],
  ['userinfo is dropped', [errorInfo('VALIDATION_REQUIRED', { validation_url: 'https://accounts.google.com@evil.com/' })], null, false],
];

const links: readonly Row[] = LINKS.map(([name, details, url, trusted]) => ({
  name: `6.2 ${name}`,
  exchange: answered(antigravity, 403, { body: rpc('PERMISSION_DENIED', 'Verify first', typeof details === 'string' ? [] : details) }),
  rule: 'google_validation_required',
  actions: [
    url === null
      ? ({ ...error('verification', 'Validation required (403): Verify first'), link: null } as ExpectedAction)
      : linked('verification', 'Validation required (403): Verify first', url, trusted),
  ],
}));

const structured: readonly Row[] = GOOGLE.flatMap((platform): Row[] => [
  {
    name: `4.1 ${platform}: VALIDATION_REQUIRED`,
    exchange: answered(given(platform, 'oauth'), 403, {
      body: rpc('PERMISSION_DENIED', 'Verify first', [errorInfo('VALIDATION_REQUIRED')]),
    }),
    rule: 'google_validation_required',
    verdict: { kind: 'verification_required', scope: 'account', exit: 'operator' },
    actions: [error('verification', 'Validation required (403): Verify first')],
    disposition: failOver(503),
  },
  {
    name: `4.1 ${platform}: TOS_VIOLATION, with the way to appeal`,
    exchange: answered(given(platform, 'oauth'), 403, {
      body: rpc('PERMISSION_DENIED', 'Closed', [errorInfo('TOS_VIOLATION', { appeal_url: 'https://example.com/appeal' })]),
    }),
    rule: 'google_tos_violation',
    verdict: { kind: 'violation', scope: 'account', exit: 'operator' },
    actions: [linked('violation', 'Account violation (403): Closed', 'https://example.com/appeal', false)],
  },
  {
    name: `4.1 ${platform}: CONSUMER_SUSPENDED`,
    exchange: answered(given(platform, 'oauth'), 403, { body: rpc('PERMISSION_DENIED', 'Suspended', [errorInfo('CONSUMER_SUSPENDED')]) }),
    rule: 'google_consumer_suspended',
    actions: [error('violation', 'Account violation (403): Suspended')],
  },
  ...['SERVICE_DISABLED', 'CONSUMER_INVALID', 'SUBSCRIPTION_REQUIRED', 'IAM_PERMISSION_DENIED'].map(
    (reason): Row => ({
      name: `4.1 ${platform}: ${reason}`,
      exchange: answered(given(platform, 'oauth'), 403, { body: rpc('PERMISSION_DENIED', 'No', [errorInfo(reason)]) }),
      rule: 'access_forbidden',
      actions: [error('forbidden', 'Access forbidden (403): No')],
    }),
  ),
]);

const others: readonly Row[] = [
  ...['anthropic', 'gemini'].flatMap((platform): Row[] => [
    {
      name: `6.3 ${platform}: the message`,
      exchange: answered(given(platform, 'api_key'), 403, { body: says('No access') }),
      rule: 'access_forbidden',
      verdict: { kind: 'forbidden', scope: 'account', exit: 'operator' },
      actions: [error('forbidden', 'Access forbidden (403): No access')],
      disposition: failOver(503),
    },
    {
      name: `6.3 ${platform}: JSON without a message`,
      exchange: answered(given(platform, 'api_key'), 403, { body: '{ "blocked":\n true }' }),
      rule: 'access_forbidden',
      actions: [error('forbidden', 'Access forbidden (403): {"blocked":true}')],
    },
    {
      name: `6.3 ${platform}: a text`,
      exchange: answered(given(platform, 'api_key'), 403, { body: 'no access here' }),
      rule: 'access_forbidden',
      actions: [error('forbidden', 'Access forbidden (403): no access here')],
    },
    {
      name: `6.3 ${platform}: empty is the edge`,
      exchange: answered(given(platform, 'api_key'), 403, { body: ' \n' }),
      rule: 'blocked_egress_empty_403',
      verdict: { kind: 'blocked_egress', scope: 'network' },
      actions: [],
    },
    {
      name: `6.3 ${platform}: a page is the edge`,
      exchange: answered(given(platform, 'api_key'), 403, { body: '<!doctype html><p>validation_required</p>' }),
      rule: 'blocked_egress_html',
      actions: [],
    },
    {
      name: `6.3 ${platform}: what does not parse makes no error`,
      exchange: answered(given(platform, 'api_key'), 403, { body: '{"error":{"message":"No acc' }),
      rule: 'access_forbidden',
      actions: [paused(NOW + 10 * MINUTE, 'Access forbidden (403): account may be suspended or lack permissions')],
      events: ['durable_softened'],
    },
  ]),
  {
    name: '6.3 antigravity: an empty 403 is the edge',
    exchange: answered(antigravity, 403),
    rule: 'blocked_egress_empty_403',
  },
  {
    name: '6.3 antigravity: words of verification in a body that does not parse make no error',
    exchange: answered(antigravity, 403, { body: '{"error":{"message":"verify your account' }),
    rule: 'antigravity_403_validation',
    actions: [paused(NOW + 10 * MINUTE, 'Validation required (403): account needs Google verification')],
    events: ['durable_softened'],
  },
  {
    name: '6.3 gemini: words of verification are words',
    exchange: answered(given('gemini', 'oauth'), 403, { body: says('Please verify your account') }),
    rule: 'access_forbidden',
    actions: [error('forbidden', 'Access forbidden (403): Please verify your account')],
  },
  {
    name: '6.3 an unknown platform rests',
    exchange: answered(given('xai', 'api_key'), 403, { body: says('No credits') }),
    rule: 'unknown_platform_403',
    actions: [paused(NOW + 10 * MINUTE, '403: No credits')],
  },
];

export const forbiddenRows: readonly Row[] = [...kinds, ...links, ...structured, ...others];
