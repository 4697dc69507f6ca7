import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { createClient } from 'redis';
import { describe, expect, it, vi } from 'vitest';
import {
  createRedisCredentialRepository,
  createRedisHealthRepository,
  fromIoredis,
  fromNodeRedis,
  ioredisSubscriber,
  redisDurability,
} from '../../../src/adapters/redis.js';
import { encodeCell } from '../../../src/core/encode-cell.js';
import { compareText } from '../../../src/core/order.js';
import type { HealthPatch } from '../../../src/core/patch.js';
import { runRedisWorkload } from '../../faults-runs/redis-workload.js';
import { hold, NOW } from '../../support/accounts.js';
import { canStartRedis, NO_REDIS_SERVER, type OwnRedis, type OwnRedisOptions, startOwnRedis } from '../../support/redis-server.js';

const canStart = canStartRedis();
const skipped = canStart ? '' : ` (${NO_REDIS_SERVER})`;

async function withServer(options: OwnRedisOptions, test: (redis: Redis, server: OwnRedis) => Promise<void>): Promise<void> {
  const server = await startOwnRedis(options);
  const redis = new Redis(server.url, { retryStrategy: () => 20 });
  redis.on('error', () => undefined);
  try {
    await test(redis, server);
  } finally {
    redis.disconnect();
    await server.stop();
  }
}

const limit = (until: number): HealthPatch => [{ cell: 'rateLimit', value: hold(until) }];

describe.skipIf(!canStart)(`a Redis that is killed${skipped}`, () => {
  it('has lost nothing that it acknowledged, where it forces every write to the disk', async () => {
    const counts = { writers: 8, accounts: 24, patches: 2_000, rotations: 100, kills: 3 };
    const figures = await runRedisWorkload('always', counts);
    expect(figures).toMatchObject({ patches: 2_000, kills: 3, wrongCells: 0, brokenChains: 0, lostRotations: 0 });
    expect(figures.durability).toEqual({ kind: 'durable' });
    expect(figures.cells).toBeGreaterThan(200);
    expect(figures.rotations).toBeGreaterThanOrEqual(100);
    // Otherwise nobody was in the middle of a call when the server died, and nothing would have noticed a lost update.
    expect(figures.ambiguousPatches).toBeGreaterThan(10);
    expect(figures.controlLost).toBeGreaterThan(0);
  }, 60_000);

  it('has forgotten what it wrote nowhere: the check says so before, and limits are learnt again (fault F41)', async () => {
    await withServer({ appendfsync: 'no-persistence' }, async (redis, server) => {
      const client = fromIoredis(redis);
      const [health, credentials] = [createRedisHealthRepository(client), createRedisCredentialRepository(client)];
      expect((await redisDurability(client)).kind).toBe('not_durable');
      await health.patch('a', limit(NOW));
      await credentials.replace('a', { credentials: { refresh_token: 'r' }, expiresAt: null });
      await server.kill9();
      await server.restart();
      expect((await health.load(['a'])).size).toBe(0);
      expect(await credentials.begin('a', 0, { nonce: 'n', ttlMs: 1_000 })).toEqual({ kind: 'missing' });
      expect((await health.patch('a', limit(NOW + 1))).rateLimit?.until).toBe(NOW + 1);
    });
  });

  it('tells those who subscribed of what changed after it came back', async () => {
    await withServer({ appendfsync: 'no-persistence' }, async (redis, server) => {
      const listening = redis.duplicate();
      listening.on('error', () => undefined);
      const client = fromIoredis(redis);
      const options = { subscriber: ioredisSubscriber(listening), sweepIntervalMs: 3_600_000 };
      const told: (number | undefined)[] = [];
      const leave = await createRedisHealthRepository(client, options).subscribe(({ health }) => told.push(health?.rateLimit?.until));
      const writer = createRedisHealthRepository(client);
      for (let round = 1; round <= 3; round += 1) {
        await writer.patch('a', limit(NOW + round));
        await vi.waitFor(() => expect(told.at(-1)).toBe(NOW + round), { timeout: 5_000 });
        await server.kill9();
        await server.restart();
      }
      await leave();
      listening.disconnect();
    });
  });
});

