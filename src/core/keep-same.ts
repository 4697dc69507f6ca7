/** Keeping an object where a copy of it would say the same: hosts see by identity whether anything changed. */

/** `before` where every field of `next` is the very same value, else `next`. Total, pure. */
export function keepSame<T extends object>(next: T, before: T): T {
  return Object.entries(next).every(([field, value]) => Object.is(value, Reflect.get(before, field))) ? before : next;
}
