/** An account's state in one word. */
import type { Account } from './account.js';
import { type Blocker, findBlockers } from './blockers.js';
import { DEFAULT_SETTINGS, type Policy } from './policy.js';
import type { EpochMs } from './time.js';

/** One word for a list of accounts; `describeAccount` and `schedulability` say more. */
export type AccountStatus = 'active' | 'error' | 'rate_limited' | 'overloaded' | 'temp_unschedulable' | 'disabled' | 'expired';

/** Which blockers make which status, in the order of precedence (behaviour 5.8: error, temporary hold, switched off, quota). */
const PRECEDENCE: readonly { readonly status: AccountStatus; readonly cells: readonly Blocker['cell'][] }[] = [
  { status: 'error', cells: ['errors'] },
  { status: 'temp_unschedulable', cells: ['temporary', 'authentication', 'usage'] },
  { status: 'disabled', cells: ['settings.enabled'] },
  { status: 'expired', cells: ['settings.expiresAt'] },
  { status: 'rate_limited', cells: ['rateLimit'] },
  { status: 'overloaded', cells: ['overload'] },
];

/**
 * The account's status at `now`: `error` before `temp_unschedulable` (also a pause at the scheduling threshold), `disabled`, `expired`, `rate_limited` and `overloaded`;
 * `active` where none of them holds. A limit of one model does not count; a shadow's parent does. Total, pure.
 */
export function accountStatus(account: Account, now: EpochMs, policy?: Policy): AccountStatus {
  const { blockers } = findBlockers(account, { model: null, now }, policy?.settings ?? DEFAULT_SETTINGS);
  if (blockers.length === 0) return 'active';
  return PRECEDENCE.find(({ cells }) => blockers.some(({ cell }) => cells.includes(cell)))?.status ?? 'active';
}
