/** The columns of the errors: one status and one message for several cells. */
import { encodeCell } from '../../../core/encode-cell.js';
import { ERROR_KINDS } from '../../../core/health.js';
import { toPatches } from '../../../core/to-patches.js';
import type { CheckedMapping } from './check-mapping.js';
import { adoptedText, clearedText } from './hold-sql.js';
import { type Assignment, type Part, wasMapped } from './part.js';
import { identifier, instantIn, literal, objectOf, TUPLE, textField, tupleAt, wellFormed } from './sql-text.js';

type Columns = NonNullable<CheckedMapping['cells']['errors']>;

/** All but the generation of a cleared error. */
const CLEARED_ERROR: string = [...toPatches([{ type: 'clear_error', accountId: '', kind: 'custom', generation: 0 }]).values()]
  .flat()
  .map(encodeCell)
  .join('')
  .slice(10);

/** When an error of another program was seen for the first time is not known: the first instant that counts, so that whatever is evidenced later is greater. */
const UNKNOWN_INSTANT = '1';

/** What the row remembers of the errors: the message that was shown last, and whether the account was switched off for them. */
const MEMORY = 'error';
const remembered = (row: string, field: string): string => `(${row}.memory->'${MEMORY}'->>'${field}')`;

/** The errors that count, of some cells. */
function activeErrors(cells: string): string {
  const text = wellFormed('e.value', literal(TUPLE));
  return `(select e.key, ${text} as text from jsonb_each_text(${objectOf(`(${cells}->'errors')`)}) as e where ${instantIn(text)} > 0)`;
}

const HAS_WORDS = "~ '[^[:space:]]'";

/** Whether the owner's columns say that there is an error, and whether they say that there is none: neither where an operator switched the account off. */
function saidBy({ status, message, schedulable }: Columns): { readonly error: string; readonly none: string } {
  if (status !== undefined) {
    const is = (value: string): string => `coalesce(${identifier(status.column)} = ${literal(value)}, false)`;
    return { error: is(status.error), none: is(status.active) };
  }
  const hasMessage = `coalesce(${identifier(message)} ${HAS_WORDS}, false)`;
  const error = schedulable === undefined ? hasMessage : `(${hasMessage} and not coalesce(${identifier(schedulable)}, true))`;
  return { error, none: `not ${error}` };
}

/** The kind that a message of another program is of. */
function kindOfMessage({ heads }: Columns): string {
  const message = `lower(r.errors_message collate "C")`;
  const cases = heads.map(([head, kind]) => `when starts_with(${message}, ${literal(head.toLowerCase())}) then '${kind}'`);
  return `(case ${cases.join(' ')} else 'custom' end)`;
}

function adopted(columns: Columns): readonly string[] {
  const stored = tupleAt('r.cells', "'errors'", 'e.key');
  const words = `jsonb_build_object('message', left(coalesce(r.errors_message, ''), 1024), 'link', null)`;
  const active = `select from ${activeErrors('r.cells')} as a`;
  return [
    // An error that we do not show: none of ours counts, or the words are new and of a kind that does not count yet.
    `select 'errors', e.key, ${adoptedText('e.stored', UNKNOWN_INSTANT, words)}, ${literal(TUPLE)}
      from (select e.key, ${stored} as stored from (select ${kindOfMessage(columns)} as key) as e) as e
      where r.errors_said and not exists (${active} where a.key = e.key)
        and (not exists (${active}) or (coalesce(r.errors_message, '') <> coalesce(${remembered('r', 'message')}, '') and ${wasMapped("'errors'")}))`,
    // Errors that we showed, and that somebody lifted.
    `select 'errors', a.key, ${clearedText('a.text', CLEARED_ERROR)}, ${literal(TUPLE)}
      from ${activeErrors('r.cells')} as a where r.errors_none and ${wasMapped("'errors'")}`,
  ];
}

/** The words of the most severe error that counts, or its rule where it has none. NULL: no error counts. */
const TOP_WORDS = `(select case when w.words ${HAS_WORDS} then w.words else split_part(substr(a.text, 37), ' ', 1) end
  from ${activeErrors('n.next')} as a, lateral (select ${textField('a.text', 'message')} as words) as w
  order by array_position(array[${ERROR_KINDS.map(literal).join(', ')}], a.key) limit 1)`;

const RAISES = '(s.errors_none and s.errors_top is not null)';
const SETTLES = '(s.errors_said and s.errors_top is null)';
/** The message is the one that we left there, and what it has to say is another by now. */
const IS_OUTDATED = `(s.errors_said and coalesce(s.errors_message, '') = ${remembered('s', 'message')} and s.errors_top <> ${remembered('s', 'top')})`;
const MESSAGE = `case when ${SETTLES} then null when ${RAISES} or ${IS_OUTDATED} then s.errors_top else s.errors_message end`;

/** Whether it was an error that switched the account off: one of ours, or one that we found with the account off. */
const WAS_OFF = `coalesce(${remembered('s', 'off')}::boolean, s.errors_said and s.errors_were_none and not s.errors_schedulable, false)`;

function memoryOf({ schedulable }: Columns): string {
  const off = schedulable === undefined ? 'false' : `${WAS_OFF} or coalesce(${RAISES} and s.errors_schedulable, false)`;
  return `case when s.errors_top is not null then jsonb_build_object('top', s.errors_top, 'message', coalesce(${MESSAGE}, ''), 'off', ${off}) end`;
}

function assignmentsOf({ status, message, schedulable }: Columns): readonly Assignment[] {
  const all: readonly Assignment[] = [{ column: message, value: MESSAGE }];
  const ofStatus = ({ column, error, active }: NonNullable<Columns['status']>): Assignment => ({
    column,
    value: `case when ${RAISES} then ${literal(error)} when ${SETTLES} then ${literal(active)} else s.errors_status end`,
  });
  const ofSwitch = (column: string): Assignment => ({
    column,
    value: `case when ${RAISES} then false when s.errors_top is null and ${WAS_OFF} then true else s.errors_schedulable end`,
  });
  return [...all, ...(status === undefined ? [] : [ofStatus(status)]), ...(schedulable === undefined ? [] : [ofSwitch(schedulable)])];
}

/** The part of the errors; none where they are not mapped. */
export function errorParts({ cells: { errors: columns } }: CheckedMapping): readonly Part[] {
  if (columns === undefined) return [];
  const { status, message, schedulable } = columns;
  const said = saidBy(columns);
  return [
    {
      cell: 'errors',
      columns: [
        `${identifier(message)} as errors_message`,
        `${said.error} as errors_said`,
        `${said.none} as errors_none`,
        ...(status === undefined ? [] : [`${identifier(status.column)} as errors_status`]),
        ...(schedulable === undefined ? [] : [`${identifier(schedulable)} as errors_schedulable`]),
      ],
      adopted: adopted(columns),
      shown: [`${TOP_WORDS} as errors_top`, `not exists (select from ${activeErrors('n.cells')} as a) as errors_were_none`],
      assignments: assignmentsOf(columns),
      remembered: { [MEMORY]: memoryOf(columns) },
    },
  ];
}
