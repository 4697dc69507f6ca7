/** Makes the tables and functions of the adapter. */
import type { PostgresClient } from './client.js';
import { postgresMigration } from './migration-statement.js';
import type { PostgresSchemaOptions } from './schema.js';

/** The first schema of the search path that there is. */
async function currentSchema(client: PostgresClient): Promise<string> {
  const { rows } = await client.query('select current_schema()::text as schema', []);
  const schema = rows[0]?.schema;
  if (typeof schema === 'string') return schema;
  throw new Error('the search path of the connection names no schema that exists: name one in the options');
}

/**
 * Makes what is missing of the tables and functions (all named `poolwarden_…`), in the schema of the options or else in the first of the search path. May be run at every start, and by many
 * processes at once: an advisory lock puts them in a row. Needs the right to create; the repositories need only to read and write the tables. Rejects with `PolicyError` where the schema is no plain name.
 *
 * @example await migratePostgres(pool)
 */
export async function migratePostgres(client: PostgresClient, { schema }: PostgresSchemaOptions = {}): Promise<void> {
  await client.query(postgresMigration(schema ?? (await currentSchema(client))), []);
}
