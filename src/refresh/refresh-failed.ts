/** What a refresh that failed for good means for the account. */
import { type Account, credentialOwner } from '../core/account.js';
import type { Action } from '../core/action.js';
import { safeText } from '../core/safe-text.js';
import { type EpochMs, MINUTE_MS } from '../core/time.js';
import type { RefreshFailure } from './outcome.js';

/** How long an account rests whose refresh was tried often enough. */
export const EXHAUSTED_HOLD_MS: number = 10 * MINUTE_MS;
/** The rule of that rest. */
export const EXHAUSTED_RULE = 'refresh_exhausted';

/** When and about what the failure speaks. */
export interface RefreshFailedOptions {
  /** The revision whose token was posted. */
  readonly postedRevision: number;
  /** The revision that the store has now; null: it could not be read. */
  readonly storedRevision: number | null;
  readonly now: EpochMs;
}

interface Finding {
  readonly rule: string;
  readonly message: string;
}

const SIGN_IN = 'sign in again to get the account back';

function findingOf({ kind, code }: RefreshFailure): Finding {
  if (code === 'lost_rotation') {
    const message = `Token refresh failed (lost rotation): an earlier refresh ended without an answer, and its refresh token is not taken any more; ${SIGN_IN}`;
    return { rule: 'refresh_lost_rotation', message };
  }
  if (kind === 'invalid_grant') {
    return {
      rule: 'refresh_revoked',
      message: `Token refresh failed (non-retryable): ${code}: the refresh token is not taken any more; ${SIGN_IN}`,
    };
  }
  return { rule: 'refresh_refused', message: `Token refresh failed (non-retryable): ${code}` };
}

function giveUp(owner: Account, { rule, message }: Finding, { postedRevision, now }: RefreshFailedOptions): readonly Action[] {
  const stored = owner.health.errors.get('credential');
  const text = safeText(message);
  if (stored !== undefined && stored.at > 0 && stored.credentialRevision === postedRevision && stored.message === text) return [];
  const about = { accountId: owner.id, credentialRevision: postedRevision };
  return [
    { type: 'set_error', kind: 'credential', message: text, link: null, rule, at: now, generation: stored?.generation ?? 0, ...about },
    { type: 'invalidate_token', ...about },
  ];
}

function rest(owner: Account, { code }: RefreshFailure, { postedRevision, now }: RefreshFailedOptions): readonly Action[] {
  const stored = owner.health.authentication;
  const until = now + EXHAUSTED_HOLD_MS;
  if (stored !== null && stored.until >= until && stored.credentialRevision === postedRevision) return [];
  return [
    {
      type: 'set_temp_unschedulable',
      accountId: owner.id,
      cell: 'authentication',
      until,
      rule: EXHAUSTED_RULE,
      kind: 'temporary',
      detail: safeText(`token refresh retry exhausted: ${code}`),
      generation: stored?.generation ?? 0,
      credentialRevision: postedRevision,
    },
  ];
}

/**
 * Turns the last failure of a refresh into actions on the credential's owner. A final refusal is an error until a person signs in; a failure that was retried often enough is a rest of ten minutes. Both
 * are bound to the revision that was posted, so the next one heals them with no write. Nothing where the store has moved on or could not be read (then nothing is known about its token), and nothing
 * where the client is refused for every account alike. The code `lost_rotation` has a rule and a message of its own. Total, pure.
 *
 * @example refreshFailed(account, { kind: 'invalid_grant', code: 'revoked' }, { postedRevision: 3, storedRevision: 3, now })
 */
export function refreshFailed(account: Account, failure: RefreshFailure, options: RefreshFailedOptions): readonly Action[] {
  if (options.storedRevision !== options.postedRevision) return [];
  const owner = credentialOwner(account);
  switch (failure.kind) {
    case 'provider_wide':
      return [];
    case 'invalid_grant':
    case 'non_retryable':
      return giveUp(owner, findingOf(failure), options);
    case 'retryable':
      return rest(owner, failure, options);
    default:
      return failure.kind satisfies never;
  }
}
