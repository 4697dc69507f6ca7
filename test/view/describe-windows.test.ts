import { describe, expect, it } from 'vitest';
import type { SessionWindowCells } from '../../src/core/health.js';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../src/core/time.js';
import type { UsageInfo } from '../../src/core/usage-info.js';
import { describeModels, describeWindows, viewWindow } from '../../src/view/describe-windows.js';
import { account, NOW, sample } from '../support/accounts.js';
import { usageInfo } from '../support/usage-info.js';

const IN_2H = NOW + 2 * HOUR_MS;

const sessionOf = (end: number, status: string | null): SessionWindowCells => ({
  header: { observedAt: NOW - HOUR_MS, end },
  status: status === null ? null : { observedAt: NOW - HOUR_MS, status },
  predicted: null,
});
const NO_SESSION: SessionWindowCells = { header: null, status: null, predicted: null };

describe('viewWindow', () => {
  it.each([
    [0, '0%', 0, 'green'],
    [0.004, '0%', 0.4, 'green'],
    [0.7999, '80%', 79.99, 'green'],
    [0.8, '80%', 80, 'amber'],
    [0.9999, '100%', 99.99, 'amber'],
    [1, '100%', 100, 'red'],
    [1.02, '102%', 100, 'red'],
    [9.99, '999%', 100, 'red'],
    [9.996, '>999%', 100, 'red'],
    [100, '>999%', 100, 'red'],
    [-1, '0%', 0, 'green'],
    [Number.NaN, '0%', 0, 'green'],
    [null, '0%', 0, 'green'],
  ])('%s used: %s, bar %s, %s', (utilization, percentText, bar, tone) => {
    expect(viewWindow('7d', { utilization, resetAt: IN_2H }, NOW)).toMatchObject({
      percentText,
      bar,
      tone,
      countdown: '2h 0m',
      resetAt: IN_2H,
    });
  });

  it.each([NOW, NOW - DAY_MS])('a window that is over shows nothing of its old use', (resetAt) => {
    const view = viewWindow('7d', { utilization: 0.97, resetAt }, NOW);
    expect(view).toEqual({ name: '7d', utilization: 0, percentText: '0%', bar: 0, tone: 'green', resetAt: null, countdown: 'now' });
  });
});

describe("the session window of a setup token's account (behaviour 3.2)", () => {
  it.each([
    ['no window', NO_SESSION, null, 0, null, '-'],
    ['no window, an old sample', NO_SESSION, sample(0.97, null), 0, null, '-'],
    ['the window is over', sessionOf(NOW - 1, 'rejected'), sample(0.97, null), 0, null, '-'],
    ['the window ends now', sessionOf(NOW, 'rejected'), sample(0.97, null), 0, null, 'now'],
    ['the window ends now, no sample', sessionOf(NOW, 'rejected'), null, 0, null, 'now'],
    ['the window and its sample are over', sessionOf(NOW, 'rejected'), sample(0.97, NOW), 0, null, 'now'],
    ['a sample', sessionOf(IN_2H, 'rejected'), sample(0.42, IN_2H), 0.42, IN_2H, '2h 0m'],
    ['a sample without a reset', sessionOf(IN_2H, 'rejected'), sample(0.42, null), 0.42, IN_2H, '2h 0m'],
    ['no sample, rejected', sessionOf(IN_2H, 'rejected'), null, 1, IN_2H, '2h 0m'],
    ['no sample, warned', sessionOf(IN_2H, 'allowed_warning'), null, 0.8, IN_2H, '2h 0m'],
    ['no sample, allowed', sessionOf(IN_2H, 'allowed'), null, 0, IN_2H, '2h 0m'],
    ['no sample, no status', sessionOf(IN_2H, null), null, 0, IN_2H, '2h 0m'],
    ['nothing known yet, rejected', sessionOf(IN_2H, 'rejected'), sample(null, null), 1, IN_2H, '2h 0m'],
    ['the sample of the window before', sessionOf(IN_2H, 'allowed_warning'), sample(0.97, NOW - HOUR_MS), 0.8, IN_2H, '2h 0m'],
  ] as const)('%s', (_, sessionWindow, fiveHours, utilization, resetAt, countdown) => {
    const usage = new Map(fiveHours === null ? [] : [['5h', fiveHours]]);
    const views = describeWindows(account({ type: 'setup_token', health: { sessionWindow, usage } }), null, NOW);
    expect(views).toHaveLength(1);
    expect(views[0]).toMatchObject({ name: '5h', utilization, resetAt, countdown });
  });
});

describe('describeWindows', () => {
  const usageOf = (...windows: readonly (readonly [string, ReturnType<typeof sample>])[]): UsageInfo =>
    usageInfo({ windows: new Map(windows) });

  it('gives known windows in their order, then the others by name', () => {
    const names = ['z', '7d_oi', 'b', '30d', '7d', '5h', '7d_sonnet', '7d_opus'];
    const health = { usage: new Map(names.map((name) => [name, sample(0.5, IN_2H)] as const)) };
    const views = describeWindows(account({ platform: 'openai', health }), null, NOW);
    expect(views.map(({ name }) => name)).toEqual(['5h', '7d', '30d', '7d_oi', '7d_opus', '7d_sonnet', 'b', 'z']);
  });

  it('leaves out a window of which nothing is known', () => {
    const usage = new Map([
      ['7d', sample(null, null)],
      ['7d_oi', sample(0, null)],
      ['30d', sample(0.1, null)],
    ]);
    expect(describeWindows(account({ platform: 'openai', health: { usage } }), null, NOW).map(({ name }) => name)).toEqual(['30d']);
    expect(describeWindows(account({ platform: 'openai' }), null, NOW)).toEqual([]);
  });

  it.each([
    ['newer', NOW, 0.9],
    ['of the same time', NOW - MINUTE_MS, 0.9],
    ['older', NOW - 2 * MINUTE_MS, 0.1],
  ])("takes the quota endpoint's sample if it is not older: %s", (_, sampledAt, utilization) => {
    const own = account({ platform: 'openai', health: { usage: new Map([['7d', sample(0.1, IN_2H)]]) } });
    expect(describeWindows(own, usageOf(['7d', sample(0.9, IN_2H, sampledAt)]), NOW)[0]?.utilization).toBe(utilization);
  });

  it('an API key has no session window', () => {
    expect(describeWindows(account({ type: 'api_key' }), null, NOW)).toEqual([]);
  });

  it('changes nothing it is given', () => {
    const own = account({ platform: 'openai' });
    describeWindows(own, usageOf(['7d', sample(0.9, IN_2H)]), NOW);
    expect(own.health.usage.size).toBe(0);
  });
});

describe('describeModels', () => {
  it('gives the quotas by model, by name', () => {
    const models = new Map([
      ['gemini-3-pro', sample(0.85, IN_2H)],
      ['claude-sonnet-4-5', sample(0.2, NOW)],
    ]);
    expect(describeModels(usageInfo({ models }), NOW).map(({ name, percentText, tone }) => [name, percentText, tone])).toEqual([
      ['claude-sonnet-4-5', '0%', 'green'],
      ['gemini-3-pro', '85%', 'amber'],
    ]);
    expect(describeModels(null, NOW)).toEqual([]);
  });
});
