/** Several answers about one account, as one. */
import type { EpochMs } from '../core/time.js';
import type { UsageInfo } from '../core/usage-info.js';
import { emptyUsage } from './usage-facts.js';

function join(one: UsageInfo, other: UsageInfo): UsageInfo {
  const refused = one.forbidden === null && other.forbidden !== null ? other : one;
  const failed = refused.errorCode === null && refused.error === null ? other : refused;
  return {
    windows: new Map([...other.windows, ...one.windows]),
    models: new Map([...other.models, ...one.models]),
    forbidden: refused.forbidden,
    needsVerify: refused.needsVerify,
    isBanned: refused.isBanned,
    needsReauth: refused.forbidden === null && (one.needsReauth || other.needsReauth),
    errorCode: failed.errorCode,
    error: failed.error,
    tier: one.tier ?? other.tier,
    credits: one.credits.length > 0 ? one.credits : other.credits,
    updatedAt: Math.max(one.updatedAt, other.updatedAt),
  };
}

/**
 * Joins what several endpoints said of one account, such as `loadCodeAssist` (tier, credits) and `retrieveUserQuota` (models). The earlier one counts where two say the same; a refusal of one
 * is a refusal of all, and what failed shows beside what did not. Of none: an empty answer of `now`. Total, pure.
 */
export function combineUsage(infos: readonly UsageInfo[], now: EpochMs): UsageInfo {
  const [first, ...others] = infos;
  return first === undefined ? emptyUsage(now) : others.reduce(join, first);
}
