/**
 * `npm run bench:stores`: what a patch and a bulk load cost on each store, as ratios within one run: against writing one plain column (UPDATE, HSET), and against reading the same rows or hashes and
 * doing nothing with them.
 * `--json` prints rows. Needs the servers of the tests (DATABASE_URL, REDIS_URL); one that does not answer is said so and passed over.
 */

import type { HealthPatch, HealthRepository } from 'poolwarden';
import { createPostgresHealthRepository, fromPg, migratePostgres } from 'poolwarden/postgres';
import { createRedisHealthRepository, fromIoredis } from 'poolwarden/redis';
import { redisKeys } from '../src/adapters/redis/keys.js';
import { connectPostgres } from '../test/support/postgres-server.js';
import { connectRedis, NO_REDIS } from '../test/support/redis-server.js';

/** One thing measured against the plainest thing that does something like it. */
interface StoreRow {
  readonly store: string;
  readonly name: string;
  readonly against: string;
  readonly own: (at: number) => Promise<unknown>;
  readonly plain: (at: number) => Promise<unknown>;
  /** Calls in a sample. */
  readonly calls: number;
}

interface StoreResult {
  readonly store: string;
  readonly name: string;
  readonly against: string;
  /** Per second, of the library. */
  readonly rate: number;
  readonly ratio: number;
}

const TARGET = 1.5;
const ACCOUNTS = 10_000;
const WRITERS = 8;
const ROUNDS = 11;
const idOf = (at: number): string => `account-${at % ACCOUNTS}`;
const IDS: readonly string[] = Array.from({ length: ACCOUNTS }, (_, at) => idOf(at));
const START = Date.UTC(2026, 0, 1);

/** A hold that is later than the one before, so that each patch has something to write. */
function holdUntil(until: number): HealthPatch {
  return [{ cell: 'rateLimit', value: { generation: 0, credentialRevision: -1, until, rule: 'bench', kind: 'quota', detail: '' } }];
}

/** Seconds of one sample: the calls, by a few writers at once. */
async function sample(run: (at: number) => Promise<unknown>, calls: number, offset: number): Promise<number> {
  const startedAt = performance.now();
  const work = async (writer: number): Promise<void> => {
    for (let at = writer; at < calls; at += WRITERS) await run(offset + at);
  };
  await Promise.all(Array.from({ length: WRITERS }, (_, writer) => work(writer)));
  return (performance.now() - startedAt) / 1000;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

/** The two take turns, so that a busy moment of the machine meets both. */
async function measure({ store, name, against, own, plain, calls }: StoreRow): Promise<StoreResult> {
  const times: { readonly own: number; readonly plain: number }[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    times.push({ plain: await sample(plain, calls, round * calls), own: await sample(own, calls, round * calls) });
  }
  const measured = times.slice(1);
  return {
    store,
    name,
    against,
    rate: Math.round(calls / median(measured.map((time) => time.own))),
    ratio: median(measured.map((time) => time.own / time.plain)),
  };
}

async function fill(repository: HealthRepository): Promise<void> {
  await sample((at) => repository.patch(idOf(at), holdUntil(START)), ACCOUNTS, 0);
}

async function postgresResults(): Promise<readonly StoreResult[]> {
  const { pool, close } = await connectPostgres();
  try {
    await migratePostgres(pool);
    const repository = createPostgresHealthRepository(fromPg(pool));
    await fill(repository);
    await pool.query('create table plain (id text collate "C" primary key, until bigint not null)');
    await pool.query('insert into plain select unnest($1::text[]), 0', [IDS]);
    return [
      await measure({
        store: 'PostgreSQL',
        name: 'patch',
        against: 'UPDATE of one column',
        own: (at) => repository.patch(idOf(at), holdUntil(START + at)),
        plain: (at) => pool.query('update plain set until = $2 where id = $1', [idOf(at), START + at]),
        calls: 1_000,
      }),
      await measure({
        store: 'PostgreSQL',
        name: `load of ${ACCOUNTS} accounts`,
        against: 'SELECT of these rows',
        own: () => repository.load(IDS),
        plain: () => pool.query('select account_id, cell, key, value from poolwarden_health where account_id = any($1::text[])', [IDS]),
        calls: WRITERS,
      }),
    ];
  } finally {
    await close();
  }
}

async function redisResults(): Promise<readonly StoreResult[]> {
  const connection = await connectRedis();
  if (connection === null) {
    process.stderr.write(`Redis ${NO_REDIS}\n`);
    return [];
  }
  const { client, prefix, close } = connection;
  try {
    const repository = createRedisHealthRepository(fromIoredis(client), { prefix });
    await fill(repository);
    const { health: keyOf } = redisKeys({ prefix });
    const healthKeys = IDS.map(keyOf);
    const plainKey = (id: string): string => `${prefix}plain:${id}`;
    await sample((at) => client.hset(plainKey(idOf(at)), 'until', '0'), ACCOUNTS, 0);
    return [
      await measure({
        store: 'Redis',
        name: 'patch',
        against: 'HSET of one field',
        own: (at) => repository.patch(idOf(at), holdUntil(START + at)),
        plain: (at) => client.hset(plainKey(idOf(at)), 'until', String(START + at)),
        calls: 4_000,
      }),
      await measure({
        store: 'Redis',
        name: `load of ${ACCOUNTS} accounts`,
        against: 'HGETALL of these hashes',
        own: () => repository.load(IDS),
        plain: () => healthKeys.reduce((pipeline, key) => pipeline.hgetall(key), client.pipeline()).exec(),
        calls: WRITERS,
      }),
    ];
  } finally {
    await close();
  }
}

function line({ store, name, against, rate, ratio }: StoreResult): string {
  const mark = ratio > TARGET ? '·' : ' ';
  return `${mark} ${store.padEnd(11)} ${name.padEnd(24)} ${ratio.toFixed(2).padStart(6)} × ${against.padEnd(24)} target ${TARGET}  ${String(rate).padStart(6)} a second`;
}

const results = [...(await postgresResults()), ...(await redisResults())];
process.stdout.write(process.argv.includes('--json') ? `${JSON.stringify(results)}\n` : `${results.map(line).join('\n')}\n`);
