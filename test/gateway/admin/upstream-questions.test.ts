import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import type { AccountRow } from '../../../examples/gateway/admin/account-rows.js';
import { until } from '../stores/test-stores.js';
import { startAdminPair } from './admin-pair.js';
import { ACCOUNTS } from './planted-accounts.js';

const pair = await startAdminPair(ACCOUNTS);
const { upstream, one, other, post } = pair;
afterAll(pair.close);
beforeEach(() => {
  upstream.asked.length = 0;
});

describe('the connection test', () => {
  it('sends a small real request, and a success lifts what held the account', async () => {
    const at = Date.now();
    const error = {
      kind: 'forbidden',
      message: 'Access forbidden (403)',
      link: null,
      rule: 'test',
      at,
      generation: 0,
      credentialRevision: -1,
    } as const;
    one.directory.takeHealth((await one.engine.apply([{ type: 'set_error', accountId: 'max', ...error }])).health);
    expect(one.directory.find('max')?.account.health.errors.get('forbidden')?.at).toBe(at);
    upstream.says = () => ({ body: { type: 'message', content: [] } });
    const { json } = await post('max/test');
    expect(json).toMatchObject({
      ok: true,
      status: 200,
      verdict: { kind: 'ok' },
      message: 'The account works.',
      account: { view: { status: 'active' } },
    });
    expect(upstream.asked).toHaveLength(1);
    expect(upstream.asked[0]).toMatchObject({
      method: 'POST',
      path: '/v1/messages',
      headers: { authorization: 'Bearer planted-access', 'anthropic-version': '2023-06-01' },
    });
    await until(() => other.directory.find('max')?.account.health.errors.get('forbidden')?.at === 0);
  });

  it.each([
    ['key', '/v1/responses', 'gpt-5-nano'],
    ['max', '/v1/messages', 'claude-haiku-4-5'],
    ['setup', '/v1/messages', 'claude-haiku-4-5'],
    ['codex', '/backend-api/codex/responses', 'gpt-5-codex'],
    ['google', '/v1internal:generateContent', 'gemini-2.5-flash'],
    ['gravity', '/v1internal:generateContent', 'gemini-3-flash'],
  ])('asks for %s at %s', async (id, path, model) => {
    upstream.says = () => ({ body: {} });
    expect((await post(`${id}/test`)).json).toMatchObject({ ok: true, model });
    expect(upstream.asked[0]?.path).toBe(path);
    expect(JSON.parse(upstream.asked[0]?.body ?? '').model).toBe(model);
  });

  it('takes another model, and refuses what is no name', async () => {
    upstream.says = () => ({ body: {} });
    expect((await post('key/test', { model: 'gpt-5.1' })).json.model).toBe('gpt-5.1');
    expect((await post('key/test', { model: 7 })).json.error.issues[0].path).toBe('model');
  });

  it('tells a refusal, holds the account for it, and shows no secret though the upstream repeats it', async () => {
    upstream.says = ({ headers }) => ({
      status: 401,
      body: { error: { message: `Incorrect API key provided: ${headers.authorization}`, code: 'invalid_api_key' } },
    });
    const { json, text } = await post('key/test');
    expect(json).toMatchObject({
      ok: false,
      status: 401,
      verdict: { rule: 'connection_test_401' },
      account: { view: { status: 'error' } },
    });
    expect(text).toContain('Incorrect API key provided');
    expect(text).not.toContain('planted');
    await post('key/recover');
  });

  it('tells that no answer came', async () => {
    upstream.says = () => null;
    expect((await post('key/test')).json).toMatchObject({ ok: false, status: null, verdict: { kind: 'transport' } });
    await one.stores.credentials.remove('codex');
    await one.stores.tokens.invalidate('codex', 99);
    expect((await post('codex/test')).json).toMatchObject({
      ok: false,
      status: null,
      verdict: null,
      message: 'No request was sent: the account cannot be used now: missing.',
    });
  });
});

describe('usage', () => {
  const usageOf = async (id: string): Promise<AccountRow> => (await post(`${id}/usage`)).json;
  const resetsAt = new Date(Date.now() + 3_600_000).toISOString();

  it('is asked for once in three minutes, whoever wants it', async () => {
    upstream.says = () => ({
      body: { five_hour: { utilization: 61, resets_at: resetsAt }, seven_day: { utilization: 22, resets_at: resetsAt } },
    });
    const rows = await Promise.all([usageOf('max'), usageOf('max'), usageOf('max')]);
    await usageOf('max');
    expect(upstream.asked.map(({ method, path }) => `${method} ${path}`)).toEqual(['GET /api/oauth/usage']);
    for (const { usage, view } of rows) {
      expect(usage).toMatchObject({ errorCode: null, error: null });
      expect(view.windows.map(({ name, percentText }) => `${name} ${percentText}`)).toEqual(['5h 61%', '7d 22%']);
    }
    await until(() => other.directory.find('max')?.account.health.usage.get('5h')?.utilization === 0.61);
    expect((await one.call('/admin/overview')).json.accounts.find(({ id }: AccountRow) => id === 'max').usage).toEqual(rows[0]?.usage);
  });

  it('of Google comes from two endpoints, of which one may fail', async () => {
    upstream.says = ({ path }) =>
      path.endsWith('loadCodeAssist')
        ? {
            body: {
              paidTier: {
                id: 'g1-pro-tier',
                availableCredits: [{ creditType: 'GOOGLE_ONE_AI', creditAmount: '25', minimumCreditAmountForUsage: '5' }],
              },
            },
          }
        : { status: 500, body: {} };
    const { usage, view } = await usageOf('gravity');
    expect(upstream.asked.map(({ path }) => path).sort()).toEqual(['/v1internal:fetchAvailableModels', '/v1internal:loadCodeAssist']);
    expect(upstream.asked.every(({ body }) => body.includes('p-2'))).toBe(true);
    expect(usage).toMatchObject({ errorCode: 'network_error', credits: [{ amount: 25, minimum: 5 }] });
    expect(view.tierLabel).toBe('Pro');
  });

  it('degrades instead of failing, and shows no secret', async () => {
    upstream.says = ({ headers }) => ({
      status: 403,
      body: {
        error: {
          code: 403,
          message: `Verify your account to continue. ${headers.authorization}`,
          status: 'PERMISSION_DENIED',
          details: [{ reason: 'VALIDATION_REQUIRED' }],
        },
      },
    });
    const { usage, view } = await usageOf('google');
    expect(usage?.errorCode).toBe('forbidden');
    expect(view.badges.map(({ kind }) => kind)).toContain('needs_verification');
    upstream.says = () => null;
    expect((await post('google/usage')).status).toBe(200);
  });

  it('of keys and setup tokens is what their answers have said: nobody is asked', async () => {
    expect((await usageOf('key')).usage).toMatchObject({ error: null });
    expect((await usageOf('setup')).usage).toMatchObject({ error: null });
    expect(upstream.asked).toEqual([]);
  });
});

it('no answer of all these has shown a secret, or the admin token', () => {
  expect(one.said.length).toBeGreaterThan(30);
  const all = pair.said();
  expect(all).toContain('A key');
  expect(all).not.toContain('planted');
  expect(all).not.toContain(one.announced[0]);
});
