/** Cells as ASCII whose byte order is the join order: for stores that can only compare text. */
import { digest } from './digest.js';
import type { AccountError, Hold, StrikeSet, UsageSample } from './health.js';
import { errorDigest, holdDigest } from './order.js';
import type { CellWrite } from './patch.js';

/** Digits of an instant, of a generation or revision, and of a share in steps of 1e-4. */
const WIDTH = { instant: 13, whole: 10, share: 7 } as const;
/** Below every character of a rule name: a shorter name that another begins with comes first. */
const END = ' ';

function fixed(value: number, width: number): string {
  return String(Math.max(0, Math.round(value))).padStart(width, '0');
}

/** null is below every number, so numbers move up by one. */
function nullable(value: number | null, width: number): string {
  return fixed(value === null ? 0 : value + 1, width + 1);
}

/** ASCII only: what is not is escaped as in JSON. */
function ascii(value: unknown): string {
  return JSON.stringify(value).replace(/[^\x20-\x7e]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

function tuple({ generation, credentialRevision, rule }: Hold | AccountError, instant: number): string {
  return `${fixed(generation, WIDTH.whole)} ${fixed(credentialRevision + 1, WIDTH.whole)} ${fixed(instant, WIDTH.instant)} ${rule}${END}`;
}

function encodeHold(hold: Hold): string {
  return `${tuple(hold, hold.until)}${holdDigest(hold)} ${ascii({ kind: hold.kind, detail: hold.detail })}`;
}

function encodeError(error: AccountError): string {
  return `${tuple(error, error.at)}${errorDigest(error)} ${ascii({ message: error.message, link: error.link })}`;
}

function encodeSample({ sampledAt, resetAt, utilization }: UsageSample): string {
  const share = utilization === null ? null : utilization * 1e4;
  return `${fixed(sampledAt, WIDTH.instant)} ${nullable(resetAt, WIDTH.instant)} ${nullable(share, WIDTH.share)}`;
}

/** Generations in order; within one, sets only join and have no order, so a store has to take their union (docs/repositories.md). */
function encodeStrikes({ generation, evidence }: StrikeSet): string {
  const sorted = [...evidence].sort(([a], [b]) => (a < b ? -1 : 1));
  return `${fixed(generation, WIDTH.whole)} ${digest(sorted.flatMap(([id, at]) => [id, String(at)]))} ${ascii(sorted)}`;
}

/**
 * A cell as ASCII text. Within one cell, comparing texts byte by byte is comparing cells: the greater text is the one to keep. The exception are strikes, which are joined and not
 * compared. Total, pure.
 */
export function encodeCell(write: CellWrite): string {
  switch (write.cell) {
    case 'rateLimit':
    case 'overload':
    case 'temporary':
    case 'authentication':
    case 'modelRateLimits':
      return encodeHold(write.value);
    case 'errors':
      return encodeError(write.value);
    case 'sessionWindow.header':
      return `${fixed(write.value.observedAt, WIDTH.instant)} ${fixed(write.value.end, WIDTH.instant)}`;
    case 'sessionWindow.status':
      return `${fixed(write.value.observedAt, WIDTH.instant)} ${write.value.status}`;
    case 'sessionWindow.predicted':
      return fixed(write.value.start, WIDTH.instant);
    case 'usage':
      return encodeSample(write.value);
    case 'strikes':
      return encodeStrikes(write.value);
    case 'refreshRequestedFor':
      return fixed(write.value + 1, WIDTH.whole);
    default:
      return write satisfies never;
  }
}
