/** What keeps an account from serving, one finding a cell. */
import { type Account, credentialOwner } from './account.js';
import { isHoldActive } from './active.js';
import { activeErrors } from './active-errors.js';
import type { Exit } from './decision.js';
import { CREDITS_KEY, HOLD_CELLS, type HoldCell } from './health.js';
import { modelKeys, modelLimits } from './model-keys.js';
import type { PolicySettings } from './policy.js';
import { THRESHOLD_RULE, thresholdPauses } from './scheduling-threshold.js';
import { clampInstant, type EpochMs } from './time.js';

/** One reason why an account may not serve. */
export interface Blocker {
  /** `settings.enabled`, `settings.expiresAt`, `errors`, a hold's cell, `modelRateLimits`, or `usage` (the scheduling threshold). */
  readonly cell: 'settings.enabled' | 'settings.expiresAt' | 'errors' | HoldCell | 'modelRateLimits' | 'usage';
  /** The error's kind, the model limit's key or the window; null where the cell has none. */
  readonly key: string | null;
  /** When it stops to block; null: when a person lifts it. A model's quota also stops to block when the credits are back. */
  readonly until: EpochMs | null;
  /** The rule that set it. */
  readonly rule: string;
  readonly exit: Exit;
  /** The account itself, or a shadow's parent. */
  readonly accountId: string;
}

/** What is asked of an account: to serve a model (null: none in particular) at an instant. */
export interface ServeRequest {
  readonly model: string | null;
  readonly now: EpochMs;
}

/** What was found. `usesCredits`: a spent quota stands in the way, and credits pass it. */
export interface Found {
  readonly blockers: readonly Blocker[];
  readonly usesCredits: boolean;
}

/** A parent's holds that matter to its shadows: those that speak of the credential or the connection, not of the quota. */
const PARENT_HOLDS: readonly HoldCell[] = ['temporary', 'authentication'];

/** Until a person acts: what settings say. */
function addSettings(found: Blocker[], { id, settings }: Account, now: EpochMs): void {
  const byOperator = { key: null, until: null, exit: 'operator', accountId: id } as const;
  if (!settings.enabled) found.push({ cell: 'settings.enabled', rule: 'disabled', ...byOperator });
  if (settings.pauseOnExpiry && settings.expiresAt !== null && now >= settings.expiresAt) {
    found.push({ cell: 'settings.expiresAt', rule: 'expired', ...byOperator });
  }
}

function addErrors(found: Blocker[], account: Account): void {
  if (account.health.errors.size === 0) return;
  for (const [kind, { rule }] of activeErrors(account)) {
    found.push({ cell: 'errors', key: kind, until: null, rule, exit: 'operator', accountId: account.id });
  }
}

function addHolds(
  found: Blocker[],
  account: Account,
  { cells, now }: { readonly cells: readonly HoldCell[]; readonly now: EpochMs },
): void {
  const { refreshable, revision } = credentialOwner(account).credential;
  for (const cell of cells) {
    const hold = account.health[cell];
    if (hold === null || !isHoldActive(hold, revision, now)) continue;
    const exit = cell === 'authentication' && refreshable ? 'refresh' : 'time';
    found.push({ cell, key: null, until: clampInstant(hold.until), rule: hold.rule, exit, accountId: account.id });
  }
}

function addThresholds(
  found: Blocker[],
  account: Account,
  { model, now, settings }: ServeRequest & { readonly settings: PolicySettings },
): void {
  const pauses = thresholdPauses(account, now, settings);
  if (pauses.length === 0) return;
  const keys = model === null ? [] : modelKeys(account, model);
  for (const { window, scope, until } of pauses) {
    if (scope !== null && !keys.includes(scope)) continue;
    found.push({ cell: 'usage', key: window, until, rule: THRESHOLD_RULE, exit: 'time', accountId: account.id });
  }
}

/** When the account's credits can pass a spent quota: now (0), when their own limit ends, or never (null). Total, pure. */
export function creditsFrom({ platform, settings, health }: Account, now: EpochMs): EpochMs | null {
  if (platform !== 'antigravity' || !settings.allowOverages) return null;
  const limit = health.modelRateLimits.get(CREDITS_KEY);
  return limit !== undefined && isHoldActive(limit, null, now) ? limit.until : 0;
}

/** Adds the limits of a model that credits do not pass; whether they pass one. */
function addModelLimits(found: Blocker[], account: Account, { model, now }: ServeRequest): boolean {
  if (model === null || account.health.modelRateLimits.size === 0) return false;
  const credits = creditsFrom(account, now);
  let usesCredits = false;
  for (const [key, hold] of modelLimits(account, model)) {
    if (!isHoldActive(hold, null, now)) continue;
    const from = hold.kind === 'quota' ? credits : null;
    const until = clampInstant(Math.min(hold.until, from ?? hold.until));
    if (from === 0) usesCredits = true;
    else found.push({ cell: 'modelRateLimits', key, until, rule: hold.rule, exit: 'time', accountId: account.id });
  }
  return usesCredits;
}

/**
 * Everything that keeps an account from serving a request, in a fixed order: settings, errors, holds, thresholds, model limits, then what keeps a
 * shadow's parent from lending its credential. Total, pure.
 */
export function findBlockers(account: Account, request: ServeRequest, settings: PolicySettings): Found {
  const { model, now } = request;
  const { parent } = account;
  const blockers: Blocker[] = [];
  addSettings(blockers, account, now);
  addErrors(blockers, account);
  addHolds(blockers, account, { cells: HOLD_CELLS, now });
  addThresholds(blockers, account, { model, now, settings });
  const usesCredits = addModelLimits(blockers, account, request);
  if (parent !== null) {
    addSettings(blockers, parent, now);
    addErrors(blockers, parent);
    addHolds(blockers, parent, { cells: PARENT_HOLDS, now });
  }
  return { blockers, usesCredits };
}
