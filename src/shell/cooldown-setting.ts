/** A switch and a length of time, stored as JSON text under one key. The two settings of this form differ in names and numbers only. */
import * as z from 'zod';
import { parseJson } from '../core/json.js';
import { DEFAULT_SETTINGS, SETTING_RANGES } from '../core/policy.js';
import { PolicyError } from '../core/policy-error.js';

/** Whether a status holds its account, and for how many of the setting's units. */
export interface Cooldown {
  readonly enabled: boolean;
  readonly length: number;
}

/** One setting: where it is stored, its bounds in its own unit, and what holds where nothing is stored. */
export interface CooldownSetting {
  readonly key: string;
  /** The name of the length in the stored JSON. */
  readonly field: 'cooldown_minutes' | 'cooldown_seconds';
  readonly range: { readonly min: number; readonly max: number };
  readonly defaults: Cooldown;
}

/** The hold after a 529, in minutes. */
export const OVERLOAD_SETTING: CooldownSetting = {
  key: 'overload_cooldown_settings',
  field: 'cooldown_minutes',
  range: SETTING_RANGES['overload.cooldownMinutes'],
  defaults: { enabled: DEFAULT_SETTINGS.overload.enabled, length: DEFAULT_SETTINGS.overload.cooldownMinutes },
};

/** The hold after a 429 that states no reset, in seconds. */
export const RATE_LIMIT_FALLBACK_SETTING: CooldownSetting = {
  key: 'rate_limit_429_cooldown_settings',
  field: 'cooldown_seconds',
  range: SETTING_RANGES['rateLimitFallback.cooldownSeconds'],
  defaults: { enabled: DEFAULT_SETTINGS.rateLimitFallback.enabled, length: DEFAULT_SETTINGS.rateLimitFallback.cooldownSeconds },
};

/** A number as a whole one within bounds; lengths of time round up. Pure. */
export function clampTo({ min, max }: CooldownSetting['range'], value: number): number {
  return Math.min(max, Math.max(min, Math.ceil(value)));
}

/** What is no number, or no switch, counts as missing; a text that is no object has neither. */
const storedCooldown = z
  .object({
    enabled: z.boolean().optional().catch(undefined),
    cooldown_minutes: z.number().optional().catch(undefined),
    cooldown_seconds: z.number().optional().catch(undefined),
  })
  .catch({});

/** What the stored text says, clamped. Missing, empty or unreadable: the defaults, field by field. Total, pure. */
export function decodeCooldown({ field, range, defaults }: CooldownSetting, text: string | null): Cooldown {
  const stored = storedCooldown.parse(parseJson(text ?? ''));
  const length = stored[field];
  return { enabled: stored.enabled ?? defaults.enabled, length: length === undefined ? defaults.length : clampTo(range, length) };
}

function isWithin({ min, max }: CooldownSetting['range'], length: number): boolean {
  return Number.isInteger(length) && length >= min && length <= max;
}

function invalid(message: string): PolicyError {
  return new PolicyError('invalid_settings', [{ path: '', message }]);
}

/**
 * The text to store. A length out of range is refused while the switch is on, with `PolicyError` of code `invalid_settings`; while it is off it becomes the
 * default, so that switching on again finds a good one.
 */
export function encodeCooldown({ field, range, defaults }: CooldownSetting, given: Cooldown | null): string {
  if (given === null) throw invalid('settings must not be null');
  if (typeof given.enabled !== 'boolean') throw invalid('enabled must be true or false');
  const fits = isWithin(range, given.length);
  if (given.enabled && !fits) throw invalid(`${field} must be between ${range.min}-${range.max}`);
  return JSON.stringify({ enabled: given.enabled, [field]: fits ? given.length : defaults.length });
}
