import { setTimeout as sleep } from 'node:timers/promises';
import * as fc from 'fast-check';
import { Pool } from 'pg';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { createPostgresHealthRepository, migratePostgres, type PostgresClient } from '../../../src/adapters/postgres.js';
import { encodeCell } from '../../../src/core/encode-cell.js';
import { EMPTY_HEALTH } from '../../../src/core/health.js';
import { mergeHealth } from '../../../src/core/merge-health.js';
import type { HealthPatch } from '../../../src/core/patch.js';
import { DAY_MS } from '../../../src/core/time.js';
import { hold, NOW, sample } from '../../support/accounts.js';
import { patches } from '../../support/arbitraries.js';
import { connectPostgres, type PostgresConnection } from '../../support/postgres-server.js';
import { canonical, freshId } from './support.js';

const WRITERS = 8;
const PATCHES = Number(process.env.FC_RUNS ?? 60);

const limit = (until: number): HealthPatch => [{ cell: 'rateLimit', value: hold(until) }];
const textOf = (until: number): string => encodeCell({ cell: 'rateLimit', value: hold(until) });

let connection: PostgresConnection;
beforeAll(async () => {
  connection = await connectPostgres();
  await migratePostgres(connection.pool);
});
afterAll(() => connection.close());

/** A pool of its own, as another process has one. */
function openPool(settings = ''): Pool {
  const pool = new Pool({ connectionString: connection.url, options: `-c search_path=${connection.schema} ${settings}`, max: 2 });
  onTestFinished(() => pool.end());
  return pool;
}

/** A client that notes the codes of its rejections. */
function noting(client: PostgresClient, codes: string[]): PostgresClient {
  return {
    async query(text, parameters) {
      try {
        return await client.query(text, parameters);
      } catch (error) {
        if (error instanceof Error && 'code' in error) codes.push(String(error.code));
        throw error;
      }
    },
  };
}

/** Resolves when a backend of this schema waits for a lock. */
async function whenWaiting(): Promise<void> {
  await vi.waitFor(async () => {
    const { rows } = await connection.pool.query(
      `select 1 from pg_stat_activity where wait_event_type = 'Lock' and query like '%poolwarden_patch%' and datname = current_database()`,
    );
    expect(rows.length).toBeGreaterThan(0);
  });
}

async function writeAll(
  clients: readonly PostgresClient[],
  ids: readonly string[],
  seed: number,
): Promise<ReadonlyMap<string, HealthPatch[]>> {
  const written = new Map(ids.map((id): [string, HealthPatch[]] => [id, []]));
  await Promise.all(
    clients.map(async (client, writer) => {
      const repository = createPostgresHealthRepository(client);
      for (const [index, patch] of fc.sample(patches, { numRuns: PATCHES, seed: seed + writer }).entries()) {
        const id = ids[(index + writer) % ids.length] ?? '';
        written.get(id)?.push(patch);
        const answer = await repository.patch(id, patch);
        // The answer holds at least what was written.
        expect(canonical(mergeHealth(answer, patch))).toBe(canonical(answer));
      }
    }),
  );
  return written;
}

describe('writers at the same time', () => {
  it('eight of them leave the join of all that they wrote', async () => {
    const ids = [freshId(), freshId()];
    const written = await writeAll(
      Array.from({ length: WRITERS }, () => openPool()),
      ids,
      11,
    );
    const loaded = await createPostgresHealthRepository(connection.pool).load(ids);
    for (const [id, all] of written) expect(canonical(loaded.get(id))).toBe(canonical(all.reduce(mergeHealth, EMPTY_HEALTH)));
    expect([...written.values()].flat()).toHaveLength(WRITERS * PATCHES);
  });

  it('a serialisation failure is tried again with the same patch (fault F43)', async () => {
    const codes: string[] = [];
    const ids = [freshId()];
    const clients = [1, 2, 3].map(() => noting(openPool(String.raw`-c default_transaction_isolation=repeatable\ read`), codes));
    const written = await writeAll(clients, ids, 23);
    const loaded = await createPostgresHealthRepository(connection.pool).load(ids);
    for (const [id, all] of written) expect(canonical(loaded.get(id))).toBe(canonical(all.reduce(mergeHealth, EMPTY_HEALTH)));
    expect(codes).toContain('40001');
  });

  it('a deadlock with another program is tried again with the same patch (fault F43)', async () => {
    const [id, codes]: [string, string[]] = [freshId(), []];
    const repository = createPostgresHealthRepository(noting(openPool(), codes));
    const usage: HealthPatch = [{ cell: 'usage', key: '5h', value: sample(0.1, null, NOW) }];
    await repository.patch(id, [...limit(NOW), ...usage]);
    const other = await openPool().connect();
    onTestFinished(() => other.release());
    await other.query('begin');
    await other.query(`select * from poolwarden_health where account_id = $1 and cell = 'usage' for update`, [id]);
    const newer: HealthPatch = [...limit(NOW + 1), { cell: 'usage', key: '5h', value: sample(0.2, null, NOW + 1) }];
    const patched = repository.patch(id, newer);
    await whenWaiting();
    await other.query(`select * from poolwarden_health where account_id = $1 and cell = 'rateLimit' for update`, [id]);
    await other.query('commit');
    expect(canonical(await patched)).toBe(canonical(mergeHealth(EMPTY_HEALTH, newer)));
    expect(codes).toEqual(['40P01']);
  });

  it('gives up after ten tries, and only then', async () => {
    let tries = 0;
    const busy: PostgresClient = {
      async query() {
        tries += 1;
        throw Object.assign(new Error('could not serialize access'), { code: '40001' });
      },
    };
    await expect(createPostgresHealthRepository(busy).patch('a', limit(NOW))).rejects.toThrow('could not serialize access');
    expect(tries).toBe(10);
  });

  it('what is not known to have failed is not tried again, but told', async () => {
    const pool = openPool();
    const codes: string[] = [];
    const repository = createPostgresHealthRepository(noting(pool, codes));
    const id = freshId();
    await repository.patch(id, limit(NOW));
    const other = await openPool().connect();
    onTestFinished(() => other.release());
    await other.query('begin');
    await other.query('select * from poolwarden_health where account_id = $1 for update', [id]);
    const patched = repository.patch(id, limit(NOW + 1)).then(
      () => 'written',
      (error: Error) => error.message,
    );
    await whenWaiting();
    await connection.pool.query(
      `select pg_terminate_backend(pid) from pg_stat_activity where wait_event_type = 'Lock' and query like '%poolwarden_patch%'`,
    );
    expect(await patched).toMatch(/terminat/);
    await other.query('rollback');
    expect(codes).toEqual(['57P01']);
    expect((await repository.patch(id, limit(NOW + 1))).rateLimit?.until).toBe(NOW + 1);
  });
});

