import { type CredentialRef, createEngine, schedulability } from 'poolwarden';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDirectory, type LiveDirectory } from '../../../examples/gateway/accounts/directory.js';
import { importAccounts } from '../../../examples/gateway/accounts/import-accounts.js';
import { createKnowledge } from '../../../examples/gateway/accounts/knowledge.js';
import type { Stores } from '../../../examples/gateway/stores/open-stores.js';
import { createTestStores, ORIGINS, type TestStores, until } from '../stores/test-stores.js';

const key = (id: string): object => ({ id, platform: 'openai', type: 'api_key', credentials: { api_key: `key-of-${id}` } });

/** A gateway process, as far as the directory goes. */
interface Process {
  readonly stores: Stores;
  readonly directory: LiveDirectory;
  readonly changes: string[];
}

let test: TestStores;
let one: Process;
let other: Process;

async function start(): Promise<Process> {
  const stores = await test.open();
  // So rarely that only news can be what tells.
  const directory = await createDirectory({ stores, origins: { ...ORIGINS, chatgpt: 'https://chatgpt.test' }, reloadMs: 3_600_000 });
  const changes: string[] = [];
  directory.onChange((accountIds) => changes.push(...accountIds));
  return { stores, directory, changes };
}

beforeAll(async () => {
  test = await createTestStores();
  await importAccounts([key('a'), key('b')], await test.open());
  [one, other] = await Promise.all([start(), start()]);
});
afterAll(async () => {
  await Promise.all([one, other].map(({ directory }) => directory.close()));
  await test.close();
});

describe('two processes on one store', () => {
  it('know what is there', () => {
    expect(one.directory.accounts().map(({ account }) => account.id)).toEqual(['a', 'b']);
    expect(one.directory.accounts()).toBe(one.directory.accounts());
    expect(one.directory.find('a')?.account.credential).toEqual({ revision: 0, expiresAt: null, refreshable: false });
    expect(one.directory.find('nobody')).toBeUndefined();
  });

  it('agree within a second about an account that is added, switched off, given a new key, or removed', async () => {
    await importAccounts([key('c')], one.stores);
    await until(() => other.directory.find('c')?.account.credential.revision === 0);
    expect(other.directory.accounts()).toHaveLength(3);
    await one.stores.accounts.setEnabled('c', false);
    await until(() => other.directory.find('c')?.account.settings.enabled === false);
    await one.stores.credentials.replace('c', { credentials: { api_key: 'next' }, expiresAt: null });
    await until(() => other.directory.find('c')?.account.credential.revision === 1);
    await one.stores.accounts.remove('c');
    await until(() => other.directory.find('c') === undefined && one.directory.find('c') === undefined);
    expect(other.directory.accounts()).toHaveLength(2);
  });

  it('see a hold of one in the other within a second, and the clear that ends it', async () => {
    const engine = createEngine({ health: one.stores.health });
    const account = one.directory.find('a')?.account;
    if (account === undefined) throw new Error('no account');
    const receivedAt = Date.now();
    const response = { status: 401, headers: {}, body: '{"error":{"message":"Incorrect API key provided","code":"invalid_api_key"}}' };
    const { health } = await engine.observe({ account, model: 'gpt-5', response, receivedAt }).saved;
    one.directory.takeHealth(health);
    const serves = ({ directory }: Process): boolean => {
      const found = directory.find('a')?.account;
      return found !== undefined && schedulability(found, { model: 'gpt-5', now: receivedAt }).schedulable;
    };
    expect(serves(one)).toBe(false);
    await until(() => !serves(other));
    const held = other.directory.find('a')?.account;
    if (held === undefined) throw new Error('no account');
    await createEngine({ health: other.stores.health }).recover(held);
    await until(() => serves(one) && serves(other));
  });

  it('are told nothing where nothing changed', async () => {
    await other.directory.reload();
    other.changes.length = 0;
    const list = other.directory.accounts();
    await other.directory.reload();
    const health = other.directory.find('a')?.account.health;
    if (health !== undefined) other.directory.takeHealth(new Map([['a', health]]));
    expect(other.changes).toEqual([]);
    expect(other.directory.accounts()).toBe(list);
  });

  it('find out after a lost connection what was missed meanwhile', async () => {
    const kill = `select pg_terminate_backend(pid) from pg_stat_activity where query like 'listen %gateway_${test.postgres.schema}%' or query = 'listen gateway_${test.postgres.schema}'`;
    const { rowCount } = await test.postgres.pool.query(kill);
    expect(rowCount).toBeGreaterThanOrEqual(2);
    await importAccounts([key('missed')], one.stores);
    await until(() => other.directory.find('missed')?.account.credential.revision === 0, 3_000);
  });
});

