import { once } from 'node:events';
import { gzipSync } from 'node:zlib';
import type { HealthRepository } from 'poolwarden';
import { describe, expect, it } from 'vitest';
import type { Authorization } from '../../../examples/gateway/proxy/authorizer.js';
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

describe('what the engine decided', () => {
  it('counts at once, also while the store does not answer', async () => {
    const store = new AbortController();
    const patch = async (): Promise<never> => {
      if (!store.signal.aborted) await once(store.signal, 'abort');
      throw new Error('the store is gone');
    };
    const gateway = await startGateway({ accounts: TWO, store: ({ load }) => ({ load, patch }) });
    gateway.upstream.answer = onlyA((_r, response) => json(response, 529, OVERLOADED));
    for (let count = 0; count < 3; count += 1) expect((await post(gateway, '/v1/messages', MESSAGE)).status).toBe(200);
    expect(asked(gateway)).toEqual(['a', 'b', 'b', 'b']);
    store.abort();
  });

  it('comes back from the store with what other processes know', async () => {
    const gateway = await startGateway({ accounts: TWO });
    const elsewhere = {
      generation: 0,
      credentialRevision: -1,
      until: Date.now() + 9_000,
      rule: 'rate_limited',
      kind: 'quota',
      detail: '',
    } as const;
    await gateway.repository.patch('a', [{ cell: 'rateLimit', value: elsewhere }]);
    gateway.upstream.answer = onlyA((_r, response) => json(response, 529, OVERLOADED));
    await post(gateway, '/v1/messages', MESSAGE);
    await until(() => gateway.directory.find('a')?.account.health.rateLimit?.until === elsewhere.until);
  });

  it('is noticed where it cannot be written, without a word of the store’s', async () => {
    const store = (): HealthRepository => ({ load: async () => new Map(), patch: () => Promise.reject(new Error('password=hunter2')) });
    const gateway = await startGateway({ accounts: TWO, store });
    gateway.upstream.answer = onlyA((_r, response) => json(response, 529, OVERLOADED));
    expect((await post(gateway, '/v1/messages', MESSAGE)).status).toBe(200);
    await until(() => gateway.events.some((event) => event.type === 'notice'));
    expect(gateway.events.filter(({ type }) => type === 'notice')).toMatchObject([
      { level: 'error', code: 'write_failed', detail: 'set_overloaded of a' },
    ]);
  });
});

