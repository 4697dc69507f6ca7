/** A refresh that brought nothing, seen from the request path. */
import type { Account } from '../core/account.js';
import type { Action } from '../core/action.js';
import { safeText } from '../core/safe-text.js';
import { type EpochMs, MINUTE_MS, SECOND_MS } from '../core/time.js';
import type { RefreshFailure, RefreshOutcome } from './outcome.js';
import { refreshFailed } from './refresh-failed.js';
import type { RequestPolicy } from './token-provider-policy.js';
import type { NoTokenReason } from './token-provider-result.js';
import { STORE_RETRY_MS } from './token-provider-source.js';

/** A refresh that brought no credentials. `timeout`: it was not done in time, and goes on. */
export type Failure =
  | Exclude<RefreshOutcome, { readonly type: 'refreshed' | 'pending' | 'adopted' | 'busy' }>
  | { readonly type: 'timeout'; readonly revision: number };

/** An endpoint that failed is asked again after this: the least time between two refreshes of an account. */
export const ENDPOINT_RETRY_MS: number = 30 * SECOND_MS;
/** A client that is refused for every account is tried again after this. */
const CONFIGURATION_RETRY_MS: number = MINUTE_MS;

/** What a failure is for the one who wanted a token. Total, pure. */
export function explainFailure(failure: Failure): { readonly reason: NoTokenReason; readonly retryAfterMs: number | null } {
  switch (failure.type) {
    case 'condemned':
      return { reason: 'refused', retryAfterMs: null };
    case 'failed':
      if (failure.failure.kind === 'retryable') return { reason: 'refresh_failed', retryAfterMs: ENDPOINT_RETRY_MS };
      if (failure.failure.kind === 'provider_wide') return { reason: 'refresh_failed', retryAfterMs: CONFIGURATION_RETRY_MS };
      return { reason: 'refused', retryAfterMs: null };
    case 'ambiguous':
      return { reason: 'refresh_failed', retryAfterMs: failure.retryAfterMs };
    case 'timeout':
      return { reason: 'refresh_failed', retryAfterMs: SECOND_MS };
    case 'unavailable':
      return { reason: 'store_unavailable', retryAfterMs: STORE_RETRY_MS };
    case 'missing':
      return { reason: 'missing', retryAfterMs: null };
    case 'aborted':
      return { reason: 'stopped', retryAfterMs: null };
    default:
      return failure satisfies never;
  }
}

/** The rule of a hold after a refresh that failed while a request waited for it. */
export const REQUEST_REFRESH_RULE = 'request_refresh_failed';

function hold(account: Account, code: string, options: { readonly revision: number; readonly until: EpochMs }): Action {
  return {
    type: 'set_temp_unschedulable',
    accountId: account.id,
    cell: 'authentication',
    until: options.until,
    rule: REQUEST_REFRESH_RULE,
    kind: 'temporary',
    detail: safeText(`token refresh failed on request path: ${code}`),
    generation: account.health.authentication?.generation ?? 0,
    credentialRevision: options.revision,
  };
}

/** The failure as an endpoint's word; null: it says nothing of the endpoint or the token. */
function endpointFailure(failure: Failure): (RefreshFailure & { readonly revision: number }) | null {
  switch (failure.type) {
    case 'condemned':
      return { kind: 'invalid_grant', code: failure.code, revision: failure.revision };
    case 'failed':
    case 'ambiguous':
      return { ...failure.failure, revision: failure.revision };
    case 'timeout':
      return { kind: 'retryable', code: failure.type, revision: failure.revision };
    default:
      return null;
  }
}

/**
 * What a failed refresh means for the account's health: an error where a person has to sign in, a hold where the platform's policy says so, nothing where the trouble is not the account's.
 * All of it is bound to the revision that was posted, so the next one heals it. Total, pure.
 */
export function failureActions(
  account: Account,
  failure: Failure,
  { now, policy }: { readonly now: EpochMs; readonly policy: RequestPolicy },
): readonly Action[] {
  const said = endpointFailure(failure);
  if (said === null) return [];
  const { revision } = said;
  if (said.kind !== 'retryable') return refreshFailed(account, said, { postedRevision: revision, storedRevision: revision, now });
  return policy.holdMs === null ? [] : [hold(account, said.code, { revision, until: now + policy.holdMs })];
}
