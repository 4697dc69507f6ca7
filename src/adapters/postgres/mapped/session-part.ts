/** The columns of the 5-hour window: observations, so that what another program wrote is an observation later than ours. */
import { MAX_INSTANT, SESSION_WINDOW_MS } from '../../../core/time.js';
import { FORMS } from './cell-forms.js';
import type { CheckedMapping } from './check-mapping.js';
import { type Part, wasMapped } from './part.js';
import { identifier, literal, thirteenDigits, toMs, toTimestamp, wellFormed } from './sql-text.js';

type Columns = NonNullable<CheckedMapping['cells']['sessionWindow']>;
type SessionCell = 'sessionWindow.header' | 'sessionWindow.status' | 'sessionWindow.predicted';

const STATUS = '^[a-z0-9_.:-]{1,64}$';

function textAt(cells: string, cell: SessionCell): string {
  return wellFormed(`(${cells}->'${cell}'->>'')`, literal(FORMS[cell]));
}

/** The end that the observed window has, and the guessed one; 0 where there is none. */
function headerEnd(cells: string): string {
  return `coalesce(substr(${textAt(cells, 'sessionWindow.header')}, 15, 13)::bigint, 0)`;
}

function predictedEnd(cells: string): string {
  return `coalesce(least(${textAt(cells, 'sessionWindow.predicted')}::bigint + ${SESSION_WINDOW_MS}, ${MAX_INSTANT}), 0)`;
}

/** An instant for the observation: just after the one that is stored; where there is none, the start of the window, so that any other is later. */
function observedAfter(stored: string): string {
  return thirteenDigits(`coalesce(left(${stored}, 13)::bigint + 1, greatest(r.sessionWindow_ms - ${SESSION_WINDOW_MS}, 0))`);
}

/** A window or status that is none of those we showed is another program's observation. An empty column says nothing: observations are not cleared. */
const ADOPTED: readonly string[] = [
  `select 'sessionWindow.header', '', ${observedAfter('h.stored')} || ' ' || ${thirteenDigits('r.sessionWindow_ms')}, ${literal(FORMS['sessionWindow.header'])}
    from (select ${textAt('r.cells', 'sessionWindow.header')} as stored) as h
    where r.sessionWindow_ms not in (0, ${headerEnd('r.cells')}, ${predictedEnd('r.cells')})
      and (h.stored is null and ${textAt('r.cells', 'sessionWindow.predicted')} is null or ${wasMapped("'sessionWindow'")})`,
  `select 'sessionWindow.status', '', ${observedAfter('h.stored')} || ' ' || r.sessionWindow_status, ${literal(FORMS['sessionWindow.status'])}
    from (select ${textAt('r.cells', 'sessionWindow.status')} as stored) as h
    where r.sessionWindow_status ~ '${STATUS}' and r.sessionWindow_status is distinct from substr(h.stored, 15)
      and (h.stored is null or ${wasMapped("'sessionWindow'")})`,
];

/** The window that a reader of the columns should see: the observed one while it runs, else the guessed one. */
const SHOWN_END = `case when ${headerEnd('n.next')} >= n.now or ${predictedEnd('n.next')} = 0 then ${headerEnd('n.next')} else ${predictedEnd('n.next')} end`;

function hasChanged(...cells: readonly SessionCell[]): string {
  return cells.map((cell) => `n.next->'${cell}' is distinct from n.cells->'${cell}'`).join(' or ');
}

function assignmentsOf({ start, end, status }: Columns): Part['assignments'] {
  const when = 's.sessionWindow_changed and s.sessionWindow_next <> s.sessionWindow_ms';
  return [
    {
      column: start,
      value: `case when ${when} then ${toTimestamp(`(s.sessionWindow_next - ${SESSION_WINDOW_MS})`)} else s.sessionWindow_start end`,
    },
    { column: end, value: `case when ${when} then ${toTimestamp('s.sessionWindow_next')} else s.sessionWindow_end end` },
    { column: status, value: `case when s.sessionWindow_status_changed then s.sessionWindow_status_next else s.sessionWindow_status end` },
  ];
}

/** The part of the session window; none where it is not mapped. */
export function sessionParts({ cells: { sessionWindow: columns } }: CheckedMapping): readonly Part[] {
  if (columns === undefined) return [];
  return [
    {
      cell: 'sessionWindow',
      columns: [
        `${identifier(columns.start)} as sessionWindow_start`,
        `${identifier(columns.end)} as sessionWindow_end`,
        `${toMs(identifier(columns.end))} as sessionWindow_ms`,
        `${identifier(columns.status)} as sessionWindow_status`,
      ],
      adopted: ADOPTED,
      shown: [
        `${SHOWN_END} as sessionWindow_next`,
        `(${hasChanged('sessionWindow.header', 'sessionWindow.predicted')}) as sessionWindow_changed`,
        `substr(${textAt('n.next', 'sessionWindow.status')}, 15) as sessionWindow_status_next`,
        `(${hasChanged('sessionWindow.status')}) as sessionWindow_status_changed`,
      ],
      assignments: assignmentsOf(columns),
    },
  ];
}
