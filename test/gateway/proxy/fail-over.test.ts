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

  it('its plain answer of status 200 is an error', async () => {
    const gateway = await startGateway({ accounts: TWO.map((one) => ({ ...one, platform: 'openai', type: 'api_key' })) });
    const hidden = { error: { message: 'The server is overloaded', type: 'service_unavailable_error', code: 'server_is_overloaded' } };
    gateway.upstream.answer = onlyA((_r, response) => json(response, 200, hidden));
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

  it('leaves no connection open behind a refusal whose end never comes', async () => {
    const gateway = await startGateway({ accounts: TWO });
    let isClosed = false;
    gateway.upstream.answer = onlyA((_r, response, request) => {
      request.socket.once('close', () => {
        isClosed = true;
      });
      response.writeHead(529, { 'content-type': 'application/json' }).write(`${JSON.stringify(OVERLOADED)}${' '.repeat(70_000)}`);
    });
    expect((await post(gateway, '/v1/messages', MESSAGE)).json).toEqual(OK);
    await until(() => isClosed);
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

  it('waits as long as the upstream says and asks once more; the model is limited only where that fails', async () => {
    const gateway = await startGateway({ accounts: [{ ...AG, settings: {} }] });
    const details = [
      { '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason: 'RATE_LIMIT_EXCEEDED', metadata: { model: 'claude-sonnet-4-5' } },
      { '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '1.2s' },
    ];
    const short = { error: { code: 429, status: 'RESOURCE_EXHAUSTED', message: 'Resource has been exhausted', details } };
    let answers = 0;
    gateway.upstream.answer = (_r, response) => json(response, answers++ === 0 ? 429 : 200, short);
    const before = Date.now();
    const reply = await post(gateway, '/v1internal:generateContent', ASKED);
    expect(gateway.attempts()[0]?.decision.disposition).toMatchObject({ type: 'retry', delayMs: 1200 });
    expect(Date.now() - before).toBeGreaterThanOrEqual(1200);
    expect(asked(gateway).length).toBeGreaterThanOrEqual(2);
    expect(reply.status).not.toBe(200);
  });

  it('carries out what a retry would have saved where no attempt is left for it', async () => {
    const gateway = await startGateway({ accounts: [AG], limits: { attempts: 1 } });
    gateway.upstream.answer = (_r, response) => json(response, 429, quota('1h46m42s'));
    const reply = await post(gateway, '/v1internal:generateContent', ASKED);
    expect([reply.status, asked(gateway)]).toEqual([429, ['a']]);
    await until(() => gateway.repository.snapshot().get('a')?.modelRateLimits.has('claude-sonnet-4-5') === true);
  });
});
