/** Cells of a newer version of the library: they cannot be understood, but they can be kept. */
import { compareText } from './order.js';

/** JSON of a value; empty where it has none. */
function jsonOf(value: unknown): string {
  try {
    return JSON.stringify(value) ?? '';
  } catch {
    return '';
  }
}

/**
 * Both maps together. Where both have a cell, the one with the greater JSON text stays: no meaning is known, so all that can be promised is that
 * it does not matter which came first. Returns `a` itself where `b` adds nothing. Total, pure.
 */
export function joinUnknown(a: ReadonlyMap<string, unknown>, b: ReadonlyMap<string, unknown>): ReadonlyMap<string, unknown> {
  const news = [...b].filter(([cell, value]) => !a.has(cell) || compareText(jsonOf(value), jsonOf(a.get(cell))) > 0);
  return news.length === 0 ? a : new Map([...a, ...news]);
}
