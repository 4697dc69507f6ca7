/** The settings that a person changes while the gateway runs: which there are, what they may be, where they are kept. */
import {
  DEFAULT_SETTINGS,
  loadSettings,
  type PolicyErrorIssue,
  type PolicySettings,
  type RawSettings,
  SETTING_RANGES,
  type SettingsRepository,
  saveOverloadSettings,
  saveRateLimitFallbackSettings,
} from 'poolwarden';
import * as z from 'zod';

/** The settings of the page. */
export type GatewaySettings = Pick<PolicySettings, 'overload' | 'rateLimitFallback' | 'oauth401CooldownMinutes'>;

/** What came of settings that somebody wants: they hold, or what is wrong with them. */
export type CheckedSettings = { readonly settings: GatewaySettings } | { readonly issues: readonly PolicyErrorIssue[] };

/** poolwarden keeps the other two under keys of its own. */
const COOLDOWN_KEY = 'gateway_oauth_401_cooldown_minutes';

type Range = { readonly min: number; readonly max: number };

const messageOf = ({ min, max }: Range): string => `must be a whole number from ${min} to ${max}`;
const isWithin = ({ min, max }: Range, value: number): boolean => Number.isInteger(value) && value >= min && value <= max;
const toggle = z.boolean({ error: 'must be true or false' });
const number = (range: Range): z.ZodType<number> => z.number({ error: messageOf(range) });
const inRange = (range: Range): z.ZodType<number> => number(range).refine((value) => isWithin(range, value), { error: messageOf(range) });

const OVERLOAD = SETTING_RANGES['overload.cooldownMinutes'];
const FALLBACK = SETTING_RANGES['rateLimitFallback.cooldownSeconds'];
const COOLDOWN = SETTING_RANGES.oauth401CooldownMinutes;

/** What is switched off may have any length: the default is stored then. */
const settingsSchema = z.strictObject(
  {
    overload: z
      .strictObject(
        { enabled: toggle, cooldownMinutes: number(OVERLOAD) },
        { error: 'must have enabled and cooldownMinutes, and nothing else' },
      )
      .refine(({ enabled, cooldownMinutes }) => !enabled || isWithin(OVERLOAD, cooldownMinutes), {
        path: ['cooldownMinutes'],
        error: messageOf(OVERLOAD),
      }),
    rateLimitFallback: z
      .strictObject(
        { enabled: toggle, cooldownSeconds: number(FALLBACK) },
        { error: 'must have enabled and cooldownSeconds, and nothing else' },
      )
      .refine(({ enabled, cooldownSeconds }) => !enabled || isWithin(FALLBACK, cooldownSeconds), {
        path: ['cooldownSeconds'],
        error: messageOf(FALLBACK),
      }),
    oauth401CooldownMinutes: inRange(COOLDOWN),
  },
  { error: 'must have overload, rateLimitFallback and oauth401CooldownMinutes, and nothing else' },
);

/** Checks settings from outside. Total, pure. */
export function checkSettings(value: unknown): CheckedSettings {
  const read = settingsSchema.safeParse(value);
  if (read.success) return { settings: read.data };
  return { issues: read.error.issues.map(({ path, message }) => ({ path: path.join('.'), message })) };
}

/** Stores checked settings. Rejects as the store does. */
export async function saveSettings(store: SettingsRepository, settings: GatewaySettings): Promise<void> {
  await saveOverloadSettings(store, settings.overload);
  await saveRateLimitFallbackSettings(store, settings.rateLimitFallback);
  await store.set(COOLDOWN_KEY, String(settings.oauth401CooldownMinutes));
}

/** The stored number; the default where there is none, or nonsense; `fallback` where the store does not answer. */
async function loadCooldown(store: SettingsRepository, fallback: number | undefined): Promise<number> {
  const { oauth401CooldownMinutes: standard } = DEFAULT_SETTINGS;
  try {
    const stored = Number((await store.get(COOLDOWN_KEY)) ?? standard);
    return isWithin(COOLDOWN, stored) ? stored : standard;
  } catch {
    return fallback ?? standard;
  }
}

/** The settings as they are stored. Where the store does not answer `fallback` holds, key by key. Never rejects. */
export async function loadGatewaySettings(store: SettingsRepository, fallback: RawSettings): Promise<PolicySettings> {
  const [settings, oauth401CooldownMinutes] = await Promise.all([
    loadSettings(store, fallback),
    loadCooldown(store, fallback.oauth401CooldownMinutes),
  ]);
  return { ...settings, oauth401CooldownMinutes };
}
