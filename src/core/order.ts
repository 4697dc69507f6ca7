/** The total order of each cell (design section 4): a cell is the greatest of all that was ever written to it. */
import { digest } from './digest.js';
import type { AccountError, Hold, SessionHeader, SessionStatus, SessionWindowCells, UsageSample } from './health.js';

/** A guessed session window. */
export type SessionPrediction = NonNullable<SessionWindowCells['predicted']>;

/** Below 0: the first is smaller. 0: they are the same. Above 0: the first is greater. */
export type Order = number;

/** ASCII texts by their bytes. */
export function compareText(a: string, b: string): Order {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** null is below every number: none that is stored is negative. */
function compareNullable(a: number | null, b: number | null): Order {
  return (a ?? -1) - (b ?? -1);
}

/** The digest of what a hold says beside its tuple. */
export function holdDigest({ kind, detail }: Hold): string {
  return digest([kind, detail]);
}

/** The digest of what an error says beside its tuple. */
export function errorDigest({ message, link }: AccountError): string {
  return digest([message, link === null ? '' : link.url, link === null ? '' : String(link.trusted)]);
}

/** (generation, credentialRevision, until, rule, digest). */
export function compareHolds(a: Hold, b: Hold): Order {
  return (
    a.generation - b.generation ||
    a.credentialRevision - b.credentialRevision ||
    a.until - b.until ||
    compareText(a.rule, b.rule) ||
    (a.kind === b.kind && a.detail === b.detail ? 0 : compareText(holdDigest(a), holdDigest(b)))
  );
}

/** (generation, credentialRevision, at, rule, digest). */
export function compareErrors(a: AccountError, b: AccountError): Order {
  return (
    a.generation - b.generation ||
    a.credentialRevision - b.credentialRevision ||
    a.at - b.at ||
    compareText(a.rule, b.rule) ||
    compareText(errorDigest(a), errorDigest(b))
  );
}

/** (observedAt, end). */
export function compareSessionHeaders(a: SessionHeader, b: SessionHeader): Order {
  return a.observedAt - b.observedAt || a.end - b.end;
}

/** (observedAt, status). */
export function compareSessionStatuses(a: SessionStatus, b: SessionStatus): Order {
  return a.observedAt - b.observedAt || compareText(a.status, b.status);
}

/** (start). */
export function comparePredictions(a: SessionPrediction, b: SessionPrediction): Order {
  return a.start - b.start;
}

/** (sampledAt, resetAt, utilization), null below every number. */
export function compareSamples(a: UsageSample, b: UsageSample): Order {
  return a.sampledAt - b.sampledAt || compareNullable(a.resetAt, b.resetAt) || compareNullable(a.utilization, b.utilization);
}
