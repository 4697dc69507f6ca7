/** The pool in a few numbers. */

/** How many accounts have each of these statuses. Pure. */
export function countByStatus(statuses: Iterable<string>): Readonly<Record<string, number>> {
  const counts = new Map<string, number>();
  for (const status of statuses) counts.set(status, (counts.get(status) ?? 0) + 1);
  return Object.fromEntries(counts);
}
