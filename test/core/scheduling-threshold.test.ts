import { describe, expect, it } from 'vitest';
import { DEFAULT_SETTINGS } from '../../src/core/policy.js';
import { SAMPLE_LIFETIME_MS, thresholdMessage, thresholdOf, thresholdPauses } from '../../src/core/scheduling-threshold.js';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../src/core/time.js';
import { type AccountFacts, account, NOW, sample } from '../support/accounts.js';

const settingsOf = (percents: Readonly<Record<string, number>>) => ({ ...DEFAULT_SETTINGS, schedulingThresholdPercent: percents });
const AT_95 = settingsOf({ openai: 95, anthropic: 95, gemini: 95, antigravity: 95, other: 95 });

describe('thresholdOf', () => {
  it.each([
    ["the platform's", 'openai', null, { openai: 95 }, 95],
    ["another platform's", 'openai', null, { anthropic: 95 }, null],
    ["the account's own before the platform's", 'openai', 80, { openai: 95 }, 80],
    ["the account's own 100 switches the platform's off", 'openai', 100, { openai: 95 }, null],
    ['none', 'anthropic', null, {}, null],
    ['100 is off', 'anthropic', null, { anthropic: 100 }, null],
    ['more than 100 is off', 'anthropic', 120, {}, null],
    ['0 is off', 'anthropic', 0, {}, null],
    ['rounded', 'anthropic', 79.5, {}, 80],
    ['rounded to 100 is off', 'anthropic', 99.6, {}, null],
    ['not a number is off', 'anthropic', Number.NaN, {}, null],
    ['gemini tells no usage', 'gemini', 80, { gemini: 80 }, null],
    ['antigravity tells no usage', 'antigravity', 80, { antigravity: 80 }, null],
    ['an unknown platform', 'other', 80, { other: 80 }, null],
    ['a platform with the name of an inherited member', 'constructor', null, {}, null],
  ] as const)('%s', (_, platform, own, percents, expected) => {
    const settings = { schedulingThresholdPercent: own };
    expect(thresholdOf(account({ platform, settings }), settingsOf(percents))).toBe(expected);
  });
});

type Row = readonly [title: string, facts: AccountFacts, pauses: readonly (readonly [window: string, until: number])[]];

const usage = (entries: Readonly<Record<string, ReturnType<typeof sample>>>): AccountFacts => ({
  health: { usage: new Map(Object.entries(entries)) },
});
const IN_1H = NOW + HOUR_MS;
const STALE = NOW - MINUTE_MS + SAMPLE_LIFETIME_MS;

const ROWS: readonly Row[] = [
  ['below the threshold', usage({ '5h': sample(0.9499, IN_1H) }), []],
  ['at the threshold, until the reset', usage({ '5h': sample(0.95, IN_1H) }), [['5h', IN_1H]]],
  ['above 100 %', usage({ '5h': sample(1.02, IN_1H) }), [['5h', IN_1H]]],
  ['the reset is now', usage({ '5h': sample(0.97, NOW) }), []],
  ['no reset is known, and no session window', usage({ '7d': sample(0.97, null), '5h': sample(0.97, null) }), []],
  ['no longer than the sample lives', usage({ '7d': sample(0.97, NOW + DAY_MS) }), [['7d', STALE]]],
  ['a sample of exactly two hours', usage({ '7d': sample(0.97, NOW + DAY_MS, NOW - SAMPLE_LIFETIME_MS) }), []],
  ['a sample of nearly two hours', usage({ '7d': sample(0.97, NOW + DAY_MS, NOW - SAMPLE_LIFETIME_MS + 1) }), [['7d', NOW + 1]]],
  ['a sample of the future', usage({ '7d': sample(0.97, NOW + DAY_MS, NOW + MINUTE_MS) }), [['7d', NOW + MINUTE_MS + SAMPLE_LIFETIME_MS]]],
  ['nothing known yet of a new window', usage({ '5h': sample(null, IN_1H) }), []],
  ['a 5h reset further ahead than 6 h of its sample', usage({ '5h': sample(0.97, NOW - MINUTE_MS + 6 * HOUR_MS + 1) }), []],
  ['a 5h reset 6 h after its sample', usage({ '5h': sample(0.97, NOW - MINUTE_MS + 6 * HOUR_MS) }), [['5h', STALE]]],
  ['a 7d reset further ahead than 8 d of its sample', usage({ '7d': sample(0.97, NOW - MINUTE_MS + 8 * DAY_MS + 1) }), []],
  ['a 7d reset 8 d after its sample', usage({ '7d': sample(0.97, NOW - MINUTE_MS + 8 * DAY_MS) }), [['7d', STALE]]],
  ['a month', { platform: 'openai', ...usage({ '30d': sample(0.97, NOW + 29 * DAY_MS) }) }, [['30d', STALE]]],
  [
    'the latest reset governs',
    usage({ '5h': sample(0.99, IN_1H), '7d': sample(0.96, NOW + DAY_MS) }),
    [
      ['7d', STALE],
      ['5h', IN_1H],
    ],
  ],
  [
    'the higher use governs where resets are equal',
    usage({ '5h': sample(0.96, IN_1H), '7d': sample(0.99, IN_1H) }),
    [
      ['7d', IN_1H],
      ['5h', IN_1H],
    ],
  ],
  ['a window that is not known', usage({ '9w': sample(0.97, IN_1H) }), []],
  ["a family's window", usage({ '7d_oi': sample(0.97, IN_1H) }), [['7d_oi', IN_1H]]],
  ['gemini', { platform: 'gemini', ...usage({ '5h': sample(0.97, IN_1H) }) }, []],
];

