import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { redisKeys } from '../../../src/adapters/redis/keys.js';
import { createRedisHealthRepository, type RedisHealthRepository } from '../../../src/adapters/redis.js';
import { encodeCell } from '../../../src/core/encode-cell.js';
import { EMPTY_HEALTH, MAX_MODEL_CELLS, MAX_STRIKES } from '../../../src/core/health.js';
import { healthToJson } from '../../../src/core/health-json.js';
import { joinHealth, mergeHealth } from '../../../src/core/merge-health.js';
import type { CellWrite, HealthPatch } from '../../../src/core/patch.js';
import { DAY_MS, MAX_INSTANT } from '../../../src/core/time.js';
import { accountError, hold, NOW, sample } from '../../support/accounts.js';
import { patches } from '../../support/arbitraries.js';
import { describeRedis } from './support.js';

const limit = (until: number): HealthPatch => [{ cell: 'rateLimit', value: hold(until) }];
const model = (key: string, until = NOW): CellWrite => ({ cell: 'modelRateLimits', key, value: hold(until) });
const strike = (id: string, at: number, generation = 0): CellWrite => ({
  cell: 'strikes',
  key: 'forbidden',
  value: { generation, evidence: new Map([[id, at]]) },
});

const HOSTILE_NAMES = [
  'a.b',
  'a,b',
  '{}',
  "o'brien{,}",
  '"',
  '$',
  ':',
  '*',
  ' ',
  'a b',
  ' rateLimit',
  'modelRateLimits a',
  '__proto__',
  'constructor',
  'toString',
  'hasOwnProperty',
  '模型',
  '😀',
  'x'.repeat(256),
];

const newId = (): string => crypto.randomUUID();

