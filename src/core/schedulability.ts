/** May this account serve this request now? Derived from health, settings and the clock; never stored. */
import type { Account } from './account.js';
import { type Blocker, findBlockers, type ServeRequest } from './blockers.js';
import { DEFAULT_SETTINGS, type Policy } from './policy.js';
import type { EpochMs } from './time.js';

export type { Blocker, ServeRequest } from './blockers.js';

/**
 * The answer. `via` credits: the model's quota is spent, and the request has to be sent with credits enabled. `until`: when nothing blocks any more,
 * exactly; null where only a person can bring that about.
 */
export type Schedulability =
  | { readonly schedulable: true; readonly via: 'quota' | 'credits' }
  | { readonly schedulable: false; readonly blockers: readonly [Blocker, ...Blocker[]]; readonly until: EpochMs | null };

const VIA_QUOTA: Schedulability = Object.freeze({ schedulable: true, via: 'quota' });
const VIA_CREDITS: Schedulability = Object.freeze({ schedulable: true, via: 'credits' });

/** When the last of some blockers is over; null if one needs a person. */
function latest(blockers: readonly Blocker[]): EpochMs | null {
  let until: EpochMs = 0;
  for (const blocker of blockers) {
    if (blocker.until === null) return null;
    until = Math.max(until, blocker.until);
  }
  return until;
}

/** Subscriptions that end while the account still waits: waiting is then in vain. */
function endsFirst({ id, settings }: Account, until: EpochMs): readonly Blocker[] {
  if (!settings.pauseOnExpiry || settings.expiresAt === null || settings.expiresAt > until) return [];
  return [{ cell: 'settings.expiresAt', key: null, until: null, rule: 'expires_first', exit: 'operator', accountId: id }];
}

/**
 * Whether an account may serve a model (null: none in particular) at `now`. Limits end exactly at their `until`. For a shadow account the parent's switch,
 * expiry, errors, refused credential and temporary hold count too; its quota does not. `policy` gives the scheduling thresholds. Total, pure; later
 * instants never block more, but for a subscription's end.
 *
 * @example schedulability(account, { model: 'claude-opus-4-6', now }) // { schedulable: true, via: 'quota' }
 */
export function schedulability(account: Account, request: ServeRequest, policy?: Policy): Schedulability {
  const { blockers, usesCredits } = findBlockers(account, request, policy?.settings ?? DEFAULT_SETTINGS);
  const [first, ...others] = blockers;
  if (first === undefined) return usesCredits ? VIA_CREDITS : VIA_QUOTA;
  const until = latest(blockers);
  if (until === null) return { schedulable: false, blockers: [first, ...others], until };
  const inVain = [account, account.parent].flatMap((one) => (one === null ? [] : endsFirst(one, until)));
  return { schedulable: false, blockers: [first, ...others, ...inVain], until: inVain.length === 0 ? until : null };
}
