/** Text as callers, upstreams and attackers send it. */
import fc from 'fast-check';

const BREAKERS: readonly string[] = [
  ...' \t\r\n\0\u001b\u009b[31m\'"`\\/',
  '\ud800',
  '\udc00',
  '\u200b',
  '\u202e',
  '\ufeff',
  '\u2028',
  'İ',
  'é',
  '日',
  '😀',
];
const MEANINGFUL: readonly string[] = [
  'sk-',
  'eyJ',
  'key=',
  '"token":"',
  'Bearer ',
  'https://',
  '@',
  '%40',
  '1//',
  'validation_url',
  'Terms of',
];

const parts = fc.oneof(fc.constantFrom(...BREAKERS), fc.constantFrom(...MEANINGFUL), fc.string({ maxLength: 4 }));

/** Text of the characters that break lines, pages, logs and stores, among ordinary ones; also text that is not well-formed. At most 120 characters. */
export const hostileTextArbitrary: fc.Arbitrary<string> = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 80 }),
  fc.string({ unit: 'grapheme', maxLength: 80 }),
  fc.array(parts, { maxLength: 30 }).map((texts) => texts.join('')),
);
