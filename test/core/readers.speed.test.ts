import { describe, expect, it } from 'vitest';
import { classifyForbidden } from '../../src/core/classify-forbidden.js';
import { createRedactor, redactShapes } from '../../src/core/redact.js';
import { cleanText, isIdentifier, isModelKey, normalizeForMatch, prose } from '../../src/core/text.js';
import { checkLink, extractVerificationLink } from '../../src/core/verification-link.js';
import { MEBIBYTE, timeRatio } from './hostile-text.js';

const KEY = 'sk-ant-oat01-AbCdEf0123456789_xyz-ABCDEF';

describe('classifyForbidden', () => {
  it.each(['a', ' ', '\\', '\\n', 'terms of ', 'verify '])('takes time that grows with the length alone: %j (I33)', (unit) => {
    expect(timeRatio(classifyForbidden, unit)).toBeLessThan(12);
  });
});

describe('text', () => {
  it.each([
    ['a', 'a'],
    ['spaces', ' '],
    ['line breaks', '\n'],
    ['escapes', '\u001b[1;1'],
    ['zero width', '\u200b'],
    ['lone surrogates', '\ud800'],
    ['apostrophes', "a'"],
  ])('grows with the length alone: %s (I33)', (_, unit) => {
    for (const read of [cleanText, normalizeForMatch, prose, isIdentifier, isModelKey]) expect(timeRatio(read, unit)).toBeLessThan(12);
  });
});

describe('links', () => {
  it.each(['a', ' ', '[', '{"error":', 'verify https://', '\\', '\\/', 'verify https://a/:', '"'])(
    'takes time that grows with the length alone: %j (I33)',
    (unit) => {
      expect(timeRatio(extractVerificationLink, unit)).toBeLessThan(12);
      expect(timeRatio((text) => checkLink(`https://a/${text}`), unit)).toBeLessThan(12);
    },
  );
});

describe('redaction (I33, F87)', () => {
  const redact = createRedactor([KEY, 'a'.repeat(500), `${'a'.repeat(200)}b`]);
  it.each(['eyJ', 'a', ' ', 'key='])('grows with the length alone, up to 1 MiB: %j', (unit) => {
    expect(timeRatio(redactShapes, unit, MEBIBYTE)).toBeLessThan(12);
    expect(timeRatio(redact, unit, MEBIBYTE)).toBeLessThan(12);
  });

  it.each([
    'key: ',
    '"key":"',
    '\\"key\\":\\"',
    'token ',
    'token',
    'Bearer ',
    'bearer a ',
    'sk-',
    '1//',
    '//',
    ':',
    'y:',
    '@',
    'a@',
    'a.',
    'x@a',
    '\\',
    '\\"',
    'authorization:',
    '%40',
    '\n',
    'cookie:"',
  ])('grows with the length alone: %j', (unit) => {
    expect(timeRatio(redactShapes, unit)).toBeLessThan(12);
    expect(timeRatio(redact, unit)).toBeLessThan(12);
  });
});
