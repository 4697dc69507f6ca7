import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { classifyForbidden } from '../../src/core/classify-forbidden.js';
import { hostileText } from './hostile-text.js';

describe('classifyForbidden (behaviour 6.1)', () => {
  it.each<[body: string, type: 'validation' | 'violation' | 'forbidden']>([
    ['{"error":{"message":"VALIDATION_REQUIRED"}}', 'validation'],
    ['Please verify your account to continue', 'validation'],
    ['{"error":{"details":[{"metadata":{"validation_url":"https://..."}}]}}', 'validation'],
    ['Your account has been suspended for Terms of Service violation', 'violation'],
    ['Account suspended due to policy violation', 'violation'],
    ['Access denied', 'forbidden'],
    ['', 'forbidden'],
    ['VERIFY YOUR ACCOUNT', 'validation'],
    ['Verify\nyour\taccount', 'validation'],
    ['violation; please verify your account', 'validation'],
    ['{"reason":"TOS_VIOLATION"}', 'violation'],
    ['against the TERMS OF SERVICE', 'violation'],
    ['disabled for breach of Terms of\n\t\tService.', 'violation'],
    ['{"message":"breach of Terms of\\n\\t\\tService."}', 'violation'],
    ['{"message":"{\\"message\\":\\"breach of Terms of\\\\n\\\\t\\\\tService.\\"}"}', 'violation'],
    ['breach of Terms\u00a0of\u00a0Service', 'violation'],
    ['Terms and Service', 'forbidden'],
    ['permission denied', 'forbidden'],
    [`${' x'.repeat(32_768)} violation`, 'forbidden'],
    [`${'x'.repeat(65_000)} violation`, 'violation'],
  ])('%#: %.60s', (body, type) => {
    expect(classifyForbidden(body)).toBe(type);
  });

  it('finds the words in any surroundings', () => {
    fc.assert(
      fc.property(hostileText, hostileText, fc.constantFrom('Verify your account', 'Terms of\n\t\tService'), (before, after, words) => {
        const found = classifyForbidden(`${before}. ${words} ${after}`);
        const isValidation =
          words.startsWith('V') || classifyForbidden(before) === 'validation' || classifyForbidden(after) === 'validation';
        expect(found).toBe(isValidation ? 'validation' : 'violation');
      }),
      { numRuns: 1000 },
    );
  });
});