describe('the directory', () => {
  it('lets late news of an old revision change nothing, and keeps news that come before their row', () => {
    const knowledge = createKnowledge(ORIGINS);
    const reference = (revision: number): CredentialRef => ({ revision, expiresAt: null, refreshable: false });
    const record = { id: 'a', label: 'a', platform: 'openai', type: 'api_key', organization: null, parent: null, project: null };
    expect(knowledge.takeCredentials([['a', reference(2)]])).toEqual(['a']);
    expect(knowledge.accounts()).toEqual([]);
    expect(knowledge.takeRecords([{ ...record, settings: {}, enabled: true, version: 1 }])).toEqual(['a']);
    expect(knowledge.find('a')?.account.credential.revision).toBe(2);
    expect(knowledge.takeCredentials([['a', reference(1)]])).toEqual([]);
    expect(knowledge.find('a')?.account.credential.revision).toBe(2);
    expect(knowledge.takeCredentials([['a', reference(3)]])).toEqual(['a']);
    expect(knowledge.find('a')?.account.credential.revision).toBe(3);
    expect(knowledge.takeRecords([])).toEqual(['a']);
    expect(knowledge.accounts()).toEqual([]);
  });

  it('gives shadows their parent, with the parent’s newest health', async () => {
    const parent = { id: 'parent', platform: 'openai', type: 'oauth', credentials: { access_token: 'x', refresh_token: 'y' } };
    await importAccounts([{ id: 'child', platform: 'openai', type: 'oauth', parent: 'parent' }, parent], one.stores);
    await until(() => other.directory.find('child')?.account.parent?.credential.refreshable === true);
    expect(other.directory.find('child')?.baseUrl).toBe('https://chatgpt.test/backend-api/codex');
    const engine = createEngine({ health: one.stores.health });
    await engine.apply([{ type: 'request_refresh', accountId: 'parent', credentialRevision: 0 }]);
    await until(() => other.directory.find('child')?.account.parent?.health.refreshRequestedFor === 0);
    await one.stores.accounts.remove('parent');
    await until(() => other.directory.find('parent') === undefined);
    await until(() => other.directory.find('child')?.account.settings.enabled === false);
  });

  it('shows a row whose settings somebody broke by hand as switched off, and leaves out one that no platform has', async () => {
    await importAccounts([key('broken'), key('strange')], one.stores);
    await test.postgres.pool.query(`update gateway_accounts set settings = '{"priority":"high"}' where id = 'broken'`);
    await test.postgres.pool.query(`update gateway_accounts set platform = 'nowhere' where id = 'strange'`);
    await until(() => one.directory.find('broken')?.account.settings.enabled === false && one.directory.find('strange') === undefined);
  });

  it('rejects where the store does not answer at the start, and leaves nothing behind', async () => {
    const stores = await test.open();
    const failing = { ...stores, health: { ...stores.health, load: () => Promise.reject(new Error('the store is down')) } };
    await expect(createDirectory({ stores: failing, origins: ORIGINS })).rejects.toThrow('the store is down');
  });
});
