/** Settings in PostgreSQL: text by key. */
import type { SettingsRepository } from '../../shell/ports.js';
import type { PostgresClient } from './client.js';
import { retryConflicts } from './retry-conflicts.js';
import { type PostgresSchemaOptions, qualifierOf } from './schema.js';

/** Makes a settings repository on the tables of `migratePostgres`; the last write stays. Throws `PolicyError` where the schema is no plain name. */
export function createPostgresSettings(client: PostgresClient, options: PostgresSchemaOptions = {}): SettingsRepository {
  const table = `${qualifierOf(options)}poolwarden_settings`;
  const retrying = retryConflicts(client);
  return {
    async get(key) {
      const { rows } = await retrying.query(`select value from ${table} where key = $1`, [key]);
      return rows[0] === undefined ? null : String(rows[0].value);
    },
    async set(key, value) {
      const statement = `insert into ${table} (key, value) values ($1, $2) on conflict (key) do update set value = excluded.value`;
      await retrying.query(statement, [key, value]);
    },
  };
}
