/** Health as rows of cells, there and back. */
import { isCellName, keyOf } from '../../core/cell-names.js';
import { cleanPatch } from '../../core/clean-patch.js';
import { decodeCell } from '../../core/decode-cell.js';
import { encodeCell } from '../../core/encode-cell.js';
import { type AccountHealth, EMPTY_HEALTH } from '../../core/health.js';
import { mergeHealth, patchOf } from '../../core/merge-health.js';
import type { CellWrite, HealthPatch } from '../../core/patch.js';
import type { PostgresRow } from './client.js';

/** One cell of an account as it is stored. `key` is empty where the cell has none. */
export interface CellRow {
  readonly cell: string;
  readonly key: string;
  readonly value: string;
}

/** The columns that `cellRow` reads. Cell and key are one, since PGlite takes a byte-order mark off the beginning of a text, and a key may begin with one. */
export const CELL_COLUMNS = "cell || ' ' || key as name, value";

/** A row of a result as a cell. No name of a cell has a space. */
export function cellRow({ name, value }: PostgresRow): CellRow {
  const text = String(name);
  const border = text.indexOf(' ');
  return { cell: text.slice(0, border), key: text.slice(border + 1), value: String(value) };
}

/** The write that a row holds; null where it is malformed, or of a cell that this version does not know. */
export function writeOf({ cell, key, value }: CellRow): CellWrite | null {
  return isCellName(cell) ? decodeCell(cell, key, value) : null;
}

/** A patch as rows: cleaned, and each cell once. What is no cell is left out. */
export function rowsOf(patch: HealthPatch): readonly CellRow[] {
  const clean = cleanPatch(patch);
  const joined = clean.length < 2 ? clean : patchOf(mergeHealth(EMPTY_HEALTH, clean));
  return joined.map((write) => ({ cell: write.cell, key: keyOf(write), value: encodeCell(write) }));
}

/** The health that rows hold. Malformed cells are left out; those of a newer version are in `unknown`, under their name, or their name and key. */
export function healthOf(rows: readonly CellRow[]): AccountHealth {
  const writes: CellWrite[] = [];
  const unknown = new Map<string, string>();
  for (const row of rows) {
    const write = writeOf(row);
    if (write !== null) writes.push(write);
    else if (!isCellName(row.cell)) unknown.set(row.key === '' ? row.cell : `${row.cell} ${row.key}`, row.value);
  }
  const health = mergeHealth(EMPTY_HEALTH, writes);
  return unknown.size === 0 ? health : { ...health, unknown };
}

/** Rows of many accounts by account id. */
export function rowsByAccount(rows: readonly PostgresRow[]): ReadonlyMap<string, readonly CellRow[]> {
  const found = new Map<string, CellRow[]>();
  for (const row of rows) {
    const accountId = String(row.account_id);
    const cells = found.get(accountId);
    if (cells === undefined) found.set(accountId, [cellRow(row)]);
    else cells.push(cellRow(row));
  }
  return found;
}
