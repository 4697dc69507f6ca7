import { describe, expect, it } from 'vitest';
import { MAX_STRIKES, type StrikeSet } from '../../src/core/health.js';
import { joinStrikes } from '../../src/core/join-strikes.js';

const strikes = (generation: number, evidence: Readonly<Record<string, number>>): StrikeSet => ({
  generation,
  evidence: new Map(Object.entries(evidence)),
});
const many = (count: number, at: (index: number) => number): Record<string, number> =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`rule:${String(index).padStart(2, '0')}`, at(index)]));

const ROWS: readonly { readonly name: string; readonly a: StrikeSet; readonly b: StrikeSet; readonly joined: StrikeSet }[] = [
  { name: 'both, within a generation', a: strikes(0, { x: 1 }), b: strikes(0, { y: 2 }), joined: strikes(0, { x: 1, y: 2 }) },
  {
    name: 'one piece of evidence twice is one strike, at its latest',
    a: strikes(0, { x: 5 }),
    b: strikes(0, { x: 3 }),
    joined: strikes(0, { x: 5 }),
  },
  { name: 'a later generation alone, also where it is empty', a: strikes(0, { x: 1 }), b: strikes(1, {}), joined: strikes(1, {}) },
  {
    name: 'the newest 16',
    a: strikes(
      0,
      many(16, (index) => index),
    ),
    b: strikes(0, { late: 100 }),
    joined: strikes(0, { ...Object.fromEntries(Object.entries(many(16, (index) => index)).slice(1)), late: 100 }),
  },
  {
    name: 'of the same instant, the 16 with the greatest ids',
    a: strikes(
      0,
      many(16, () => 1),
    ),
    b: strikes(0, { 'rule:99': 1, a: 1 }),
    joined: strikes(0, { ...Object.fromEntries(Object.entries(many(16, () => 1)).slice(1)), 'rule:99': 1 }),
  },
];

describe('joinStrikes keeps', () => {
  it.each(ROWS)('$name', ({ a, b, joined }) => {
    expect(joinStrikes(a, b)).toEqual(joined);
    expect(joinStrikes(b, a)).toEqual(joined);
    expect(joined.evidence.size).toBeLessThanOrEqual(MAX_STRIKES);
  });

  it('the very same set where nothing is new', () => {
    const known = strikes(0, { x: 5, y: 2 });
    expect(joinStrikes(known, strikes(0, { y: 1 }))).toBe(known);
    expect(joinStrikes(known, strikes(0, {}))).toBe(known);
  });
});
