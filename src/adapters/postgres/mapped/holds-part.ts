/** The columns of account-wide holds: what they add to the cells, and what they show of them. */
import type { HoldCell, HoldKind } from '../../../core/health.js';
import type { CheckedMapping } from './check-mapping.js';
import { holdColumns } from './check-mapping.js';
import { adoptedHold, holdIsShown } from './hold-sql.js';
import type { Assignment, Part } from './part.js';
import { identifier, instantIn, literal, textField, toMs, toTimestamp, tupleAt } from './sql-text.js';

/** What a hold is that another program set. */
export const KIND_OF_HOLD: Readonly<Record<HoldCell, HoldKind>> = {
  rateLimit: 'quota',
  overload: 'overload',
  temporary: 'temporary',
  authentication: 'temporary',
};

type Columns = ReturnType<typeof holdColumns>[number];

/** Gateways of this family write JSON where they know more than a sentence. */
function reasonOf(column: string): string {
  return `coalesce(nullif(${textField(column, 'error_message')}, ''), ${column}, '')`;
}

function assignmentsOf({ cell, until, since, detail }: Columns): readonly Assignment[] {
  const value = (column: string, then: string): Assignment => ({
    column,
    value: `case when s.${cell}_is_shown then s.${cell}_${column === until ? 'until' : column === since ? 'since' : 'detail'}
      when s.${cell}_next > s.now then ${then} end`,
  });
  return [
    value(until, toTimestamp(`s.${cell}_next`)),
    ...(since === undefined ? [] : [value(since, toTimestamp('s.now'))]),
    ...(detail === undefined ? [] : [value(detail, `coalesce(${textField(tupleAt('s.next', `'${cell}'`, "''"), 'detail')}, '')`)]),
  ];
}

function partOf(columns: Columns): Part {
  const { cell, until, since, detail } = columns;
  const stored = tupleAt('r.cells', `'${cell}'`, "''");
  const next = instantIn(tupleAt('n.next', `'${cell}'`, "''"));
  const said = detail === undefined ? "''" : reasonOf(`r.${cell}_detail`);
  return {
    cell,
    columns: [
      `${identifier(until)} as ${cell}_until`,
      `${toMs(identifier(until))} as ${cell}_ms`,
      ...(since === undefined ? [] : [`${identifier(since)} as ${cell}_since`]),
      ...(detail === undefined ? [] : [`${identifier(detail)} as ${cell}_detail`]),
    ],
    adopted: [
      adoptedHold({
        from: `select '${cell}' as cell, '' as key, ${stored} as stored, r.${cell}_ms as until`,
        kind: literal(KIND_OF_HOLD[cell]),
        detail: said,
      }),
    ],
    shown: [`${next} as ${cell}_next`, `${holdIsShown(next, `n.${cell}_ms`, 'n.now')} as ${cell}_is_shown`],
    assignments: assignmentsOf(columns),
  };
}

/** One part for each hold that is mapped. */
export function holdParts(mapping: CheckedMapping): readonly Part[] {
  return holdColumns(mapping).map(partOf);
}
