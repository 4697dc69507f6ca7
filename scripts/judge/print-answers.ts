import { type Exit, explain } from 'poolwarden';
import { byWeight, describeAction, describeDisposition } from './describe-decision.js';
import type { Judged } from './judge-answers.js';
import { formatInstant } from './length.js';
import type { Colour, Paint } from './paint.js';
import { type Cell, type Column, GAP, PAGE_WIDTH, rowLines, shorten, titleLine, widthsOf, wrap } from './table.js';

const COLUMNS: readonly Column[] = [
  { title: 'HTTP', max: 4 },
  { title: 'verdict', max: 21 },
  { title: 'scope', max: 12 },
  { title: 'rule', max: 36 },
  { title: 'request', max: 14 },
  { title: 'what changes', max: 28 },
  { title: 'for', max: 8 },
];
/** The column that gives way where all together are wider than the page. */
const ELASTIC = COLUMNS.findIndex(({ title }) => title === 'what changes');

const LEGEND = 'for: how long it holds; ≤: or until the credential is refreshed; a person: until somebody lifts it';

/** The longer the way back, the louder. */
const COLOURS: Readonly<Record<Exit, Colour>> = { none: 'green', time: 'yellow', refresh: 'yellow', probe: 'yellow', operator: 'red' };

/** One row for the verdict and its first change, one more for each further change. */
function rowsOf({ placed, decision }: Judged): readonly (readonly Cell[])[] {
  const { verdict, disposition, actions } = decision;
  const [first, ...others] = [...actions].sort(byWeight).flatMap((action) => describeAction(action, placed));
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
  const indent = 6;
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

function fitToPage(widths: readonly number[]): readonly number[] {
  const excess = widths.reduce((sum, width) => sum + width + GAP.length, -GAP.length) - PAGE_WIDTH;
  return widths.map((width, at) => (at === ELASTIC && excess > 0 ? width - excess : width));
}

/** An account and the model that was asked of it. */
function headingOf(id: string, own: readonly Judged[], paint: Paint): string {
  const models = new Set(own.map(({ placed }) => placed.model));
  const [model] = models;
  const asked = models.size === 1 && typeof model === 'string' ? `, asked for ${model}` : '';
  const guess = own.some(({ placed }) => placed.isGuess) ? ' (a guess; --platform and --type say otherwise)' : '';
  return `${paint(shorten(id, 60), 'bold')}${paint(shorten(`${asked}${guess}`, PAGE_WIDTH - id.length), 'dim')}`;
}

/** The table of the answers, account by account, each in time order. `accountIds` gives the order of accounts. */
export function answerLines(
  judged: readonly Judged[],
  accountIds: readonly string[],
  options: { readonly paint: Paint; readonly explain: boolean },
): readonly string[] {
  const { paint } = options;
  const widths = fitToPage(widthsOf(COLUMNS, judged.flatMap(rowsOf)));
  const sections = accountIds.flatMap((id) => {
    const own = judged.filter(({ exchange }) => exchange.account.id === id);
    const rows = own.flatMap((one) => [...rowLines(rowsOf(one), widths, paint), ...(options.explain ? explanationLines(one, paint) : [])]);
    return ['', headingOf(id, own, paint), ...rows];
  });
  return [titleLine(COLUMNS, widths, paint), ...sections, '', paint(LEGEND, 'dim')];
}
