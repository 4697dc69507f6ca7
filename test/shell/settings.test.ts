import * as fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createMemorySettings } from '../../src/adapters/memory.js';
import { DEFAULT_SETTINGS, type PolicySettings, SETTING_RANGES } from '../../src/core/policy.js';
import { PolicyError } from '../../src/core/policy-error.js';
import { checkSettings } from '../../src/core/settings-check.js';
import { definePolicy } from '../../src/define-policy.js';
import type { SettingsRepository } from '../../src/shell/ports.js';
import { loadSettings, type RawSettings, saveOverloadSettings, saveRateLimitFallbackSettings } from '../../src/shell/settings.js';

const OVERLOAD = 'overload_cooldown_settings';
const RATE_LIMIT = 'rate_limit_429_cooldown_settings';

afterEach(() => {
  vi.useRealTimers();
});

const down: SettingsRepository = {
  get: () => Promise.reject(new Error('down')),
  set: () => Promise.reject(new Error('down')),
};
const throwing: SettingsRepository = {
  get() {
    throw new Error('down');
  },
  set: down.set,
};
const hanging: SettingsRepository = { get: () => new Promise(() => undefined), set: down.set };

describe('the 529 setting as it is read', () => {
  it.each([
    { title: 'missing', text: null, is: [true, 10] },
    { title: 'empty', text: '', is: [true, 10] },
    { title: 'invalid JSON', text: '{not json', is: [true, 10] },
    { title: 'null', text: 'null', is: [true, 10] },
    { title: 'a list', text: '[true, 5]', is: [true, 10] },
    { title: 'a number', text: '5', is: [true, 10] },
    { title: 'good', text: '{"enabled":true,"cooldown_minutes":15}', is: [true, 15] },
    { title: 'disabled', text: '{"enabled":false,"cooldown_minutes":15}', is: [false, 15] },
    { title: '0', text: '{"enabled":true,"cooldown_minutes":0}', is: [true, 1] },
    { title: 'negative', text: '{"enabled":true,"cooldown_minutes":-3}', is: [true, 1] },
    { title: '1', text: '{"enabled":true,"cooldown_minutes":1}', is: [true, 1] },
    { title: '120', text: '{"enabled":true,"cooldown_minutes":120}', is: [true, 120] },
    { title: '121', text: '{"enabled":true,"cooldown_minutes":121}', is: [true, 120] },
    { title: '999', text: '{"enabled":true,"cooldown_minutes":999}', is: [true, 120] },
    { title: 'a fraction rounds up', text: '{"enabled":true,"cooldown_minutes":2.1}', is: [true, 3] },
    { title: 'no number', text: '{"enabled":true,"cooldown_minutes":"15"}', is: [true, 10] },
    { title: 'no finite number', text: '{"enabled":true,"cooldown_minutes":1e999}', is: [true, 10] },
    { title: 'no minutes', text: '{"enabled":false}', is: [false, 10] },
    { title: 'no switch', text: '{"cooldown_minutes":7}', is: [true, 7] },
    { title: 'a switch that is none', text: '{"enabled":"no","cooldown_minutes":7}', is: [true, 7] },
    { title: 'more than asked', text: '{"enabled":true,"cooldown_minutes":7,"__proto__":{"enabled":false},"more":1}', is: [true, 7] },
  ])('$title', async ({ text, is: [enabled, cooldownMinutes] }) => {
    const repository = createMemorySettings(text === null ? [] : [[OVERLOAD, text]]);
    const settings = await loadSettings(repository, { overload: { enabled: false, cooldownMinutes: 99 } });
    expect(settings.overload).toEqual({ enabled, cooldownMinutes });
  });
});

describe('the 429 setting as it is read', () => {
  it.each([
    { title: 'missing', text: null, is: [true, 5] },
    { title: 'invalid JSON', text: '[', is: [true, 5] },
    { title: '0', text: '{"enabled":true,"cooldown_seconds":0}', is: [true, 1] },
    { title: '7200', text: '{"enabled":false,"cooldown_seconds":7200}', is: [false, 7200] },
    { title: '7201', text: '{"enabled":true,"cooldown_seconds":7201}', is: [true, 7200] },
    { title: "the other setting's name", text: '{"enabled":true,"cooldown_minutes":9}', is: [true, 5] },
  ])('$title', async ({ text, is: [enabled, cooldownSeconds] }) => {
    const repository = createMemorySettings(text === null ? [] : [[RATE_LIMIT, text]]);
    expect((await loadSettings(repository, {})).rateLimitFallback).toEqual({ enabled, cooldownSeconds });
  });
});

