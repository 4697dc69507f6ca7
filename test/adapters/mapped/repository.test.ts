/** What the mapped repository does with rows, names, drivers and what should not be there. */
import { PGlite } from '@electric-sql/pglite';
import * as fc from 'fast-check';
import { Pool } from 'pg';
import postgres from 'postgres';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fromPostgresJs, type PostgresClient } from '../../../src/adapters/postgres/client.js';
import { createMappedRepository } from '../../../src/adapters/postgres/create-mapped-repository.js';
import { addCellsColumn } from '../../../src/adapters/postgres/mapped/add-cells-column.js';
import type { MappedTable } from '../../../src/adapters/postgres/mapped/mapping.js';
import { MissingAccountError } from '../../../src/adapters/postgres/mapped/missing-account-error.js';
import { EMPTY_HEALTH } from '../../../src/core/health.js';
import type { HealthPatch } from '../../../src/core/patch.js';
import { PolicyError } from '../../../src/core/policy-error.js';
import { MAX_INSTANT } from '../../../src/core/time.js';
import { hold } from '../../support/accounts.js';
import { DATABASE_URL } from '../../support/postgres-server.js';
import { MAPPING, type MappedDatabase, openMapped, TABLE } from './support.js';

const UNTIL = (Math.floor(Date.now() / 1_000) + 3_600) * 1_000;
const limited: HealthPatch = [{ cell: 'rateLimit', value: hold(UNTIL) }];
const modelLimit = (key: string, until: number = UNTIL): HealthPatch => [{ cell: 'modelRateLimits', key, value: hold(until) }];

let database: MappedDatabase;

beforeAll(async () => {
  database = await openMapped();
});

afterAll(async () => {
  await database.close();
});

describe('rows', () => {
  it('a patch of an account without a row is refused, and makes none (fault F35)', async () => {
    for (const id of ['nobody', '', '__proto__', "a'; drop table accounts; --", 'a\0b', '\ud800']) {
      await expect(database.repository.patch(id, limited)).rejects.toThrow(MissingAccountError);
      expect(await database.repository.load([id])).toEqual(new Map());
    }
    await expect(database.repository.patch('nobody', [])).rejects.toMatchObject({ code: 'missing_account', accountId: 'nobody' });
  });

  it('a row that nobody patched is empty health, and a patch of nothing writes nothing', async () => {
    const id = await database.addRow();
    expect(await database.repository.patch(id, [])).toEqual(EMPTY_HEALTH);
    expect((await database.rowOf(id)).poolwarden).toBeNull();
    expect(await database.repository.load([id])).toEqual(new Map([[id, EMPTY_HEALTH]]));
  });

  it('many rows are loaded by one query', async () => {
    const ids = await Promise.all(Array.from({ length: 200 }, () => database.addRow({ rate_limit_reset_at: new Date(UNTIL) })));
    let queries = 0;
    const counting: PostgresClient = {
      query(text, parameters) {
        queries += 1;
        return database.pool.query(text, [...parameters]);
      },
    };
    const found = await createMappedRepository(counting, MAPPING).load([...ids, ...ids, 'nobody']);
    expect(found.size).toBe(200);
    expect([...found.values()].every(({ rateLimit }) => rateLimit?.until === UNTIL)).toBe(true);
    expect(queries).toBe(1);
  });

  it('a hold is shown in its columns, and a cleared one is NULL there', async () => {
    const id = await database.addRow();
    const value = hold(UNTIL, { kind: 'temporary', detail: 'say "when" \u00e9' });
    await database.repository.patch(id, [...limited, { cell: 'temporary', value }]);
    expect(await database.rowOf(id)).toMatchObject({
      rate_limit_reset_at: UNTIL,
      rate_limited_at: expect.any(Date),
      temp_unschedulable_until: UNTIL,
      temp_unschedulable_reason: 'say "when" é',
      overload_until: null,
    });
    const cleared = hold(0, { generation: 1, rule: 'cleared' });
    await database.repository.patch(id, [
      { cell: 'rateLimit', value: cleared },
      { cell: 'temporary', value: cleared },
    ]);
    expect(await database.rowOf(id)).toMatchObject({
      rate_limit_reset_at: null,
      rate_limited_at: null,
      temp_unschedulable_until: null,
      temp_unschedulable_reason: null,
    });
  });

  it('our own instants are no news, to the millisecond', async () => {
    let shown = 0;
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: UNTIL, max: MAX_INSTANT }), async (until) => {
        const id = await database.addRow();
        const patched = await database.repository.patch(id, [{ cell: 'rateLimit', value: hold(until) }, ...modelLimit('m', until)]);
        expect(patched.rateLimit).toEqual(hold(until));
        expect(await database.repository.patch(id, [])).toEqual(patched);
        shown += Number((await database.rowOf(id)).rate_limit_reset_at === until);
      }),
      { numRuns: 50 },
    );
    expect(shown).toBeGreaterThanOrEqual(50);
  });
});

