/** The two statements of a mapped table: to load, and to join a patch into one row. */
import { MAX_STRIKES } from '../../../core/health.js';
import { FORMS } from './cell-forms.js';
import type { CheckedMapping } from './check-mapping.js';
import { errorParts } from './errors-part.js';
import { holdParts } from './holds-part.js';
import { modelParts } from './models-part.js';
import type { Part } from './part.js';
import { sessionParts } from './session-part.js';
import { identifier, literal, objectOf, tableName, wellFormed } from './sql-text.js';

/** Texts of statements, the same for every account. */
export interface Statements {
  /** $1: a JSON array of ids. Rows of (id, cells), for the ids that the table has. */
  readonly load: string;
  /** $1: an id; $2: a JSON array of `CellText`. One row of (cells), as they are then; none where the table has no such row. */
  readonly patch: string;
}

const GIVEN =
  'select g.cell, g.key, g.text, g.form from jsonb_to_recordset($2::text::jsonb) as g(cell text, key text, text text, form text)';

/** Of each kind the evidence of the highest generation, newest first. */
const PRUNED_STRIKES = `(select coalesce(jsonb_object_agg(e.key, e.value), '{}') from (
    select e.key, e.value, row_number() over (same_kind order by e.value collate "C" desc, e.key collate "C" desc) as place,
      max(left(e.value, 10) collate "C") over same_kind as generation
    from jsonb_each_text(y.texts) as e where e.value ~ ${literal(FORMS.strikes)} window same_kind as (partition by split_part(e.key, ' ', 1))) as e
  where e.place <= ${MAX_STRIKES} and left(e.value, 10) = e.generation)`;

/** The row as it is, and what follows from it before anything is written. */
function read(mapping: CheckedMapping, parts: readonly Part[], where: string): string {
  const column = identifier(mapping.column);
  const columns = [`${identifier(mapping.id.column)} as row_id`, `${column} as doc_column`, `${objectOf(column)} as doc`];
  return `w as materialized (select ${[...columns, ...parts.flatMap((part) => part.columns)].join(',\n  ')}
  from ${tableName(mapping)} where ${where}),
r as materialized (select w.*, ${objectOf("(w.doc->'cells')")} as cells, w.doc - 'cells' as memory, floor(extract(epoch from clock_timestamp()) * 1000)::bigint as now from w)`;
}

/** The cells as they are with the greater of what is stored, given and adopted. */
function join(sources: readonly string[]): string {
  const stored = wellFormed('(r.cells->x.cell->>x.key)', 'x.form');
  const texts = `${objectOf('(r.cells->x.cell)')} || jsonb_object_agg(x.key, x.text)`;
  return `n as materialized (select r.*, r.cells || coalesce(z.news, '{}') as next from r left join lateral (
  select jsonb_object_agg(y.cell, case y.cell when 'strikes' then ${PRUNED_STRIKES} else y.texts end) as news from (
    select x.cell, ${texts} as texts from (
      select x.cell, x.key, max(x.text collate "C") as text from (
${sources.join('\nunion all\n')}
      ) as x(cell, key, text, form)
      where x.text is not null and coalesce(x.text collate "C" > ${stored}, true) group by x.cell, x.key) as x
    group by x.cell) as y) as z on true)`;
}

function memory(parts: readonly Part[]): string {
  const mapped = literal(JSON.stringify(parts.map(({ cell }) => cell)));
  const entries = [`'cells', s.next`, `'mapped', ${mapped}::jsonb`];
  for (const { remembered = {} } of parts) entries.push(...Object.entries(remembered).map(([key, value]) => `'${key}', ${value}`));
  return `case when s.next = '{}' then s.doc_column else s.memory || jsonb_build_object(${entries.join(', ')}) end`;
}

function patchStatement(mapping: CheckedMapping, parts: readonly Part[]): string {
  const id = identifier(mapping.id.column);
  const writes = [{ column: mapping.column, value: memory(parts) }, ...parts.flatMap((part) => part.assignments)];
  const columns = writes.map(({ column }) => identifier(column));
  const before = columns.map((column) => `t.${column}`).join(', ');
  const after = columns.map((_, at) => `v.v${at}`).join(', ');
  return `with ${read(mapping, parts, `${id} = $1::text::${mapping.id.type} for no key update`)},
${join([GIVEN, ...parts.flatMap((part) => part.adopted)])},
s as materialized (select ${['n.*', ...parts.flatMap((part) => part.shown)].join(',\n  ')} from n),
v as materialized (select ${['s.row_id', 's.next', ...writes.map(({ value }, at) => `${value} as v${at}`)].join(',\n  ')} from s),
u as (update ${tableName(mapping)} as t set ${columns.map((column, at) => `${column} = v.v${at}`).join(', ')}
  from v where t.${id} = v.row_id and row(${before}) is distinct from row(${after}))
select v.next::text as cells from v`;
}

function loadStatement(mapping: CheckedMapping, parts: readonly Part[]): string {
  const ids = `select i.id::${mapping.id.type} from jsonb_array_elements_text($1::text::jsonb) as i(id)`;
  const sources = parts.flatMap((part) => part.adopted);
  const rows = `with ${read(mapping, parts, `${identifier(mapping.id.column)} in (${ids})`)}`;
  if (sources.length === 0) return `${rows}\nselect r.row_id::text as id, r.cells::text as cells from r`;
  return `${rows},\n${join(sources)}\nselect n.row_id::text as id, n.next::text as cells from n`;
}

/** The statements of a mapping. The join is made under the row's lock, by the server, in the one statement that also writes: no other write can come between. */
export function statementsFor(mapping: CheckedMapping): Statements {
  const parts = [...holdParts(mapping), ...modelParts(mapping), ...sessionParts(mapping), ...errorParts(mapping)];
  return { load: loadStatement(mapping, parts), patch: patchStatement(mapping, parts) };
}