await describeRedis('createRedisHealthRepository', ({ connection, drivers }) => {
  const { prefix, client: raw } = connection;
  const keys = redisKeys({ prefix });

  for (const { name, client } of drivers) {
    const repository: RedisHealthRepository = createRedisHealthRepository(client, { prefix });

    it(`${name}: creates what was never there, and joins into what is (fault F35)`, async () => {
      const id = newId();
      expect((await repository.patch(id, limit(NOW + 2))).rateLimit?.until).toBe(NOW + 2);
      expect((await repository.patch(id, limit(NOW + 1))).rateLimit?.until).toBe(NOW + 2);
      const health = await repository.patch(id, [{ cell: 'overload', value: hold(NOW) }]);
      expect([health.rateLimit?.until, health.overload?.until]).toEqual([NOW + 2, NOW]);
      expect((await repository.load([id])).get(id)).toEqual(health);
      expect(await repository.patch(id, [])).toEqual(health);
    });

    it(`${name}: loads the accounts that are asked for and known`, async () => {
      const ids = ['__proto__', newId(), 'a}b{', '{}', ' ', 'é😀'];
      for (const [at, id] of ids.entries()) await repository.patch(id, limit(NOW + at));
      const loaded = await repository.load([...ids, ...ids, 'constructor', 'nobody']);
      expect([...loaded].map(([id, health]) => [id, health.rateLimit?.until]).sort()).toEqual(ids.map((id, at) => [id, NOW + at]).sort());
      expect((await repository.load([])).size).toBe(0);
    });

    it(`${name}: every cell comes back as it was written`, async () => {
      const every: HealthPatch = [
        ...limit(NOW),
        { cell: 'temporary', value: hold(NOW, { detail: 'é "\\ 😀 x', kind: 'temporary' }) },
        { cell: 'authentication', value: hold(NOW, { credentialRevision: 3 }) },
        {
          cell: 'errors',
          key: 'verification',
          value: accountError({ link: { url: 'https://accounts.google.com/signin/continue?sarp=1', trusted: true } }),
        },
        model('m'),
        { cell: 'sessionWindow.header', value: { observedAt: NOW, end: NOW + 1 } },
        { cell: 'sessionWindow.status', value: { observedAt: NOW, status: 'allowed' } },
        { cell: 'sessionWindow.predicted', value: { start: NOW } },
        { cell: 'usage', key: '5h', value: sample(0.5, NOW) },
        { cell: 'usage', key: '7d', value: sample(null, null) },
        strike('a', NOW),
        strike('b', NOW + 1),
        { cell: 'strikes', key: 'cleared', value: { generation: 2, evidence: new Map() } },
        { cell: 'refreshRequestedFor', value: 7 },
      ];
      expect(await repository.patch(newId(), every)).toEqual(mergeHealth(EMPTY_HEALTH, every));
    });

    it(`${name}: model names are data (faults F37, F38)`, async () => {
      const id = newId();
      await repository.patch(
        id,
        HOSTILE_NAMES.map((key, at) => model(key, NOW + at)),
      );
      const health = await repository.patch(id, [model('', NOW), model('a\0b', NOW), model('x'.repeat(10_240), NOW)]);
      expect([...health.modelRateLimits].map(([key, { until }]) => [key, until]).sort()).toEqual(
        HOSTILE_NAMES.map((key, at) => [key, NOW + at]).sort(),
      );
      expect(health.rateLimit).toBeNull();
    });

    it(`${name}: holds as many models as an account may have (fault F39)`, async () => {
      const id = newId();
      const health = await repository.patch(
        id,
        Array.from({ length: MAX_MODEL_CELLS }, (_, at) => model(`m${at}`)),
      );
      expect(health.modelRateLimits.size).toBe(MAX_MODEL_CELLS);
      expect((await repository.load([id])).get(id)).toEqual(health);
    });

    it(`${name}: within a generation evidence is a set of the newest 16; a clear voids it`, async () => {
      const id = newId();
      await Promise.all(Array.from({ length: 60 }, (_, at) => repository.patch(id, [strike(`e${at}`, NOW + at)])));
      const { strikes } = await repository.patch(id, [strike('e59', NOW), strike('e50', NOW + 100)]);
      const kept = strikes.get('forbidden')?.evidence;
      expect(kept?.size).toBe(MAX_STRIKES);
      expect([...(kept?.keys() ?? [])].sort()).toEqual(Array.from({ length: MAX_STRIKES }, (_, at) => `e${at + 44}`));
      expect(kept?.get('e50')).toBe(NOW + 100);
      // What is superseded goes, so that it cannot pile up.
      expect(await raw.hlen(keys.health(id))).toBeLessThanOrEqual(MAX_STRIKES * 2);
      const cleared = await repository.patch(id, [{ cell: 'strikes', key: 'forbidden', value: { generation: 1, evidence: new Map() } }]);
      expect(cleared.strikes.get('forbidden')).toEqual({ generation: 1, evidence: new Map() });
      expect((await repository.patch(id, [strike('late', NOW)])).strikes.get('forbidden')?.evidence.size).toBe(0);
      const again = await repository.patch(id, [strike('new', NOW, 1)]);
      expect([...(again.strikes.get('forbidden')?.evidence ?? [])]).toEqual([['new', NOW]]);
    });

    it(`${name}: absurd numbers never enter the order (fault F44)`, async () => {
      const id = newId();
      const { rateLimit } = await repository.patch(id, [
        { cell: 'rateLimit', value: hold(1e300, { generation: Number.POSITIVE_INFINITY }) },
      ]);
      expect(rateLimit).toBeNull();
      expect((await repository.patch(id, limit(Number.POSITIVE_INFINITY))).rateLimit?.until).toBe(MAX_INSTANT);
      const cleared = hold(0, { generation: 1, rule: 'cleared', kind: 'temporary' });
      expect((await repository.patch(id, [{ cell: 'rateLimit', value: cleared }])).rateLimit).toEqual(cleared);
    });

    it(`${name}: keeps cells of a newer version and reads past what is malformed (fault F46)`, async () => {
      const id = newId();
      const odd = {
        'quotaScopes a b': 'what',
        __proto__x: '1',
        rateLimit: 'nonsense',
        'rateLimit a': encodeCell({ cell: 'rateLimit', value: hold(NOW) }),
      };
      await raw.hset(keys.health(id), {
        ...odd,
        modelRateLimits: '',
        'errors other': '1',
        'strikes a b c': '1',
        'strikes a': 'x',
        '': 'y',
      });
      const health = await repository.patch(id, [{ cell: 'overload', value: hold(NOW) }]);
      const known = { ...EMPTY_HEALTH, overload: hold(NOW) };
      expect(health).toEqual({
        ...known,
        unknown: new Map([
          ['quotaScopes a b', 'what'],
          ['__proto__x', '1'],
          ['', 'y'],
        ]),
      });
      await repository.compact(NOW + 365 * DAY_MS);
      expect(await raw.hget(keys.health(id), 'quotaScopes a b')).toBe('what');
      expect(await raw.hget(keys.health(id), 'rateLimit')).toBe('nonsense');
    });
  }

  it('no key ever expires', async () => {
    const id = newId();
    await createRedisHealthRepository(drivers[0]?.client ?? expect.fail(), { prefix }).patch(id, limit(NOW));
    expect(await raw.pttl(keys.health(id))).toBe(-1);
    expect(await raw.pttl(keys.changesOf(id))).toBe(-1);
  });

  it('property: patches of 8 connections at the same time, in any order, leave what mergeHealth leaves', async () => {
    const repositories = Array.from({ length: 8 }, (_, at) =>
      createRedisHealthRepository(drivers[at % drivers.length]?.client ?? expect.fail(), { prefix }),
    );
    let [met, changed] = [0, 0];
    await fc.assert(
      fc.asyncProperty(fc.array(patches, { minLength: 8, maxLength: 16 }), async (all) => {
        const id = newId();
        const images = await Promise.all(all.map((patch, at) => repositories[at % 8]?.patch(id, patch)));
        const expected = all.reduce(mergeHealth, EMPTY_HEALTH);
        const stored = (await repositories[0]?.load([id]))?.get(id) ?? EMPTY_HEALTH;
        expect(JSON.stringify(healthToJson(stored))).toBe(JSON.stringify(healthToJson(expected)));
        for (const [at, image] of images.entries()) {
          const patch = all[at] ?? [];
          // A post-image holds at least what this writer wrote, and never more than what all wrote.
          const seen = image ?? expect.fail();
          expect(mergeHealth(seen, patch)).toEqual(seen);
          expect(joinHealth(expected, seen)).toBe(expected);
        }
        const cells = all.flat().map((write) => ('key' in write ? `${write.cell} ${write.key}` : write.cell));
        if (new Set(cells).size < cells.length) met += 1;
        if (expected !== EMPTY_HEALTH) changed += 1;
      }),
      { numRuns: 150 },
    );
    expect(met).toBeGreaterThan(100);
    expect(changed).toBeGreaterThan(100);
  });

  it('loads thousands of accounts in a script for each 250 of a partition', async () => {
    const { client } = drivers[0] ?? expect.fail();
    let calls = 0;
    const counting = createRedisHealthRepository(
      {
        ...client,
        evalsha(...call) {
          calls += 1;
          return client.evalsha(...call);
        },
      },
      { prefix: `${prefix}many:` },
    );
    const ids = Array.from({ length: 5_000 }, (_, at) => `bulk-${at}`);
    await Promise.all(ids.map((id, at) => counting.patch(id, limit(NOW + at))));
    calls = 0;
    const loaded = await counting.load(ids);
    expect(loaded.size).toBe(5_000);
    expect(loaded.get('bulk-4321')?.rateLimit?.until).toBe(NOW + 4_321);
    expect(calls).toBeLessThanOrEqual(48);
    expect(calls).toBeGreaterThan(15);
  });

  it('compaction drops what compactHealth drops, and nothing that was written meanwhile', async () => {
    const { client } = drivers[0] ?? expect.fail();
    const own = `${prefix}compact:`;
    const repository = createRedisHealthRepository(client, { prefix: own });
    await repository.patch('a', [
      ...limit(NOW),
      { cell: 'overload', value: hold(NOW + 30 * DAY_MS) },
      { cell: 'usage', key: '5h', value: sample(1, NOW) },
      { cell: 'errors', key: 'billing', value: accountError() },
      strike('old', NOW),
    ]);
    let raced = 0;
    // Between what the compaction reads and what it drops, another process limits the account anew.
    const racing = createRedisHealthRepository(
      {
        ...client,
        async evalsha(sha1, given, args) {
          if (args.includes('rateLimit')) {
            raced += 1;
            await repository.patch('a', limit(NOW + 20 * DAY_MS));
          }
          return client.evalsha(sha1, given, args);
        },
      },
      { prefix: own },
    );
    await racing.compact(NOW + 8 * DAY_MS);
    expect(raced).toBe(1);
    const left = (await repository.load(['a'])).get('a');
    expect(left?.rateLimit?.until).toBe(NOW + 20 * DAY_MS);
    expect(left?.overload?.until).toBe(NOW + 30 * DAY_MS);
    expect([left?.usage.size, left?.strikes.size, left?.errors.size]).toEqual([0, 0, 1]);
  });

  it('goes on after the server has forgotten its scripts', async () => {
    for (const { client } of drivers) {
      const repository = createRedisHealthRepository(client, { prefix });
      const id = newId();
      await repository.patch(id, limit(NOW));
      await raw.script('FLUSH');
      expect((await repository.patch(id, limit(NOW + 1))).rateLimit?.until).toBe(NOW + 1);
      await raw.script('FLUSH');
      expect((await repository.load([id])).size).toBe(1);
    }
  });

  it('an answer that is none of the scripts is a rejection', async () => {
    const odd = { evalsha: async () => 'OK', eval: async () => 'OK', configGet: async () => null };
    const repository = createRedisHealthRepository(odd, { prefix });
    await expect(repository.patch('a', [])).rejects.toThrow(/no list/);
    await expect(repository.load(['a'])).rejects.toThrow(/no list/);
  });
});
