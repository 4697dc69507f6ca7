import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EMPTY_HEALTH } from '../../src/core/health.js';
import type { HealthPatch } from '../../src/core/patch.js';
import { type CompareAndSwap, patchByCas, SwapConflictError, type Versioned } from '../../src/shell/patch-by-cas.js';
import { healthRepositoryContract } from '../../src/testing/health-contract.js';
import { hold, NOW } from '../support/accounts.js';
import { connectPostgres, type PostgresConnection } from '../support/postgres-server.js';

const RUNS = Number(process.env.FC_RUNS ?? 20);
const limited = (until: number): HealthPatch => [{ cell: 'rateLimit', value: hold(until) }];

let server: PostgresConnection;

beforeAll(async () => {
  server = await connectPostgres();
  await server.pool.query('create table swapped (id text primary key, version bigint not null, health jsonb not null)');
});

afterAll(async () => {
  await server.close();
});

interface Counts {
  reads: number;
  writes: number;
  lost: number;
}

/** A table that can compare and swap, and nothing else. */
function tableStore(counts: Counts = { reads: 0, writes: 0, lost: 0 }): CompareAndSwap<string> {
  return {
    async read(accountId): Promise<Versioned<string> | null> {
      counts.reads += 1;
      const { rows } = await server.pool.query('select version::text, health from swapped where id = $1', [accountId]);
      return rows[0] ?? null;
    },
    async write(accountId, next, version) {
      const json = JSON.stringify(next);
      const { rowCount } =
        version === null
          ? await server.pool.query('insert into swapped values ($1, 0, $2) on conflict do nothing', [accountId, json])
          : await server.pool.query('update swapped set version = version + 1, health = $3 where id = $1 and version = $2', [
              accountId,
              version,
              json,
            ]);
      counts.writes += rowCount ?? 0;
      counts.lost += 1 - (rowCount ?? 0);
      return rowCount === 1;
    },
  };
}

describe('patchByCas', () => {
  it('creates what is not there, and joins into what is', async () => {
    const repository = patchByCas(tableStore());
    const id = crypto.randomUUID();
    expect(await repository.load([id])).toEqual(new Map());
    expect((await repository.patch(id, limited(NOW + 2))).rateLimit?.until).toBe(NOW + 2);
    expect((await repository.patch(id, limited(NOW + 1))).rateLimit?.until).toBe(NOW + 2);
    expect([...(await repository.load([id, id, 'nobody']))]).toEqual([[id, { ...EMPTY_HEALTH, rateLimit: hold(NOW + 2) }]]);
  });

  it('writes nothing where the join changes nothing', async () => {
    const counts = { reads: 0, writes: 0, lost: 0 };
    const repository = patchByCas(tableStore(counts));
    const id = crypto.randomUUID();
    expect(await repository.patch(id, [])).toEqual(EMPTY_HEALTH);
    expect(counts).toEqual({ reads: 1, writes: 0, lost: 0 });
    await repository.patch(id, limited(NOW));
    await repository.patch(id, limited(NOW));
    await repository.patch(id, limited(NOW - 1));
    expect(counts).toEqual({ reads: 4, writes: 1, lost: 0 });
  });

  it('eight writers of one account lose nothing, and some of them had to try again', async () => {
    const counts = { reads: 0, writes: 0, lost: 0 };
    const store = tableStore(counts);
    const id = crypto.randomUUID();
    const write = async (writer: number): Promise<void> => {
      const repository = patchByCas({ ...store, attempts: 1_000 });
      for (let step = 0; step < 20; step += 1) {
        await repository.patch(id, [{ cell: 'modelRateLimits', key: `${writer}:${step}`, value: hold(NOW + step) }]);
      }
    };
    await Promise.all([0, 1, 2, 3, 4, 5, 6, 7].map(write));
    expect((await patchByCas(store).load([id])).get(id)?.modelRateLimits.size).toBe(8 * 20);
    expect(counts.writes).toBe(8 * 20);
    expect(counts.lost).toBeGreaterThan(0);
  });

  it('gives up after its attempts, and has stored nothing', async () => {
    const store = tableStore();
    const id = crypto.randomUUID();
    let tries = 0;
    const busy: CompareAndSwap<string> = {
      ...store,
      async write(accountId, next, version) {
        tries += 1;
        await patchByCas(store).patch(accountId, limited(NOW + tries));
        return store.write(accountId, next, version);
      },
    };
    const patched = patchByCas({ ...busy, attempts: 3 }).patch(id, [{ cell: 'overload', value: hold(NOW) }]);
    await expect(patched).rejects.toThrow(SwapConflictError);
    await expect(patched).rejects.toMatchObject({ code: 'swap_conflict', accountId: id, attempts: 3 });
    expect((await patchByCas(store).load([id])).get(id)).toEqual({ ...EMPTY_HEALTH, rateLimit: hold(NOW + 3) });
    expect((await patchByCas({ ...store, attempts: 1 }).patch(id, [{ cell: 'overload', value: hold(NOW) }])).overload).toEqual(hold(NOW));
  });

  it('what the store rejects with goes through', async () => {
    const down = new Error('down');
    const store = tableStore();
    await expect(patchByCas({ ...store, read: () => Promise.reject(down) }).patch('a', [])).rejects.toBe(down);
    await expect(patchByCas({ ...store, read: () => Promise.reject(down) }).load(['a'])).rejects.toBe(down);
    await expect(patchByCas({ ...store, write: () => Promise.reject(down) }).patch(crypto.randomUUID(), limited(NOW))).rejects.toBe(down);
  });

  it('reads health as it was given, as JSON and as what it should not be', async () => {
    const health = { ...EMPTY_HEALTH, rateLimit: hold(NOW), unknown: new Map([['novel', 1]]) };
    const stored = [health, { rateLimit: hold(NOW), novel: 1 }, { rateLimit: { until: 'x' } }, 'text', null];
    const read = async (accountId: string): Promise<Versioned<number>> => ({ health: stored[Number(accountId)], version: 0 });
    const loaded = await patchByCas({ read, write: async () => true }).load(['0', '1', '2', '3', '4']);
    expect([...loaded.values()]).toEqual([health, health, EMPTY_HEALTH]);
  });
});

describe('the contract of health repositories', () => {
  const make = () => ({ repository: patchByCas(tableStore()) });
  it.each(healthRepositoryContract(make, { runs: RUNS }).filter(({ needs }) => needs === undefined))('$name', ({ run }) => run());
});
