import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { Authorization, Authorizer } from '../../../examples/gateway/proxy/authorizer.js';
import { authorizer, type Gateway, MESSAGE, post, startGateway, until } from './gateway.js';
import { type Answering, beginStream, events, INVALID_TOKEN, json, OVERLOADED, RATE_LIMITED } from './upstream.js';

const TWO = [{ id: 'a' }, { id: 'b' }];
const OK = { id: 'msg_1', content: [] };

/** Account `a` answers like this, every other one well. */
function onlyA(answer: Answering): Answering {
  return (received, response, request) => (received.accountId === 'a' ? answer(received, response, request) : json(response, 200, OK));
}

function asked({ upstream }: Gateway): readonly string[] {
  return upstream.received.map(({ accountId }) => accountId);
}

describe('another account serves what one cannot', () => {
  const inFiveHours = String(Math.floor(Date.now() / 1000) + 3_600);
  const spent = { 'anthropic-ratelimit-unified-5h-status': 'rejected', 'anthropic-ratelimit-unified-5h-reset': inFiveHours };
  const CASES: readonly (readonly [string, Answering, string])[] = [
    ['its window is used up', (_r, response) => json(response, 429, RATE_LIMITED, spent), 'rateLimit'],
    ['its token is refused', (_r, response) => json(response, 401, INVALID_TOKEN), 'authentication'],
    ['it is overloaded', (_r, response) => json(response, 529, OVERLOADED), 'overload'],
  ];
  for (const [title, answer, cell] of CASES) {
    it(`${title}, and the next request does not ask it again`, async () => {
      const gateway = await startGateway({ accounts: TWO });
      gateway.upstream.answer = onlyA(answer);
      expect((await post(gateway, '/v1/messages', MESSAGE)).json).toEqual(OK);
      expect((await post(gateway, '/v1/messages', MESSAGE)).json).toEqual(OK);
      expect((await post(gateway, '/v1/messages', MESSAGE)).json).toEqual(OK);
      expect(asked(gateway)).toEqual(['a', 'b', 'b', 'b']);
      expect(gateway.directory.find('a')?.account.health).toMatchObject({ [cell]: { generation: 0 } });
      await until(() => gateway.repository.snapshot().has('a'));
      expect(gateway.ended()[0]).toMatchObject({ outcome: 'answered', status: 200, accountId: 'b', attempts: 2 });
    });
  }

  it('a web page in place of an answer costs nobody anything', async () => {
    const gateway = await startGateway({ accounts: TWO });
    gateway.upstream.answer = onlyA((_r, response) =>
      response.writeHead(403, { 'content-type': 'text/html' }).end('<!DOCTYPE html><title>Attention Required!</title>'),
    );
    expect((await post(gateway, '/v1/messages', MESSAGE)).json).toEqual(OK);
    expect(asked(gateway)).toEqual(['a', 'b']);
    expect(gateway.repository.snapshot().size).toBe(0);
  });

  it('the connection breaks before any byte: once more, then elsewhere', async () => {
    const gateway = await startGateway({ accounts: TWO });
    gateway.upstream.answer = onlyA((_r, _response, request) => request.socket.destroy());
    expect((await post(gateway, '/v1/messages', MESSAGE)).json).toEqual(OK);
    expect(asked(gateway)).toEqual(['a', 'a', 'b']);
    expect(
      gateway
        .attempts()
        .map(({ status, exchange }) => [status, exchange.attempt, 'failure' in exchange.response && exchange.response.failure]),
    ).toEqual([
      [null, 1, 'reset'],
      [null, 2, 'reset'],
      [200, 1, false],
    ]);
  });

  it('nobody listens at its address', async () => {
    const gateway = await startGateway({ accounts: [{ id: 'a', baseUrl: 'http://127.0.0.1:1' }, { id: 'b' }] });
    expect((await post(gateway, '/v1/messages', MESSAGE)).status).toBe(200);
    expect(gateway.attempts()[0]?.exchange.response).toEqual({ failure: 'connect' });
  });

  it('it does not answer in time', async () => {
    const gateway = await startGateway({ accounts: TWO, limits: { upstreamTimeoutMs: 150 } });
    gateway.upstream.answer = onlyA(() => undefined);
    expect((await post(gateway, '/v1/messages', MESSAGE)).status).toBe(200);
    expect(gateway.attempts()[0]?.exchange.response).toEqual({ failure: 'timeout' });
  });

  it('its stream ends without a byte', async () => {
    const gateway = await startGateway({ accounts: TWO });
    gateway.upstream.answer = onlyA((_r, response) => beginStream(response).end());
    expect((await post(gateway, '/v1/messages', { ...MESSAGE, stream: true })).json).toEqual(OK);
    expect(gateway.attempts()[1]?.exchange).toMatchObject({ response: { failure: 'empty_stream' }, phase: 'first_event' });
  });

  it('its stream begins with an error', async () => {
    const gateway = await startGateway({ accounts: TWO });
    gateway.upstream.answer = onlyA((_r, response) => {
      // The rest never comes: nobody waits for it.
      beginStream(response).write(events(OVERLOADED)[0]);
    });
    expect((await post(gateway, '/v1/messages', { ...MESSAGE, stream: true })).json).toEqual(OK);
    expect(gateway.attempts().map(({ status, exchange }) => [status, exchange.phase])).toEqual([
      [200, 'headers'],
      [529, 'first_event'],
      [200, 'headers'],
    ]);
    expect(gateway.directory.find('a')?.account.health.overload?.until).toBeGreaterThan(Date.now());
  });

  it('its stream is nothing but an error that no blank line ends', async () => {
    const gateway = await startGateway({ accounts: TWO });
    gateway.upstream.answer = onlyA((_r, response) => beginStream(response).end(events(OVERLOADED)[0]?.trimEnd()));
    expect((await post(gateway, '/v1/messages', { ...MESSAGE, stream: true })).json).toEqual(OK);
    expect(asked(gateway)).toEqual(['a', 'b']);
  });

  it('its plain answer of status 200 is an error', async () => {
    const gateway = await startGateway({ accounts: TWO.map((one) => ({ ...one, platform: 'openai', type: 'api_key' })) });
    const hidden = { error: { message: 'The server is overloaded', type: 'service_unavailable_error', code: 'server_is_overloaded' } };
    gateway.upstream.answer = onlyA((_r, response) => {
      response.writeHead(200, { 'content-type': 'application/json' }).write(JSON.stringify(hidden));
      setTimeout(() => response.end('\n'), 30);
    });
    expect((await post(gateway, '/v1/chat/completions', { model: 'gpt-5', messages: [] })).json).toEqual(OK);
    expect(asked(gateway)).toEqual(['a', 'b']);
  });

  it('the account cannot be authorized now', async () => {
    const unavailable: Authorization = {
      type: 'unavailable',
      reason: 'refresh_failed',
      retryAt: null,
      actions: [{ type: 'request_refresh', accountId: 'a', credentialRevision: 7 }],
    };
    const gateway = await startGateway({
      accounts: TWO,
      authorizer: { authorize: async (one) => (one.account.id === 'a' ? unavailable : authorizer.authorize(one)) },
    });
    expect((await post(gateway, '/v1/messages', MESSAGE)).status).toBe(200);
    expect(asked(gateway)).toEqual(['b']);
    await until(() => gateway.directory.find('a')?.account.health.refreshRequestedFor === 7);
    expect(gateway.events).toContainEqual(
      expect.objectContaining({ type: 'notice', code: 'account_unavailable', detail: 'a: refresh_failed' }),
    );
  });

  it('accounts that cannot be authorized use up no attempts, but there is an end to them', async () => {
    const ids = Array.from({ length: 40 }, (_, index) => `account-${index}`);
    const healthy = (index: number): Authorizer => ({
      authorize: async (one) =>
        one.account.id === ids[index] ? authorizer.authorize(one) : { type: 'unavailable', reason: 'missing', retryAt: null, actions: [] },
    });
    const near = await startGateway({ accounts: ids.map((id) => ({ id })), authorizer: healthy(9) });
    expect((await post(near, '/v1/messages', MESSAGE)).status).toBe(200);
    expect(near.ended()).toMatchObject([{ outcome: 'answered', accountId: 'account-9', attempts: 1 }]);
    const far = await startGateway({ accounts: ids.map((id) => ({ id })), authorizer: healthy(39) });
    expect((await post(far, '/v1/messages', MESSAGE)).status).toBe(503);
    expect(far.ended()).toMatchObject([{ outcome: 'exhausted', attempts: 0 }]);
    expect(far.events.filter(({ type }) => type === 'notice')).toHaveLength(32);
  });

  it('asks no account twice and no more of them than the limit says', async () => {
    const accounts = ['a', 'b', 'c', 'd', 'e', 'f'].map((id) => ({ id }));
    const gateway = await startGateway({ accounts });
    gateway.upstream.answer = (_r, response) => json(response, 529, OVERLOADED);
    expect((await post(gateway, '/v1/messages', MESSAGE)).status).toBe(503);
    expect(asked(gateway)).toEqual(['a', 'b', 'c', 'd']);
  });

  it('leaves no connection open behind a refusal whose end never comes, be it long or short', async () => {
    for (const length of [70_000, 0]) {
      const gateway = await startGateway({ accounts: TWO });
      let isClosed = false;
      gateway.upstream.answer = onlyA((_r, response, request) => {
        request.socket.once('close', () => {
          isClosed = true;
        });
        response.writeHead(529, { 'content-type': 'application/json' }).write(`${JSON.stringify(OVERLOADED)}${' '.repeat(length)}`);
      });
      expect((await post(gateway, '/v1/messages', MESSAGE)).json).toEqual(OK);
      await until(() => isClosed);
    }
  });

  it('reads little of a refusal that goes on for ever', async () => {
    const gateway = await startGateway({ accounts: TWO });
    let written = 0;
    gateway.upstream.answer = onlyA(async (_r, response) => {
      response.writeHead(529, { 'content-type': 'application/json' });
      while (!response.destroyed && written < 1_000_000_000) {
        written += 100_000;
        response.write(Buffer.alloc(100_000, ' '));
        await new Promise((resolve) => setImmediate(resolve));
        if (response.writableNeedDrain) await new Promise((resolve) => response.once('drain', resolve).once('close', resolve));
      }
    });
    expect((await post(gateway, '/v1/messages', MESSAGE)).json).toEqual(OK);
    await new Promise((resolve) => setTimeout(resolve, 700));
    expect(written).toBeGreaterThan(0);
    expect(written).toBeLessThan(20_000_000);
  });

  it('waits only a moment for the rest of a refusal, and judges what there is of it', async () => {
    const gateway = await startGateway({ accounts: TWO });
    const [head, tail] = [JSON.stringify(RATE_LIMITED), '   '];
    gateway.upstream.answer = onlyA((_r, response) => {
      response.writeHead(429, { 'content-type': 'application/json', 'content-length': head.length + tail.length }).write(head);
    });
    const before = Date.now();
    expect((await post(gateway, '/v1/messages', MESSAGE)).json).toEqual(OK);
    expect(Date.now() - before).toBeLessThan(4_000);
    expect(gateway.attempts()[0]?.decision.verdict.message).toBe(RATE_LIMITED.error.message);
  });

  it('gives a slow refusal of the request whole, though it was judged by its beginning', async () => {
    const gateway = await startGateway({ accounts: TWO });
    const refusal = JSON.stringify({
      type: 'error',
      error: { type: 'invalid_request_error', message: 'messages: at least one is required' },
    });
    gateway.upstream.answer = onlyA((_r, response) => {
      response.writeHead(400, { 'content-type': 'application/json' }).write(refusal.slice(0, -10));
      setTimeout(() => response.end(refusal.slice(-10)), 2_400);
    });
    const reply = await post(gateway, '/v1/messages', MESSAGE);
    expect([reply.status, reply.text]).toEqual([400, refusal]);
    expect(asked(gateway)).toEqual(['a']);
  });

  it('judges a refusal that is compressed by its status alone', async () => {
    const gateway = await startGateway({ accounts: TWO });
    gateway.upstream.answer = onlyA((_r, response) =>
      response.writeHead(429, { 'content-encoding': 'gzip' }).end(gzipSync(JSON.stringify(RATE_LIMITED))),
    );
    expect((await post(gateway, '/v1/messages', MESSAGE)).json).toEqual(OK);
    expect(gateway.attempts()[0]?.exchange.response).toMatchObject({ status: 429, body: null });
  });
});
