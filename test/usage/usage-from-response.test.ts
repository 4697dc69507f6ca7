import { describe, expect, it } from 'vitest';
import type { UsageInfo } from '../../src/core/usage-info.js';
import { usageFromResponse } from '../../src/usage/usage-from-response.js';
import { NOW } from '../support/accounts.js';
import { usageInfo } from '../support/usage-info.js';
import {
  ANTHROPIC_FLAT,
  ANTHROPIC_LIMITS,
  AVAILABLE_MODELS,
  CHATGPT,
  inHours,
  inHoursMs,
  LOAD_CODE_ASSIST,
  USER_QUOTA,
} from './payloads.js';

const ok = (platform: string, payload: unknown, headers: Record<string, string> = {}): UsageInfo =>
  usageFromResponse(platform, { status: 200, headers, body: JSON.stringify(payload) }, NOW);
const sample = (utilization: number | null, hours: number | null, sampledAt = NOW) => ({
  utilization,
  resetAt: hours === null ? null : inHoursMs(hours),
  sampledAt,
});

describe("Anthropic's usage", () => {
  it('in the flat form: percent become fractions', () => {
    expect(ok('anthropic', ANTHROPIC_FLAT)).toEqual(
      usageInfo({
        windows: new Map([
          ['5h', sample(0.61, 2)],
          ['7d', sample(0.225, 100)],
          ['7d_opus', sample(0, null)],
          ['7d_sonnet', sample(1.01, 90)],
        ]),
      }),
    );
  });

  it('as a list: families by their name, other models as they are called', () => {
    expect(ok('anthropic', ANTHROPIC_LIMITS)).toEqual(
      usageInfo({
        windows: new Map([
          ['5h', sample(0.4, 3)],
          ['7d', sample(0.07, 120)],
          ['7d_opus', sample(0.9, 80)],
          ['7d_oi', sample(0.12, 70)],
        ]),
        models: new Map([['Parable', sample(0.33, 60)]]),
      }),
    );
  });

  it('in both forms: the list counts, and the fields fill in', () => {
    const { windows } = ok('anthropic', { ...ANTHROPIC_FLAT, ...ANTHROPIC_LIMITS });
    expect(windows.get('5h')).toEqual(sample(0.4, 3));
    expect(windows.get('7d_sonnet')).toEqual(sample(1.01, 90));
  });

  it.each([
    { title: 'text', json: '"61"', used: 0.61 },
    { title: 'with a percent sign', json: '"61%"', used: null },
    { title: 'below zero', json: '-1', used: null },
    { title: 'over ten thousand', json: '10001', used: null },
    { title: 'infinite', json: '1e400', used: null },
    { title: 'an object', json: '{}', used: null },
  ])('a utilization that is $title', ({ json, used }) => {
    const body = `{"five_hour":{"utilization":${json},"resets_at":"${inHours(1)}"}}`;
    const { windows } = usageFromResponse('anthropic', { status: 200, headers: {}, body }, NOW);
    expect(windows.get('5h')).toEqual(sample(used, 1));
  });

  it.each([
    { title: 'as far ahead as the window is long, and an hour', window: 'five_hour', hours: 6, kept: 6 },
    { title: 'further ahead', window: 'five_hour', hours: 6.001, kept: null },
    { title: 'of a week, further ahead', window: 'seven_day', hours: 169.001, kept: null },
    { title: 'shortly over', window: 'five_hour', hours: -1, kept: -1 },
    { title: 'longer over than the window is long', window: 'five_hour', hours: -5.001, kept: null },
  ])('a reset $title', ({ window, hours, kept }) => {
    const { windows } = ok('anthropic', { [window]: { utilization: 10, resets_at: inHours(hours) } });
    expect([...windows.values()]).toEqual([sample(0.1, kept)]);
  });

  it.each(['2026-03-02T11:00:00', 'tomorrow', '', 7, {}, null])('a reset that is no instant: %j', (resets_at) => {
    expect([...ok('anthropic', { five_hour: { utilization: 10, resets_at } }).windows.values()]).toEqual([sample(0.1, null)]);
  });

  it('a window of which nothing is told is left out', () => {
    expect(ok('anthropic', { five_hour: { utilization: null, resets_at: null }, seven_day: 'x', limits: [null, 1, {}] })).toEqual(
      usageInfo(),
    );
  });

  it('resets are on the clock of the upstream, where that is far from ours', () => {
    const { windows } = ok(
      'anthropic',
      { five_hour: { utilization: 10, resets_at: inHours(3) } },
      { date: new Date(inHoursMs(1)).toUTCString() },
    );
    expect(windows.get('5h')).toEqual(sample(0.1, 2, inHoursMs(1)));
  });
});

