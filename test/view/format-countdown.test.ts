import { describe, expect, it } from 'vitest';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../src/core/time.js';
import { formatCountdown } from '../../src/view/format-countdown.js';
import { NOW } from '../support/accounts.js';

type Row = readonly [left: number | null, utilization: number, text: string];

const ROWS: readonly Row[] = [
  [null, 0, '-'],
  [null, 0.5, '-'],
  [0, 0.5, 'pending refresh'],
  [-1, 1.02, 'pending refresh'],
  [-DAY_MS, 0.5, 'pending refresh'],
  [0, 0, 'now'],
  [-1, 0, 'now'],
  [-1, -0.1, 'now'],
  [1, 0, '0m'],
  [MINUTE_MS - 1, 0.5, '0m'],
  [MINUTE_MS, 0.5, '1m'],
  [59 * MINUTE_MS + 59_999, 0.5, '59m'],
  [HOUR_MS, 0.5, '1h 0m'],
  [HOUR_MS + 30 * MINUTE_MS, 0.5, '1h 30m'],
  [DAY_MS - 1, 0.5, '23h 59m'],
  [DAY_MS, 0.5, '1d 0h'],
  [3 * DAY_MS + 4 * HOUR_MS + 59 * MINUTE_MS, 0.5, '3d 4h'],
  [Number.POSITIVE_INFINITY, 0.5, '-'],
  [Number.NaN, 0.5, '-'],
];

const IDLE_ROWS: readonly Row[] = [
  [null, 0, 'now'],
  [HOUR_MS, 0, 'now'],
  [-1, 0, 'now'],
  [null, 0.5, '-'],
  [HOUR_MS, 0.5, '1h 0m'],
  [-1, 0.5, 'pending refresh'],
];

const at = (left: number | null): number | null => (left === null ? null : NOW + left);

describe('formatCountdown', () => {
  it.each(ROWS)('in %s ms, used %s: %s', (left, utilization, text) => {
    expect(formatCountdown(at(left), utilization, NOW)).toBe(text);
  });

  it.each(IDLE_ROWS)('in %s ms, used %s, now when idle: %s', (left, utilization, text) => {
    expect(formatCountdown(at(left), utilization, NOW, { showNowWhenIdle: true })).toBe(text);
  });

  it('never counts below zero when the clock jumps, and only grows when it jumps back', () => {
    expect(formatCountdown(NOW + HOUR_MS, 0.5, NOW - HOUR_MS)).toBe('2h 0m');
    expect(formatCountdown(NOW + HOUR_MS, 0.5, NOW + 9 * DAY_MS)).toBe('pending refresh');
  });
});
