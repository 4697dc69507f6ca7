import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Worker } from 'node:worker_threads';
import { afterEach, describe, expect, it } from 'vitest';
import { createTokenExchange, type TokenExchangeOptions } from '../../src/refresh/exchange.js';
import { PUBLIC_CLIENTS, TOKEN_ENDPOINTS } from '../../src/refresh/exchange-endpoints.js';
import { wasNeverSent } from '../../src/refresh/exchange-failure.js';
import type { Credentials, ExchangeResult } from '../../src/refresh/ports.js';
import { startTokenServer, type TokenFault, type TokenServer, type TokenServerMode } from '../support/token-server.js';

const NOW = 1_772_445_600_000;

const running: TokenServer[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((server) => server.close()));
});

async function serve(mode: TokenServerMode = 'simple', fault: TokenFault | null = null): Promise<TokenServer> {
  const server = await startTokenServer(mode);
  running.push(server);
  server.faults(() => fault);
  return server;
}

interface Ask {
  readonly platform?: string;
  readonly credentials: Credentials;
  readonly signal?: AbortSignal;
  readonly options?: TokenExchangeOptions;
}

function ask(server: TokenServer, { platform = 'anthropic', credentials, signal, options }: Ask): Promise<ExchangeResult> {
  const exchange = createTokenExchange({ endpoints: server.endpoints('w1'), clients: server.clients, now: () => NOW, ...options });
  return exchange({ accountId: 'a1', platform, credentials, signal: signal ?? new AbortController().signal });
}

const bodyOf = (result: ExchangeResult): unknown => (result.kind === 'answered' ? JSON.parse(result.body) : null);

/** A port on which nothing listens. */
async function closedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

describe('createTokenExchange', () => {
  it.each([
    { platform: 'anthropic', type: 'application/json', secret: undefined },
    { platform: 'openai', type: 'application/json', secret: undefined },
    { platform: 'gemini', type: 'application/x-www-form-urlencoded', secret: 'client-secret-gemini' },
    { platform: 'antigravity', type: 'application/x-www-form-urlencoded', secret: 'client-secret-antigravity' },
  ])('asks the endpoint of $platform as it wants to be asked', async ({ platform, type, secret }) => {
    const server = await serve();
    const credentials = { ...server.issue('a1'), project_id: 'p' };
    const result = await ask(server, { platform, credentials });
    expect(result).toMatchObject({ kind: 'answered', status: 200, receivedAt: NOW });
    expect(bodyOf(result)).toMatchObject({
      access_token: expect.stringMatching(/^at-a1-/),
      refresh_token: expect.stringMatching(/^rt-a1-/),
    });
    const [request] = server.requests;
    expect(request?.headers['content-type']).toBe(type);
    expect(request?.headers['x-worker']).toBe('w1');
    const sent = type === 'application/json' ? JSON.parse(request?.body ?? '') : Object.fromEntries(new URLSearchParams(request?.body));
    expect(sent).toEqual({
      grant_type: 'refresh_token',
      refresh_token: credentials.refresh_token,
      client_id: server.clients[platform]?.id,
      ...(secret === undefined ? {} : { client_secret: secret }),
    });
  });

  it('the built-in endpoints are encrypted, and only clients without a secret are shipped', () => {
    expect(Object.values(TOKEN_ENDPOINTS).map(({ url }) => new URL(url).protocol)).toEqual(['https:', 'https:', 'https:', 'https:']);
    expect(Object.entries(PUBLIC_CLIENTS).map(([platform, client]) => [platform, Object.keys(client)])).toEqual([
      ['anthropic', ['id']],
      ['openai', ['id']],
    ]);
  });

  it('asks with the client that the account was signed in with, where its credentials name one', async () => {
    const server = await serve();
    const credentials = { ...server.issue('a1'), client_id: 'client-gemini', client_secret: 'client-secret-gemini' };
    expect(await ask(server, { platform: 'gemini', credentials, options: { clients: { gemini: { id: 'other' } } } })).toMatchObject({
      status: 200,
    });
    const known = { ...server.issue('a2'), client_id: 'client-gemini' };
    expect(await ask(server, { platform: 'gemini', credentials: known })).toMatchObject({ status: 200 });
  });

  it.each([
    { platform: 'anthropic', status: 400, body: { error: 'invalid_grant', error_description: 'Refresh token not found or invalid' } },
    { platform: 'openai', status: 401, body: { error: { code: 'refresh_token_reused' } } },
    { platform: 'gemini', status: 400, body: { error: 'invalid_grant', error_description: 'Token has been expired or revoked.' } },
  ])('a refusal of $platform is an answer', async ({ platform, status, body }) => {
    const server = await serve('family');
    const credentials = { ...server.issue('a1') };
    await ask(server, { platform, credentials });
    const result = await ask(server, { platform, credentials });
    expect(result).toMatchObject({ kind: 'answered', status });
    expect(bodyOf(result)).toMatchObject(body);
  });

  it('a client that is not known is an answer too', async () => {
    const server = await serve();
    const options = { clients: { gemini: { id: 'nobody' } } };
    const result = await ask(server, { platform: 'gemini', credentials: { ...server.issue('a1') }, options });
    expect(result).toMatchObject({ kind: 'answered', status: 401, body: expect.stringContaining('unauthorized_client') });
  });
});

