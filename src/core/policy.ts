/** The policy: settings and rules, validated, frozen and compiled once. */
import type { Platform } from './account.js';
import type { PolicyRule } from './rule.js';
import { DEFAULT_VERIFICATION_HOSTS } from './verification-link.js';

/** What an operator can tune. Every length is in the unit of its name. */
export interface PolicySettings {
  /** How long a refused OAuth credential holds its account at most; a refresh lifts it earlier. Default 10, 1 to 1440. */
  readonly oauth401CooldownMinutes: number;
  /** The hold after a 529. Default true and 10; 1 to 120. */
  readonly overload: { readonly enabled: boolean; readonly cooldownMinutes: number };
  /** The hold after a 429 that states no reset. Default true and 5; 1 to 7200. */
  readonly rateLimitFallback: { readonly enabled: boolean; readonly cooldownSeconds: number };
  /** OpenAI's 403: a pause, and an error at the threshold within the window. Default 3, 180 and 10. */
  readonly forbiddenStrikes: { readonly threshold: number; readonly windowMinutes: number; readonly cooldownMinutes: number };
  /** Pause accounts at this percentage of a window (1 to 100; 100 and absent: off). Default: none. */
  readonly schedulingThresholdPercent: Readonly<Partial<Record<Platform, number>>>;
  /** Hosts whose verification links may be clickable. Added to the default hosts. */
  readonly verificationHosts: readonly string[];
}

/** What holds where nothing else is said (behaviour of the system this one follows). */
export const DEFAULT_SETTINGS: PolicySettings = {
  oauth401CooldownMinutes: 10,
  overload: { enabled: true, cooldownMinutes: 10 },
  rateLimitFallback: { enabled: true, cooldownSeconds: 5 },
  forbiddenStrikes: { threshold: 3, windowMinutes: 180, cooldownMinutes: 10 },
  schedulingThresholdPercent: {},
  verificationHosts: DEFAULT_VERIFICATION_HOSTS,
};

/** The settings that are numbers, by path. */
export type SettingRange =
  | 'oauth401CooldownMinutes'
  | 'overload.cooldownMinutes'
  | 'rateLimitFallback.cooldownSeconds'
  | 'forbiddenStrikes.threshold'
  | 'forbiddenStrikes.windowMinutes'
  | 'forbiddenStrikes.cooldownMinutes'
  | 'schedulingThresholdPercent';

/** The range of each number of the settings, inclusive. Values outside are refused by `definePolicy` and clamped when read from a store. */
export const SETTING_RANGES: Readonly<Record<SettingRange, { readonly min: number; readonly max: number }>> = {
  oauth401CooldownMinutes: { min: 1, max: 1440 },
  'overload.cooldownMinutes': { min: 1, max: 120 },
  'rateLimitFallback.cooldownSeconds': { min: 1, max: 7200 },
  'forbiddenStrikes.threshold': { min: 1, max: 16 },
  'forbiddenStrikes.windowMinutes': { min: 1, max: 10_080 },
  'forbiddenStrikes.cooldownMinutes': { min: 1, max: 1440 },
  schedulingThresholdPercent: { min: 1, max: 100 },
};

/** A validated, frozen policy. Make one with `definePolicy`. */
export interface Policy {
  readonly settings: PolicySettings;
  readonly rules: readonly PolicyRule[];
}
