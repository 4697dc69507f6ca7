/** Health in a table that the gateway already has: our cells in one column, and the owner's columns as other programs know them. */
import type { AccountHealth } from '../../core/health.js';
import { parseJson } from '../../core/json.js';
import type { HealthRepository } from '../../shell/ports.js';
import type { PostgresClient, PostgresRow } from './client.js';
import { mayBeId } from './mapped/account-id.js';
import { healthFromTexts, textsOf } from './mapped/cell-texts.js';
import { checkMapping } from './mapped/check-mapping.js';
import type { MappedTable } from './mapped/mapping.js';
import { MissingAccountError } from './mapped/missing-account-error.js';
import { statementsFor } from './mapped/statements.js';
import { retryConflicts } from './retry-conflicts.js';

function healthOf({ cells }: PostgresRow): AccountHealth {
  return healthFromTexts(parseJson(String(cells)));
}

/**
 * Makes a health repository over a table of the owner's. All cells are kept exactly in one `jsonb` column (`addCellsColumn`), so it joins as every repository does; the columns of the mapping
 * show what other programs read. What another program changed in them meanwhile is adopted, by `load` and by `patch`: a later end extends the hold, an emptied column clears it, an
 * error raises or lifts ours. A patch is one statement, under the row's lock; it writes only what differs.
 *
 * A patch of an account without a row rejects with a `MissingAccountError`. Throws a `PolicyError` where the mapping is wrong.
 *
 * @example createMappedRepository(pool, { table: 'accounts', id: 'id', cells: { rateLimit: { until: 'rate_limit_reset_at' } } })
 */
export function createMappedRepository(client: PostgresClient, table: MappedTable): HealthRepository {
  const mapping = checkMapping(table);
  const statements = statementsFor(mapping);
  const retrying = retryConflicts(client);
  return {
    async load(accountIds) {
      const ids = accountIds.filter((id) => mayBeId(id, mapping.id.type));
      const { rows } = await retrying.query(statements.load, [JSON.stringify(ids)]);
      return new Map(rows.map((row) => [String(row.id), healthOf(row)]));
    },
    async patch(accountId, patch) {
      if (!mayBeId(accountId, mapping.id.type)) throw new MissingAccountError(accountId);
      const { rows } = await retrying.query(statements.patch, [accountId, JSON.stringify(textsOf(patch))]);
      const [row] = rows;
      if (row === undefined) throw new MissingAccountError(accountId);
      return healthOf(row);
    },
  };
}
