/** Drops cells that have been over for long. */
import { keyOf } from '../../core/cell-names.js';
import { compactHealth } from '../../core/compact-health.js';
import { patchOf } from '../../core/merge-health.js';
import type { CellWrite } from '../../core/patch.js';
import type { EpochMs } from '../../core/time.js';
import { accountPages } from './account-pages.js';
import type { PostgresClient } from './client.js';
import { CELL_COLUMNS, type CellRow, healthOf, rowsByAccount, writeOf } from './health-cells.js';

type Dropped = CellRow & { readonly accountId: string };

function nameOf(write: CellWrite): string {
  return JSON.stringify([write.cell, keyOf(write)]);
}

/** Cells that cannot be read stay: a newer version may know what they say. */
function droppedOf(rows: readonly CellRow[], now: EpochMs): readonly CellRow[] {
  const health = healthOf(rows);
  const compact = compactHealth(health, now);
  if (compact === health) return [];
  const kept = new Set(patchOf(compact).map(nameOf));
  return rows.filter((row) => {
    const write = writeOf(row);
    return write !== null && !kept.has(nameOf(write));
  });
}

/**
 * Drops what `compactHealth` drops at this instant, of every account in the table. A cell is deleted only where it still is what was read, so a write at the same time is never lost.
 */
export async function compactAccounts(client: PostgresClient, table: string, now: EpochMs): Promise<void> {
  for await (const rows of accountPages(client, table, `select account_id, ${CELL_COLUMNS}`)) {
    const dropped = [...rowsByAccount(rows)].flatMap(([accountId, cells]): readonly Dropped[] =>
      droppedOf(cells, now).map((cell) => ({ accountId, ...cell })),
    );
    if (dropped.length === 0) continue;
    await client.query(
      `delete from ${table} as h using unnest($1::text[], $2::text[], $3::text[], $4::text[]) as d (account_id, cell, key, value)
where h.account_id = d.account_id and h.cell = d.cell and h.key = d.key and h.value = d.value`,
      [
        dropped.map(({ accountId }) => accountId),
        dropped.map(({ cell }) => cell),
        dropped.map(({ key }) => key),
        dropped.map(({ value }) => value),
      ],
    );
  }
}
