import { describe, expect, it } from 'vitest';
import { digest } from '../../src/core/digest.js';

/** The reference function: one multiplication of 64 bits. */
function reference(text: string): string {
  let hash = 0xcbf29ce484222325n;
  for (const byte of new TextEncoder().encode(text)) hash = ((hash ^ BigInt(byte)) * 0x100000001b3n) & 0xffffffffffffffffn;
  return hash.toString(16).padStart(16, '0');
}

describe('digest', () => {
  // The published test vectors of 64-bit FNV-1a.
  it.each([
    ['', 'cbf29ce484222325'],
    ['a', 'af63dc4c8601ec8c'],
    ['b', 'af63df4c8601f1a5'],
    ['foobar', '85944171f73967e8'],
  ])('of %j is %s', (text, expected) => {
    expect(digest([text])).toBe(expected);
  });

  it.each(['é', '日本', '😀', 'x'.repeat(512), 'quota', '\uffff'])('of %j is that of its UTF-8', (text) => {
    expect(digest([text])).toBe(reference(text));
  });

  it('puts a zero byte between texts, so that moving a border changes it', () => {
    expect(digest(['ab', 'c'])).toBe(reference('ab\0c'));
    expect(digest(['ab', 'c'])).not.toBe(digest(['a', 'bc']));
    expect(digest(['a', ''])).not.toBe(digest(['a']));
  });
});
