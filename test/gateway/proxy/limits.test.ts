import { request } from 'node:http';
import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { authorizer, MESSAGE, post, startGateway, until } from './gateway.js';
import { json } from './upstream.js';

const ONE = [{ id: 'a' }];
const CLIENT_KEY = 'gw-client-key-0123456789';

describe('a request that cannot be read', () => {
  const CASES: readonly (readonly [string, string, string, number])[] = [
    ['is no JSON', '/v1/messages', '{"model":', 400],
    ['is no object', '/v1/messages', '[1]', 400],
    ['is empty', '/v1/messages', '', 400],
    ['names no model', '/v1/chat/completions', '{"messages":[]}', 400],
    ['names a model that is no text', '/v1internal:generateContent', '{"model":{}}', 400],
  ];
  for (const [title, path, body, status] of CASES) {
    it(`${title}: ${status}, and no account is asked`, async () => {
      const gateway = await startGateway({ accounts: [...ONE, { id: 'o', platform: 'openai' }] });
      const reply = await post(gateway, path, body);
      expect([reply.status, gateway.upstream.received.length]).toEqual([status, 0]);
      expect(reply.json).toMatchObject({ error: { message: expect.any(String) } });
      expect(gateway.ended()).toMatchObject([{ outcome: 'bad_request', status, attempts: 0 }]);
    });
  }

  it('is too large: 413 in the form of the client, with or without a stated length', async () => {
    const gateway = await startGateway({ accounts: ONE, limits: { bodyBytes: 100_000 } });
    const body = JSON.stringify({ ...MESSAGE, system: 'x'.repeat(3_000_000) });
    const stated = await post(gateway, '/v1/messages', body);
    expect([stated.status, stated.json]).toMatchObject([413, { type: 'error', error: { type: 'request_too_large' } }]);
    const chunked = await post(gateway, '/v1/messages', body, { 'transfer-encoding': 'chunked' });
    expect([chunked.status, chunked.headers.connection]).toEqual([413, 'close']);
    expect(gateway.upstream.received).toEqual([]);
    const fits = await post(gateway, '/v1/messages', { ...MESSAGE, system: 'x'.repeat(90_000) }, { 'transfer-encoding': 'chunked' });
    expect(fits.status).toBe(200);
  });

  it('is too large by what it says: it is told before anything of it has come, and the connection closes', async () => {
    const gateway = await startGateway({ accounts: ONE });
    const socket = connect(gateway.port, '127.0.0.1');
    let answer = '';
    socket.on('data', (data) => {
      answer += String(data);
    });
    socket.write('POST /v1/messages HTTP/1.1\r\nhost: x\r\ncontent-length: 99999999\r\n\r\n');
    await until(() => answer.includes('request_too_large'));
    expect(answer).toMatch(/^HTTP\/1.1 413 .*\r\nconnection: close\r\n/is);
    await until(() => socket.destroyed || socket.readableEnded);
    socket.destroy();
  });

  it('is too large for fetch too, which sends all of it before it reads', async () => {
    const gateway = await startGateway({ accounts: ONE, limits: { bodyBytes: 100_000 } });
    const body = JSON.stringify({ ...MESSAGE, system: 'x'.repeat(3_000_000) });
    const statuses: number[] = [];
    for (let count = 0; count < 5; count += 1) statuses.push((await fetch(`${gateway.url}/v1/messages`, { method: 'POST', body })).status);
    expect(statuses).toEqual([413, 413, 413, 413, 413]);
  });

  it('is compressed, or not posted', async () => {
    const gateway = await startGateway({ accounts: ONE });
    expect((await post(gateway, '/v1/messages', MESSAGE, { 'content-encoding': 'gzip' })).status).toBe(415);
    for (const method of ['GET', 'HEAD', 'OPTIONS', 'PUT']) {
      const refused = await fetch(`${gateway.url}/v1/messages`, { method });
      expect([refused.status, refused.headers.get('allow')]).toEqual([405, 'POST']);
    }
    expect(gateway.upstream.received).toEqual([]);
  });

  it('breaks off: nobody is asked and nothing is left behind', async () => {
    const gateway = await startGateway({ accounts: ONE });
    const socket = connect(gateway.port, '127.0.0.1');
    socket.write('POST /v1/messages HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\n{"model":');
    setTimeout(() => socket.destroy(), 50);
    await until(() => gateway.ended().length === 1);
    expect(gateway.ended()).toMatchObject([{ outcome: 'aborted', attempts: 0 }]);
    expect(gateway.upstream.received).toEqual([]);
  });
});

