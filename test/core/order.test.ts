import { describe, expect, it } from 'vitest';
import type { AccountError, UsageSample } from '../../src/core/health.js';
import {
  compareErrors,
  compareHolds,
  comparePredictions,
  compareSamples,
  compareSessionHeaders,
  compareSessionStatuses,
  errorDigest,
  holdDigest,
} from '../../src/core/order.js';
import { accountError, hold, NOW } from '../support/accounts.js';

/** Pairs of which the second is greater, though all that comes further right says the opposite. */
const HOLDS = [
  { by: 'generation', less: hold(NOW + 9, { credentialRevision: 5, rule: 'z' }), more: hold(0, { generation: 1, rule: 'a' }) },
  { by: 'credentialRevision', less: hold(NOW + 9, { rule: 'z' }), more: hold(NOW, { credentialRevision: 0, rule: 'a' }) },
  { by: 'until', less: hold(NOW, { rule: 'z' }), more: hold(NOW + 1, { rule: 'a' }) },
  { by: 'rule', less: hold(NOW, { rule: 'a' }), more: hold(NOW, { rule: 'b' }) },
  { by: 'rule, a longer name', less: hold(NOW, { rule: 'a' }), more: hold(NOW, { rule: 'a-' }) },
] as const;

const ERRORS: readonly { readonly by: string; readonly less: AccountError; readonly more: AccountError }[] = [
  {
    by: 'generation',
    less: accountError({ at: NOW, credentialRevision: 5, rule: 'z' }),
    more: accountError({ generation: 1, at: 0, rule: 'a' }),
  },
  { by: 'credentialRevision', less: accountError({ at: NOW, rule: 'z' }), more: accountError({ at: 1, credentialRevision: 0, rule: 'a' }) },
  { by: 'at', less: accountError({ at: 1, rule: 'z' }), more: accountError({ at: 2, rule: 'a' }) },
  { by: 'rule', less: accountError({ rule: 'a' }), more: accountError({ rule: 'b' }) },
];

const at = (sampledAt: number, resetAt: number | null, utilization: number | null): UsageSample => ({ utilization, resetAt, sampledAt });
const SAMPLES = [
  { by: 'sampledAt', less: at(1, 9, 1), more: at(2, null, null) },
  { by: 'resetAt', less: at(1, 8, 1), more: at(1, 9, null) },
  { by: 'resetAt, null below 0', less: at(1, null, 1), more: at(1, 0, null) },
  { by: 'utilization', less: at(1, 9, 0.1), more: at(1, 9, 0.1001) },
  { by: 'utilization, null below 0', less: at(1, 9, null), more: at(1, 9, 0) },
];

function expectLess<T>(compare: (a: T, b: T) => number, less: T, more: T): void {
  expect(compare(less, more)).toBeLessThan(0);
  expect(compare(more, less)).toBeGreaterThan(0);
  expect(compare(less, { ...less })).toBe(0);
}

describe('the order of a cell', () => {
  it.each(HOLDS)('of holds: $by', ({ less, more }) => expectLess(compareHolds, less, more));
  it.each(ERRORS)('of errors: $by', ({ less, more }) => expectLess(compareErrors, less, more));
  it.each(SAMPLES)('of samples: $by', ({ less, more }) => expectLess(compareSamples, less, more));

  it('of session windows: the newest observation, then what it says', () => {
    expectLess(compareSessionHeaders, { observedAt: 1, end: 9 }, { observedAt: 2, end: 3 });
    expectLess(compareSessionHeaders, { observedAt: 1, end: 3 }, { observedAt: 1, end: 9 });
    expectLess(compareSessionStatuses, { observedAt: 1, status: 'rejected' }, { observedAt: 2, status: 'allowed' });
    expectLess(compareSessionStatuses, { observedAt: 1, status: 'allowed' }, { observedAt: 1, status: 'rejected' });
    expectLess(comparePredictions, { start: 1 }, { start: 2 });
  });

  it.each([{ kind: 'overload' }, { detail: 'other' }, { detail: 'é' }] as const)('F30: holds that differ in %j only differ', (change) => {
    const [a, b] = [hold(NOW), hold(NOW, change)];
    expect(compareHolds(a, b)).not.toBe(0);
    expect(Math.sign(compareHolds(a, b))).toBe(-Math.sign(compareHolds(b, a)));
    expect(holdDigest(a)).not.toBe(holdDigest(b));
  });

  const url = 'https://accounts.google.com/v';
  it.each([{ message: 'other' }, { link: { url, trusted: true } }, { link: { url, trusted: false } }])(
    'F30: errors that differ in %j only differ',
    (change) => {
      const [a, b] = [accountError(), accountError(change)];
      expect(compareErrors(a, b)).not.toBe(0);
      expect(errorDigest(a)).not.toBe(errorDigest(b));
    },
  );

  it('tells a trusted link from the same one that is not', () => {
    const [yes, no] = [true, false].map((trusted) => accountError({ link: { url, trusted } }));
    expect(compareErrors(yes ?? accountError(), no ?? accountError())).not.toBe(0);
  });
});
