/** A short name for a text: so that two different cells never compare equal, in any language. */

const OFFSET_HIGH = 0xcbf29ce4;
const OFFSET_LOW = 0x84222325;
/** The FNV prime is 2^40 + 435: a multiplication by 435 and a shift. */
const PRIME_LOW = 435;

const encoder = new TextEncoder();

function hex(word: number): string {
  return (word >>> 0).toString(16).padStart(8, '0');
}

/**
 * 64-bit FNV-1a over the UTF-8 of some texts with a zero byte between them (none of them contains one), in 16 lower-case hexadecimal digits. Pure, total.
 * Source: Fowler, Noll and Vo, draft-eastlake-fnv.
 */
export function digest(texts: readonly string[]): string {
  let high = OFFSET_HIGH;
  let low = OFFSET_LOW;
  for (const byte of encoder.encode(texts.join('\0'))) {
    low = (low ^ byte) >>> 0;
    const product = low * PRIME_LOW;
    const carry = Math.floor(product / 2 ** 32);
    high = (Math.imul(high, PRIME_LOW) + carry + (low << 8)) >>> 0;
    low = product >>> 0;
  }
  return hex(high) + hex(low);
}
