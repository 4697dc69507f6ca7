/** Stores that are gone: what a request waits for them. */
import { defineAccount } from 'poolwarden';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { createStaticSecrets } from '../../../examples/gateway/accounts/static-secrets.js';
import { startOwnPostgres } from '../../support/postgres-server.js';
import { canStartRedis, NO_REDIS_SERVER, type OwnRedis, startOwnRedis } from '../../support/redis-server.js';
import { createTestStores, type TestStores, until } from './test-stores.js';

let test: TestStores;
beforeAll(async () => {
  test = await createTestStores();
});
afterAll(() => test.close());

/** How long until it settles, in milliseconds. */
async function lasts(work: () => unknown): Promise<number> {
  const begun = performance.now();
  await Promise.resolve(work()).catch(() => undefined);
  return performance.now() - begun;
}

/** The longest of some reads of the token cache, one after the other. */
async function slowest(reads: number, read: () => unknown): Promise<number> {
  let longest = 0;
  for (let count = 0; count < reads; count += 1) longest = Math.max(longest, await lasts(read));
  return longest;
}

async function ownRedis(): Promise<OwnRedis> {
  const redis = await startOwnRedis({ appendfsync: 'no-persistence' });
  onTestFinished(() => redis.stop());
  return redis;
}

describe('PostgreSQL that falls silent', () => {
  const KEY = { id: 'key', platform: 'openai', type: 'api_key' } as const;
  const revision = (of: number) => ({ ...defineAccount(KEY), credential: { revision: of, expiresAt: null, refreshable: false } });

  it('keeps a request waiting for two seconds at most, and nobody for a secret that is known', async () => {
    const postgres = await startOwnPostgres();
    onTestFinished(() => postgres.stop());
    const stores = await test.open({ databaseUrl: postgres.url });
    await stores.credentials.replace('key', { credentials: { api_key: 'a-key' }, expiresAt: null });
    const statics = createStaticSecrets(stores.credentials);
    await statics.read(revision(0));
    postgres.freeze();
    expect(await lasts(() => statics.read(revision(0)))).toBeLessThan(250);
    const waited = await lasts(() => statics.read(revision(1)));
    console.log(`a read of a secret that is not known, of a database that is silent: ${Math.round(waited)} ms`);
    expect(waited).toBeGreaterThan(1_900);
    expect(waited).toBeLessThan(3_500);
    // Nor does the end of the gateway wait for it.
    expect(await lasts(() => stores.close())).toBeLessThan(4_000);
  }, 60_000);
});

const canStart = canStartRedis();
describe.skipIf(!canStart)(canStart ? 'Redis' : `Redis (${NO_REDIS_SERVER})`, () => {
  it('that was killed keeps no request waiting, and serves again when it is back', async () => {
    const redis = await ownRedis();
    const stores = await test.open({ redisUrl: redis.url });
    const token = { token: 'a-token', credentialRevision: 1, until: null };
    await stores.tokens.set('a', token);
    await redis.kill9();
    const longest = await slowest(50, () => stores.tokens.get('a', 0));
    console.log(`a read of a cache that is gone: ${Math.round(longest)} ms at most`);
    expect(longest).toBeLessThan(250);
    await expect(Promise.resolve(stores.tokens.get('a', 0))).rejects.toThrow();
    await redis.restart();
    await until(() => stores.ready(), 5_000);
    await stores.tokens.set('a', token);
    expect(await stores.tokens.get('a', 0)).toEqual(token);
  });

  it('that falls silent keeps those waiting who had asked, and nobody after them', async () => {
    const redis = await ownRedis();
    const stores = await test.open({ redisUrl: redis.url });
    await stores.tokens.get('a', 0);
    redis.freeze();
    const first = await lasts(() => stores.tokens.get('a', 0));
    expect(first).toBeLessThan(1_500);
    const longest = await slowest(50, () => stores.tokens.get('a', 0));
    console.log(`a read of a cache that is silent: ${Math.round(first)} ms, then ${Math.round(longest)} ms at most`);
    expect(longest).toBeLessThan(250);
    redis.thaw();
    await until(() => stores.ready(), 5_000);
  });

  it('that is not there at the start is used as soon as it is', async () => {
    const redis = await ownRedis();
    await redis.kill9();
    const stores = await test.open({ redisUrl: redis.url });
    expect(await stores.ready()).toBe(false);
    await redis.restart();
    await until(() => stores.ready(), 5_000);
    expect(await stores.tokens.get('a', 0)).toBeNull();
  });

  it('that is there serves from the first request on', async () => {
    const redis = await ownRedis();
    const stores = await test.open({ redisUrl: redis.url });
    expect(await stores.tokens.get('a', 0)).toBeNull();
  });
});
