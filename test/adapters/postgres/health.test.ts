import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createPostgresHealthRepository, type PostgresClient, type PostgresHealthRepository } from '../../../src/adapters/postgres.js';
import { compactHealth } from '../../../src/core/compact-health.js';
import { encodeCell } from '../../../src/core/encode-cell.js';
import { type AccountHealth, EMPTY_HEALTH, type StrikeSet } from '../../../src/core/health.js';
import { mergeHealth, patchOf } from '../../../src/core/merge-health.js';
import type { HealthPatch } from '../../../src/core/patch.js';
import { DAY_MS, MAX_INSTANT } from '../../../src/core/time.js';
import { HOSTILE_MODEL_KEYS } from '../../../src/testing/name-arbitraries.js';
import { accountError, hold, NOW, sample } from '../../support/accounts.js';
import { healths, patches } from '../../support/arbitraries.js';
import { canonical, counting, DRIVERS, freshId, OPENING_MS, type Opened } from './support.js';

const RUNS = Number(process.env.FC_RUNS ?? 60);

const limit = (until: number): HealthPatch => [{ cell: 'rateLimit', value: hold(until) }];
const strikes = (generation: number, evidence: StrikeSet['evidence'] | Readonly<Record<string, number>>): HealthPatch => [
  {
    cell: 'strikes',
    key: 'forbidden',
    value: { generation, evidence: new Map(evidence instanceof Map ? evidence : Object.entries(evidence)) },
  },
];
const merged = (all: readonly HealthPatch[], first: AccountHealth = EMPTY_HEALTH): AccountHealth => all.reduce(mergeHealth, first);