describe('the JSONB column', () => {
  const NAMES = ['a.b', 'a,b', '{}', "o'brien{,}", '"', '$', ':', '*', '\\', '__proto__', 'constructor', '模型', '😀', 'x'.repeat(256)];

  it('takes every name as it is (faults F37, F38)', async () => {
    const id = await database.addRow({ extra: '{"kept": [1], "model_rate_limits": {"theirs": {"note": 1}}}' });
    for (const name of NAMES) await database.repository.patch(id, modelLimit(name));
    const { extra } = (await database.rowOf(id)) as { readonly extra: { readonly model_rate_limits: object } };
    expect(extra).toMatchObject({ kept: [1], model_rate_limits: { theirs: { note: 1 } } });
    expect(new Set(Object.keys(extra.model_rate_limits))).toEqual(new Set([...NAMES, 'theirs']));
    const health = (await database.repository.load([id])).get(id);
    expect(new Set(health?.modelRateLimits.keys())).toEqual(new Set(NAMES));
  });

  it('never takes what may be no name', async () => {
    const id = await database.addRow();
    for (const name of ['', 'a\0b', '\ud800', 'x'.repeat(257)]) await database.repository.patch(id, modelLimit(name));
    expect(await database.rowOf(id)).toMatchObject({ extra: null, poolwarden: null });
  });

  it('an entry that goes takes nothing with it, and one that stays keeps its other fields', async () => {
    const id = await database.addRow({ extra: '{"model_rate_limits": {"a": {"note": 1}, "b": {"note": 2}}}' });
    await database.repository.patch(id, [...modelLimit('a'), ...modelLimit('b')]);
    await database.repository.patch(id, [{ cell: 'modelRateLimits', key: 'a', value: hold(0, { generation: 1, rule: 'cleared' }) }]);
    const until = new Date(UNTIL).toISOString();
    expect((await database.rowOf(id)).extra).toEqual({
      model_rate_limits: { b: { note: 2, rate_limit_reset_at: until, rate_limited_at: expect.any(String) } },
    });
  });

  it.each(['null', '{}', '{"model_rate_limits": null}', '{"model_rate_limits": 7}'])(
    'parents are made where there is %s (fault F36)',
    async (extra) => {
      const id = await database.addRow({ extra });
      await database.repository.patch(id, modelLimit('a'));
      expect((await database.rowOf(id)).extra).toMatchObject({ model_rate_limits: { a: {} } });
    },
  );

  it('a column that is no object stays as it is, and the cell is kept', async () => {
    const id = await database.addRow({ extra: '[1]' });
    const patched = await database.repository.patch(id, modelLimit('a'));
    expect(patched.modelRateLimits.get('a')).toEqual(hold(UNTIL));
    expect((await database.rowOf(id)).extra).toEqual([1]);
    expect((await database.repository.load([id])).get(id)).toEqual(patched);
    expect(await database.repository.patch(id, [])).toEqual(patched);
  });
});

