/** A row from before there were cells, read as health: what `load` makes of it, without asking the server. */
import type { AccountError, AccountHealth, ErrorKind, Hold, HoldKind } from '../../../core/health.js';
import { CREDITS_KEY } from '../../../core/health.js';
import { healthFromJson } from '../../../core/health-json.js';
import { isObject, type JsonObject, own, ownObject, ownText, parseJson } from '../../../core/json.js';
import { readRfc3339 } from '../../../core/read-instant.js';
import { redactShapes } from '../../../core/redact.js';
import { isIdentifier } from '../../../core/text.js';
import { clampInstant, type EpochMs, MAX_INSTANT, SESSION_WINDOW_MS } from '../../../core/time.js';
import { type CheckedErrors, type CheckedMapping, checkMapping, holdColumns } from './check-mapping.js';
import { IMPORTED } from './hold-sql.js';
import { KIND_OF_HOLD } from './holds-part.js';
import type { MappedTable } from './mapping.js';
import { ownersError } from './owner-words.js';

/** The server's own form, `2026-03-01 10:00:00.123456+00`, lacks what RFC 3339 asks for. */
const SERVER_FORM = /^(\d{4}-\d{2}-\d{2}) (\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?[+-]\d{2})$/;
/** A year from 2100 on. */
const FAR_YEAR = /^(?:2[1-9]|[3-9]\d)\d\d(?=-)/;

/** An instant as drivers and JSON give it: a Date, RFC 3339, or epoch milliseconds. What is after 2100 is brought before it, and what cannot be read is 0: none. */
function instantFrom(value: unknown): EpochMs {
  if (value instanceof Date) return clampInstant(value.getTime());
  if (typeof value === 'number') return clampInstant(value);
  if (typeof value !== 'string') return 0;
  const text = value.trim().replace(SERVER_FORM, '$1T$2:00');
  const near = readRfc3339(text.replace(FAR_YEAR, '2000'));
  return near !== null && FAR_YEAR.test(text) ? MAX_INSTANT : (near ?? 0);
}

function textFrom(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function jsonFrom(value: unknown): JsonObject {
  const json = typeof value === 'string' ? parseJson(value) : value;
  return isObject(json) ? json : {};
}

function importedHold(until: EpochMs, kind: HoldKind, reason: string): Hold | null {
  if (until === 0) return null;
  const detail = ownText(jsonFrom(reason), 'error_message') ?? reason;
  return { generation: 0, credentialRevision: -1, until, rule: IMPORTED, kind, detail: redactShapes(detail) };
}

function importedModels(row: JsonObject, { cells: { modelRateLimits: columns } }: CheckedMapping): readonly (readonly [string, Hold])[] {
  if (columns === undefined) return [];
  const entries = Object.entries(ownObject(jsonFrom(own(row, columns.column)), columns.key) ?? {});
  return entries.flatMap(([model, entry]) => {
    const json = jsonFrom(entry);
    const hold = importedHold(
      instantFrom(textFrom(own(json, columns.until))),
      model === CREDITS_KEY ? 'credits' : 'quota',
      textFrom(own(json, 'reason')),
    );
    return hold === null ? [] : [[model, hold] as const];
  });
}

function importedSession(row: JsonObject, { cells: { sessionWindow: columns } }: CheckedMapping): Partial<AccountHealth['sessionWindow']> {
  if (columns === undefined) return {};
  const end = instantFrom(own(row, columns.end));
  const status = textFrom(own(row, columns.status));
  const observedAt = Math.max(0, end - SESSION_WINDOW_MS);
  return { header: end === 0 ? null : { observedAt, end }, status: isIdentifier(status) ? { observedAt, status } : null };
}

function saysError(row: JsonObject, { status, message, schedulable }: CheckedErrors): boolean {
  if (status !== undefined) return own(row, status.column) === status.error;
  const isOn = schedulable !== undefined && own(row, schedulable) !== false;
  return textFrom(own(row, message)).trim() !== '' && !isOn;
}

/** The kind that a text of the owner's is of, by how it begins. */
function kindOf(message: string, { heads }: CheckedErrors): ErrorKind {
  const lowerCase = message.toLowerCase();
  return heads.find(([head]) => lowerCase.startsWith(head.toLowerCase()))?.[1] ?? 'custom';
}

function importedErrors(row: JsonObject, { cells: { errors: columns } }: CheckedMapping): readonly (readonly [ErrorKind, AccountError])[] {
  if (columns === undefined || !saysError(row, columns)) return [];
  const message = textFrom(own(row, columns.message));
  const kind = kindOf(message, columns);
  return [[kind, ownersError(kind, { generation: 0, credentialRevision: -1, at: 1, rule: IMPORTED, message, link: null })]];
}

/**
 * The health that a row of the owner's says, where the column of cells is still empty: each hold, model, window and error of the mapped columns as a cell of generation 0 and rule `imported`,
 * bound to no credential. `row` is the row by column names, as a driver gives it; a Date has lost its microseconds. When an error was set is not known: `at` is 1. Its kind is told by how
 * its text begins. `schedulable = false` beside an error belongs to the error: read an operator's pause as `schedulable = false` without one.
 *
 * Total on plain data. Throws a `PolicyError` where the mapping is wrong.
 *
 * @example importRow({ id: 'a', overload_until: '2026-03-01T10:00:00Z' }, { table: 'accounts', id: 'id', cells: { overload: { until: 'overload_until' } } })
 */
export function importRow(row: Readonly<Record<string, unknown>>, table: MappedTable): AccountHealth {
  const mapping = checkMapping(table);
  const holds = holdColumns(mapping).map(({ cell, until, detail }) => {
    const reason = detail === undefined ? '' : textFrom(own(row, detail));
    return [cell, importedHold(instantFrom(own(row, until)), KIND_OF_HOLD[cell], reason)] as const;
  });
  return healthFromJson({
    ...Object.fromEntries(holds),
    modelRateLimits: importedModels(row, mapping),
    sessionWindow: importedSession(row, mapping),
    errors: importedErrors(row, mapping),
  });
}
