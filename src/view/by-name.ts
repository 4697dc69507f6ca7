/** Names in an order that is the same in every language. */

/** Compares two texts by their code units, for `sort`. Total, pure. */
export function byName(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
