/** Account ids that PostgreSQL can hold: well-formed, without NUL. A driver would make others into the id of another account, or fail the whole statement. */
import { PolicyError } from '../../core/policy-error.js';

/** Whether an id can be stored. */
export function isStorableId(accountId: string): boolean {
  return accountId.isWellFormed() && !accountId.includes('\0');
}

/** Throws `PolicyError` where an id cannot be stored. */
export function assertStorableId(accountId: string): void {
  if (isStorableId(accountId)) return;
  throw new PolicyError('invalid_account_id', [{ path: 'accountId', message: 'must be well-formed and without NUL' }]);
}