describe("ChatGPT's usage", () => {
  it('names windows by their length, and further families by their limit', () => {
    expect(ok('openai', CHATGPT)).toEqual(
      usageInfo({
        windows: new Map([
          ['7d', sample(0.12, 100)],
          ['5h', sample(0.805, 2)],
        ]),
        models: new Map([['GPT-5.3-Codex-Spark', sample(0.5, 20)]]),
        tier: 'plus',
        credits: [{ type: 'codex', amount: 1348.745, minimum: 0 }],
      }),
    );
  });

  const windowOf = (window: object): UsageInfo => ok('openai', { rate_limit: { primary_window: window, secondary_window: null } });

  it.each([
    { seconds: 1, name: '5h' },
    { seconds: 21_600, name: '5h' },
    { seconds: 21_601, name: '7d' },
    { seconds: 900_000, name: '7d' },
    { seconds: 900_001, name: '30d' },
    { seconds: 2_592_000, name: '30d' },
  ])('$seconds seconds are $name', ({ seconds, name }) => {
    expect([...windowOf({ used_percent: 1, limit_window_seconds: seconds }).windows.keys()]).toEqual([name]);
  });

  it.each([0, -1, null, 'x', undefined])('a window of %j seconds is none', (limit_window_seconds) => {
    expect(windowOf({ used_percent: 1, limit_window_seconds })).toEqual(usageInfo());
  });

  it('of two windows of one length the fuller counts', () => {
    const rate_limit = {
      primary_window: { used_percent: 80, limit_window_seconds: 18_000 },
      secondary_window: { used_percent: 20, limit_window_seconds: 18_000 },
    };
    expect([...ok('openai', { rate_limit }).windows]).toEqual([['5h', sample(0.8, null)]]);
  });

  it.each([
    { title: 'unlimited', credits: { unlimited: true, balance: '0' } },
    { title: 'without a balance', credits: { unlimited: false, balance: '' } },
    { title: 'below zero', credits: { balance: -3 } },
    { title: 'absent', credits: null },
  ])('credits that are $title are not told', ({ credits }) => {
    expect(ok('openai', { ...CHATGPT, credits }).credits).toEqual([]);
  });
});

