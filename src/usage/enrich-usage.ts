/** A usage answer together with what is already known against the account. */
import type { Account } from '../core/account.js';
import { activeErrors } from '../core/active-errors.js';
import type { AccountError, ErrorKind } from '../core/health.js';
import type { UsageForbidden, UsageInfo } from '../core/usage-info.js';
import { forbiddenUsage } from './usage-facts.js';

/** What an error of the account is in a usage answer. The others do not speak of access: `billing`, `organization` and `custom`. */
const FORBIDDEN_OF_ERROR: Readonly<Partial<Record<ErrorKind, UsageForbidden['type']>>> = {
  violation: 'violation',
  verification: 'validation',
  forbidden: 'forbidden',
};

/** The errors that count, most severe first: the account's own, then those of a shadow's parent, whose plan it uses. */
function errorsOf(account: Account): readonly (readonly [ErrorKind, AccountError])[] {
  return [account, account.parent].flatMap((one) => (one === null ? [] : [...activeErrors(one)]));
}

/**
 * Adds the account's own error to a usage answer, be it a success or a degraded one: an account that was banned, has to be verified or may not be used is `forbidden`, with the stored reason and
 * link; one whose credential is refused needs its owner to sign in anew. What the endpoint itself refused stays as it is. Total, pure. Source: behaviour 6.4, by error kinds instead of words.
 */
export function enrichUsage(info: UsageInfo, account: Account): UsageInfo {
  if (info.forbidden !== null) return info;
  const errors = errorsOf(account);
  for (const [kind, { message, link }] of errors) {
    const type = FORBIDDEN_OF_ERROR[kind];
    if (type !== undefined) return { ...info, ...forbiddenUsage({ type, reason: message, link }) };
  }
  return errors.some(([kind]) => kind === 'credential') ? { ...info, needsReauth: true } : info;
}