describe('one send', () => {
  const faults: readonly { readonly title: string; readonly fault: TokenFault; readonly expected: object }[] = [
    { title: 'too many requests', fault: { type: 'answer', status: 429, body: '{}' }, expected: { kind: 'answered', status: 429 } },
    {
      title: 'a page of a proxy',
      fault: { type: 'answer', status: 502, body: '<html>' },
      expected: { kind: 'answered', status: 502, body: '<html>' },
    },
    {
      title: 'a redirect',
      fault: { type: 'answer', status: 307, body: 'moved', headers: { location: '/anthropic' } },
      expected: { kind: 'answered', status: 307, body: 'moved' },
    },
    {
      title: 'a connection that breaks before the token is looked at',
      fault: { type: 'drop', when: 'before' },
      expected: { kind: 'ambiguous' },
    },
    {
      title: 'a connection that breaks after the token was spent',
      fault: { type: 'drop', when: 'after' },
      expected: { kind: 'ambiguous' },
    },
    { title: 'half an answer', fault: { type: 'half_answer' }, expected: { kind: 'ambiguous' } },
    { title: 'a slow endpoint', fault: { type: 'delay', when: 'before', ms: 2_000 }, expected: { kind: 'ambiguous' } },
    { title: 'a slow answer', fault: { type: 'delay', when: 'after', ms: 2_000 }, expected: { kind: 'ambiguous' } },
  ];

  it.each(faults)('$title: sent once', async ({ fault, expected }) => {
    const server = await serve('simple', fault);
    const result = await ask(server, { credentials: { ...server.issue('a1') }, options: { timeoutMs: 150 } });
    expect(result).toMatchObject(expected);
    expect(server.requests.length).toBe(1);
  });

  it('an answer is read to 64 KiB and no further', async () => {
    const server = await serve('simple', { type: 'answer', status: 200, body: 'x'.repeat(1_000_000) });
    const result = await ask(server, { credentials: { ...server.issue('a1') } });
    expect(result.kind === 'answered' ? result.body.length : 0).toBe(65_536);
  });

  it('an answer that waits in the socket of a process that was stopped is not lost (F19)', async () => {
    const code = `
      const { parentPort } = require('node:worker_threads');
      const server = require('node:http').createServer((request, response) => setTimeout(() => response.end('{"access_token":"a"}'), 100));
      server.listen(0, '127.0.0.1', () => parentPort.postMessage(server.address().port));
    `;
    const elsewhere = new Worker(code, { eval: true });
    try {
      const [port] = await once(elsewhere, 'message');
      const endpoints = { anthropic: { url: `http://127.0.0.1:${port}/`, body: 'json' } } as const;
      const exchange = createTokenExchange({ endpoints, timeoutMs: 200 });
      const ended = new AbortController();
      const asked = exchange({ accountId: 'a1', platform: 'anthropic', credentials: { refresh_token: 'r' }, signal: ended.signal });
      await new Promise((resolve) => setTimeout(resolve, 50));
      setTimeout(() => ended.abort(), 100);
      // Behind the reading of sockets, so that timers are what comes next.
      await new Promise((resolve) => setImmediate(resolve));
      // This thread does nothing for a while, as a stopped process does; the answer comes, and all times are over.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 600);
      expect(await asked).toMatchObject({ kind: 'answered', body: '{"access_token":"a"}' });
    } finally {
      await elsewhere.terminate();
    }
  });

  it('the caller ends it; before it is sent that costs nothing', async () => {
    const server = await serve('simple', { type: 'delay', when: 'before', ms: 2_000 });
    const credentials = { ...server.issue('a1') };
    expect(await ask(server, { credentials, signal: AbortSignal.abort() })).toMatchObject({ kind: 'not_sent' });
    expect(server.requests.length).toBe(0);
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 50);
    expect(await ask(server, { credentials, signal: controller.signal })).toMatchObject({ kind: 'ambiguous' });
    expect(server.requests.length).toBe(1);
  });
});

