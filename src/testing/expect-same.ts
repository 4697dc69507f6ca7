/** Comparing what stores answer. */
import { isObject } from '../core/json.js';
import { mismatch } from './contract-violation.js';

/** JSON with sorted names: the same for objects that say the same. */
export function canonicalJson(value: unknown): string {
  const sorted = (_name: string, inner: unknown): unknown =>
    isObject(inner) ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1))) : inner;
  return JSON.stringify(value, sorted) ?? 'undefined';
}

/** Throws where two values do not say the same. */
export function expectSame(found: unknown, expected: unknown, what: string): void {
  const [text, wanted] = [canonicalJson(found), canonicalJson(expected)];
  if (text !== wanted) throw mismatch(`${what}: ${wanted}`, text);
}

/** The result, which is of this kind; throws where it is of another. */
export function expectKind<T extends { readonly kind: string }, K extends T['kind']>(
  result: T,
  kind: K,
  what: string,
): Extract<T, { readonly kind: K }> {
  if (!isOfKind(result, kind)) throw mismatch(`${what}: ${kind}`, canonicalJson(result));
  return result;
}

function isOfKind<T extends { readonly kind: string }, K extends T['kind']>(
  result: T,
  kind: K,
): result is Extract<T, { readonly kind: K }> {
  return result.kind === kind;
}