describe('thresholdPauses', () => {
  it.each(ROWS)('%s', (_, facts, expected) => {
    const pauses = thresholdPauses(account(facts), NOW, AT_95);
    expect(pauses.map(({ window, until }) => [window, until])).toEqual(expected);
  });

  it('a 5h sample without a reset goes by the session window that ran when it was taken', () => {
    const session = { header: { observedAt: NOW - HOUR_MS, end: IN_1H }, status: null, predicted: null };
    const running = account({ health: { usage: new Map([['5h', sample(0.97, null)]]), sessionWindow: session } });
    expect(thresholdPauses(running, NOW, AT_95).map(({ window, until }) => [window, until])).toEqual([['5h', IN_1H]]);
    const later = { ...session, header: { observedAt: NOW, end: NOW + 5 * HOUR_MS } };
    const before = account({ health: { usage: new Map([['5h', sample(0.97, null)]]), sessionWindow: later } });
    expect(thresholdPauses(before, NOW, AT_95)).toEqual([]);
  });

  it('says what it is about', () => {
    const paused = account(usage({ '7d_oi': sample(0.9712, IN_1H) }));
    expect(thresholdPauses(paused, NOW, AT_95)).toEqual([
      {
        platform: 'anthropic',
        window: '7d_oi',
        scope: 'claude-fable-5',
        usedPercent: 97.12,
        thresholdPercent: 95,
        resetAt: IN_1H,
        until: IN_1H,
      },
    ]);
  });
});

describe('thresholdMessage', () => {
  const pause = { platform: 'openai', window: '7d', scope: null, usedPercent: 97, thresholdPercent: 95, until: NOW };

  it.each([
    [{}, 'openai scheduling threshold reached for 7d: 97.0% used >= 95%; paused until 2026-03-02T10:00:00Z'],
    [
      { platform: 'anthropic', window: '7d_oi', scope: 'claude-fable-5', usedPercent: 101.26 },
      'anthropic scheduling threshold reached for 7d_oi/claude-fable-5: 101.3% used >= 95%; paused until 2026-03-02T10:00:00Z',
    ],
    [{ thresholdPercent: 0 }, 'openai scheduling threshold reached for 7d: 97.0% used >= 100%; paused until 2026-03-02T10:00:00Z'],
    [{ until: null }, 'openai scheduling threshold reached for 7d: 97.0% used >= 95%; paused until the window reset'],
    [{ platform: ' ' }, 'account scheduling threshold reached for 7d: 97.0% used >= 95%; paused until 2026-03-02T10:00:00Z'],
    [{ window: '' }, 'openai scheduling threshold reached for usage window: 97.0% used >= 95%; paused until 2026-03-02T10:00:00Z'],
    [{ until: NOW + 999 }, 'openai scheduling threshold reached for 7d: 97.0% used >= 95%; paused until 2026-03-02T10:00:00Z'],
    [
      { until: Number.POSITIVE_INFINITY },
      'openai scheduling threshold reached for 7d: 97.0% used >= 95%; paused until 2100-01-01T00:00:00Z',
    ],
  ])('%j', (facts, expected) => {
    expect(thresholdMessage({ ...pause, ...facts })).toBe(expected);
  });
});