describe('the answer of a patch', () => {
  it('has what the patch lost to, though that was committed after the patch had begun', async () => {
    const id = freshId();
    const other = await openPool().connect();
    onTestFinished(() => other.release());
    await other.query('begin');
    await other.query('insert into poolwarden_health values ($1, $2, $3, $4)', [id, 'rateLimit', '', textOf(NOW + 9)]);
    await other.query('insert into poolwarden_health values ($1, $2, $3, $4)', [id, 'temporary', '', textOf(NOW + 9)]);
    const patched = createPostgresHealthRepository(openPool()).patch(id, limit(NOW));
    await whenWaiting();
    await other.query('commit');
    const health = await patched;
    expect([health.rateLimit?.until, health.temporary?.until]).toEqual([NOW + 9, NOW + 9]);
  });

  it('has what was written beside it while it waited', async () => {
    const id = freshId();
    const repository = createPostgresHealthRepository(openPool());
    await repository.patch(id, limit(NOW));
    const other = await openPool().connect();
    onTestFinished(() => other.release());
    await other.query('begin');
    await other.query('update poolwarden_health set value = $2 where account_id = $1', [id, textOf(NOW + 1)]);
    const patched = repository.patch(id, limit(NOW + 2));
    await whenWaiting();
    await createPostgresHealthRepository(openPool()).patch(id, [{ cell: 'overload', value: hold(NOW + 3) }]);
    await other.query('commit');
    const health = await patched;
    expect([health.rateLimit?.until, health.overload?.until]).toEqual([NOW + 2, NOW + 3]);
  });
});

describe('compact', () => {
  it('loses no write that comes between its look and its deletion', async () => {
    const [old, renewed] = [freshId(), freshId()];
    const pool = openPool();
    const repository = createPostgresHealthRepository(pool);
    const now = NOW + 30 * DAY_MS;
    await repository.patch(old, limit(NOW));
    await repository.patch(renewed, limit(NOW));
    let deletions = 0;
    const interrupted: PostgresClient = {
      async query(text, parameters) {
        if (text.startsWith('delete')) {
          deletions += 1;
          await repository.patch(renewed, limit(now + 1));
        }
        return pool.query(text, parameters);
      },
    };
    await createPostgresHealthRepository(interrupted).compact(now);
    const loaded = await repository.load([old, renewed]);
    expect([deletions, loaded.get(old), loaded.get(renewed)?.rateLimit?.until]).toEqual([1, undefined, now + 1]);
  });

  it('goes through more accounts than it reads at once, beside writers', async () => {
    const pool = openPool();
    const repository = createPostgresHealthRepository(pool);
    const ids = Array.from({ length: 1_203 }, () => freshId());
    const [now, fresh] = [NOW + 30 * DAY_MS, freshId()];
    await pool.query(`insert into poolwarden_health select id, 'rateLimit', '', $2 from unnest($1::text[]) as id`, [ids, textOf(NOW)]);
    await Promise.all([
      repository.compact(now),
      repository.compact(now),
      ...ids.slice(0, 40).map(async (id, index) => {
        await sleep(index);
        await repository.patch(id, [{ cell: 'overload', value: hold(now + 1) }]);
      }),
      repository.patch(fresh, limit(now + 1)),
    ]);
    const loaded = await repository.load([...ids, fresh]);
    expect(loaded.size).toBe(41);
    expect([...loaded.values()].every(({ overload, rateLimit }) => (overload ?? rateLimit)?.until === now + 1)).toBe(true);
  });
});
