/** Settings that an operator changes while the gateway runs: clamped when read, refused when written out of range. */
import type { Platform } from '../core/account.js';
import { DEFAULT_SETTINGS, type PolicySettings, SETTING_RANGES } from '../core/policy.js';
import {
  type Cooldown,
  type CooldownSetting,
  clampTo,
  decodeCooldown,
  encodeCooldown,
  OVERLOAD_SETTING,
  RATE_LIMIT_FALLBACK_SETTING,
} from './cooldown-setting.js';
import type { SettingsRepository } from './ports.js';

/** Settings as a host's configuration has them: anything may be missing or out of range. Units as in `PolicySettings`. */
export type RawSettings = {
  readonly [K in keyof PolicySettings]?: PolicySettings[K] extends number | readonly unknown[]
    ? PolicySettings[K]
    : Partial<PolicySettings[K]>;
};

/** How long a store may take for one key before it counts as unreachable. */
const STORE_TIMEOUT_MS = 2_000;

type Reading = { readonly text: string | null } | 'unreachable';

async function readKey(repository: SettingsRepository, key: string, timeoutMs: number): Promise<Reading> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<Reading>((resolve) => {
    timer = setTimeout(() => resolve('unreachable'), timeoutMs);
  });
  try {
    return await Promise.race([repository.get(key).then((text) => ({ text })), late]);
  } catch {
    return 'unreachable';
  } finally {
    clearTimeout(timer);
  }
}

/** A configured number: clamped; not above 0, or no number at all, means the default. */
function configured(range: CooldownSetting['range'], value: unknown, standard: number): number {
  return typeof value === 'number' && value > 0 ? clampTo(range, value) : standard;
}

function configuredSwitch(value: unknown, standard: boolean): boolean {
  return typeof value === 'boolean' ? value : standard;
}

type Configured = { readonly [K in keyof Cooldown]: unknown };

async function loadCooldown(setting: CooldownSetting, fallback: Configured, read: (key: string) => Promise<Reading>): Promise<Cooldown> {
  const reading = await read(setting.key);
  if (reading !== 'unreachable') return decodeCooldown(setting, reading.text);
  return {
    enabled: configuredSwitch(fallback.enabled, setting.defaults.enabled),
    length: configured(setting.range, fallback.length, setting.defaults.length),
  };
}

function configuredStrikes(given: RawSettings['forbiddenStrikes']): PolicySettings['forbiddenStrikes'] {
  const standard = DEFAULT_SETTINGS.forbiddenStrikes;
  return {
    threshold: configured(SETTING_RANGES['forbiddenStrikes.threshold'], given?.threshold, standard.threshold),
    windowMinutes: configured(SETTING_RANGES['forbiddenStrikes.windowMinutes'], given?.windowMinutes, standard.windowMinutes),
    cooldownMinutes: configured(SETTING_RANGES['forbiddenStrikes.cooldownMinutes'], given?.cooldownMinutes, standard.cooldownMinutes),
  };
}

/** Thresholds that pause something; what is not above 0 is left out, which is off. */
function configuredThresholds(given: RawSettings['schedulingThresholdPercent'] = {}): PolicySettings['schedulingThresholdPercent'] {
  const thresholds = new Map<Platform, number>();
  for (const [platform, value] of Object.entries(given)) {
    const percent = configured(SETTING_RANGES.schedulingThresholdPercent, value, 0);
    if (percent > 0) thresholds.set(platform, percent);
  }
  return Object.fromEntries(thresholds);
}

/**
 * The settings as they are stored, each number within its range, so that `definePolicy` accepts them. What is missing, empty or unreadable in the store is the
 * default. Where the store is null, throws or takes longer than `timeoutMs` (default 2000), `fallback` holds, key by key; in it a number not above 0 means the
 * default. Settings that are never stored come from `fallback`. Never rejects.
 *
 * @example const policy = definePolicy({ settings: await loadSettings(repository, { overload: { cooldownMinutes: 5 } }) });
 */
export async function loadSettings(
  repository: SettingsRepository | null,
  fallback: RawSettings = {},
  options: { readonly timeoutMs?: number } = {},
): Promise<PolicySettings> {
  const { overload: o, rateLimitFallback: r } = fallback;
  const { timeoutMs = STORE_TIMEOUT_MS } = options;
  const read = async (key: string): Promise<Reading> => (repository === null ? 'unreachable' : readKey(repository, key, timeoutMs));
  const [overload, rateLimit] = await Promise.all([
    loadCooldown(OVERLOAD_SETTING, { enabled: o?.enabled, length: o?.cooldownMinutes }, read),
    loadCooldown(RATE_LIMIT_FALLBACK_SETTING, { enabled: r?.enabled, length: r?.cooldownSeconds }, read),
  ]);
  return {
    oauth401CooldownMinutes: configured(
      SETTING_RANGES.oauth401CooldownMinutes,
      fallback.oauth401CooldownMinutes,
      DEFAULT_SETTINGS.oauth401CooldownMinutes,
    ),
    overload: { enabled: overload.enabled, cooldownMinutes: overload.length },
    rateLimitFallback: { enabled: rateLimit.enabled, cooldownSeconds: rateLimit.length },
    forbiddenStrikes: configuredStrikes(fallback.forbiddenStrikes),
    schedulingThresholdPercent: configuredThresholds(fallback.schedulingThresholdPercent),
    verificationHosts: [...new Set([...DEFAULT_SETTINGS.verificationHosts, ...(fallback.verificationHosts ?? [])])],
  };
}

/**
 * Stores the hold after a 529. Rejects with `PolicyError` of code `invalid_settings` where it is enabled and the minutes are not a whole number from 1 to 120; a
 * disabled one out of range is stored as 10. Rejects too where the store does.
 */
export async function saveOverloadSettings(repository: SettingsRepository, settings: PolicySettings['overload']): Promise<void> {
  const given = settings ? { enabled: settings.enabled, length: settings.cooldownMinutes } : null;
  await repository.set(OVERLOAD_SETTING.key, encodeCooldown(OVERLOAD_SETTING, given));
}

/**
 * Stores the hold after a 429 without a reset. Rejects with `PolicyError` of code `invalid_settings` where it is enabled and the seconds are not a whole number
 * from 1 to 7200; a disabled one out of range is stored as 5. Rejects too where the store does.
 */
export async function saveRateLimitFallbackSettings(
  repository: SettingsRepository,
  settings: PolicySettings['rateLimitFallback'],
): Promise<void> {
  const given = settings ? { enabled: settings.enabled, length: settings.cooldownSeconds } : null;
  await repository.set(RATE_LIMIT_FALLBACK_SETTING.key, encodeCooldown(RATE_LIMIT_FALLBACK_SETTING, given));
}
