/** Whether a cell counts now. */
import type { AccountError, Hold } from './health.js';
import type { EpochMs } from './time.js';

/** Whether evidence about a credential revision still counts: that revision, or one that this process has not heard of yet. -1 is about no credential. */
export function countsForRevision(evidenceRevision: number, revision: number | null): boolean {
  return evidenceRevision < 0 || revision === null || evidenceRevision >= revision;
}

/** Whether a hold holds at `now`, given the credential's current revision (null: nothing is bound to it). Over exactly at `until`. Total, pure. */
export function isHoldActive(hold: Hold, revision: number | null, now: EpochMs): boolean {
  return hold.until > now && countsForRevision(hold.credentialRevision, revision);
}

/** Whether an error counts, given the credential's current revision. Total, pure. */
export function isErrorActive(error: AccountError, revision: number | null): boolean {
  return error.at > 0 && countsForRevision(error.credentialRevision, revision);
}
