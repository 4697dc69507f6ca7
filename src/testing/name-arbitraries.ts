/** Names of models, rules, windows and strikes: few ordinary ones, so that they often meet, and those that break careless stores. */
import fc from 'fast-check';
import { CREDITS_KEY } from '../core/health.js';
import { isModelKey } from '../core/text.js';
import { hostileTextArbitrary } from './hostile-text.js';

/** Names that may be keys of model limits and that careless stores confuse, inject, fold or cut. All are different. */
export const HOSTILE_MODEL_KEYS: readonly string[] = [
  '__proto__',
  'constructor',
  'toString',
  'hasOwnProperty',
  'a.b',
  'a,b',
  'a',
  'A',
  'a ',
  ' a',
  ' ',
  'a%2Eb',
  'a\\.b',
  '{}',
  '[0]',
  "o'brien{,}",
  "'",
  '"',
  '`',
  '$',
  '$.a',
  ':',
  '*',
  '?',
  '/',
  '\\',
  '%',
  '%s',
  '|',
  '#',
  '{a}',
  'null',
  '0',
  'cafe\u0301',
  'caf\u00e9',
  '模型',
  '😀',
  '\uffee',
  'x'.repeat(256),
  `${'x'.repeat(255)}y`,
  CREDITS_KEY,
];

/** A name that may be a key of model limits, ordinary or hostile. */
export const modelKeyArbitrary: fc.Arbitrary<string> = fc.oneof(
  { weight: 2, arbitrary: fc.constantFrom('claude-opus-4-6', 'gemini-3-pro', '__proto__') },
  { weight: 3, arbitrary: fc.constantFrom('claude-opus-4-6', 'gemini-3-pro', ...HOSTILE_MODEL_KEYS) },
  { weight: 1, arbitrary: hostileTextArbitrary.filter(isModelKey) },
);

/** What callers name their models: also what may never be a key. */
export const modelNameArbitrary: fc.Arbitrary<string> = fc.oneof(
  { weight: 8, arbitrary: modelKeyArbitrary },
  { weight: 1, arbitrary: fc.constantFrom('', 'a\0b', 'a\nb', '\ud800', 'x'.repeat(257), 'y'.repeat(10_240)) },
);

/** The name of a rule. The names order differently in stores that fold case or ignore punctuation. */
export const ruleNameArbitrary: fc.Arbitrary<string> = fc.constantFrom('rule', 'rule_a', 'rule_b', 'rule:1', 'rule.', 'rule-');

/** The name of a usage window. */
export const windowNameArbitrary: fc.Arbitrary<string> = fc.constantFrom('5h', '7d', '7d_oi', '30d', '__proto__', 'constructor');

/** A kind of strikes. */
export const strikeKindArbitrary: fc.Arbitrary<string> = fc.constantFrom('forbidden', 'undated_rate_limit', '__proto__');

/** The id of a piece of evidence, one of 25: more than a strike set keeps. */
export const evidenceIdArbitrary: fc.Arbitrary<string> = fc.integer({ min: 0, max: 24 }).map((number) => `rule:${number}`);
