/** What is wrong with an account, or costs money, as small coloured marks. */
import type { Account } from '../core/account.js';
import { isHoldActive } from '../core/active.js';
import { type Blocker, creditsFrom } from '../core/blockers.js';
import { CREDITS_KEY, ERROR_KINDS, type ErrorKind, type Hold, type HoldCell, type HoldKind } from '../core/health.js';
import { compareText } from '../core/order.js';
import { type ThresholdPause, thresholdMessage } from '../core/scheduling-threshold.js';
import { cleanText } from '../core/text.js';
import { clampInstant, type EpochMs } from '../core/time.js';
import type { UsageInfo } from '../core/usage-info.js';
import { type Badge, type BadgeKind, LOOKS, makeBadge } from './badge.js';

/** The badge of each error. */
const ERROR_BADGES: Readonly<Record<ErrorKind, BadgeKind>> = {
  violation: 'banned',
  organization: 'organization',
  verification: 'needs_verification',
  credential: 'needs_reauth',
  billing: 'billing',
  forbidden: 'forbidden',
  custom: 'custom_error',
};

const HOLD_BADGES: Readonly<Record<HoldCell, BadgeKind>> = {
  rateLimit: 'rate_limited',
  overload: 'overloaded',
  temporary: 'temp_unschedulable',
  authentication: 'unauthenticated',
};

const MODEL_BADGES: Readonly<Record<HoldKind, BadgeKind>> = {
  quota: 'rate_limited',
  overload: 'overloaded',
  unavailable: 'unavailable',
  temporary: 'temp_unschedulable',
  credits: 'credits_exhausted',
};

const FORBIDDEN_BADGES = { validation: 'needs_verification', violation: 'banned', forbidden: 'forbidden' } as const;

/** What stands for the reason of a pause that has none (behaviour 0.3). */
const NO_REASON = 'temporary scheduling block reason unavailable';

function holdDetail(kind: BadgeKind, { detail }: Hold): string {
  return detail === '' && (kind === 'temp_unschedulable' || kind === 'unauthenticated') ? NO_REASON : detail;
}

/** The badge of what blocks the whole account; null for what other badges tell better. */
function blockerBadge(account: Account, { cell, key, until, accountId }: Blocker): Badge | null {
  if (cell === 'settings.enabled') return makeBadge('disabled', accountId);
  if (cell === 'settings.expiresAt') return makeBadge('expired', accountId);
  if (cell === 'usage' || cell === 'modelRateLimits') return null;
  const { health } = accountId === account.id ? account : (account.parent ?? account);
  if (cell !== 'errors') {
    const hold = health[cell];
    return hold === null ? null : makeBadge(HOLD_BADGES[cell], accountId, { until, detail: holdDetail(HOLD_BADGES[cell], hold) });
  }
  const kind = ERROR_KINDS.find((one) => one === key);
  const error = kind === undefined ? undefined : health.errors.get(kind);
  return kind === undefined || error === undefined
    ? null
    : makeBadge(ERROR_BADGES[kind], accountId, { detail: error.message, link: error.link });
}

/** The badge of a degraded or refused usage answer: the worst of it, and only that. */
function usageBadge({ id }: Account, usage: UsageInfo | null): Badge | null {
  if (usage === null) return null;
  const { forbidden, isBanned, needsVerify, needsReauth, errorCode } = usage;
  const detail = cleanText(forbidden?.reason ?? usage.error ?? '');
  const link = forbidden?.link ?? null;
  if (isBanned) return makeBadge('banned', id, { detail, link });
  if (needsVerify) return makeBadge('needs_verification', id, { detail, link });
  if (forbidden !== null) return makeBadge(FORBIDDEN_BADGES[forbidden.type], id, { detail, link });
  if (needsReauth) return makeBadge('needs_reauth', id, { detail });
  if (errorCode === null) return null;
  return makeBadge('usage_error', id, errorCode === 'rate_limited' ? { detail, label: 'Usage rate limited' } : { detail });
}

function thresholdBadge({ id }: Account, pause: ThresholdPause): Badge {
  const label = `${LOOKS.scheduling_threshold[1]}: ${pause.window}`;
  return makeBadge('scheduling_threshold', id, { label, detail: thresholdMessage(pause), model: pause.scope, until: pause.until });
}

function modelBadge({ id }: Account, [model, hold]: readonly [string, Hold], hasCredits: boolean): Badge {
  const until = clampInstant(hold.until);
  if (model === CREDITS_KEY) return makeBadge('credits_exhausted', id, { until, detail: hold.detail });
  const name = cleanText(model, 256);
  if (hold.kind === 'quota' && hasCredits)
    return makeBadge('credits_active', id, { label: `\u26a1 ${name}`, model, until, detail: hold.detail });
  const kind = MODEL_BADGES[hold.kind];
  return makeBadge(kind, id, { label: `${LOOKS[kind][1]}: ${name}`, model, until, detail: holdDetail(kind, hold) });
}

function modelBadges(account: Account, now: EpochMs): readonly Badge[] {
  const hasCredits = creditsFrom(account, now) === 0;
  const running = [...account.health.modelRateLimits].filter(([, hold]) => isHoldActive(hold, null, now));
  running.sort(([a], [b]) => compareText(a, b));
  return running.map((entry) => modelBadge(account, entry, hasCredits));
}

/** One badge of a kind, account and label: the first, with a link of the others where it has none. */
function merged(badges: readonly Badge[]): readonly Badge[] {
  const byKey = new Map<string, Badge>();
  for (const next of badges) {
    const key = JSON.stringify([next.kind, next.accountId, next.label, next.model]);
    const first = byKey.get(key);
    byKey.set(key, first === undefined ? next : { ...first, link: first.link ?? next.link });
  }
  return [...byKey.values()];
}

/** What was found out about an account, to be shown. */
export interface BadgeFacts {
  readonly blockers: readonly Blocker[];
  readonly pauses: readonly ThresholdPause[];
  readonly usage: UsageInfo | null;
  readonly now: EpochMs;
}

/**
 * The badges of an account at `now`: errors first, then usage, switches and holds, thresholds, models by name. What is over has none; nothing is told
 * twice. Total, pure. Source: behaviour 5.8 and 6.6.
 */
export function badgesOf(account: Account, { blockers, pauses, usage, now }: BadgeFacts): readonly Badge[] {
  const isError = ({ cell }: Blocker): boolean => cell === 'errors';
  const errors = blockers.filter(isError).map((blocker) => blockerBadge(account, blocker));
  const others = blockers.filter((blocker) => !isError(blocker)).map((blocker) => blockerBadge(account, blocker));
  const found = [...errors, usageBadge(account, usage), ...others].filter((one) => one !== null);
  return merged([...found, ...pauses.map((pause) => thresholdBadge(account, pause)), ...modelBadges(account, now)]);
}