describe('what the column of cells does not gather', () => {
  const strikes = (generation: number, from: number): HealthPatch =>
    Array.from({ length: 5 }, (_, at) => ({
      cell: 'strikes',
      key: 'forbidden',
      value: { generation, evidence: new Map([[`r:${from + at}`, from + at]]) },
    }));
  const stored = async (id: string): Promise<readonly string[]> => {
    const { poolwarden } = (await database.rowOf(id)) as { readonly poolwarden: { readonly cells: { readonly strikes: object } } };
    return Object.keys(poolwarden.cells.strikes);
  };

  it('more evidence than counts, and evidence from before a clear', async () => {
    const id = await database.addRow();
    for (const from of [1, 6, 11, 16]) await database.repository.patch(id, strikes(0, from));
    expect(new Set(await stored(id))).toEqual(new Set(Array.from({ length: 16 }, (_, at) => `forbidden r:${at + 5}`)));
    await database.repository.patch(id, [{ cell: 'strikes', key: 'forbidden', value: { generation: 1, evidence: new Map() } }]);
    expect(await stored(id)).toEqual(['forbidden ']);
    const patched = await database.repository.patch(id, strikes(0, 90));
    expect(patched.strikes.get('forbidden')).toEqual({ generation: 1, evidence: new Map() });
    expect(await stored(id)).toEqual(['forbidden ']);
  });

  it("limits that are over are not written into the owner's columns", async () => {
    const id = await database.addRow();
    const patched = await database.repository.patch(id, [...modelLimit('a', 5), { cell: 'rateLimit', value: hold(5) }]);
    expect(patched).toMatchObject({ modelRateLimits: new Map([['a', hold(5)]]), rateLimit: hold(5) });
    expect(await database.rowOf(id)).toMatchObject({ extra: null, rate_limit_reset_at: null, rate_limited_at: null });
  });
});

describe('what should not be there', () => {
  const cells = (json: unknown): string => JSON.stringify({ cells: json });

  it.each([
    ['no object', '17'],
    ['cells that are none', cells([])],
    ['a cell that is none', cells({ rateLimit: 'x', modelRateLimits: [1], errors: null })],
    [
      'texts that are none',
      cells({ rateLimit: { '': 5 }, errors: { billing: '0000000000 0000000000 1 x', what: null }, usage: { '5h': 'zzzz' } }),
    ],
    [
      'a text with half its JSON',
      cells({ errors: { billing: '0000000000 0000000000 1767225660000 r 0000000000000000 {"message":"\\ud800' } }),
    ],
    ['strikes that are none', cells({ strikes: { forbidden: 'zz', 'forbidden x': '9', a: {} } })],
  ])('%s is as good as nothing, and is written over', async (_, poolwarden) => {
    const id = await database.addRow({ poolwarden });
    const patch: HealthPatch = [
      ...limited,
      { cell: 'usage', key: '5h', value: { utilization: 0.5, resetAt: null, sampledAt: 1 } },
      { cell: 'strikes', key: 'forbidden', value: { generation: 0, evidence: new Map([['r:1', 1]]) } },
      ...modelLimit('a'),
    ];
    const patched = await database.repository.patch(id, patch);
    expect(patched.rateLimit).toEqual(hold(UNTIL));
    expect(patched.modelRateLimits.get('a')).toEqual(hold(UNTIL));
    expect(patched.usage.get('5h')?.sampledAt).toBe(1);
    expect(patched.strikes.get('forbidden')?.evidence).toEqual(new Map([['r:1', 1]]));
    expect((await database.repository.load([id])).get(id)).toEqual(patched);
  });

  it('cells of a newer version are kept as they are, and given back (fault F46)', async () => {
    const id = await database.addRow({ poolwarden: JSON.stringify({ cells: { novel: { a: [1] }, plain: 'x' }, later: true }) });
    const patched = await database.repository.patch(id, limited);
    expect(patched.unknown).toEqual(
      new Map<string, unknown>([
        ['novel', { a: [1] }],
        ['plain', 'x'],
      ]),
    );
    expect((await database.rowOf(id)).poolwarden).toMatchObject({ cells: { novel: { a: [1] }, plain: 'x' }, later: true });
  });

  it('texts that PostgreSQL refuses are cleaned, and the write succeeds (fault F40)', async () => {
    const id = await database.addRow();
    const detail = 'a\0b\ud800c\u202e';
    const error = { generation: 0, credentialRevision: -1, at: UNTIL, rule: 'r', message: detail, link: null };
    await database.repository.patch(id, [
      { cell: 'temporary', value: hold(UNTIL, { detail }) },
      { cell: 'errors', key: 'custom', value: error },
    ]);
    expect(await database.rowOf(id)).toMatchObject({ temp_unschedulable_reason: 'ab\ufffdc', error_message: 'ab\ufffdc' });
  });

  it('numbers out of bounds are brought within them (fault F44)', async () => {
    const id = await database.addRow();
    const patched = await database.repository.patch(id, [
      { cell: 'overload', value: hold(Number.POSITIVE_INFINITY, { generation: 1e300 }) },
    ]);
    expect(patched.overload).toMatchObject({ until: MAX_INSTANT, generation: 2 ** 31 - 1 });
  });
});

