/** What one group of columns adds to the statements. */

/** One column that a patch writes. */
export interface Assignment {
  readonly column: string;
  /** SQL over the row `s`: what the column is to be, which may be what it is. */
  readonly value: string;
}

/**
 * One group of columns. `r` is the row as it was read (with `cells`, `memory`, `now` and the group's own columns), `s` that row with `next`, the cells as they then are, and what the group looked up.
 * Names that a group adds begin with the name of its cell.
 */
export interface Part {
  /** The cell that is mapped, as the row remembers it. */
  readonly cell: string;
  /** What is read of the owner's row: items of a select list. */
  readonly columns: readonly string[];
  /** What the owner's columns add to the cells: queries of (cell, key, text, form), over `r`. */
  readonly adopted: readonly string[];
  /** Items of a select list over `r` and its `next`, looked up once for all assignments. */
  readonly shown: readonly string[];
  readonly assignments: readonly Assignment[];
  /** What the row remembers beside the cells: SQL of a JSONB value over `s`, by key. */
  readonly remembered?: Readonly<Record<string, string>>;
}

/**
 * Whether a difference between a cell and its column was made by another program: only where this row was last written under this mapping, so that a column that is mapped later, or that
 * a process of another configuration left alone, is not taken for a change. `cell` is SQL of a text.
 */
export function wasMapped(cell: string): string {
  return `coalesce(r.memory->'mapped' @> to_jsonb(${cell}::text), false)`;
}
