import { createEngine, EMPTY_HEALTH, schedulability } from 'poolwarden';
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

describe('accounts', () => {
  it('are shown with their view', async () => {
    const { json } = await one.call('/admin/overview');
    expect(json.counts).toEqual({ active: ACCOUNTS.length });
    expect(json.nextRecoveryAt).toBeNull();
    expect(json.series).toHaveLength(30);
    const row: AccountRow = json.accounts.find(({ id }: AccountRow) => id === 'key');
    expect(row).toMatchObject({
      label: 'A key',
      platform: 'openai',
      type: 'api_key',
      enabled: true,
      parent: null,
      usage: null,
      lastUsedAt: null,
    });
    expect(row.view).toMatchObject({ accountId: 'key', status: 'active', badges: [], blockers: [], until: null });
  });

  it('are switched off and on, in every process within a second', async () => {
    expect((await post('key/disable')).json).toMatchObject({ enabled: false, view: { status: 'disabled' } });
    await until(() => other.directory.find('key')?.account.settings.enabled === false);
    expect((await one.call('/admin/overview')).json.counts).toEqual({ active: ACCOUNTS.length - 1, disabled: 1 });
    expect((await post('key/enable')).json).toMatchObject({ enabled: true, view: { status: 'active' } });
    await until(() => other.directory.find('key')?.account.settings.enabled === true);
  });

  it('are recovered by a person', async () => {
    const engine = createEngine({ health: other.stores.health });
    const hold = { until: Date.now() + 60_000, rule: 'test', kind: 'quota', detail: '', generation: 0, credentialRevision: -1 } as const;
    await engine.apply([{ type: 'set_rate_limited', accountId: 'key', ...hold }]);
    await until(() => one.directory.find('key')?.account.health.rateLimit?.until === hold.until);
    const { json } = await one.call('/admin/overview');
    expect(json.counts).toMatchObject({ rate_limited: 1 });
    expect(json.nextRecoveryAt).toBe(hold.until);
    expect((await post('key/recover')).json.view.status).toBe('active');
    await until(() => other.directory.find('key')?.account.health.rateLimit?.until === 0);
  });

  it('are imported all or not at all, with what is wrong for each entry', async () => {
    const body = [
      { id: 'new', platform: 'openai', type: 'api_key', credentials: { api_key: 'planted-new' } },
      { id: 'bad', platform: 'x', type: 'api_key', credentials: { api_key: 'planted-bad' } },
      1,
    ];
    const { status, json } = await one.call('/admin/accounts', { method: 'POST', body });
    expect(status).toBe(400);
    expect(json.error.code).toBe('invalid_accounts');
    expect(json.error.issues).toEqual([
      { path: '1.platform', message: 'must be anthropic, openai, gemini or antigravity' },
      { path: '2', message: 'must be an object' },
    ]);
    expect(one.directory.find('new')).toBeUndefined();
    const again = await one.call('/admin/accounts', { method: 'POST', body: ACCOUNTS.slice(0, 1) });
    expect([again.status, again.json]).toEqual([201, { added: [], existing: ['key'] }]);
  });

  it('get new credentials, and every process uses them', async () => {
    const put = (body: unknown) => one.call('/admin/accounts/key/credentials', { method: 'PUT', body });
    expect((await put({ api_key: 'a b' })).json.error.issues).toEqual([
      { path: 'credentials.api_key', message: 'must have neither blanks nor special characters' },
    ]);
    expect((await put({ api_key: 'planted-second-key' })).status).toBe(200);
    await until(() => other.directory.find('key')?.account.credential.revision === 1);
    upstream.says = () => ({ body: { id: 'r' } });
    await other.call('/admin/accounts/key/test', { method: 'POST' });
    expect(upstream.asked[0]?.headers.authorization).toBe('Bearer planted-second-key');
  });

  it('are removed with their secrets, unless others live of them', async () => {
    const list = [
      { id: 'parent', platform: 'anthropic', type: 'oauth', credentials: { access_token: 'planted-parent' } },
      { id: 'child', platform: 'anthropic', type: 'oauth', parent: 'parent' },
    ];
    await one.call('/admin/accounts', { method: 'POST', body: list });
    const rows: readonly AccountRow[] = (await one.call('/admin/overview')).json.accounts;
    expect(rows.filter(({ id }) => id === 'parent' || id === 'child').map(({ parent }) => parent)).toEqual(['parent', null]);
    const remove = (id: string) => one.call(`/admin/accounts/${id}`, { method: 'DELETE' });
    expect((await remove('parent')).json.error).toMatchObject({ code: 'has_children' });
    const credentials = await one.call('/admin/accounts/child/credentials', { method: 'PUT', body: { access_token: 'x' } });
    expect([credentials.status, credentials.json.error.code]).toEqual([409, 'has_parent']);
    expect((await remove('child')).status).toBe(204);
    expect((await remove('parent')).status).toBe(204);
    expect((await remove('parent')).status).toBe(404);
    expect(await one.stores.credentials.read('parent')).toBeNull();
    await until(() => other.directory.find('parent') === undefined);
  });

  it('that are removed and imported again begin anew, whatever another process still finds out about the old ones', async () => {
    const again = { id: 'again', platform: 'openai', type: 'api_key', credentials: { api_key: 'planted-again' } };
    const load = async () => (await other.stores.health.load(['again'])).get('again') ?? EMPTY_HEALTH;
    const add = async (): Promise<void> => {
      expect((await one.call('/admin/accounts', { method: 'POST', body: [again] })).json.added).toEqual(['again']);
      await until(() => other.directory.find('again')?.account.credential.revision != null);
    };
    await add();
    const hold = { until: Date.now() + 3_600_000, rule: 'test', kind: 'quota', detail: '', generation: 0, credentialRevision: -1 } as const;
    const samples = { '5h': { utilization: 0.99, resetAt: hold.until, sampledAt: Date.now() + 60_000 } };
    await other.engine.apply([
      { type: 'set_rate_limited', accountId: 'again', ...hold },
      { type: 'set_model_rate_limit', accountId: 'again', model: 'gpt-5', ...hold },
      { type: 'record_usage', accountId: 'again', samples },
    ]);
    // Requests of the other process that were under way before the removal: their answers come after it.
    const account = other.directory.find('again')?.account;
    if (account === undefined) throw new Error('no account');
    const late = async (): Promise<number> => {
      const response = {
        status: 429,
        headers: {},
        body: '{"error":{"message":"You exceeded your current quota","code":"insufficient_quota"}}',
      };
      const observed = other.engine.observe({ account, model: 'gpt-5', response, receivedAt: Date.now() });
      expect(observed.decision.actions.map(({ type }) => type)).toEqual(['set_error']);
      return (await observed.saved).voided.length;
    };
    expect((await one.call('/admin/accounts/again', { method: 'DELETE' })).status).toBe(204);
    expect(await late()).toBe(1);
    await add();
    expect(await late()).toBe(1);
    const fresh = { ...account, health: await load() };
    expect(schedulability(fresh, { model: 'gpt-5', now: Date.now() })).toMatchObject({ schedulable: true });
    expect(fresh.health.usage.get('5h')?.utilization).toBeNull();
    const { json } = await one.call('/admin/overview');
    expect(json.accounts.find(({ id }: AccountRow) => id === 'again').view.status).toBe('active');
  });

  it('whose secrets are removed are served by no process any more', async () => {
    upstream.says = () => ({ body: { id: 'r' } });
    const test = () => other.call('/admin/accounts/key/test', { method: 'POST' });
    expect((await test()).json.ok).toBe(true);
    await one.stores.credentials.remove('key');
    await until(() => other.directory.find('key')?.account.credential.revision === null);
    expect((await test()).json.message).toBe('No request was sent: the account cannot be used now: missing.');
    await one.call('/admin/accounts/key/credentials', { method: 'PUT', body: { api_key: 'planted-third-key' } });
  });

  it('that are not there are not found', async () => {
    for (const action of ['enable', 'disable', 'recover', 'test', 'usage']) expect((await post(`nobody/${action}`)).status).toBe(404);
    expect((await one.call('/admin/accounts/nobody/credentials', { method: 'PUT', body: {} })).status).toBe(404);
  });
});

it('no answer of all these has shown a secret, or the admin token', () => {
  expect(one.said.length).toBeGreaterThan(30);
  const all = pair.said();
  expect(all).toContain('A key');
  expect(all).not.toContain('planted');
  expect(all).not.toContain(one.announced[0]);
});
