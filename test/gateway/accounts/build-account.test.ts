/** Every kind of account goes to the host and the path that serve it: its requests and its connection test alike. */
import { type Account, defineAccount } from 'poolwarden';
import { describe, expect, it } from 'vitest';
import { accountOfRecord, baseUrlOf } from '../../../examples/gateway/accounts/build-account.js';
import { credentialHeaders } from '../../../examples/gateway/accounts/credential-headers.js';
import type { GatewayAccount } from '../../../examples/gateway/accounts/gateway-account.js';
import { testQuestion } from '../../../examples/gateway/admin/test-questions.js';
import { usageQuestions } from '../../../examples/gateway/admin/usage-questions.js';
import type { Origins } from '../../../examples/gateway/config.js';
import { type ClientRequest, readClientRequest, upstreamBody, upstreamUrl } from '../../../examples/gateway/proxy/client-request.js';
import { matchTarget } from '../../../examples/gateway/proxy/protocols/match-target.js';

const ORIGINS: Origins = {
  anthropic: 'https://anthropic.test',
  openai: 'https://openai.test',
  chatgpt: 'https://chatgpt.test',
  gemini: 'https://gemini.test',
  codeAssist: 'https://code-assist.test',
  antigravity: 'https://antigravity.test',
};
/** The paths of clients, each with a body that names a model where the path does not. */
const PATHS: readonly string[] = [
  '/v1/messages',
  '/v1/messages/count_tokens',
  '/v1/responses',
  '/v1/chat/completions',
  '/v1beta/models/gemini-3-pro:generateContent',
  '/v1beta/models/gemini-3-pro:streamGenerateContent',
  '/v1internal:generateContent',
  '/v1internal:streamGenerateContent',
];

function accountOf(platform: string, type: string): GatewayAccount {
  const record = { id: 'a', label: 'A', platform, type, organization: null, parent: null, project: 'p-1', settings: {}, enabled: true };
  const account = accountOfRecord({ ...record, version: 1 }, ORIGINS);
  if (account === null) throw new Error(`${platform} ${type} is no account`);
  return account;
}

function requestAt(path: string): ClientRequest {
  const target = matchTarget(path);
  if (target === null) throw new Error(`${path} is no path`);
  const bytes = Buffer.from('{"model":"gemini-3-pro","request":{}}');
  const request = readClientRequest({ target, headers: {}, search: new URLSearchParams(), bytes });
  if ('status' in request) throw new Error(request.message);
  return request;
}

/** Where the proxy sends what this account can serve. */
function servedAt(account: GatewayAccount): readonly string[] {
  return PATHS.map(requestAt)
    .filter(({ target, model }) => target.canServe(account.account, model))
    .map((request) => upstreamUrl(request, account));
}

interface Row {
  readonly kind: readonly [platform: string, type: string];
  readonly served: readonly string[];
  readonly tested: string;
  readonly usage: readonly string[];
  readonly header: string;
}

const MESSAGES = ['https://anthropic.test/v1/messages', 'https://anthropic.test/v1/messages/count_tokens'];
const enveloped = (origin: string): readonly string[] => [
  `${origin}/v1internal:generateContent`,
  `${origin}/v1internal:streamGenerateContent`,
];
const ROWS: readonly Row[] = [
  {
    kind: ['anthropic', 'api_key'],
    served: MESSAGES,
    tested: 'https://anthropic.test/v1/messages',
    usage: [],
    header: 'x-api-key',
  },
  {
    kind: ['anthropic', 'oauth'],
    served: MESSAGES,
    tested: 'https://anthropic.test/v1/messages',
    usage: ['https://anthropic.test/api/oauth/usage'],
    header: 'authorization',
  },
  {
    kind: ['anthropic', 'setup_token'],
    served: MESSAGES,
    tested: 'https://anthropic.test/v1/messages',
    usage: [],
    header: 'authorization',
  },
  {
    kind: ['openai', 'api_key'],
    served: ['https://openai.test/v1/responses', 'https://openai.test/v1/chat/completions'],
    tested: 'https://openai.test/v1/responses',
    usage: [],
    header: 'authorization',
  },
  {
    kind: ['openai', 'oauth'],
    served: ['https://chatgpt.test/backend-api/codex/responses'],
    tested: 'https://chatgpt.test/backend-api/codex/responses',
    usage: ['https://chatgpt.test/backend-api/wham/usage'],
    header: 'authorization',
  },
  {
    kind: ['gemini', 'api_key'],
    served: [
      'https://gemini.test/v1beta/models/gemini-3-pro:generateContent',
      'https://gemini.test/v1beta/models/gemini-3-pro:streamGenerateContent',
    ],
    tested: 'https://gemini.test/v1beta/models/gemini-2.5-flash:generateContent',
    usage: [],
    header: 'x-goog-api-key',
  },
  {
    kind: ['gemini', 'oauth'],
    served: enveloped('https://code-assist.test'),
    tested: 'https://code-assist.test/v1internal:generateContent',
    usage: ['https://code-assist.test/v1internal:loadCodeAssist', 'https://code-assist.test/v1internal:retrieveUserQuota'],
    header: 'authorization',
  },
  {
    kind: ['antigravity', 'oauth'],
    served: enveloped('https://antigravity.test'),
    tested: 'https://antigravity.test/v1internal:generateContent',
    usage: ['https://antigravity.test/v1internal:loadCodeAssist', 'https://antigravity.test/v1internal:fetchAvailableModels'],
    header: 'authorization',
  },
];

describe.each(ROWS)('an account of the kind $kind', ({ kind, served, tested, usage, header }) => {
  const account = accountOf(...kind);
  it('serves what its host serves, and is tested and asked for its quota there', () => {
    expect(servedAt(account)).toEqual(served);
    expect(testQuestion(account, null)?.url).toBe(tested);
    expect(usageQuestions(account, ORIGINS).map(({ url }) => url)).toEqual(usage);
  });

  it('sends its secret in the header that its host reads, and nowhere else', () => {
    const headers = credentialHeaders(account.account, 'the-secret');
    expect(Object.keys(headers).filter((name) => headers[name]?.includes('the-secret'))).toEqual([header]);
  });
});

it('a sign-in with Google names the account’s project in its envelope, in requests and in the test', () => {
  const account = accountOf('gemini', 'oauth');
  expect(JSON.parse(String(upstreamBody(requestAt('/v1internal:generateContent'), account, false)))).toMatchObject({ project: 'p-1' });
  expect(testQuestion(account, 'gemini-3-pro')).toMatchObject({ model: 'gemini-3-pro', body: { model: 'gemini-3-pro', project: 'p-1' } });
});

it('a ChatGPT sign-in names its workspace where it is known', () => {
  const plan = (organizationId: string | null): Account => defineAccount({ id: 'a', platform: 'openai', type: 'oauth', organizationId });
  expect(credentialHeaders(plan('ws-1'), 's')).toMatchObject({ 'chatgpt-account-id': 'ws-1' });
  expect(Object.keys(credentialHeaders(plan(null), 's'))).toEqual(['authorization']);
});

it.each(['', 'elsewhere', 'constructor', '__proto__'])('a row of the platform "%s" is no account', (platform) => {
  expect(baseUrlOf({ platform, type: 'oauth' }, ORIGINS)).toBeNull();
});
