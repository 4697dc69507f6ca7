import type { Colour, Paint } from './paint.js';

/** One cell: a text, and its colour. */
export interface Cell {
  readonly text: string;
  readonly colour?: Colour;
}

/** One column: its title, and the width that it may have at most; longer texts are cut with `…`. */
export interface Column {
  readonly title: string;
  readonly max: number;
}

/** What a page is wide. */
export const PAGE_WIDTH = 120;

/** Between columns. */
export const GAP = '  ';

/** Characters that would move the cursor or hide text: what upstreams and files say is shown, never obeyed. */
const CONTROL = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/** A text on one line, without control characters, at most `max` characters long. */
export function shorten(text: string, max: number): string {
  const line = text.replace(CONTROL, ' ');
  const characters = [...line];
  return characters.length <= max ? line : `${characters.slice(0, max - 1).join('')}…`;
}

/** Lines of words, each at most `width` characters long where no single word is longer. */
export function wrap(words: readonly string[], width: number, separator: string): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of words) {
    const longer = line === '' ? word : `${line}${separator}${word}`;
    if (longer.length > width && line !== '') {
      lines.push(line);
      line = word;
    } else line = longer;
  }
  return line === '' ? lines : [...lines, line];
}

/** A row without its empty end; its last cell may use the width of what is missing. */
function fillRow(cells: readonly Cell[], widths: readonly number[]): readonly Cell[] {
  const last = cells.findLastIndex(({ text }) => text !== '');
  const restWidth = widths.slice(last).reduce((sum, width) => sum + width + GAP.length, -GAP.length);
  return cells.slice(0, last + 1).map((cell, at) => ({ ...cell, text: shorten(cell.text, at === last ? restWidth : (widths[at] ?? 0)) }));
}

function paintRow(cells: readonly Cell[], widths: readonly number[], paint: Paint): string {
  return fillRow(cells, widths)
    .map(({ text, colour }, at) => paint(text.padEnd(widths[at] ?? 0), colour ?? 'plain'))
    .join(GAP)
    .trimEnd();
}

/** How wide each column has to be for all its rows. */
export function widthsOf(columns: readonly Column[], rows: readonly (readonly Cell[])[]): readonly number[] {
  return columns.map(({ title, max }, at) => {
    const longest = Math.max(title.length, ...rows.map((row) => [...(row[at]?.text ?? '')].length));
    return Math.min(longest, max);
  });
}

/** The titles of columns. */
export function titleLine(columns: readonly Column[], widths: readonly number[], paint: Paint): string {
  return paintRow(
    columns.map(({ title }) => ({ text: title, colour: 'dim' })),
    widths,
    paint,
  );
}

/** Rows, aligned. */
export function rowLines(rows: readonly (readonly Cell[])[], widths: readonly number[], paint: Paint): readonly string[] {
  return rows.map((row) => paintRow(row, widths, paint));
}
