import { PGlite } from '@electric-sql/pglite';
import { describe, expect, it, onTestFinished } from 'vitest';
import {
  createPostgresCredentialRepository,
  createPostgresHealthRepository,
  createPostgresSettings,
  migratePostgres,
  postgresMigration,
} from '../../../src/adapters/postgres.js';
import { connectPostgres, type PostgresConnection } from '../../support/postgres-server.js';

const patch = [{ cell: 'refreshRequestedFor', value: 3 }] as const;

async function connected(): Promise<PostgresConnection> {
  const connection = await connectPostgres();
  onTestFinished(connection.close);
  return connection;
}

describe('migratePostgres', () => {
  it('may be run again, and keeps what is stored', async () => {
    const { pool } = await connected();
    await migratePostgres(pool);
    await createPostgresHealthRepository(pool).patch('a', patch);
    await createPostgresSettings(pool).set('key', 'value');
    await migratePostgres(pool);
    expect((await createPostgresHealthRepository(pool).load(['a'])).get('a')?.refreshRequestedFor).toBe(3);
    expect(await createPostgresSettings(pool).get('key')).toBe('value');
  });

  it('may be run by many processes at once', async () => {
    const { pool, schema } = await connected();
    const migrations = Array.from({ length: 30 }, () => migratePostgres(pool));
    expect((await Promise.allSettled(migrations)).filter(({ status }) => status === 'rejected')).toEqual([]);
    const { rows } = await pool.query('select tablename from pg_tables where schemaname = $1 order by 1', [schema]);
    expect(rows.map(({ tablename }) => tablename)).toEqual(['poolwarden_credentials', 'poolwarden_health', 'poolwarden_settings']);
  });

  it('compares cells by their bytes, whatever the database does with texts', async () => {
    const { pool, schema } = await connected();
    await migratePostgres(pool);
    const { rows } = await pool.query(
      `select column_name, collation_name from information_schema.columns where table_schema = $1 and table_name = 'poolwarden_health' order by 1`,
      [schema],
    );
    expect(rows).toEqual(['account_id', 'cell', 'key', 'value'].map((column_name) => ({ column_name, collation_name: 'C' })));
  });

  it('makes a schema that is named, and the repositories find it without the search path', async () => {
    const { pool, schema } = await connected();
    const named = `${schema}_named`;
    onTestFinished(async () => {
      await pool.query(`drop schema if exists ${named} cascade`);
    });
    await Promise.all([1, 2, 3].map(() => migratePostgres(pool, { schema: named })));
    await createPostgresHealthRepository(pool, { schema: named }).patch('a', patch);
    expect((await createPostgresHealthRepository(pool, { schema: named }).load(['a'])).size).toBe(1);
    await createPostgresCredentialRepository(pool, { schema: named }).replace('a', { credentials: {}, expiresAt: null });
    expect(await createPostgresCredentialRepository(pool, { schema: named }).begin('a', 1, { nonce: 'n', ttlMs: 1 })).toEqual({
      kind: 'stale',
      revision: 0,
    });
    await createPostgresSettings(pool, { schema: named }).set('key', 'value');
    expect(await createPostgresSettings(pool, { schema: named }).get('key')).toBe('value');
    await expect(createPostgresHealthRepository(pool).load(['a'])).rejects.toThrow(/does not exist/);
  });

  it('runs in PGlite, and as a text that another tool runs', async () => {
    const database = new PGlite();
    onTestFinished(() => database.close());
    await database.exec(postgresMigration('other'));
    await database.exec(postgresMigration('other'));
    expect((await createPostgresHealthRepository(database, { schema: 'other' }).patch('a', patch)).refreshRequestedFor).toBe(3);
  });

  it.each(['', 'A', '1a', 'a"b', 'a b', "a'b", '$function$', 'a'.repeat(64)])('refuses the schema name %j', async (schema) => {
    const never = { query: () => Promise.reject(new Error('asked the database')) };
    await expect(migratePostgres(never, { schema })).rejects.toMatchObject({ code: 'invalid_schema' });
    expect(() => createPostgresHealthRepository(never, { schema })).toThrow(/invalid_schema/);
    expect(() => createPostgresCredentialRepository(never, { schema })).toThrow(/invalid_schema/);
    expect(() => createPostgresSettings(never, { schema })).toThrow(/invalid_schema/);
  });

  it('says so where the search path names nothing', async () => {
    const { pool } = await connected();
    const client = await pool.connect();
    onTestFinished(() => client.release(true));
    await client.query('set search_path = nowhere');
    await expect(migratePostgres(client)).rejects.toThrow(/search path/);
  });
});
