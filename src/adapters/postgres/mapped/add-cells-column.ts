/** The one change that the owner's table needs. */
import type { PostgresClient } from '../client.js';
import { checkMapping } from './check-mapping.js';
import type { MappedTable } from './mapping.js';
import { identifier, tableName } from './sql-text.js';

/**
 * Adds the column of cells to the owner's table, unless it is there: `jsonb`, NULL in every row, so nothing is rewritten. Idempotent. A gateway with migrations of its own runs the same statement there.
 *
 * @example await addCellsColumn(pool, mapping)
 */
export async function addCellsColumn(client: PostgresClient, table: MappedTable): Promise<void> {
  const mapping = checkMapping(table);
  await client.query(`alter table ${tableName(mapping)} add column if not exists ${identifier(mapping.column)} jsonb`, []);
}
