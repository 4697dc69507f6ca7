import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { redactShapes } from '../../src/core/redact.js';
import { isHarmless, safeText, safeWord } from '../../src/core/safe-text.js';
import { cleanText } from '../../src/core/text.js';
import { reached, runs } from '../support/hostile.js';
import { hostileText } from './hostile-text.js';

/** What `safeText` promises, by the long way. */
const fullTreatment = (text: string): string => cleanText(redactShapes(cleanText(text, 4096)));

/** Sentences as upstreams write them, with what may or may not begin a credential among their words. */
const sentence = fc
  .array(
    fc.oneof(
      fc.constantFrom('The', 'limit', 'of', '30,000', 'tokens:', 'see', 'https://docs.example.com/a-b,', 'key', 'Key:', 'session', 'basic'),
      fc.constantFrom(
        'Bearer',
        'sk',
        'sk-',
        'gsk_',
        'AIza',
        'eyJ',
        'ya29.',
        'xai-',
        'GOCSPX-',
        '1//',
        '1\\/\\/',
        'a@b.co',
        'token=',
        '%40',
      ),
      fc.string({ unit: fc.constantFrom(...'abcXYZ0129-_./'), minLength: 1, maxLength: 24 }),
    ),
    { maxLength: 12 },
  )
  .chain((words) => fc.constantFrom(' ', '').map((between) => words.join(between)));

describe('isHarmless', () => {
  it('says yes to no text that the full treatment would change, and yes to nearly every plain sentence', () => {
    const { note, check } = reached('harmless', 'redacted', 'suspected for nothing');
    fc.assert(
      fc.property(fc.oneof(sentence, hostileText), (text) => {
        const isChanged = fullTreatment(text) !== text;
        if (isHarmless(text)) {
          expect(isChanged).toBe(false);
          note('harmless');
        } else note(isChanged ? 'redacted' : 'suspected for nothing');
        expect(safeText(text)).toBe(fullTreatment(text));
        expect(safeWord(text)).toBe(fullTreatment(text));
      }),
      { numRuns: runs(3000) },
    );
    check();
  });

  it('judges what JSON without a backslash holds as it judges any text', () => {
    const { note, check } = reached('harmless', 'not');
    fc.assert(
      fc.property(
        fc.oneof(sentence, hostileText, fc.string({ unit: fc.constantFrom('a', ' ', '\x7f', '\x80', 'é', '\u202e') })),
        (text) => {
          const json = JSON.stringify(text);
          fc.pre(!json.includes('\\'));
          expect(isHarmless(text, false)).toBe(isHarmless(text));
          note(isHarmless(text) ? 'harmless' : 'not');
        },
      ),
      { numRuns: runs(3000) },
    );
    check();
  });

  it.each([
    'This request would exceed the rate limit for your organization of 30,000 input tokens per minute. See https://docs.claude.com/en/api/rate-limits.',
    'You exceeded your current quota, please check your plan and billing details. See https://ai.google.dev/gemini-api/docs/rate-limits.',
    'Rate limit reached for gpt-4o in organization org-abc on tokens per min (TPM): Limit 30000, Used 28000. Please try again in 1.5s.',
    'Overloaded',
  ])('knows a usual message: %s', (message) => expect(isHarmless(message)).toBe(true));
});