describe.each(DRIVERS)('health with $driver', ({ open }) => {
  let opened: Opened;
  let client: PostgresClient;
  let repository: PostgresHealthRepository;
  beforeAll(async () => {
    opened = await open();
    client = opened.client;
    repository = createPostgresHealthRepository(client);
  }, OPENING_MS);
  afterAll(() => opened.close());

  const stored = async (accountId: string): Promise<AccountHealth | undefined> => (await repository.load([accountId])).get(accountId);

  it('creates what was never there, and joins into what is (fault F35)', async () => {
    const id = freshId();
    expect(await stored(id)).toBeUndefined();
    expect(await repository.patch(id, [])).toEqual(EMPTY_HEALTH);
    expect(await stored(id)).toBeUndefined();
    expect((await repository.patch(id, limit(NOW + 2))).rateLimit?.until).toBe(NOW + 2);
    expect((await repository.patch(id, limit(NOW + 1))).rateLimit?.until).toBe(NOW + 2);
    expect((await repository.patch(id, [{ cell: 'overload', value: hold(NOW) }])).rateLimit?.until).toBe(NOW + 2);
    expect((await stored(id))?.overload?.until).toBe(NOW);
  });

  it('any patches leave what mergeHealth says, and each answers with all of it', async () => {
    let [joined, returned] = [0, 0];
    await fc.assert(
      fc.asyncProperty(fc.array(patches, { minLength: 1, maxLength: 6 }), async (all) => {
        const id = freshId();
        for (const [index, patch] of all.entries()) {
          const expected = merged(all.slice(0, index + 1));
          if (patchOf(expected).length < all.slice(0, index + 1).flat().length) joined += 1;
          if (patchOf(expected).length > patch.length) returned += 1;
          expect(canonical(await repository.patch(id, patch))).toBe(canonical(expected));
        }
        expect(canonical((await stored(id)) ?? EMPTY_HEALTH)).toBe(canonical(merged(all)));
      }),
      { numRuns: RUNS },
    );
    expect(joined).toBeGreaterThan(RUNS / 4);
    expect(returned).toBeGreaterThan(RUNS / 4);
  });

  it('the same patch twice, or its parts in another order, leave the same', async () => {
    await fc.assert(
      fc.asyncProperty(patches, patches, async (a, b) => {
        const [one, other] = [freshId(), freshId()];
        for (const patch of [a, b, a]) await repository.patch(one, patch);
        await repository.patch(other, [...b, ...a]);
        expect(canonical(await stored(one))).toBe(canonical(await stored(other)));
      }),
      { numRuns: RUNS },
    );
  });

  it('whole healths come back as they were', async () => {
    await fc.assert(
      fc.asyncProperty(healths, async (health) => {
        const id = freshId();
        const known = merged([patchOf(health)]);
        expect(canonical(await repository.patch(id, patchOf(health)))).toBe(canonical(known));
      }),
      { numRuns: RUNS },
    );
  });

  it('strikes of one generation are united, each at its latest instant, the newest 16 of them', async () => {
    const id = freshId();
    await repository.patch(id, strikes(1, { 'rule:1': 10, 'rule:2': 20 }));
    const united = await repository.patch(id, strikes(1, { 'rule:1': 30, 'rule:2': 5, 'rule-3': 7 }));
    expect([...(united.strikes.get('forbidden')?.evidence ?? [])]).toEqual([
      ['rule:1', 30],
      ['rule:2', 20],
      ['rule-3', 7],
    ]);
    const many = Object.fromEntries(Array.from({ length: 30 }, (_, index) => [`many:${index}`, 100 + index]));
    expect([...((await repository.patch(id, strikes(1, many))).strikes.get('forbidden')?.evidence.values() ?? [])]).toEqual(
      Array.from({ length: 16 }, (_, index) => 129 - index),
    );
    const { rows } = await client.query('select value from poolwarden_health where account_id = $1', [id]);
    expect(JSON.parse(String(rows[0]?.value).slice(28))).toHaveLength(16);
    expect((await repository.patch(id, strikes(0, { late: MAX_INSTANT }))).strikes.get('forbidden')?.evidence.size).toBe(16);
    expect([...((await repository.patch(id, strikes(2, {}))).strikes.get('forbidden')?.evidence ?? [1])]).toEqual([]);
    expect((await repository.patch(id, strikes(2, { new: 1 }))).strikes.get('forbidden')?.evidence.size).toBe(1);
  });

  it('names of models are data (faults F37, F38)', async () => {
    const id = freshId();
    const names = [
      ...HOSTILE_MODEL_KEYS,
      'constructor',
      "';drop table poolwarden_health;--",
      '🙂'.repeat(128),
      '\ud83d\ude42',
      '𝒶',
      '\ufeff',
      '\ufeffgpt',
      'gpt',
      ' ',
      '  a ',
    ];
    const patch: HealthPatch = [...new Set(names)].map((key, index) => ({ cell: 'modelRateLimits', key, value: hold(NOW + index) }));
    const health = await repository.patch(id, patch);
    expect(canonical(health)).toBe(canonical(merged([patch])));
    expect(health.modelRateLimits.size).toBe(new Set(names).size);
    expect(canonical(await stored(id))).toBe(canonical(health));
  });

  it('what PostgreSQL cannot hold never reaches it (fault F40)', async () => {
    const id = freshId();
    const health = await repository.patch(id, [
      { cell: 'modelRateLimits', key: 'a\0b', value: hold(NOW) },
      { cell: 'modelRateLimits', key: 'a\ud800', value: hold(NOW) },
      { cell: 'modelRateLimits', key: '', value: hold(NOW) },
      { cell: 'rateLimit', value: hold(NOW, { detail: 'x\0y\ud800z\u2028' }) },
      { cell: 'errors', key: 'billing', value: accountError({ message: '\0\udfff' }) },
    ]);
    expect(health.modelRateLimits.size).toBe(0);
    expect(health.rateLimit?.detail).toBe('xy\ufffdz ');
    expect(health.errors.get('billing')?.message).toBe('\ufffd');
    await expect(repository.patch('a\0', limit(NOW))).rejects.toMatchObject({ code: 'invalid_account_id' });
    await expect(repository.patch('a\ud800', limit(NOW))).rejects.toMatchObject({ code: 'invalid_account_id' });
    expect([...(await repository.load(['a\0', 'a\ud800', 'a\ufffd', id])).keys()]).toEqual([id]);
  });

  it('a cleared cell is a cell, and no value is ever null (fault F36)', async () => {
    const id = freshId();
    await repository.patch(id, [
      { cell: 'rateLimit', value: hold(NOW) },
      { cell: 'overload', value: hold(NOW) },
    ]);
    const cleared = await repository.patch(id, [{ cell: 'rateLimit', value: hold(0, { generation: 1, rule: 'cleared' }) }]);
    expect(cleared.rateLimit).toMatchObject({ generation: 1, until: 0 });
    expect(cleared.overload?.until).toBe(NOW);
    // A late write of the old generation changes nothing (fault F42).
    expect((await repository.patch(id, limit(NOW + 10))).rateLimit?.until).toBe(0);
    expect((await repository.patch(id, [{ cell: 'rateLimit', value: hold(NOW + 5, { generation: 1 }) }])).rateLimit?.until).toBe(NOW + 5);
  });

  it('an absurd value of an older version is brought within bounds, and an operator clears it (fault F44)', async () => {
    const id = freshId();
    const absurd = encodeCell({ cell: 'rateLimit', value: hold(NOW) }).replace(String(NOW), '9999999999999');
    await client.query('insert into poolwarden_health values ($1, $2, $3, $4)', [id, 'rateLimit', '', absurd]);
    expect((await stored(id))?.rateLimit?.until).toBe(MAX_INSTANT);
    const cleared = await repository.patch(id, [{ cell: 'rateLimit', value: hold(0, { generation: 1, rule: 'cleared' }) }]);
    expect(cleared.rateLimit?.until).toBe(0);
  });

  it('malformed cells are left out, and nothing fails on them', async () => {
    const id = freshId();
    const rows = [
      ['rateLimit', '', 'nonsense'],
      ['strikes', 'forbidden', '0000000001 nonsense'],
      ['strikes', 'undated_rate_limit', '[["a",1],["b",'],
      ['usage', '5h', ''],
      ['errors', 'of_a_newer_version', '0'],
    ];
    for (const row of rows) await client.query('insert into poolwarden_health values ($1, $2, $3, $4)', [id, ...row]);
    expect(await stored(id)).toEqual(EMPTY_HEALTH);
    const health = await repository.patch(id, [...strikes(1, { 'rule:1': 10 }), { cell: 'usage', key: '5h', value: sample(0.5, null) }]);
    expect([...health.strikes.keys(), ...health.usage.keys()]).toEqual(['forbidden', '5h']);
    expect((await client.query('select 1 from poolwarden_health where account_id = $1', [id])).rows).toHaveLength(rows.length);
  });

  it('cells of a newer version stay as they are, and are given back (fault F46)', async () => {
    const id = freshId();
    await repository.patch(id, limit(NOW));
    const insert = 'insert into poolwarden_health values ($1, $2, $3, $4)';
    await client.query(insert, [id, 'quotaScopes', '', '0000000001 text']);
    await client.query(insert, [id, 'quotaScopes', 'a key', 'é']);
    await client.query(insert, [id, 'constructor', '', '7']);
    const expected = new Map([
      ['constructor', '7'],
      ['quotaScopes', '0000000001 text'],
      ['quotaScopes a key', 'é'],
    ]);
    expect(new Map([...((await stored(id))?.unknown ?? [])].sort())).toEqual(expected);
    const after = await repository.patch(id, [{ cell: 'notYet', value: 1 } as never, ...limit(NOW + 1)]);
    expect(new Map([...after.unknown].sort())).toEqual(expected);
    await repository.compact(NOW + 1_000 * DAY_MS);
    expect(new Map([...((await stored(id))?.unknown ?? [])].sort())).toEqual(expected);
    // A newer version's own write of such a cell keeps the greater text.
    for (const text of ['0000000003', '0000000002']) {
      await client.query('select * from poolwarden_patch($1, $2, $3, $4)', [id, ['quotaScopes'], [''], [text]]);
    }
    expect((await stored(id))?.unknown.get('quotaScopes')).toBe('0000000003');
  });

  it('loads thousands of accounts with one statement, and writes a patch with one', async () => {
    const ids = Array.from({ length: 5_000 }, () => freshId());
    await client.query(
      `insert into poolwarden_health select id, 'usage', w, $2 from unnest($1::text[]) as id, unnest(array['5h', '7d']) as w`,
      [ids, encodeCell({ cell: 'usage', key: '5h', value: sample(0.5, NOW) })],
    );
    const counted = counting(client);
    const counting2 = createPostgresHealthRepository(counted, { notify: false });
    const loaded = await counting2.load([...ids, 'nobody', '__proto__']);
    expect(counted.statements()).toBe(1);
    expect([loaded.size, loaded.get(ids[4_999] ?? '')?.usage.size]).toEqual([5_000, 2]);
    await counting2.load([]);
    expect(counted.statements()).toBe(1);
    await counting2.patch(freshId(), [...limit(NOW), ...strikes(1, { a: 1 }), { cell: 'refreshRequestedFor', value: 1 }]);
    expect(counted.statements()).toBe(2);
  });

  it('forgets what compactHealth forgets, and nothing else', async () => {
    let dropped = 0;
    const all = await fc.sample(healths, { numRuns: 40, seed: 7 });
    const ids = all.map(() => freshId());
    for (const [index, health] of all.entries()) await repository.patch(ids[index] ?? '', patchOf(health));
    const now = NOW + 3 * DAY_MS;
    await repository.compact(now);
    const loaded = await repository.load(ids);
    for (const [index, health] of all.entries()) {
      const expected = compactHealth(merged([patchOf(health)]), now);
      dropped += patchOf(health).length - patchOf(expected).length;
      expect(canonical(loaded.get(ids[index] ?? '') ?? EMPTY_HEALTH)).toBe(canonical(expected));
    }
    expect(dropped).toBeGreaterThan(10);
  });
});
