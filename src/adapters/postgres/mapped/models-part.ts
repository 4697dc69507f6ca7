/** The limits of models in a JSONB column of the owner's. */
import { CREDITS_KEY } from '../../../core/health.js';
import type { CheckedMapping } from './check-mapping.js';
import { adoptedHold, holdIsShown } from './hold-sql.js';
import type { Part } from './part.js';
import { identifier, instantIn, literal, objectOf, rfc3339ToMs, TUPLE, toRfc3339, wellFormed } from './sql-text.js';

type Columns = NonNullable<CheckedMapping['cells']['modelRateLimits']>;

const MODELS = "'modelRateLimits'";

/** A column with anything but an object can show no model: then nothing is written to it, and what is not in it says nothing. */
function canShow(row: string): string {
  return `coalesce(jsonb_typeof(${row}.modelRateLimits_column), 'null') in ('object', 'null')`;
}

/** The owner's object of models. */
function modelsOf({ column, key }: Columns): string {
  return objectOf(`(${identifier(column)}->${literal(key)})`);
}

/** The end of each model's limit in the owner's column, 0 where none can be read. Keys that no cell may have stay the owner's. */
function endsOf(columns: Columns): string {
  return `(select coalesce(jsonb_object_agg(e.key, ${rfc3339ToMs(`(e.value->>${literal(columns.until)})`)}), '{}')
    from jsonb_each(${modelsOf(columns)}) as e where length(e.key) between 1 and 256)`;
}

/** Every model that the cells or the owner's column know. Both are opened once: they may have hundreds, and are compressed. */
const ADOPTED: string = adoptedHold({
  from: `select ${MODELS} as cell, key, ${wellFormed('c.value', literal(TUPLE))} as stored, coalesce(o.value::bigint, 0) as until
    from jsonb_each_text(${objectOf(`(r.cells->${MODELS})`)}) as c full join jsonb_each_text(r.modelRateLimits_ms) as o using (key) where ${canShow('r')}`,
  kind: `case h.key when ${literal(CREDITS_KEY)} then 'credits' else 'quota' end`,
  detail: `coalesce(r.modelRateLimits_shown->h.key->>'reason', '')`,
});

/** Entries to set, and models whose entry goes: a limit that is cleared or over is no entry. */
function changes({ until, since }: Columns): string {
  const entry = `jsonb_build_object(${literal(until)}, ${toRfc3339('h.until')}, ${literal(since)}, ${toRfc3339('n.now')})`;
  return `(select jsonb_build_object(
      'set', coalesce(jsonb_object_agg(h.key, ${objectOf('(n.modelRateLimits_shown->h.key)')} || ${entry}) filter (where h.until > n.now), '{}'),
      'gone', coalesce(jsonb_agg(h.key) filter (where h.until <= n.now), '[]'))
    from (select key, ${instantIn(wellFormed('c.value', literal(TUPLE)))} as until, coalesce(o.value::bigint, 0) as shown
      from jsonb_each_text(${objectOf(`(n.next->${MODELS})`)}) as c left join jsonb_each_text(n.modelRateLimits_ms) as o using (key) offset 0) as h
    where not ${holdIsShown('h.until', 'h.shown', 'n.now')})`;
}

/** The column with the entries changed: all that it has beside them stays, and a column that is no object stays as it is. */
function changedColumn({ key }: Columns): string {
  const models = `(s.modelRateLimits_shown - array(select jsonb_array_elements_text(s.modelRateLimits_changes->'gone'))) || (s.modelRateLimits_changes->'set')`;
  return `case when s.modelRateLimits_changes <> '{"set": {}, "gone": []}' and ${canShow('s')}
    then jsonb_set(${objectOf('s.modelRateLimits_column')}, array[${literal(key)}], ${models}, true) else s.modelRateLimits_column end`;
}

/** The part of the models' limits; none where they are not mapped. */
export function modelParts({ cells: { modelRateLimits: columns } }: CheckedMapping): readonly Part[] {
  if (columns === undefined) return [];
  return [
    {
      cell: 'modelRateLimits',
      columns: [
        `${identifier(columns.column)} as modelRateLimits_column`,
        `${modelsOf(columns)} as modelRateLimits_shown`,
        `${endsOf(columns)} as modelRateLimits_ms`,
      ],
      adopted: [ADOPTED],
      shown: [`${changes(columns)} as modelRateLimits_changes`],
      assignments: [{ column: columns.column, value: changedColumn(columns) }],
    },
  ];
}
