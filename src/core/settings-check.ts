/** Whether settings are within their ranges. */

import { type PolicySettings, SETTING_RANGES, type SettingRange } from './policy.js';
import type { PolicyErrorIssue } from './policy-error.js';

/** A host name, with at most a path behind it. */
const HOST = /^[a-z0-9.-]{1,253}(?:\/[^\s?#]{0,200})?$/;

function outOfRange(name: SettingRange, value: unknown, path: string): PolicyErrorIssue[] {
  const { min, max } = SETTING_RANGES[name];
  const isWhole = typeof value === 'number' && Number.isInteger(value);
  return isWhole && value >= min && value <= max ? [] : [{ path, message: `must be a whole number from ${min} to ${max}` }];
}

function notBoolean(value: unknown, path: string): PolicyErrorIssue[] {
  return typeof value === 'boolean' ? [] : [{ path, message: 'must be true or false' }];
}

/** Everything that is wrong with settings, by path; empty where nothing is. Total, pure. */
export function checkSettings(settings: PolicySettings): readonly PolicyErrorIssue[] {
  const { overload, rateLimitFallback, forbiddenStrikes, schedulingThresholdPercent, verificationHosts } = settings;
  return [
    ...outOfRange('oauth401CooldownMinutes', settings.oauth401CooldownMinutes, 'settings.oauth401CooldownMinutes'),
    ...notBoolean(overload.enabled, 'settings.overload.enabled'),
    ...outOfRange('overload.cooldownMinutes', overload.cooldownMinutes, 'settings.overload.cooldownMinutes'),
    ...notBoolean(rateLimitFallback.enabled, 'settings.rateLimitFallback.enabled'),
    ...outOfRange('rateLimitFallback.cooldownSeconds', rateLimitFallback.cooldownSeconds, 'settings.rateLimitFallback.cooldownSeconds'),
    ...outOfRange('forbiddenStrikes.threshold', forbiddenStrikes.threshold, 'settings.forbiddenStrikes.threshold'),
    ...outOfRange('forbiddenStrikes.windowMinutes', forbiddenStrikes.windowMinutes, 'settings.forbiddenStrikes.windowMinutes'),
    ...outOfRange('forbiddenStrikes.cooldownMinutes', forbiddenStrikes.cooldownMinutes, 'settings.forbiddenStrikes.cooldownMinutes'),
    ...Object.entries(schedulingThresholdPercent).flatMap(([platform, value]) =>
      outOfRange('schedulingThresholdPercent', value, `settings.schedulingThresholdPercent.${platform}`),
    ),
    ...verificationHosts
      .map((host, at) => ({
        path: `settings.verificationHosts.${at}`,
        message: 'must be a lower-case host name',
        ok: typeof host === 'string' && HOST.test(host),
      }))
      .filter(({ ok }) => !ok)
      .map(({ path, message }) => ({ path, message })),
  ];
}
