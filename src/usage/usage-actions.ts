/** What a usage answer adds to what is known of an account's windows. */
import type { Account } from '../core/account.js';
import type { RecordUsage } from '../core/action.js';
import type { UsageInfo } from '../core/usage-info.js';
import { mayAskUsage } from './may-ask.js';

/**
 * The samples of an answer as an action for `engine.apply`, so that thresholds see them. None for a degraded answer, none for a setup token, whose
 * usage is an estimate out of those samples, and none for a shadow account: the endpoint speaks of its parent's plan. It moves no session window and lifts nothing. Total, pure.
 */
export function usageActions(info: UsageInfo, account: Account): readonly RecordUsage[] {
  const known = [...info.windows].filter(([, { utilization }]) => utilization !== null);
  if (account.parent !== null || !mayAskUsage(account) || info.error !== null || known.length === 0) return [];
  return [{ type: 'record_usage', accountId: account.id, samples: Object.fromEntries(known) }];
}
