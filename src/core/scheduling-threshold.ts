/** Accounts that pause before a window is used up: at a percentage that the operator chose. */
import type { Account, Platform } from './account.js';
import type { AccountHealth, UsageSample } from './health.js';
import { MODEL_FAMILIES } from './model-keys.js';
import type { PolicySettings } from './policy.js';
import { currentSessionWindow } from './session-window.js';
import { clampInstant, type EpochMs, HOUR_MS } from './time.js';
import { CEILINGS } from './until.js';
import { toPercent } from './usage-now.js';

/** The rule id of a pause at the threshold. */
export const THRESHOLD_RULE = 'scheduling_threshold';

/** A paused account gets no new samples, so an old one pauses nothing (sub2api #2994): two hours. */
export const SAMPLE_LIFETIME_MS: number = 2 * HOUR_MS;

/** Platforms whose answers tell how much of a window is used. */
const PLATFORMS: readonly Platform[] = ['anthropic', 'openai'];

/** The windows that can pause: `scope` is the model limit's key that a family's window pauses, null: the account. */
const WINDOWS: readonly { readonly name: string; readonly scope: string | null; readonly ceilingMs: number }[] = [
  { name: '5h', scope: null, ceilingMs: CEILINGS.session },
  { name: '7d', scope: null, ceilingMs: CEILINGS.week },
  { name: '30d', scope: null, ceilingMs: CEILINGS.date },
  ...MODEL_FAMILIES.map(({ window, key }) => ({ name: window, scope: key, ceilingMs: CEILINGS.week })),
];

/** A window that is used up to the threshold. */
export interface ThresholdPause {
  readonly platform: Platform;
  readonly window: string;
  /** The key of the models that pause; null: the account does. */
  readonly scope: string | null;
  readonly usedPercent: number;
  readonly thresholdPercent: number;
  /** When the window resets. */
  readonly resetAt: EpochMs;
  /** When the pause ends: with the window, or with the sample. */
  readonly until: EpochMs;
}

/**
 * The percentage of a window at which the account pauses: its own setting, else its platform's, rounded; null: off (none, 100 and above, or a platform that tells
 * no usage). Total, pure.
 */
export function thresholdOf({ platform, settings }: Account, { schedulingThresholdPercent: platforms }: PolicySettings): number | null {
  if (!PLATFORMS.includes(platform)) return null;
  const percent = settings.schedulingThresholdPercent ?? (Object.hasOwn(platforms, platform) ? platforms[platform] : undefined);
  const rounded = Math.round(percent ?? 100);
  return rounded >= 1 && rounded < 100 ? rounded : null;
}

/** When a sample's window ends: as it said itself, else the session window that ran when it was taken. */
function endOf(health: AccountHealth, window: string, { resetAt, sampledAt }: UsageSample): EpochMs | null {
  if (resetAt !== null || window !== '5h') return resetAt;
  const session = currentSessionWindow(health, sampledAt);
  return session !== null && session.start <= sampledAt ? session.end : null;
}

/** The latest reset first, then the higher use. */
function compare(a: ThresholdPause, b: ThresholdPause): number {
  return b.resetAt - a.resetAt || b.usedPercent - a.usedPercent;
}

/**
 * The windows that pause an account at `now`, the one that governs first: the latest reset, then the higher use. A reset further ahead of its sample than the
 * window can be long counts as unknown, and such a sample pauses nothing. Total, pure.
 */
export function thresholdPauses(account: Account, now: EpochMs, settings: PolicySettings): readonly ThresholdPause[] {
  const thresholdPercent = account.health.usage.size === 0 ? null : thresholdOf(account, settings);
  if (thresholdPercent === null) return [];
  const pauses: ThresholdPause[] = [];
  for (const { name: window, scope, ceilingMs } of WINDOWS) {
    const sample = account.health.usage.get(window);
    const usedPercent = toPercent(sample?.utilization ?? 0);
    if (sample === undefined || usedPercent < thresholdPercent) continue;
    const resetAt = endOf(account.health, window, sample);
    if (resetAt === null || resetAt > sample.sampledAt + ceilingMs) continue;
    const until = Math.min(resetAt, sample.sampledAt + SAMPLE_LIFETIME_MS);
    if (now < until) pauses.push({ platform: account.platform, window, scope, usedPercent, thresholdPercent, resetAt, until });
  }
  return pauses.sort(compare);
}

/** An instant in whole seconds of UTC, as RFC 3339 has it. */
function formatInstant(instant: EpochMs): string {
  return `${new Date(clampInstant(instant)).toISOString().slice(0, 19)}Z`;
}

/**
 * A pause in words. A threshold of 0 or less reads as 100, and what is blank or unknown gets a general name. Total, pure. Source: behaviour 8.1.
 *
 * @example 'openai scheduling threshold reached for 7d: 97.0% used >= 95%; paused until 2026-01-02T03:04:05Z'
 */
export function thresholdMessage(
  pause: Pick<ThresholdPause, 'platform' | 'window' | 'scope' | 'usedPercent' | 'thresholdPercent'> & { readonly until: EpochMs | null },
): string {
  const platform = pause.platform.trim() || 'account';
  const window = pause.window.trim() || 'usage window';
  const scope = pause.scope === null ? '' : `/${pause.scope}`;
  const threshold = pause.thresholdPercent > 0 ? pause.thresholdPercent : 100;
  const until = pause.until === null ? 'the window reset' : formatInstant(pause.until);
  return `${platform} scheduling threshold reached for ${window}${scope}: ${pause.usedPercent.toFixed(1)}% used >= ${threshold}%; paused until ${until}`;
}
