import { describe, expect, it } from 'vitest';
import type { Authorizer } from '../../../examples/gateway/proxy/authorizer.js';
import { type AccountOf, type Gateway, MESSAGE, post, startGateway } from './gateway.js';
import { INVALID_TOKEN, json, RATE_LIMITED } from './upstream.js';

const RESPONSES = { model: 'gpt-5', input: 'Hello' };
const CHAT = { model: 'gpt-5', messages: [] };

/** An account that is limited for so many seconds. */
function limited(id: string, seconds: number, more: Partial<AccountOf> = {}): AccountOf {
  return {
    id,
    ...more,
    health: { rateLimit: { until: Date.now() + seconds * 1_000, rule: 'anthropic_5h_window_exhausted', kind: 'quota' } },
  };
}

function secretsIn({ text }: { readonly text: string }, { directory }: Gateway): readonly string[] {
  return directory.accounts().flatMap(({ account: { id } }) => (text.includes(`secret-${id}`) ? [id] : []));
}

describe('no account is left', () => {
  const PROTOCOLS = [
    {
      path: '/v1/messages',
      body: MESSAGE,
      platform: 'anthropic',
      error: { type: 'error', error: { type: 'rate_limit_error' }, request_id: expect.any(String) },
    },
    {
      path: '/v1/responses',
      body: RESPONSES,
      platform: 'openai',
      error: { error: { type: 'rate_limit_error', code: 'rate_limit_exceeded', param: null } },
    },
    {
      path: '/v1/chat/completions',
      body: CHAT,
      platform: 'openai',
      error: { error: { type: 'rate_limit_error', code: 'rate_limit_exceeded', param: null } },
    },
    {
      path: '/v1beta/models/gemini-2.5-pro:streamGenerateContent?alt=sse',
      body: { contents: [] },
      platform: 'gemini',
      error: { error: { code: 429, status: 'RESOURCE_EXHAUSTED', details: [{ retryDelay: '30s' }] } },
    },
    {
      path: '/v1internal:generateContent',
      body: { model: 'gemini-3' },
      platform: 'antigravity',
      error: { error: { code: 429, status: 'RESOURCE_EXHAUSTED', details: [{ retryDelay: '30s' }] } },
    },
  ];
  for (const { path, body, platform, error } of PROTOCOLS) {
    it(`is told as ${path} tells its limits, with the earliest end`, async () => {
      const accounts = [limited('late', 300, { platform, type: 'api_key' }), limited('soon', 29.5, { platform, type: 'api_key' })];
      const gateway = await startGateway({ accounts });
      const reply = await post(gateway, path, body);
      expect([reply.status, reply.headers['retry-after'], reply.headers['content-type']]).toEqual([429, '30', 'application/json']);
      expect(reply.json).toMatchObject(error);
      expect(reply.text).toContain('2 waiting for a limit to end');
      expect(gateway.upstream.received).toEqual([]);
      expect(gateway.ended()).toMatchObject([{ outcome: 'exhausted', status: 429, accountId: null, attempts: 0 }]);
    });
  }

  it('because none is set up', async () => {
    const gateway = await startGateway({ accounts: [{ id: 'a', platform: 'openai' }] });
    const reply = await post(gateway, '/v1/messages', MESSAGE);
    expect([reply.status, reply.headers['retry-after']]).toEqual([503, undefined]);
    expect(reply.json).toMatchObject({ error: { type: 'overloaded_error', message: expect.stringContaining('none is set up for it') } });
  });

  it('because a person has to act: 503, and no promise (F93)', async () => {
    const gateway = await startGateway({ accounts: [{ id: 'a', settings: { enabled: false } }] });
    const reply = await post(gateway, '/v1/messages', MESSAGE);
    expect([reply.status, reply.headers['retry-after']]).toEqual([503, undefined]);
    expect(reply.text).toContain('1 out until somebody acts');
  });

  it('because all are overloaded: 503', async () => {
    const overload = { until: Date.now() + 60_000, rule: 'overloaded_529', kind: 'overload' as const };
    const gateway = await startGateway({ accounts: [{ id: 'a', health: { overload } }] });
    const reply = await post(gateway, '/v1/messages', MESSAGE);
    expect([reply.status, reply.headers['retry-after']]).toEqual([503, '60']);
  });

  it('after refusals: never an upstream’s 401, but what the last decision says, and the end that it knows', async () => {
    const gateway = await startGateway({ accounts: [{ id: 'a' }, { id: 'b' }] });
    gateway.upstream.answer = ({ accountId }, response) =>
      accountId === 'a' ? json(response, 429, RATE_LIMITED, { 'retry-after': '20' }) : json(response, 401, INVALID_TOKEN);
    const reply = await post(gateway, '/v1/messages', MESSAGE);
    expect([reply.status, reply.headers['retry-after']]).toEqual([503, '20']);
    expect(reply.text).toContain('2 tried without success');
    expect(reply.text).not.toContain('bearer');
    expect(secretsIn(reply, gateway)).toEqual([]);
  });

  it('because none can be authorized: 503, and when the first may be again', async () => {
    const retryAt = Date.now() + 41_500;
    const authorizer: Authorizer = {
      authorize: async ({ account }) => ({
        type: 'unavailable',
        reason: 'busy',
        retryAt: account.id === 'a' ? retryAt : null,
        actions: [],
      }),
    };
    const gateway = await startGateway({ accounts: [{ id: 'a' }, { id: 'b' }], authorizer });
    const reply = await post(gateway, '/v1/messages', MESSAGE);
    expect([reply.status, reply.headers['retry-after']]).toEqual([503, '42']);
  });

  it('after broken connections: 502', async () => {
    const gateway = await startGateway({ accounts: [{ id: 'a' }] });
    gateway.upstream.answer = (_r, _response, request) => request.socket.destroy();
    const reply = await post(gateway, '/v1/responses', RESPONSES);
    expect(reply.status).toBe(503);
    expect((await post(gateway, '/v1/messages', MESSAGE)).status).toBe(502);
  });

  it('gives the client 500 where the account’s owner wants a status ignored, in the client’s own form', async () => {
    const accounts = [{ id: 'a', type: 'api_key', settings: { customErrorCodes: [599] } }];
    const gateway = await startGateway({ accounts });
    gateway.upstream.answer = (_r, response) => json(response, 401, INVALID_TOKEN);
    const reply = await post(gateway, '/v1/messages', MESSAGE);
    expect([reply.status, gateway.upstream.received.length]).toEqual([500, 1]);
    expect(reply.json).toMatchObject({ type: 'error', error: { type: 'api_error' } });
    expect(reply.text).not.toContain('bearer');
  });

  it('gives no upstream’s 403 either where the refusal is the request’s own', async () => {
    const gateway = await startGateway({ accounts: [{ id: 'a', type: 'setup_token' }] });
    const scope = {
      type: 'error',
      error: { type: 'permission_error', message: 'OAuth token does not meet scope requirement user:profile' },
    };
    gateway.upstream.answer = (_r, response) => json(response, 403, scope);
    const reply = await post(gateway, '/v1/messages', MESSAGE);
    expect(gateway.attempts()[0]?.decision.disposition.type).toBe('respond');
    expect(reply.status).toBe(503);
  });

  it('shortens a name that goes on for ever', async () => {
    const gateway = await startGateway({ accounts: [] });
    const reply = await post(gateway, '/v1/messages', { ...MESSAGE, model: 'm'.repeat(10_000) });
    expect(reply.bytes.length).toBeLessThan(500);
  });
});