describe('the mapping', () => {
  it.each<readonly [string, unknown, RegExp]>([
    ['an empty table name', { ...MAPPING, table: '' }, /table/],
    ['a name with a backslash', { ...MAPPING, id: 'a\\b' }, /id/],
    ['a name that is too long', { ...MAPPING, column: 'x'.repeat(64) }, /column/],
    ['a type of ids that is none', { ...MAPPING, id: { column: 'id', type: 'money' } }, /id/],
    ['a cell that is none', { ...MAPPING, cells: { rateLimits: { until: 'a' } } }, /cells/],
    ['a hold without an end', { ...MAPPING, cells: { rateLimit: { since: 'a' } } }, /cells.rateLimit/],
    ['a column named twice', { ...MAPPING, cells: { rateLimit: { until: 'a' }, overload: { until: 'a' } } }, /"a" is named twice/],
    ['the column of cells named twice', { ...MAPPING, cells: { rateLimit: { until: 'poolwarden' } } }, /named twice/],
    [
      'one value for two statuses',
      { ...MAPPING, cells: { errors: { message: 'm', status: { column: 's', error: 'x', active: 'x' } } } },
      /differ/,
    ],
    ['no mapping', null, /invalid_mapping/],
  ])('refuses %s', (_, mapping, says) => {
    const make = () => createMappedRepository(database.pool, mapping as MappedTable);
    expect(make).toThrow(PolicyError);
    expect(make).toThrow(says);
  });

  it('takes names with quotes and capitals as they are, in a schema of their own', async () => {
    const mapping: MappedTable = {
      schema: `Own "${crypto.randomUUID().slice(0, 8)}"`,
      table: 'Accounts; drop table "x"',
      id: { column: 'Id', type: 'bigint' },
      column: 'Pool"warden',
      cells: {
        overload: { until: "over'load" },
        modelRateLimits: { column: 'Extra', key: "limits'", until: "end's", since: 'since' },
        errors: { status: { column: 'Status', error: "it's bad", active: 'fine' }, message: 'Message', heads: [["d'oh", 'violation']] },
      },
    };
    const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;
    const schema = quoted(mapping.schema ?? '');
    const table = `${schema}.${quoted(mapping.table)}`;
    await database.pool.query(`create schema ${schema}`);
    try {
      await database.pool.query(`create type ${schema}.status as enum ('fine', 'it''s bad')`);
      await database.pool.query(
        `create table ${table} ("Id" bigint primary key, "over'load" timestamptz, "Extra" jsonb, "Status" ${schema}.status default 'fine', "Message" text)`,
      );
      await addCellsColumn(database.pool, mapping);
      await addCellsColumn(database.pool, mapping);
      await database.pool.query(`insert into ${table} ("Id") values (9007199254740993)`);
      const repository = createMappedRepository(database.pool, mapping);
      const error = { generation: 0, credentialRevision: -1, at: UNTIL, rule: 'r', message: 'm', link: null };
      const patch: HealthPatch = [
        { cell: 'overload', value: hold(UNTIL) },
        ...modelLimit('a'),
        { cell: 'errors', key: 'billing', value: error },
      ];
      const patched = await repository.patch('9007199254740993', patch);
      expect(await repository.load(['9007199254740993', '007', 'x', ''])).toEqual(new Map([['9007199254740993', patched]]));
      const { rows } = await database.pool.query(`select * from ${table}`);
      expect(rows[0]).toMatchObject({
        "over'load": new Date(UNTIL),
        Status: "it's bad",
        Message: 'm',
        Extra: { "limits'": { a: { "end's": expect.any(String) } } },
      });
      await database.pool.query(`update ${table} set "Message" = 'D''OH!'`);
      expect((await repository.load(['9007199254740993'])).get('9007199254740993')?.errors.has('violation')).toBe(true);
      for (const id of ['007', 'x', '', '99999999999999999999'])
        await expect(repository.patch(id, patch)).rejects.toThrow(MissingAccountError);
    } finally {
      await database.pool.query(`drop schema ${schema} cascade`);
    }
  });

  it.each<readonly [type: 'integer' | 'uuid', id: string, others: readonly string[]]>([
    ['integer', '17', ['2147483648', '1.5', ' 17', '+17']],
    ['uuid', '0b0e8a3c-6c6e-4a53-9a2c-5d3f7c1e2a4b', ['0B0E8A3C-6C6E-4A53-9A2C-5D3F7C1E2A4B', 'x']],
  ])('ids of type %s', async (type, id, others) => {
    await database.pool.query(`create table by_${type} (id ${type} primary key, poolwarden jsonb)`);
    await database.pool.query(`insert into by_${type} values ($1)`, [id]);
    const repository = createMappedRepository(database.pool, { table: `by_${type}`, id: { column: 'id', type }, cells: {} });
    const patched = await repository.patch(id, limited);
    expect(await repository.load([id, ...others])).toEqual(new Map([[id, patched]]));
  });
});

