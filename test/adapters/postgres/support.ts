/** The drivers that the adapter is tested with, each in a schema or database of its own, migrated. */
import { PGlite } from '@electric-sql/pglite';
import postgres from 'postgres';
import { fromPg, fromPostgresJs, migratePostgres, type PostgresClient } from '../../../src/adapters/postgres.js';
import type { AccountHealth } from '../../../src/core/health.js';
import { healthToJson } from '../../../src/core/health-json.js';
import { connectPostgres } from '../../support/postgres-server.js';

/** A migrated database and what ends it. */
export interface Opened {
  readonly client: PostgresClient;
  readonly close: () => Promise<void>;
}

async function openPg(): Promise<Opened> {
  const { pool, close } = await connectPostgres();
  await migratePostgres(pool);
  return { client: pool, close };
}

async function openPreparedPg(): Promise<Opened> {
  const { pool, close } = await connectPostgres();
  await migratePostgres(pool);
  return { client: fromPg(pool), close };
}

async function openPostgresJs(): Promise<Opened> {
  const { url, schema, close } = await connectPostgres();
  const sql = postgres(url, { connection: { search_path: schema } });
  const client = fromPostgresJs(sql);
  await migratePostgres(client);
  return {
    client,
    async close() {
      await sql.end();
      await close();
    },
  };
}

async function openPglite(): Promise<Opened> {
  const client = new PGlite();
  await migratePostgres(client);
  return { client, close: () => client.close() };
}

/** How long opening may take: PGlite compiles PostgreSQL first, and a busy machine takes its time. */
export const OPENING_MS = 60_000;

/** Every driver, by name. */
export const DRIVERS: readonly { readonly driver: string; readonly open: () => Promise<Opened> }[] = [
  { driver: 'pg', open: openPg },
  { driver: 'pg, prepared', open: openPreparedPg },
  { driver: 'postgres.js', open: openPostgresJs },
  { driver: 'PGlite', open: openPglite },
];

/** Health as text: the same for healths that say the same. */
export function canonical(health: AccountHealth | undefined): string {
  return health === undefined ? 'none' : JSON.stringify(healthToJson(health));
}

/** A client that counts its statements. */
export function counting(client: PostgresClient): PostgresClient & { readonly statements: () => number } {
  let statements = 0;
  return {
    query(text, parameters) {
      statements += 1;
      return client.query(text, parameters);
    },
    statements: () => statements,
  };
}

let accounts = 0;

/** An account id that no other test uses. */
export function freshId(): string {
  accounts += 1;
  return `account ${accounts}`;
}