describe('a store that cannot be reached', () => {
  it.each([
    { title: 'no store', repository: null },
    { title: 'a store that rejects', repository: down },
    { title: 'a store that throws', repository: throwing },
  ])('$title: the configuration', async ({ repository }) => {
    const fallback: RawSettings = { overload: { enabled: false, cooldownMinutes: 25 }, rateLimitFallback: { cooldownSeconds: 9 } };
    expect(await loadSettings(repository, fallback)).toEqual({
      ...DEFAULT_SETTINGS,
      overload: { enabled: false, cooldownMinutes: 25 },
      rateLimitFallback: { enabled: true, cooldownSeconds: 9 },
    });
    expect(await loadSettings(repository, {})).toEqual(DEFAULT_SETTINGS);
  });

  it.each([
    { configured: undefined, minutes: 10 },
    { configured: 0, minutes: 10 },
    { configured: -1, minutes: 10 },
    { configured: Number.NaN, minutes: 10 },
    { configured: '7', minutes: 10 },
    { configured: 1, minutes: 1 },
    { configured: 15, minutes: 15 },
    { configured: 999, minutes: 120 },
    { configured: Number.POSITIVE_INFINITY, minutes: 120 },
    { configured: 0.5, minutes: 1 },
  ])('configured minutes of $configured mean $minutes', async ({ configured, minutes }) => {
    const fallback = { overload: { cooldownMinutes: configured } } as unknown as RawSettings;
    expect((await loadSettings(null, fallback)).overload).toEqual({ enabled: true, cooldownMinutes: minutes });
  });

  it('one key that fails takes nothing from the other', async () => {
    const stored = createMemorySettings([
      [OVERLOAD, '{"enabled":true,"cooldown_minutes":3}'],
      [RATE_LIMIT, '{"enabled":true,"cooldown_seconds":3}'],
    ]);
    const half: SettingsRepository = { ...stored, get: (key) => (key === OVERLOAD ? down.get(key) : stored.get(key)) };
    const settings = await loadSettings(half, { overload: { cooldownMinutes: 7 }, rateLimitFallback: { cooldownSeconds: 7 } });
    expect([settings.overload.cooldownMinutes, settings.rateLimitFallback.cooldownSeconds]).toEqual([7, 3]);
  });

  it.each([
    { title: 'two seconds', options: {}, ms: 2_000 },
    { title: 'as long as is said', options: { timeoutMs: 50 }, ms: 50 },
  ])('a store that does not answer is waited for $title', async ({ options, ms }) => {
    vi.useFakeTimers();
    const settled = vi.fn();
    const loading = loadSettings(hanging, { overload: { cooldownMinutes: 7 } }, options).then(settled);
    await vi.advanceTimersByTimeAsync(ms - 1);
    expect(settled).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(1);
    await loading;
    expect(settled.mock.calls[0]?.[0].overload.cooldownMinutes).toBe(7);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('a store that answers leaves no timer behind', async () => {
    vi.useFakeTimers();
    await loadSettings(createMemorySettings(), {});
    await loadSettings(throwing, {});
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe('settings that are never stored', () => {
  it('come from the configuration, within their ranges', async () => {
    const settings = await loadSettings(createMemorySettings(), {
      oauth401CooldownMinutes: 9_999,
      forbiddenStrikes: { threshold: 99, windowMinutes: 0 },
      schedulingThresholdPercent: { anthropic: 90.5, openai: 0, gemini: 400 },
      verificationHosts: ['verify.example'],
    });
    expect(settings).toEqual({
      ...DEFAULT_SETTINGS,
      oauth401CooldownMinutes: 1440,
      forbiddenStrikes: { threshold: 16, windowMinutes: 180, cooldownMinutes: 10 },
      schedulingThresholdPercent: { anthropic: 91, gemini: 100 },
      verificationHosts: [...DEFAULT_SETTINGS.verificationHosts, 'verify.example'],
    });
  });
});

describe('what is loaded', () => {
  it('property: is within every range, whatever is stored and configured, and makes a policy', async () => {
    const reached = { stored: 0, fallback: 0, clamped: 0 };
    const numbers = fc.oneof(fc.integer({ min: -10, max: 8_000 }), fc.double());
    const stored = fc.oneof(
      fc.json(),
      fc.record({ enabled: fc.boolean(), cooldown_minutes: numbers, cooldown_seconds: numbers }).map((value) => JSON.stringify(value)),
    );
    const raw = fc.record(
      {
        oauth401CooldownMinutes: numbers,
        overload: fc.record({ enabled: fc.boolean(), cooldownMinutes: numbers }, { requiredKeys: [] }),
        rateLimitFallback: fc.record({ enabled: fc.boolean(), cooldownSeconds: numbers }, { requiredKeys: [] }),
        forbiddenStrikes: fc.record({ threshold: numbers, windowMinutes: numbers, cooldownMinutes: numbers }, { requiredKeys: [] }),
        schedulingThresholdPercent: fc.dictionary(fc.constantFrom('anthropic', 'openai', '__proto__'), numbers),
      },
      { requiredKeys: [] },
    );
    await fc.assert(
      fc.asyncProperty(stored, fc.boolean(), raw, async (text, isUp, fallback) => {
        const repository = createMemorySettings([
          [OVERLOAD, text],
          [RATE_LIMIT, text],
        ]);
        const settings = await loadSettings(isUp ? repository : down, fallback as RawSettings);
        expect(checkSettings(settings)).toEqual([]);
        expect(definePolicy({ settings }).settings).toEqual(settings);
        reached[isUp ? 'stored' : 'fallback'] += 1;
        if (settings.overload.cooldownMinutes === SETTING_RANGES['overload.cooldownMinutes'].max) reached.clamped += 1;
      }),
      { numRuns: 1_000 },
    );
    for (const count of Object.values(reached)) expect(count).toBeGreaterThan(20);
  });
});

interface WriteRow {
  readonly given: unknown;
  /** The stored text; or the issue. */
  readonly stored?: string;
  readonly issue?: string;
}

const MINUTES = 'cooldown_minutes must be between 1-120';
const SECONDS = 'cooldown_seconds must be between 1-7200';

const OVERLOAD_ROWS: readonly WriteRow[] = [
  { given: null, issue: 'settings must not be null' },
  { given: undefined, issue: 'settings must not be null' },
  ...[0, -1, 121, 999, 1.5, Number.NaN, '10', undefined].map((cooldownMinutes) => ({
    given: { enabled: true, cooldownMinutes },
    issue: MINUTES,
  })),
  ...[1, 60, 120].map((minutes) => ({
    given: { enabled: true, cooldownMinutes: minutes },
    stored: `{"enabled":true,"cooldown_minutes":${minutes}}`,
  })),
  ...[0, -1, 121, 999, 1.5, undefined].map((cooldownMinutes) => ({
    given: { enabled: false, cooldownMinutes },
    stored: '{"enabled":false,"cooldown_minutes":10}',
  })),
  { given: { enabled: false, cooldownMinutes: 60 }, stored: '{"enabled":false,"cooldown_minutes":60}' },
  { given: { enabled: 'yes', cooldownMinutes: 60 }, issue: 'enabled must be true or false' },
];

const RATE_LIMIT_ROWS: readonly WriteRow[] = [
  { given: null, issue: 'settings must not be null' },
  ...[0, -1, 7201].map((cooldownSeconds) => ({ given: { enabled: true, cooldownSeconds }, issue: SECONDS })),
  ...[1, 5, 7200].map((seconds) => ({
    given: { enabled: true, cooldownSeconds: seconds },
    stored: `{"enabled":true,"cooldown_seconds":${seconds}}`,
  })),
  { given: { enabled: false, cooldownSeconds: 0 }, stored: '{"enabled":false,"cooldown_seconds":5}' },
  { given: { enabled: false, cooldownSeconds: 7201 }, stored: '{"enabled":false,"cooldown_seconds":5}' },
];

describe.each([
  { name: 'saveOverloadSettings', save: saveOverloadSettings, key: OVERLOAD, rows: OVERLOAD_ROWS },
  { name: 'saveRateLimitFallbackSettings', save: saveRateLimitFallbackSettings, key: RATE_LIMIT, rows: RATE_LIMIT_ROWS },
])('$name', ({ save, key, rows }) => {
  const saveTo = save as (repository: SettingsRepository, given: unknown) => Promise<void>;

  it.each(rows)('$given', async ({ given, stored, issue }) => {
    const repository = createMemorySettings();
    const error: unknown = await saveTo(repository, given).catch((thrown: unknown) => thrown);
    if (issue === undefined) {
      expect(error).toBeUndefined();
      expect([...repository.snapshot()]).toEqual([[key, stored]]);
    } else {
      expect(error).toBeInstanceOf(PolicyError);
      expect(error).toMatchObject({
        code: 'invalid_settings',
        message: `invalid_settings: ${issue}`,
        issues: [{ path: '', message: issue }],
      });
      expect(repository.snapshot().size).toBe(0);
    }
  });

  it('rejects where the store does', async () => {
    await expect(saveTo(down, { enabled: true, cooldownMinutes: 5, cooldownSeconds: 5 })).rejects.toThrow('down');
  });
});

describe('what is saved', () => {
  it('is what is loaded', async () => {
    const repository = createMemorySettings();
    const overload: PolicySettings['overload'] = { enabled: false, cooldownMinutes: 60 };
    const rateLimitFallback: PolicySettings['rateLimitFallback'] = { enabled: true, cooldownSeconds: 30 };
    await saveOverloadSettings(repository, overload);
    await saveRateLimitFallbackSettings(repository, rateLimitFallback);
    expect(await loadSettings(repository, {})).toEqual({ ...DEFAULT_SETTINGS, overload, rateLimitFallback });
  });
});
