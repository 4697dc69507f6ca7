import type { AccountStatus, AccountView, Badge, EpochMs } from 'poolwarden';
import { formatInstant, formatLength } from './length.js';
import type { Colour, Paint } from './paint.js';
import { type Cell, type Column, PAGE_WIDTH, rowLines, titleLine, widthsOf, wrap } from './table.js';

const COLUMNS: readonly Column[] = [
  { title: 'account', max: 24 },
  { title: 'status', max: 18 },
  { title: 'back in', max: 8 },
  { title: 'what a person sees', max: 64 },
];
const TEXT_WIDTH = 64;

const COLOURS: Readonly<Record<AccountStatus, Colour>> = {
  active: 'green',
  error: 'red',
  rate_limited: 'yellow',
  overloaded: 'yellow',
  temp_unschedulable: 'yellow',
  disabled: 'dim',
  expired: 'dim',
};

function badgeText({ label, until }: Badge, now: EpochMs): string {
  return until === null ? `[${label}]` : `[${label}, ${formatLength(until - now)}]`;
}

function backIn({ blockers, until }: AccountView, now: EpochMs): string {
  if (blockers.length === 0) return '-';
  return until === null ? 'a person' : formatLength(until - now);
}

/** Badges, then what blocks and by which rule, then the usage windows. */
function textLines({ badges, blockers, windows }: AccountView, now: EpochMs): readonly Cell[] {
  const lines = (words: readonly string[], separator: string, colour: Colour): readonly Cell[] =>
    wrap(words, TEXT_WIDTH, separator).map((text) => ({ text, colour }));
  const blocked = blockers.map(({ cell, key, rule }) => `${cell}${key === null ? '' : `.${key}`} by ${rule}`);
  const used = windows
    .filter(({ utilization, resetAt }) => utilization > 0 || resetAt !== null)
    .map(({ name, percentText, resetAt, countdown }) => `${name} ${percentText}${resetAt === null ? '' : `, resets in ${countdown}`}`);
  return [
    ...lines(
      badges.map((badge) => badgeText(badge, now)),
      ' ',
      'plain',
    ),
    ...blocked.flatMap((text) => lines([text], ' ', 'dim')),
    ...lines(used, '; ', 'cyan'),
  ];
}

function rowsOf(view: AccountView, now: EpochMs): readonly (readonly Cell[])[] {
  const [first = { text: '-', colour: 'dim' }, ...others] = textLines(view, now);
  const head: readonly Cell[] = [
    { text: view.accountId, colour: 'bold' },
    { text: view.status, colour: COLOURS[view.status] },
    { text: backIn(view, now) },
    first,
  ];
  return [head, ...others.map((cell) => [{ text: '' }, { text: '' }, { text: '' }, cell])];
}

/** The accounts as they are at `now`. */
export function accountLines(accounts: readonly AccountView[], now: EpochMs, paint: Paint): readonly string[] {
  const rows = accounts.flatMap((view) => rowsOf(view, now));
  const widths = widthsOf(COLUMNS, rows);
  const title = `The pool at ${formatInstant(now)}`;
  return [paint(title.slice(0, PAGE_WIDTH), 'bold'), '', titleLine(COLUMNS, widths, paint), ...rowLines(rows, widths, paint)];
}
