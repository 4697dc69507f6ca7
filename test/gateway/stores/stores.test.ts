import { statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { StartError } from '../../../examples/gateway/stores/start-error.js';
import { startOwnPostgres } from '../../support/postgres-server.js';
import { connectRedis, NO_REDIS } from '../../support/redis-server.js';
import { createTestStores, type TestStores, until } from './test-stores.js';

let test: TestStores;
beforeAll(async () => {
  test = await createTestStores();
});
afterAll(() => test.close());

describe('the stores on a shared PostgreSQL', () => {
  it('are made by several processes that start at once', async () => {
    const all = await Promise.all([1, 2, 3, 4].map(() => test.open()));
    await all[0]?.settings.set('a', 'b');
    expect(await all[3]?.settings.get('a')).toBe('b');
    expect(await Promise.all(all.map((stores) => stores.ready()))).toEqual([true, true, true, true]);
  });

  it('let whoever is first decide a fact', async () => {
    const [one, other] = await Promise.all([test.open(), test.open()]);
    const answers = await Promise.all(
      ['x', 'y', 'x', 'y'].map((value, index) => (index % 2 === 0 ? one : other).facts.claim('a fact', value)),
    );
    expect(new Set(answers).size).toBe(1);
    expect(['x', 'y']).toContain(answers[0]);
  });

  it('keep secrets encrypted, and say so when they are opened with another key', async () => {
    const stores = await test.open();
    const secret = 'planted-refresh-token-71c0';
    await stores.credentials.replace('sealed', {
      credentials: { access_token: 'planted-access-token-9e1f', refresh_token: secret },
      expiresAt: null,
    });
    expect((await stores.credentials.read('sealed'))?.credentials.refresh_token).toBe(secret);
    const { rows } = await test.postgres.pool.query('select row_to_json(c)::text as row from poolwarden_credentials c');
    expect(rows).toHaveLength(1);
    expect(rows[0].row).toContain('v1.');
    expect(rows[0].row).not.toContain('planted');
    const opening = test.open({ secretKey: new Uint8Array(32).fill(8) });
    await expect(opening).rejects.toThrow(StartError);
    await expect(opening).rejects.toThrow(/sealed with another key .* set GATEWAY_SECRET_KEY/);
  });

  it('open no secret that somebody has copied to another account', async () => {
    const stores = await test.open();
    for (const id of ['rich', 'poor'])
      await stores.credentials.replace(id, { credentials: { access_token: `token of ${id}` }, expiresAt: null });
    await test.postgres.pool.query(
      `update poolwarden_credentials set secret = (select secret from poolwarden_credentials where account_id = 'rich') where account_id = 'poor'`,
    );
    await expect(stores.credentials.read('poor')).rejects.toThrow(/sealed for another account or purpose/);
    expect((await stores.credentials.read('rich'))?.credentials).toEqual({ access_token: 'token of rich' });
  });

  it('make a key that only the owner can read, once for all processes of the folder', async () => {
    const fresh = await createTestStores();
    const [one, other] = await Promise.all([fresh.open({ secretKey: null }), fresh.open({ secretKey: null })]);
    await one.credentials.replace('a', { credentials: { access_token: 'x' }, expiresAt: null });
    expect((await other.credentials.read('a'))?.credentials).toEqual({ access_token: 'x' });
    const file = join(fresh.config.dataDir, 'secret.key');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    writeFileSync(file, 'nonsense');
    await expect(fresh.open({ secretKey: null })).rejects.toThrow(/holds no key of 32 bytes/);
    await fresh.close();
  });

  it('let one process work at a time', async () => {
    const [one, other] = await Promise.all([test.open(), test.open()]);
    let inside = 0;
    let most = 0;
    const work = async (): Promise<void> => {
      inside += 1;
      most = Math.max(most, inside);
      await sleep(20);
      inside -= 1;
    };
    await Promise.all([one.exclusively(work), other.exclusively(work), one.exclusively(work)]);
    expect(most).toBe(1);
    await expect(other.exclusively(() => Promise.reject(new Error('ours')))).rejects.toThrow('ours');
    await one.exclusively(work);
  });

  it('tell who changed an account, also when somebody else than a gateway did', async () => {
    const [one, other] = await Promise.all([test.open(), test.open()]);
    const heard: (string | null)[] = [];
    const stop = await other.accounts.subscribe((accountId) => heard.push(accountId));
    const account = { id: 'told', label: 'Told', platform: 'openai', type: 'api_key', organization: null, parent: null, project: null };
    expect(await one.accounts.add({ ...account, settings: { priority: 3 }, enabled: true })).toBe(true);
    expect(await one.accounts.add({ ...account, settings: {}, enabled: false })).toBe(false);
    await until(() => heard.includes('told'));
    heard.length = 0;
    await test.postgres.pool.query(`update gateway_accounts set label = 'By hand' where id = 'told'`);
    await until(() => heard.includes('told'));
    expect(await one.accounts.find('told')).toMatchObject({ label: 'By hand', settings: { priority: 3 }, enabled: true, version: 1 });
    await stop();
  });

  it('change one field and no other: two who change different things lose nothing', async () => {
    const [one, other] = await Promise.all([test.open(), test.open()]);
    await one.accounts.add({
      id: 'field',
      label: 'L',
      platform: 'openai',
      type: 'api_key',
      organization: 'o',
      parent: null,
      project: null,
      settings: {},
      enabled: true,
    });
    const before = await one.accounts.find('field');
    await test.postgres.pool.query(`update gateway_accounts set settings = '{"priority":9}', version = version + 1 where id = 'field'`);
    expect(await other.accounts.setEnabled('field', false)).toBe(true);
    expect(await one.accounts.find('field')).toEqual({ ...before, settings: { priority: 9 }, enabled: false, version: 3 });
    expect(await one.accounts.setEnabled('no such account', false)).toBe(false);
    expect(await one.accounts.remove('field')).toBe(true);
    expect(await one.accounts.remove('field')).toBe(false);
  });
});

it('says what is wrong where the database does not answer, or is not there, and shows no password', async () => {
  const nowhere = await test.open({ databaseUrl: 'postgres://user:planted-password@127.0.0.1:9/x' }).catch((error: unknown) => error);
  expect(nowhere).toBeInstanceOf(StartError);
  expect(String(nowhere)).toMatch(/The database cannot be used: .*ECONNREFUSED.*DATABASE_URL/);
  const missing = new URL(test.postgres.url);
  missing.pathname = '/no_such_database';
  missing.password = 'planted-password';
  const refused = await test.open({ databaseUrl: missing.href }).catch((error: unknown) => error);
  expect(String(refused)).toMatch(/The database cannot be used: database "no_such_database" does not exist/);
  expect(`${nowhere} ${refused}`).not.toContain('planted');
});

describe('readiness', () => {
  it('is lost with the database and comes back with it', async () => {
    const own = await startOwnPostgres();
    const stores = await test.open({ databaseUrl: own.url });
    expect(await stores.ready()).toBe(true);
    await own.kill9();
    expect(await stores.ready()).toBe(false);
    await own.restart();
    await until(() => stores.ready(), 5_000);
    await stores.close();
    await own.stop();
  }, 60_000);

  it('is lost where Redis does not answer, and nothing else is', async () => {
    const stores = await test.open({ redisUrl: 'redis://127.0.0.1:9' });
    expect(await stores.ready()).toBe(false);
    const began = performance.now();
    await expect(Promise.resolve(stores.tokens.get('a', 0))).rejects.toThrow();
    expect(performance.now() - began).toBeLessThan(2_000);
    await stores.settings.set('still', 'there');
    expect(await stores.settings.get('still')).toBe('there');
  });
});

const redis = await connectRedis();
describe.skipIf(redis === null)(redis === null ? `the token cache in Redis (${NO_REDIS})` : 'the token cache in Redis', () => {
  afterAll(() => redis?.close());

  it('is shared by all processes, encrypted, and so is what invalidates it', async () => {
    const redisUrl = redis?.url ?? '';
    const [one, other] = await Promise.all([test.open({ redisUrl }), test.open({ redisUrl })]);
    const id = `gateway-test-${crypto.randomUUID()}`;
    const token = 'planted-cached-token-55aa';
    await one.tokens.set(id, { token, credentialRevision: 3, until: null });
    expect((await other.tokens.get(id, 0))?.token).toBe(token);
    const keys = (await redis?.client.keys(`gateway:*${id}*`)) ?? [];
    expect(keys).toHaveLength(1);
    expect(JSON.stringify(await redis?.client.hgetall(keys[0] ?? ''))).not.toContain('planted');
    const [owner = ''] = keys;
    const sealed = String(await redis?.client.hget(owner, 'token'));
    // Neither is the cached token another account's, nor are its credentials a token.
    await test.postgres.pool.query(
      `insert into poolwarden_credentials (account_id, revision, secret, refreshable, alternates_from) values ($1, 0, $2, false, 0)`,
      [id, sealed],
    );
    await expect(one.credentials.read(id)).rejects.toThrow(/sealed for another account or purpose/);
    await one.tokens.set(`${id}-2`, { token: 'x', credentialRevision: 3, until: null });
    const [theirs = ''] = (await redis?.client.keys(`gateway:*${id}-2`)) ?? [];
    await redis?.client.hset(theirs, 'token', sealed);
    expect(await other.tokens.get(`${id}-2`, 0)).toBeNull();
    await redis?.client.del(theirs);
    await other.tokens.invalidate(id, 3);
    expect(await one.tokens.get(id, 0)).toBeNull();
    await redis?.client.del(...keys);
  });
});
