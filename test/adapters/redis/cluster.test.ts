import { Cluster, Redis } from 'ioredis';
import { createCluster } from 'redis';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { redisKeys } from '../../../src/adapters/redis/keys.js';
import {
  createRedisCredentialRepository,
  createRedisHealthRepository,
  createRedisSettings,
  createRedisTokenCache,
  fromIoredis,
  fromNodeRedis,
  ioredisSubscriber,
  type RedisClient,
} from '../../../src/adapters/redis.js';
import { DAY_MS } from '../../../src/core/time.js';
import { hold, NOW } from '../../support/accounts.js';
import { canStartRedis, NO_REDIS_SERVER, type OwnRedis, startOwnRedis } from '../../support/redis-server.js';

const canStart = canStartRedis();
const ids = Array.from({ length: 200 }, (_, at) => `account ${at} {x}`);

describe.skipIf(!canStart)(`a cluster${canStart ? '' : ` (${NO_REDIS_SERVER})`}`, () => {
  let server: OwnRedis | null = null;
  let raw: Redis | null = null;
  const clients = new Map<string, RedisClient>();
  const endings: (() => unknown)[] = [];

  beforeAll(async () => {
    server = await startOwnRedis({ appendfsync: 'no-persistence', isCluster: true });
    raw = new Redis(server.url);
    await raw.cluster('ADDSLOTSRANGE', 0, 16_383);
    await vi.waitFor(async () => expect(String(await raw?.cluster('INFO'))).toContain('cluster_state:ok'), { timeout: 10_000 });
    const ofIoredis = new Cluster([server.url]);
    const ofNodeRedis = createCluster({ rootNodes: [{ url: server.url }] });
    await ofNodeRedis.connect();
    clients.set('ioredis', fromIoredis(ofIoredis)).set('node-redis', fromNodeRedis(ofNodeRedis));
    endings.push(
      () => ofIoredis.disconnect(),
      () => ofNodeRedis.destroy(),
      () => raw?.disconnect(),
    );
  }, 30_000);

  afterAll(async () => {
    for (const end of endings) end();
    await server?.stop();
  });

  it('refuses a script whose keys lie in several slots', async () => {
    await expect(raw?.eval('return 1', 2, 'a', 'b')).rejects.toThrow(/CROSSSLOT/);
  });

  it('spreads accounts over sixteen slots, and over no more', async () => {
    const { health } = redisKeys({});
    const slots = new Set(await Promise.all(ids.map((id) => raw?.cluster('KEYSLOT', health(id)))));
    expect(slots.size).toBe(16);
  });

  it.each(['ioredis', 'node-redis'])('%s: every script keeps to one slot', async (name) => {
    const client = clients.get(name) ?? expect.fail();
    const options = { prefix: `${name}:` };
    const health = createRedisHealthRepository(client, options);
    for (const id of ids) await health.patch(id, [{ cell: 'rateLimit', value: hold(NOW) }]);
    expect((await health.load(ids)).size).toBe(ids.length);
    await health.compact(NOW + 8 * DAY_MS);
    expect((await health.load(ids)).size).toBe(0);

    const credentials = createRedisCredentialRepository(client, options);
    const next = { credentials: { refresh_token: 'r' }, expiresAt: null };
    const [id = ''] = ids;
    await credentials.replace(id, next);
    await credentials.keepAlternate(id, 0, next);
    expect((await credentials.begin(id, 0, { nonce: 'n', ttlMs: 1_000 })).kind).toBe('granted');
    expect(await credentials.promoteAlternate(id, 0, 'n')).toEqual({ revision: 1 });
    expect((await credentials.commit(id, 1, 'm', next)).kind).toBe('committed');
    await credentials.release(id, 'm');
    expect(await credentials.condemn(id, 2, 'm', 'revoked')).toBe(false);
    expect((await credentials.references(ids)).size).toBe(1);
    expect((await credentials.read(id))?.revision).toBe(2);
    await credentials.remove(id);

    const tokens = createRedisTokenCache(client, options);
    await tokens.set(id, { token: 't', credentialRevision: 1, until: null });
    await tokens.invalidate(id, 0);
    expect((await tokens.get(id, NOW))?.token).toBe('t');
    const settings = createRedisSettings(client, options);
    await settings.set('a', 'b');
    expect(await settings.get('a')).toBe('b');
  });

  it('tells of changes in every partition', async () => {
    const listening = new Redis(server?.url ?? '');
    const told = new Set<string>();
    const health = createRedisHealthRepository(clients.get('ioredis') ?? expect.fail(), {
      prefix: 'news:',
      subscriber: ioredisSubscriber(listening),
    });
    const leave = await health.subscribe(({ accountId }) => told.add(accountId));
    for (const id of ids) await health.patch(id, [{ cell: 'rateLimit', value: hold(NOW) }]);
    await vi.waitFor(() => expect(told.size).toBe(ids.length));
    await leave();
    listening.disconnect();
  });
});
