/** An account as a person sees it. */
import type { Account } from '../core/account.js';
import { type AccountStatus, accountStatus } from '../core/account-status.js';
import { type Blocker, findBlockers } from '../core/blockers.js';
import { DEFAULT_SETTINGS, type Policy } from '../core/policy.js';
import { schedulability } from '../core/schedulability.js';
import { thresholdPauses } from '../core/scheduling-threshold.js';
import type { EpochMs } from '../core/time.js';
import type { UsageInfo } from '../core/usage-info.js';
import type { Badge } from './badge.js';
import { badgesOf } from './badges.js';
import { describeModels, describeWindows, type WindowView } from './describe-windows.js';
import { tierLabel } from './normalize-tier.js';

export type { Badge, BadgeKind } from './badge.js';
export type { WindowView } from './describe-windows.js';
export type { Tone } from './tone.js';

/** Plain data for a page, true at the instant it was made for: make it anew as the clock goes on. */
export interface AccountView {
  readonly accountId: string;
  readonly status: AccountStatus;
  readonly badges: readonly Badge[];
  /** What keeps the whole account from serving; limits of single models are badges. */
  readonly blockers: readonly Blocker[];
  /** When nothing blocks the account any more; null: when a person did something, or nothing does block it. */
  readonly until: EpochMs | null;
  readonly windows: readonly WindowView[];
  /** Quotas by model, where the quota endpoint told them. */
  readonly models: readonly WindowView[];
  /** `Free`, `Pro` or `Ultra`; null for every other tier. */
  readonly tierLabel: string | null;
}

/** The instant that is described; the policy gives scheduling thresholds, `usage` what a quota endpoint said. */
export interface DescribeOptions {
  readonly now: EpochMs;
  readonly policy?: Policy;
  readonly usage?: UsageInfo | null;
}

/** Describes an account at `now`. Total, pure. */
export function describeAccount(account: Account, { now, policy, usage = null }: DescribeOptions): AccountView {
  const settings = policy?.settings ?? DEFAULT_SETTINGS;
  const request = { model: null, now };
  const answer = schedulability(account, request, policy);
  const { blockers } = findBlockers(account, request, settings);
  const pauses = thresholdPauses(account, now, settings);
  return {
    accountId: account.id,
    status: accountStatus(account, now, policy),
    badges: badgesOf(account, { blockers, pauses, usage, now }),
    blockers: answer.schedulable ? [] : answer.blockers,
    until: answer.schedulable ? null : answer.until,
    windows: describeWindows(account, usage, now),
    models: describeModels(usage, now),
    tierLabel: tierLabel(usage?.tier ?? account.settings.tier),
  };
}
