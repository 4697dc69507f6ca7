import { createEngine, DEFAULT_SETTINGS, defineAccount, type SettingsRepository } from 'poolwarden';
import { createMemoryRepository, createMemorySettings } from 'poolwarden/memory';
import { afterAll, describe, expect, it } from 'vitest';
import { createLivePolicy } from '../../../examples/gateway/settings/live-policy.js';
import { until } from '../stores/test-stores.js';
import { startAdminPair } from './admin-pair.js';

const pair = await startAdminPair();
const { test, one, other } = pair;
afterAll(pair.close);

const GOOD = {
  overload: { enabled: true, cooldownMinutes: 3 },
  rateLimitFallback: { enabled: false, cooldownSeconds: 7 },
  oauth401CooldownMinutes: 20,
};
const put = (body: unknown) => one.call('/admin/settings', { method: 'PUT', body });
const overload = (value: unknown): object => ({ ...GOOD, overload: value });
const fallback = (value: unknown): object => ({ ...GOOD, rateLimitFallback: value });

describe('settings', () => {
  it('are the defaults at first', async () => {
    const { overload, rateLimitFallback, oauth401CooldownMinutes } = DEFAULT_SETTINGS;
    expect((await one.call('/admin/settings')).json).toEqual({ overload, rateLimitFallback, oauth401CooldownMinutes });
  });

  it('that are accepted hold here at once, in every other process within 5 s, and after a restart', async () => {
    expect((await put(GOOD)).json).toEqual(GOOD);
    expect(one.live.policy().settings).toMatchObject(GOOD);
    const waited = await until(() => other.live.policy().settings.overload.cooldownMinutes === 3, 5_000);
    expect(waited).toBeLessThan(5_000);
    expect((await other.call('/admin/settings')).json).toEqual(GOOD);
    const restarted = await createLivePolicy({ settings: (await test.open()).settings });
    expect(restarted.settings()).toEqual(GOOD);
    restarted.close();
  });

  it('change what a running engine decides', async () => {
    const engine = createEngine({ policy: one.live.policy, health: createMemoryRepository() });
    const account = defineAccount({ id: 'a', platform: 'anthropic', type: 'api_key' });
    const receivedAt = Date.now();
    const holdMs = async (): Promise<number> => {
      const { health } = await engine.observe({ account, model: 'm', response: { status: 529, headers: {}, body: '{}' }, receivedAt })
        .saved;
      return (health.get('a')?.overload?.until ?? receivedAt) - receivedAt;
    };
    expect(await holdMs()).toBe(3 * 60_000);
    await put({ ...GOOD, overload: { enabled: true, cooldownMinutes: 120 } });
    expect(await holdMs()).toBe(120 * 60_000);
    await put(GOOD);
  });

  it.each<[string, unknown, string]>([
    ['nothing', undefined, ': must have overload, rateLimitFallback and oauth401CooldownMinutes, and nothing else'],
    [
      'a part only',
      { overload: GOOD.overload, oauth401CooldownMinutes: 5 },
      'rateLimitFallback: must have enabled and cooldownSeconds, and nothing else',
    ],
    ['more', { ...GOOD, other: 1 }, ': must have overload, rateLimitFallback and oauth401CooldownMinutes, and nothing else'],
    ['no minutes', overload({ enabled: true, cooldownMinutes: 0 }), 'overload.cooldownMinutes: must be a whole number from 1 to 120'],
    [
      'too many minutes',
      overload({ enabled: true, cooldownMinutes: 121 }),
      'overload.cooldownMinutes: must be a whole number from 1 to 120',
    ],
    ['half a minute', overload({ enabled: true, cooldownMinutes: 1.5 }), 'overload.cooldownMinutes: must be a whole number from 1 to 120'],
    [
      'minutes as text',
      overload({ enabled: true, cooldownMinutes: '5' }),
      'overload.cooldownMinutes: must be a whole number from 1 to 120',
    ],
    ['no switch', overload({ cooldownMinutes: 5 }), 'overload.enabled: must be true or false'],
    [
      'too many seconds',
      fallback({ enabled: true, cooldownSeconds: 7201 }),
      'rateLimitFallback.cooldownSeconds: must be a whole number from 1 to 7200',
    ],
    [
      'a 401 pause of a day and a minute',
      { ...GOOD, oauth401CooldownMinutes: 1441 },
      'oauth401CooldownMinutes: must be a whole number from 1 to 1440',
    ],
  ])('with %s are refused, and nothing changes', async (_what, body, expected) => {
    const { status, json } = await put(body);
    expect(status).toBe(400);
    expect(json.error.code).toBe('invalid_settings');
    expect(json.error.issues.map(({ path, message }: { path: string; message: string }) => `${path}: ${message}`)).toEqual([expected]);
    expect((await one.call('/admin/settings')).json).toEqual(GOOD);
  });

  it('that are switched off may have any length, and have the default when they are switched on again', async () => {
    expect((await put(overload({ enabled: false, cooldownMinutes: 500 }))).json.overload).toEqual({ enabled: false, cooldownMinutes: 10 });
    await put(GOOD);
  });
});

describe('a live policy', () => {
  it('keeps the last settings while the store is down, and takes new ones when it is back', async () => {
    const memory = createMemorySettings();
    let isDown = false;
    const store: SettingsRepository = { ...memory, get: (key) => (isDown ? Promise.reject(new Error('down')) : memory.get(key)) };
    const live = await createLivePolicy({ settings: store, intervalMs: 10 });
    await live.save(GOOD);
    const policy = live.policy();
    isDown = true;
    await memory.set('overload_cooldown_settings', '{"enabled":true,"cooldown_minutes":9}');
    await new Promise((resolve) => setTimeout(resolve, 80));
    expect(live.policy()).toBe(policy);
    expect(live.settings()).toEqual(GOOD);
    isDown = false;
    await until(() => live.settings().overload.cooldownMinutes === 9);
    live.close();
  });

  it('starts with the defaults where the store does not answer', async () => {
    const store: SettingsRepository = { get: () => Promise.reject(new Error('down')), set: async () => undefined };
    const live = await createLivePolicy({ settings: store });
    expect(live.policy().settings).toEqual(DEFAULT_SETTINGS);
    live.close();
  });

  it('changes nothing here where a setting cannot be stored', async () => {
    const memory = createMemorySettings();
    const live = await createLivePolicy({ settings: { ...memory, set: () => Promise.reject(new Error('down')) } });
    await expect(live.save(GOOD)).rejects.toThrow('down');
    expect(live.policy().settings).toEqual(DEFAULT_SETTINGS);
    live.close();
  });

  it('reads nonsense that somebody stored as the default', async () => {
    const live = await createLivePolicy({ settings: createMemorySettings([['gateway_oauth_401_cooldown_minutes', 'soon']]) });
    expect(live.settings().oauth401CooldownMinutes).toBe(10);
    live.close();
  });
});