describe('other drivers and settings', () => {
  async function exercise(client: PostgresClient): Promise<void> {
    const id = crypto.randomUUID();
    await client.query('insert into accounts (id, extra) values ($1, $2::text::jsonb)', [id, '{"kept": 1}']);
    const repository = createMappedRepository(client, MAPPING);
    const patched = await repository.patch(id, [...limited, ...modelLimit("o'brien{,}")]);
    expect(patched).toMatchObject({ rateLimit: hold(UNTIL), modelRateLimits: new Map([["o'brien{,}", hold(UNTIL)]]) });
    await client.query('update accounts set rate_limit_reset_at = null where id = $1', [id]);
    expect((await repository.load([id])).get(id)?.rateLimit).toMatchObject({ generation: 1, until: 0 });
    expect((await repository.patch(id, limited)).rateLimit).toMatchObject({ generation: 1, until: 0 });
  }

  it('PGlite', { timeout: 60_000 }, async () => {
    const client = await PGlite.create();
    await client.query(TABLE);
    await addCellsColumn(client, MAPPING);
    await exercise(client);
    await client.close();
  });

  it('postgres.js', async () => {
    const sql = postgres(DATABASE_URL, { max: 2, connection: { search_path: database.schema } });
    await exercise(fromPostgresJs(sql));
    await sql.end();
  });

  it('serialisation failures are tried again (fault F43)', async () => {
    const options = `-c search_path=${database.schema} -c default_transaction_isolation=serializable`;
    const pool = new Pool({ connectionString: DATABASE_URL, options, max: 4 });
    let failures = 0;
    const counting: PostgresClient = {
      async query(text, parameters) {
        try {
          return await pool.query(text, [...parameters]);
        } catch (error) {
          failures += 1;
          throw error;
        }
      },
    };
    const id = await database.addRow();
    const repository = createMappedRepository(counting, MAPPING);
    const steps = Array.from({ length: 24 }, (_, step) => step);
    for (const round of [0, 1, 2]) {
      await Promise.all(
        [0, 1].map((writer) =>
          repository.patch(
            id,
            steps.flatMap((step) => modelLimit(`${round}:${writer}:${step}`)),
          ),
        ),
      );
    }
    expect((await database.repository.load([id])).get(id)?.modelRateLimits.size).toBe(3 * 2 * 24);
    expect(failures).toBeGreaterThan(0);
    await pool.end();
  });
});