describe.skipIf(!canStart)(`redisDurability${skipped}`, () => {
  it('a server that forces every write to the disk is durable, and one setting less is not', async () => {
    await withServer({ appendfsync: 'always' }, async (redis, server) => {
      const other = createClient({ url: server.url });
      await other.connect();
      const clients = [fromIoredis(redis), fromNodeRedis(other)];
      for (const client of clients) expect(await redisDurability(client)).toEqual({ kind: 'durable' });
      const worse = [
        ['appendfsync', 'everysec', 'always'],
        ['no-appendfsync-on-rewrite', 'yes', 'no'],
        ['maxmemory-policy', 'allkeys-lru', 'noeviction'],
      ] as const;
      for (const [parameter, bad, good] of worse) {
        await redis.config('SET', parameter, bad);
        for (const client of clients) {
          expect(await redisDurability(client)).toEqual({ kind: 'not_durable', problems: [expect.stringContaining(parameter)] });
        }
        await redis.config('SET', parameter, good);
      }
      expect(await redisDurability(fromIoredis(redis))).toEqual({ kind: 'durable' });
      other.destroy();
    });
  });

  it('one that writes down every second is not durable, and neither is one that writes nothing down', async () => {
    await withServer({ appendfsync: 'everysec' }, async (redis) => {
      expect(await redisDurability(fromIoredis(redis))).toEqual({
        kind: 'not_durable',
        problems: [expect.stringContaining('appendfsync')],
      });
    });
    await withServer({ appendfsync: 'no-persistence' }, async (redis) => {
      expect((await redisDurability(fromIoredis(redis))).kind).toBe('not_durable');
    });
  });

  it('a server that does not tell is unknown, unless what it tells is bad already', async () => {
    await withServer({ appendfsync: 'always' }, async (redis, server) => {
      await redis.call('ACL', 'SETUSER', 'managed', 'on', 'nopass', '~*', '&*', '+@all', '-config');
      const managed = new Redis(server.url, { username: 'managed', password: 'any' });
      expect(await redisDurability(fromIoredis(managed))).toEqual({ kind: 'unknown' });
      managed.disconnect();
      const client = fromIoredis(redis);
      const partly = {
        ...client,
        configGet: (parameter: string) => (parameter === 'appendonly' ? client.configGet(parameter) : Promise.reject(new Error('no'))),
      };
      expect(await redisDurability(partly)).toEqual({ kind: 'unknown' });
      await redis.config('SET', 'appendonly', 'no');
      expect((await redisDurability(partly)).kind).toBe('not_durable');
    });
  });

  it('a cluster client that cannot ask is unknown', async () => {
    const client = fromNodeRedis({ eval: async () => null, evalSha: async () => null });
    expect(await redisDurability(client)).toEqual({ kind: 'unknown' });
  });
});

/** A folder with the locale en_US.UTF-8; null where it cannot be made here. */
function makeLocale(): string | null {
  const folder = mkdtempSync(join(tmpdir(), 'poolwarden-locale-'));
  // Its warnings are no failure: it makes the locale and gives a status above 0.
  spawnSync('localedef', ['-c', '-i', 'en_US', '-f', 'UTF-8', join(folder, 'en_US.UTF-8')], { stdio: 'ignore' });
  const listed = spawnSync('sort', { input: 'ruleb\nrule.z\n', env: { LOCPATH: folder, LC_ALL: 'en_US.UTF-8', PATH: process.env.PATH } });
  if (String(listed.stdout).startsWith('ruleb')) return folder;
  rmSync(folder, { recursive: true, force: true });
  return null;
}

const locale = canStart ? makeLocale() : null;

describe.skipIf(locale === null)(
  `a Redis under another locale${locale === null ? ' (skipped: localedef cannot make en_US.UTF-8 here)' : ''}`,
  () => {
    it('compares texts by their bytes all the same', async () => {
      const environment = { LOCPATH: locale ?? '', LC_ALL: 'en_US.UTF-8' };
      await withServer({ appendfsync: 'no-persistence', environment }, async (redis) => {
        const repository = createRedisHealthRepository(fromIoredis(redis));
        // A full stop is below every letter, and this locale looks past it.
        const holds = ['rule.z', 'ruleb'].map((rule) => hold(NOW, { rule }));
        const texts = holds.map((value) => encodeCell({ cell: 'rateLimit', value }));
        expect(compareText(texts[0] ?? '', texts[1] ?? '')).toBeLessThan(0);
        expect(await redis.eval('return tostring(ARGV[1] < ARGV[2])', 0, ...texts)).toBe('false');
        for (const [id, order] of [['up', holds] as const, ['down', [...holds].reverse()] as const]) {
          for (const value of order) await repository.patch(id, [{ cell: 'rateLimit', value }]);
          expect((await repository.load([id])).get(id)?.rateLimit?.rule).toBe('ruleb');
        }
      });
      rmSync(locale ?? '', { recursive: true, force: true });
    });
  },
);