describe('not sent', () => {
  it('nobody listens', async () => {
    const port = await closedPort();
    for (const host of ['127.0.0.1', 'localhost']) {
      const exchange = createTokenExchange({ endpoints: { anthropic: { url: `http://${host}:${port}/`, body: 'json' } } });
      const request = { accountId: 'a1', platform: 'anthropic', credentials: { refresh_token: 'r' }, signal: new AbortController().signal };
      expect(await exchange(request)).toMatchObject({ kind: 'not_sent', error: { message: expect.stringContaining('ECONNREFUSED') } });
    }
  });

  it('the host has no address', async () => {
    const exchange = createTokenExchange({ endpoints: { anthropic: { url: 'https://nowhere.invalid/token', body: 'json' } } });
    const request = { accountId: 'a1', platform: 'anthropic', credentials: { refresh_token: 'r' }, signal: new AbortController().signal };
    expect(await exchange(request)).toMatchObject({ kind: 'not_sent' });
  });

  it.each([
    { title: 'no refresh token', platform: 'anthropic', credentials: { access_token: 'a' }, path: 'credentials.refresh_token' },
    { title: 'no client', platform: 'gemini', credentials: { refresh_token: 'r' }, path: 'clients' },
    { title: 'no endpoint', platform: 'elsewhere', credentials: { refresh_token: 'r' }, path: 'endpoints' },
  ])('$title', async ({ platform, credentials, path }) => {
    const result = await createTokenExchange()({ accountId: 'a1', platform, credentials, signal: new AbortController().signal });
    expect(result).toMatchObject({ kind: 'not_sent', error: { code: 'token_request_incomplete', issues: [{ path }] } });
  });

  const refused = { code: 'ECONNREFUSED', syscall: 'connect' };
  it.each([
    { error: new TypeError('fetch failed', { cause: refused }), never: true },
    { error: new TypeError('fetch failed', { cause: { code: 'ETIMEDOUT', syscall: 'connect' } }), never: true },
    { error: new TypeError('fetch failed', { cause: { code: 'ETIMEDOUT', syscall: 'read' } }), never: false },
    { error: new TypeError('fetch failed', { cause: { code: 'ECONNRESET', syscall: 'read' } }), never: false },
    { error: new TypeError('fetch failed', { cause: { code: 'UND_ERR_CONNECT_TIMEOUT' } }), never: true },
    { error: new TypeError('fetch failed', { cause: { code: 'UND_ERR_HEADERS_TIMEOUT' } }), never: false },
    { error: new TypeError('fetch failed', { cause: { errors: [refused, { code: 'ENETUNREACH', syscall: 'connect' }] } }), never: true },
    { error: new TypeError('fetch failed', { cause: { errors: [refused, { code: 'ECONNRESET', syscall: 'read' }] } }), never: false },
    { error: new TypeError('fetch failed', { cause: { errors: [] } }), never: false },
    { error: new DOMException('late', 'TimeoutError'), never: false },
    { error: Object.create({ code: 'ECONNREFUSED' }), never: false },
    { error: 'ECONNREFUSED', never: false },
    { error: null, never: false },
  ])('$never for $error.cause', ({ error, never }) => {
    expect(wasNeverSent(error)).toBe(never);
  });

  it('follows causes, also where they go in a circle', () => {
    const circle: { cause?: unknown } = {};
    circle.cause = circle;
    expect(wasNeverSent(circle)).toBe(false);
  });
});

describe('secrets', () => {
  it('no error shows what was sent, whatever the transport throws', async () => {
    const credentials = { access_token: 'plain-access-0123456789', refresh_token: 'plain-refresh-0123456789' };
    const clients = { gemini: { id: 'client', secret: 'plain-client-secret-0123456789' } };
    const thrown: unknown[] = [];
    const exchange = createTokenExchange({
      clients,
      fetch: async (url, init, accountId) => {
        thrown.push(accountId);
        const error = new Error(`cannot post ${init.body} to ${url}`, { cause: { request: init.body } });
        throw Object.assign(error, { config: init });
      },
    });
    const result = await exchange({ accountId: 'a1', platform: 'gemini', credentials, signal: new AbortController().signal });
    expect(thrown).toEqual(['a1']);
    const error = result.kind === 'ambiguous' && result.error instanceof Error ? result.error : new Error('none');
    const shown = JSON.stringify([error.message, error.stack, error, { ...error }, error.cause]);
    expect(shown).toContain('cannot post');
    for (const secret of [credentials.access_token, credentials.refresh_token, clients.gemini.secret]) expect(shown).not.toContain(secret);
  });

  it.each(['http://example.com/token', 'ftp://example.com', 'not an address', 'https://user:secret@example.com/'])(
    'a token is never sent to %s',
    (url) => {
      expect(() => createTokenExchange({ endpoints: { anthropic: { url, body: 'json' } } })).toThrow('token_endpoint_invalid');
    },
  );
});