describe('the same account again', () => {
  const AG = { id: 'a', platform: 'antigravity', projectId: 'p', settings: { allowOverages: true } };
  const ASKED = { model: 'claude-sonnet-4-5', request: { contents: [] } };
  const quota = (delay: string) => ({
    error: {
      code: 429,
      status: 'RESOURCE_EXHAUSTED',
      message: 'You have exhausted your capacity on this model.',
      details: [
        {
          '@type': 'type.googleapis.com/google.rpc.ErrorInfo',
          reason: 'QUOTA_EXHAUSTED',
          domain: 'cloudcode-pa.googleapis.com',
          metadata: { quotaResetDelay: delay, model: 'claude-sonnet-4-5' },
        },
      ],
    },
  });
  const withCredits = (text: string): boolean => text.includes('"enabledCreditTypes":["GOOGLE_ONE_AI"]');

  it('pays with credits when the quota is spent, first by a retry and then at once', async () => {
    const gateway = await startGateway({ accounts: [AG] });
    gateway.upstream.answer = ({ text }, response) =>
      withCredits(text) ? json(response, 200, OK) : json(response, 429, quota('1h46m42s'));
    expect((await post(gateway, '/v1internal:generateContent', ASKED)).json).toEqual(OK);
    expect(gateway.upstream.received.map(({ text }) => withCredits(text))).toEqual([false, true]);
    expect(
      gateway.attempts().map(({ exchange }) => [exchange.attempt, exchange.withCredits, exchange.previous?.disposition.type]),
    ).toContainEqual([2, true, 'retry']);
  });

  it('sends an account at once with credits where its quota is known to be spent, and clears their mark when they prove good', async () => {
    const until = Date.now() + 3_600_000;
    const modelRateLimits = {
      'claude-sonnet-4-5': { until, rule: 'google_quota_exhausted', kind: 'quota' as const },
    };
    const gateway = await startGateway({ accounts: [{ ...AG, health: { modelRateLimits } }] });
    expect((await post(gateway, '/v1internal:generateContent', ASKED)).status).toBe(200);
    expect(gateway.upstream.received.map(({ text }) => withCredits(text))).toEqual([true]);
    expect(gateway.attempts().map(({ exchange }) => exchange.phase)).toEqual(['headers', 'complete']);
  });

  it('prefers an account that needs no credits', async () => {
    const modelRateLimits = {
      'claude-sonnet-4-5': { until: Date.now() + 3_600_000, rule: 'google_quota_exhausted', kind: 'quota' as const },
    };
    const gateway = await startGateway({
      accounts: [
        { ...AG, health: { modelRateLimits } },
        { ...AG, id: 'b', settings: { priority: 9 } },
      ],
    });
    for (let count = 0; count < 3; count += 1) await post(gateway, '/v1internal:generateContent', ASKED);
    expect(asked(gateway)).toEqual(['b', 'b', 'b']);
  });

  it('marks the credits and the model where credits do not help either', async () => {
    const gateway = await startGateway({ accounts: [AG] });
    const noCredits = { error: { code: 403, status: 'PERMISSION_DENIED', message: 'Insufficient GOOGLE_ONE_AI credits' } };
    gateway.upstream.answer = ({ text }, response) =>
      withCredits(text) ? json(response, 403, noCredits) : json(response, 429, quota('1h46m42s'));
    const reply = await post(gateway, '/v1internal:generateContent', ASKED);
    expect(reply.status).toBe(429);
    expect([...(gateway.directory.find('a')?.account.health.modelRateLimits.keys() ?? [])].sort()).toEqual([
      'AICredits',
      'claude-sonnet-4-5',
    ]);
  });

  for (const helps of [true, false]) {
    it(`waits as long as the upstream says and asks once more, which ${helps ? 'helps' : 'limits the model if it fails too'}`, async () => {
      const gateway = await startGateway({ accounts: [{ ...AG, settings: {} }] });
      const details = [
        { '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason: 'RATE_LIMIT_EXCEEDED', metadata: { model: ASKED.model } },
        { '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '1.2s' },
      ];
      const short = { error: { code: 429, status: 'RESOURCE_EXHAUSTED', message: 'Resource has been exhausted', details } };
      gateway.upstream.answer = (_r, response) => {
        const isAnswered = helps && gateway.upstream.received.length > 1;
        json(response, isAnswered ? 200 : 429, isAnswered ? OK : short);
      };
      const before = Date.now();
      const reply = await post(gateway, '/v1internal:generateContent', ASKED);
      expect(Date.now() - before).toBeGreaterThanOrEqual(1_200);
      expect([reply.status, reply.headers['retry-after'], asked(gateway)]).toEqual([
        helps ? 200 : 429,
        helps ? undefined : '2',
        ['a', 'a'],
      ]);
      expect(gateway.directory.find('a')?.account.health.modelRateLimits.has(ASKED.model)).toBe(!helps);
    });
  }

  it('carries out what a retry would have saved where no attempt is left for it', async () => {
    const gateway = await startGateway({ accounts: [AG], limits: { attempts: 1 } });
    gateway.upstream.answer = (_r, response) => json(response, 429, quota('1h46m42s'));
    const reply = await post(gateway, '/v1internal:generateContent', ASKED);
    expect([reply.status, asked(gateway)]).toEqual([429, ['a']]);
    await until(() => gateway.repository.snapshot().get('a')?.modelRateLimits.has('claude-sonnet-4-5') === true);
  });
});