describe("Google's usage", () => {
  it.each(['gemini', 'antigravity'])('loadCodeAssist tells tier and credits (%s)', (platform) => {
    expect(ok(platform, LOAD_CODE_ASSIST)).toEqual(
      usageInfo({ tier: 'g1-pro-tier', credits: [{ type: 'GOOGLE_ONE_AI', amount: 25_000, minimum: 50 }] }),
    );
  });

  it.each([
    { title: 'the paid tier', payload: LOAD_CODE_ASSIST, tier: 'g1-pro-tier' },
    { title: 'the current tier without a paid one', payload: { currentTier: { id: 'free-tier' } }, tier: 'free-tier' },
    {
      title: 'the current tier where the paid one has no id',
      payload: { currentTier: { id: 'free-tier' }, paidTier: {} },
      tier: 'free-tier',
    },
    { title: 'none', payload: {}, tier: null },
    { title: 'none where it is blank', payload: { currentTier: { id: '  ' } }, tier: null },
  ])('the tier is $title', ({ payload, tier }) => {
    expect(ok('antigravity', payload).tier).toBe(tier);
  });

  it.each([
    { amount: '25', minimum: '5', read: [25, 5] },
    { amount: 25, minimum: 5, read: [25, 5] },
    { amount: undefined, minimum: undefined, read: [0, 0] },
    { amount: 'many', minimum: {}, read: [0, 0] },
    { amount: '12345678901234', minimum: '0', read: [12_345_678_901_234, 0] },
  ])('credits of $amount and $minimum', ({ amount, minimum, read }) => {
    const availableCredits = [null, 'x', { creditType: 'A', creditAmount: amount, minimumCreditAmountForUsage: minimum }];
    const { credits } = ok('antigravity', { paidTier: { availableCredits } });
    expect(credits).toEqual([{ type: 'A', amount: read[0], minimum: read[1] }]);
  });

  it('retrieveUserQuota tells quotas by model: the fuller of several, and a rest that was left out is none', () => {
    expect(ok('gemini', USER_QUOTA)).toEqual(
      usageInfo({
        models: new Map([
          ['gemini-2.5-pro', sample(0.9, 14)],
          ['gemini-2.5-flash', sample(0, 14)],
          ['gemini-3-pro', sample(1, 14)],
        ]),
      }),
    );
  });

  it('fetchAvailableModels tells quotas by model, and the 5-hour window of the first model that stands for it', () => {
    expect(ok('antigravity', AVAILABLE_MODELS)).toEqual(
      usageInfo({
        windows: new Map([['5h', sample(0.2, 4)]]),
        models: new Map([
          ['claude-sonnet-4', sample(0.2, 4)],
          ['gemini-2.5-pro', sample(0.5, null)],
          ['gemini-3-pro', sample(1, 100)],
        ]),
      }),
    );
  });

  it.each([
    { title: 'the dated Sonnet first', models: ['gemini-2.5-pro', 'claude-sonnet-4', 'claude-sonnet-4-20250514'], session: 2 },
    { title: 'then Sonnet', models: ['gemini-2.5-pro', 'claude-sonnet-4'], session: 1 },
    { title: 'then Gemini', models: ['gemini-3-pro', 'gemini-2.5-pro'], session: 1 },
    { title: 'else none', models: ['gemini-3-pro'], session: -1 },
    { title: 'none of none', models: [], session: -1 },
  ])('the 5-hour window: $title', ({ models, session }) => {
    const quotas = models.map((name, index) => [name, { quotaInfo: { remainingFraction: 1 - (index + 1) / 10, resetTime: inHours(1) } }]);
    const info = ok('antigravity', { models: Object.fromEntries(quotas) });
    expect(info.windows.get('5h')).toEqual(session === -1 ? undefined : sample((session + 1) / 10, 1));
    expect(info.models.size).toBe(models.length);
  });

  it('names of models are data', () => {
    const names = ['__proto__', 'constructor', 'a.b', "o'brien{,}"];
    const body = `{"models":{${names.map((name) => `${JSON.stringify(name)}:{"quotaInfo":{"remainingFraction":0.5}}`).join(',')}}}`;
    const { models } = usageFromResponse('antigravity', { status: 200, headers: {}, body }, NOW);
    expect([...models.keys()]).toEqual(names);
  });

  it('names that can be no key, or have the shape of a credential, are left out, and those over 512', () => {
    const quota = { quotaInfo: { remainingFraction: 0.5 } };
    const bad = { '': quota, 'a\u0000b': quota, ['m'.repeat(257)]: quota, [`sk-ant-${'x'.repeat(30)}`]: quota };
    expect(ok('antigravity', { models: bad }).models.size).toBe(0);
    const many = Object.fromEntries(Array.from({ length: 1_000 }, (_, index) => [`m${index}`, quota]));
    expect(ok('antigravity', { models: many }).models.size).toBe(512);
  });

  it('an account without a tier that has to be verified is refused, though the status is 200', () => {
    const ineligible = {
      reasonCode: 'VALIDATION_REQUIRED',
      reasonMessage: 'Verify your account',
      validationUrl: 'https://accounts.google.com/signin/continue?x=1',
    };
    const info = ok('antigravity', { allowedTiers: [], ineligibleTiers: [{ reasonCode: 'DASHER_USER' }, ineligible] });
    expect(info).toEqual(
      usageInfo({
        forbidden: { type: 'validation', reason: 'Verify your account', link: { url: ineligible.validationUrl, trusted: true } },
        needsVerify: true,
        errorCode: 'forbidden',
      }),
    );
    expect(ok('antigravity', { currentTier: { id: 'free-tier' }, ineligibleTiers: [ineligible] }).forbidden).toBeNull();
  });
});

describe('bodies', () => {
  it('are read as text, bytes, objects, and with a byte order mark', () => {
    const text = JSON.stringify(CHATGPT);
    const bodies = [text, new TextEncoder().encode(text), CHATGPT, `\ufeff ${text}`];
    for (const body of bodies) expect(usageFromResponse('openai', { status: 200, headers: {}, body }, NOW)).toEqual(ok('openai', CHATGPT));
  });

  it.each([
    { title: '600 KB', padding: 600_000, tier: 'plus' },
    { title: 'over 1 MiB', padding: 1_100_000, tier: null },
  ])('of $title', ({ padding, tier }) => {
    const body = JSON.stringify({ ...CHATGPT, padding: 'x'.repeat(padding) });
    for (const one of [body, new TextEncoder().encode(body)]) {
      const info = usageFromResponse('openai', { status: 200, headers: {}, body: one }, NOW);
      expect([info.tier, info.errorCode]).toEqual([tier, tier === null ? 'network_error' : null]);
    }
  });

  it('a platform without a known endpoint', () => {
    expect(ok('elsewhere', {})).toMatchObject({
      errorCode: 'network_error',
      error: 'usage API error: no usage endpoint is known for this platform',
    });
  });
});
