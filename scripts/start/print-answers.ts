import { type Exit, explain } from 'poolwarden';
import { describeAction, describeDisposition } from './describe-decision.js';
import type { Judged } from './judge.js';
import { formatInstant } from './length.js';
import type { Colour, Paint } from './paint.js';
import { type Cell, type Column, PAGE_WIDTH, rowLines, shorten, titleLine, widthsOf, wrap } from './table.js';

const COLUMNS: readonly Column[] = [
  { title: 'HTTP', max: 4 },
  { title: 'verdict', max: 21 },
  { title: 'scope', max: 12 },
  { title: 'rule', max: 34 },
  { title: 'request', max: 14 },
  { title: 'what changes', max: 22 },
  { title: 'for', max: 13 },
];
const ALL_COLUMNS_MAX = PAGE_WIDTH - 2 - 2 * (COLUMNS.length - 1);

/** The longer the way back, the louder. */
const COLOURS: Readonly<Record<Exit, Colour>> = { none: 'green', time: 'yellow', refresh: 'yellow', probe: 'yellow', operator: 'red' };

/** One row for the verdict and its first change, one more for each further change. */
function rowsOf({ placed, decision }: Judged): readonly (readonly Cell[])[] {
  const { verdict, disposition, actions } = decision;
  const changes = actions.map((action) => describeAction(action, placed.receivedAt));
  const [first, ...others] = changes;
  const colour = COLOURS[verdict.exit];
  const head: readonly Cell[] = [
    { text: String(placed.answer.status) },
    { text: verdict.kind, colour },
    { text: verdict.scope },
    { text: verdict.rule },
    { text: describeDisposition(disposition) },
    first === undefined ? { text: '-', colour: 'dim' } : { text: first.what },
    { text: first?.until ?? '' },
  ];
  const blank: readonly Cell[] = Array.from({ length: 5 }, () => ({ text: '' }));
  return [head, ...others.map(({ what, until }) => [...blank, { text: what }, { text: until }])];
}

/** What was asked, and why each rule matched or did not. */
function explanationLines({ placed, exchange, decision }: Judged, paint: Paint): readonly string[] {
  const indent = 7;
  const line = (text: string, colour: Colour = 'dim'): string =>
    `${' '.repeat(indent)}${paint(shorten(text, PAGE_WIDTH - indent), colour)}`;
  const message =
    decision.verdict.message === null ? [] : wrap(`“${shorten(decision.verdict.message, 600)}”`.split(' '), PAGE_WIDTH - indent, ' ');
  const model = placed.model === null ? 'no model' : `model ${placed.model}`;
  const { considered, summary } = explain(exchange);
  return [
    line(`${placed.answer.id}, ${model}, at ${formatInstant(placed.receivedAt)}`, 'cyan'),
    ...message.map((text) => line(text, 'plain')),
    ...wrap(summary.split(' '), PAGE_WIDTH - indent, ' ').map((text) => line(text, 'plain')),
    ...decision.events.map(({ code, detail }) => line(`event ${code}: ${detail}`)),
    ...considered.map(({ rule, matched, why }) => line(`${matched ? '✓' : '✗'} ${rule}: ${why}`, matched ? 'green' : 'dim')),
    '',
  ];
}

/** The column that gives way where all are wider than the page. */
function fit(widths: readonly number[]): readonly number[] {
  const excess = widths.reduce((sum, width) => sum + width, 0) - ALL_COLUMNS_MAX;
  return widths.map((width, at) => (COLUMNS[at]?.title === 'what changes' && excess > 0 ? width - excess : width));
}

/** The table of the answers, account by account, each in time order. `accountIds` gives the order of accounts. */
export function answerLines(
  judged: readonly Judged[],
  accountIds: readonly string[],
  options: { paint: Paint; explain: boolean },
): readonly string[] {
  const { paint } = options;
  const widths = fit(widthsOf(COLUMNS, judged.flatMap(rowsOf)));
  const sections = accountIds.flatMap((id) => {
    const own = judged.filter(({ exchange }) => exchange.account.id === id);
    const isGuess = own.some(({ placed }) => placed.isGuess);
    const rows = own.flatMap((one) => [...rowLines(rowsOf(one), widths, paint), ...(options.explain ? explanationLines(one, paint) : [])]);
    return ['', `${paint(shorten(id, 80), 'bold')}${isGuess ? paint('  (a guess: --platform and --type say it)', 'dim') : ''}`, ...rows];
  });
  return [titleLine(COLUMNS, widths, paint), ...sections];
}
