/** Which accounts the background refreshes, and what a success means for them beside the new credential. */
import type { Account } from '../core/account.js';
import type { Action } from '../core/action.js';
import { isHoldActive } from '../core/active.js';
import { activeErrors } from '../core/active-errors.js';
import type { EpochMs } from '../core/time.js';
import { needsRefresh } from './needs-refresh.js';
import { EXHAUSTED_RULE } from './refresh-failed.js';

/** An Antigravity account without a project gets one with its next token, so this error is no reason against a refresh, and a success lifts it. */
const MISSING_PROJECT = 'missing_project_id:';

function missingProjects(account: Account): readonly Action[] {
  if (account.platform !== 'antigravity') return [];
  return [...activeErrors(account)]
    .filter(([, { message }]) => message.startsWith(MISSING_PROJECT))
    .map(([kind, { generation }]) => ({ type: 'clear_error', accountId: account.id, kind, generation }));
}

function isErrored(account: Account): boolean {
  return activeErrors(account).size > missingProjects(account).length;
}

/** Whether its refreshes failed so lately that it is left alone. Other holds say nothing of the credential, or ask for a refresh. */
function isResting({ health, credential }: Account, now: EpochMs): boolean {
  const hold = health.authentication;
  return hold !== null && hold.rule === EXHAUSTED_RULE && isHoldActive(hold, credential.revision, now);
}

/**
 * Whether the background refreshes this account at all: switched on, OAuth with a refresh token of its own, no error that a person has to lift, not resting after a series of failures. Accounts in
 * other holds are refreshed. Total, pure.
 */
export function isRefreshCandidate(account: Account, now: EpochMs): boolean {
  const { credential, parent, settings, type } = account;
  const canRefresh = type === 'oauth' && parent === null && credential.refreshable && credential.revision !== null;
  return settings.enabled && canRefresh && !isErrored(account) && !isResting(account, now);
}

/** The candidates whose refresh is due. Pure. */
export function dueAccounts(
  accounts: Iterable<Account>,
  options: { readonly now: EpochMs; readonly windowMs: number },
): readonly Account[] {
  return [...accounts].filter((account) => isRefreshCandidate(account, options.now) && needsRefresh(account, options));
}

/** What a success lifts. Holds of an earlier revision need no clearing: they are bound to it. Pure. */
export function refreshSucceeded(account: Account): readonly Action[] {
  return missingProjects(account);
}
