/** The errors of an account that count. */
import { type Account, credentialOwner } from './account.js';
import { isErrorActive } from './active.js';
import { type AccountError, ERROR_KINDS, type ErrorKind } from './health.js';

/** The errors that count, most severe first: not cleared, and not about a credential that was replaced since. The account's own only, not its parent's. Total, pure. */
export function activeErrors(account: Account): ReadonlyMap<ErrorKind, AccountError> {
  const { revision } = credentialOwner(account).credential;
  const active = new Map<ErrorKind, AccountError>();
  for (const kind of ERROR_KINDS) {
    const error = account.health.errors.get(kind);
    if (error !== undefined && isErrorActive(error, revision)) active.set(kind, error);
  }
  return active;
}
