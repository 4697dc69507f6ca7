import { describe, expect, it } from 'vitest';
import type { Authorizer } from '../../../examples/gateway/proxy/authorizer.js';
import { authorizer, type Gateway, post, startGateway, until } from './gateway.js';
import { json } from './upstream.js';

const OK = { id: 'msg_1', content: [] };

function asked({ upstream }: Gateway): readonly string[] {
  return upstream.received.map(({ accountId }) => accountId);
}

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

  it('carries out what a retry would have saved where the account cannot be authorized for it, and tells nobody else of it', async () => {
    let asked = 0;
    const once: Authorizer = {
      authorize: async (one) => {
        asked += one.account.id === 'a' ? 1 : 0;
        return one.account.id === 'a' && asked > 1
          ? { type: 'unavailable', reason: 'busy', retryAt: null, actions: [] }
          : authorizer.authorize(one);
      },
    };
    const gateway = await startGateway({ accounts: [AG, { ...AG, id: 'b', settings: { priority: 9 } }], authorizer: once });
    gateway.upstream.answer = (_r, response) => json(response, 429, quota('1h46m42s'));
    expect((await post(gateway, '/v1internal:generateContent', ASKED)).status).toBe(429);
    expect(gateway.upstream.received.map(({ accountId }) => accountId)).toEqual(['a', 'b']);
    await until(() => gateway.repository.snapshot().get('a')?.modelRateLimits.has('claude-sonnet-4-5') === true);
    expect(gateway.attempts().map(({ decision }) => decision.actions.map(({ accountId }) => accountId))).toEqual([[], ['b']]);
  });

  it('carries out what a retry would have saved where no attempt is left for it', async () => {
    const gateway = await startGateway({ accounts: [AG], limits: { attempts: 1 } });
    gateway.upstream.answer = (_r, response) => json(response, 429, quota('1h46m42s'));
    const reply = await post(gateway, '/v1internal:generateContent', ASKED);
    expect([reply.status, asked(gateway)]).toEqual([429, ['a']]);
    await until(() => gateway.repository.snapshot().get('a')?.modelRateLimits.has('claude-sonnet-4-5') === true);
  });
});