describe('headers', () => {
  it('of the client reach the upstream without its key, its address and what would choose an account', async () => {
    const gateway = await startGateway({ accounts: ONE });
    const kept = { 'user-agent': 'claude-cli/2.0', 'anthropic-version': '2023-06-01', 'x-stainless-lang': 'js' };
    const dropped = {
      authorization: `Bearer ${CLIENT_KEY}`,
      'x-api-key': CLIENT_KEY,
      'x-goog-api-key': CLIENT_KEY,
      'api-key': CLIENT_KEY,
      cookie: `session=${CLIENT_KEY}`,
      'openai-organization': 'org-client',
      'chatgpt-account-id': 'acct-client',
      'x-forwarded-for': '10.1.2.3',
      'accept-encoding': 'gzip, br',
      connection: 'x-private, keep-alive',
      'x-private': CLIENT_KEY,
      te: 'trailers',
      'x-http-method-override': 'GET',
      'x-goog-iam-authorization-token': CLIENT_KEY,
      'true-client-ip': '10.1.2.3',
    };
    await post(gateway, `/v1/messages?beta=true&key=${CLIENT_KEY}`, MESSAGE, { ...kept, ...dropped });
    const [received] = gateway.upstream.received;
    expect(received?.headers).toMatchObject({
      ...kept,
      authorization: 'Bearer secret-a',
      'accept-encoding': 'identity',
      'content-type': 'application/json',
    });
    expect(received?.url).toBe('/v1/messages?beta=true');
    expect(JSON.stringify(received)).not.toContain(CLIENT_KEY);
    const names = Object.keys(dropped).filter((name) => !['authorization', 'accept-encoding', 'connection'].includes(name));
    for (const name of names) expect([name, received?.headers[name]]).toEqual([name, undefined]);
  });

  it('are not joined by a query that would choose an account, a project or a method: only what the protocols have there is sent on', async () => {
    const gateway = await startGateway({ accounts: [{ id: 'g', platform: 'gemini', type: 'api_key' }] });
    const theirs = `key=k&%6bey=k&access_token=bad&oauth_token=bad&%24userProject=p&quotaUser=u&%24httpHeaders=Authorization%3A+x&fields=a`;
    await post(gateway, `/v1beta/models/m:streamGenerateContent?alt=sse&${theirs}`, { contents: [] });
    await post(gateway, `/v1beta/models/m:generateContent?%24alt=json%3Benum-encoding%3Dint&${theirs}`, { contents: [] });
    await post(gateway, `/v1beta/models/m:generateContent?${theirs}`, { contents: [] });
    expect(gateway.upstream.received.map(({ url }) => url)).toEqual([
      '/v1beta/models/m:streamGenerateContent?alt=sse',
      '/v1beta/models/m:generateContent?%24alt=json%3Benum-encoding%3Dint',
      '/v1beta/models/m:generateContent',
    ]);
  });

  it('that list features are joined, so that an account’s own stays in the list', async () => {
    const beta = {
      authorize: async (one: Parameters<typeof authorizer.authorize>[0]) => {
        const given = await authorizer.authorize(one);
        return given.type === 'authorized' ? { ...given, headers: { ...given.headers, 'Anthropic-Beta': 'oauth-2025-04-20' } } : given;
      },
    };
    const gateway = await startGateway({ accounts: ONE, authorizer: beta });
    await post(gateway, '/v1/messages', MESSAGE, { 'anthropic-beta': 'context-1m, oauth-2025-04-20' });
    expect(gateway.upstream.received[0]?.headers['anthropic-beta']).toBe('context-1m,oauth-2025-04-20');
  });

  it('of the upstream reach the client without cookies and without the account’s name', async () => {
    const gateway = await startGateway({ accounts: ONE });
    const dropped = {
      'set-cookie': ['__cf_bm=1', 'b=2'],
      'anthropic-organization-id': 'org-1',
      'www-authenticate': 'Bearer',
      'strict-transport-security': 'max-age=1',
      'keep-alive': 'timeout=99',
    };
    gateway.upstream.answer = (_r, response) => json(response, 200, {}, { ...dropped, 'request-id': 'req_1', 'x-custom': 'kept' });
    const { headers } = await post(gateway, '/v1/messages', MESSAGE);
    expect(headers).toMatchObject({ 'request-id': 'req_1', 'x-custom': 'kept', 'content-type': 'application/json' });
    for (const name of ['set-cookie', 'anthropic-organization-id', 'www-authenticate', 'strict-transport-security'])
      expect([name, headers[name]]).toEqual([name, undefined]);
    expect(headers['keep-alive']).not.toBe('timeout=99');
  });

  it('name no host that a request could choose', async () => {
    const gateway = await startGateway({ accounts: ONE });
    const status = await new Promise((resolve) => {
      const sent = request(
        { host: '127.0.0.1', port: gateway.port, path: 'http://192.0.2.1/v1/messages', method: 'POST', headers: { host: '192.0.2.1' } },
        ({ statusCode }) => resolve(statusCode),
      );
      sent.end(JSON.stringify(MESSAGE));
    });
    expect([status, gateway.upstream.received.length]).toEqual([404, 0]);
    await post(gateway, '/v1/messages', MESSAGE, { host: '192.0.2.1', 'x-forwarded-host': '192.0.2.1' });
    expect(gateway.upstream.received[0]?.headers.host).toBe(new URL(gateway.upstream.url).host);
  });
});

