/** Everything that an error would show to whoever prints it. */

/** Drivers hang statements, parameters and causes on their errors; deeper than this nobody prints. */
const DEPTH = 5;

/** All texts of an error: message, stack, and its own properties, also those that are not enumerable. */
export function errorText(error: unknown, depth: number = DEPTH): string {
  if (typeof error !== 'object' || error === null || depth === 0) return String(error);
  const own: Readonly<Record<string, { readonly value?: unknown }>> = Object.getOwnPropertyDescriptors(error);
  return Object.values(own)
    .map(({ value }) => errorText(value, depth - 1))
    .join('\n');
}

/** What came of a call. */
export type Outcome<T> = { readonly kind: 'answered'; readonly value: T } | { readonly kind: 'rejected'; readonly error: unknown };

/** Calls, and tells a rejection as a value. Never rejects. */
export async function outcomeOf<T>(call: () => Promise<T>): Promise<Outcome<T>> {
  try {
    return { kind: 'answered', value: await call() };
  } catch (error) {
    return { kind: 'rejected', error };
  }
}
