import { describe, expect, it } from 'vitest';
import { isWindowOver, toPercent, usageNow } from '../../src/core/usage-now.js';
import { NOW, sample } from '../support/accounts.js';

describe('usageNow', () => {
  it.each([
    ['before the reset', 0.9, NOW + 1, 0.9, false],
    ['exactly at the reset', 0.9, NOW, 0, true],
    ['after the reset', 1.02, NOW - 1, 0, true],
    ['without a reset', 0.9, null, 0.9, false],
    ['a new window', null, NOW + 1, null, false],
    ['a new window that is over', null, NOW, 0, true],
    ['a new window without a reset', null, null, null, false],
  ] as const)('%s', (_, utilization, resetAt, expected, isOver) => {
    expect(usageNow(sample(utilization, resetAt), NOW)).toBe(expected);
    expect(isWindowOver(sample(utilization, resetAt), NOW)).toBe(isOver);
  });

  it.each([
    [0.57, 57],
    [0.29, 29],
    [1.015, 101.5],
    [0.9499, 94.99],
    [0, 0],
    [100, 10_000],
  ])('%d is %d percent', (utilization, percent) => {
    expect(toPercent(utilization)).toBe(percent);
  });
});
