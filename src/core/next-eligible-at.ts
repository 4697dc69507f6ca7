/** How long a request has to wait until some account can take it. */
import type { Account } from './account.js';
import type { Policy } from './policy.js';
import { type ServeRequest, schedulability } from './schedulability.js';
import type { EpochMs } from './time.js';

/**
 * The earliest instant at which one of the accounts may serve the request: `request.now` if one may already, null if none will without a person (or
 * there are none). Total, pure.
 */
export function nextEligibleAt(accounts: Iterable<Account>, request: ServeRequest, policy?: Policy): EpochMs | null {
  let earliest: EpochMs | null = null;
  for (const account of accounts) {
    const answer = schedulability(account, request, policy);
    if (answer.schedulable) return request.now;
    if (answer.until !== null && (earliest === null || answer.until < earliest)) earliest = answer.until;
  }
  return earliest;
}