describe('the gateway’s own keys', () => {
  it('let pass who gives one, in any of the places where clients put it', async () => {
    const gateway = await startGateway({ accounts: ONE, clientKeys: ['another', CLIENT_KEY] });
    const ways: readonly (readonly [string, Record<string, string>])[] = [
      ['', { 'x-api-key': CLIENT_KEY }],
      ['', { authorization: `Bearer ${CLIENT_KEY}` }],
      ['', { 'x-goog-api-key': CLIENT_KEY }],
      [`?key=${CLIENT_KEY}`, {}],
    ];
    for (const [query, headers] of ways) expect((await post(gateway, `/v1/messages${query}`, MESSAGE, headers)).status).toBe(200);
    expect(gateway.upstream.received.map(({ url }) => url)).toEqual(['/v1/messages', '/v1/messages', '/v1/messages', '/v1/messages']);
  });

  it('refuse everybody else in the client’s own form, before the body is read', async () => {
    const gateway = await startGateway({ accounts: [...ONE, { id: 'g', platform: 'gemini' }], clientKeys: [CLIENT_KEY] });
    const refused = await post(gateway, '/v1/messages', '{', { 'x-api-key': `${CLIENT_KEY}0` });
    expect([refused.status, refused.json]).toMatchObject([401, { type: 'error', error: { type: 'authentication_error' } }]);
    const google = await post(gateway, '/v1beta/models/m:generateContent', {}, { authorization: CLIENT_KEY });
    expect([google.status, google.json]).toMatchObject([401, { error: { code: 401, status: 'UNAUTHENTICATED' } }]);
    expect(gateway.upstream.received).toEqual([]);
  });
});

describe('a gateway without keys', () => {
  it('serves programs, and no web page that somebody visits', async () => {
    const gateway = await startGateway({ accounts: ONE });
    const page = { origin: 'https://evil.test', 'content-type': 'text/plain' };
    const refused = await post(gateway, '/v1/messages', MESSAGE, page);
    expect([refused.status, gateway.upstream.received.length]).toEqual([401, 0]);
    expect((await post(gateway, '/v1/messages', MESSAGE)).status).toBe(200);
  });

  it('serves a page that gives a key where there are keys', async () => {
    const gateway = await startGateway({ accounts: ONE, clientKeys: [CLIENT_KEY] });
    const page = { origin: 'https://friend.test', 'x-api-key': CLIENT_KEY };
    expect((await post(gateway, '/v1/messages', MESSAGE, page)).status).toBe(200);
    expect(gateway.upstream.received[0]?.headers.origin).toBeUndefined();
  });
});

describe('a mistake of the gateway’s own', () => {
  it('is an answer in the client’s form and a notice without the error’s text', async () => {
    const gateway = await startGateway({ accounts: ONE, authorizer: { authorize: () => Promise.reject(new TypeError('secret-a')) } });
    const reply = await post(gateway, '/v1/messages', MESSAGE);
    expect([reply.status, reply.json]).toMatchObject([500, { type: 'error', error: { type: 'api_error' } }]);
    expect(gateway.events).toMatchObject([{ type: 'notice', code: 'proxy_failed', detail: expect.stringMatching(/: TypeError$/) }]);
    expect(JSON.stringify(gateway.events)).not.toContain('secret-a');
  });
});
