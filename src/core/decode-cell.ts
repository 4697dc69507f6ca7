/** Cells back from the text of `encodeCell`, for stores that keep nothing else. */
import { parseJson } from './json.js';
import type { CellWrite } from './patch.js';
import { readCell } from './read-cell.js';

const TUPLE = /^(\d{10}) (\d{10}) (\d{13}) ([a-z0-9_.:-]{1,64}) [0-9a-f]{16} /;
const STRIKES = /^(\d{10}) [0-9a-f]{16} /;
const SAMPLE = /^(\d{13}) (\d{14}) (\d{8})$/;
const TWO_INSTANTS = /^(\d{13}) (\d{13})$/;
const STATUS = /^(\d{13}) ([a-z0-9_.:-]{1,64})$/;
const INSTANT = /^\d{13}$/;
const REVISION = /^\d{10}$/;

/** Numbers that may be absent were moved up by one. */
function nullable(digits: string | undefined): number | null {
  const value = Number(digits);
  return value === 0 ? null : value - 1;
}

function decodeTuple(text: string, instantName: 'until' | 'at'): unknown {
  const found = TUPLE.exec(text);
  if (found === null) return null;
  const [head, generation, revision, instant, rule] = found;
  const said = parseJson(text.slice(head.length));
  if (typeof said !== 'object' || said === null) return null;
  return { ...said, generation: Number(generation), credentialRevision: Number(revision) - 1, [instantName]: Number(instant), rule };
}

function decodeStrikes(text: string): unknown {
  const found = STRIKES.exec(text);
  return found === null ? null : { generation: Number(found[1]), evidence: parseJson(text.slice(found[0].length)) };
}

function decodeSample(text: string): unknown {
  const found = SAMPLE.exec(text);
  if (found === null) return null;
  const share = nullable(found[3]);
  return { sampledAt: Number(found[1]), resetAt: nullable(found[2]), utilization: share === null ? null : share / 1e4 };
}

function decodeHeader(text: string): unknown {
  const found = TWO_INSTANTS.exec(text);
  return found === null ? null : { observedAt: Number(found[1]), end: Number(found[2]) };
}

function decodeStatus(text: string): unknown {
  const found = STATUS.exec(text);
  return found === null ? null : { observedAt: Number(found[1]), status: found[2] };
}

function decodeValue(cell: CellWrite['cell'], text: string): unknown {
  switch (cell) {
    case 'rateLimit':
    case 'overload':
    case 'temporary':
    case 'authentication':
    case 'modelRateLimits':
      return decodeTuple(text, 'until');
    case 'errors':
      return decodeTuple(text, 'at');
    case 'sessionWindow.header':
      return decodeHeader(text);
    case 'sessionWindow.status':
      return decodeStatus(text);
    case 'sessionWindow.predicted':
      return INSTANT.test(text) ? { start: Number(text) } : null;
    case 'usage':
      return decodeSample(text);
    case 'strikes':
      return decodeStrikes(text);
    case 'refreshRequestedFor':
      return REVISION.test(text) ? Number(text) - 1 : null;
    default:
      return cell satisfies never;
  }
}

/**
 * The write that `encodeCell` made a text of; null where the text is none of that cell. Numbers out of bounds are brought within them, as
 * `healthFromJson` does. A cell without keys takes any key. Total, pure.
 *
 * @example decodeCell('sessionWindow.predicted', '', '1772445600000') // { cell: 'sessionWindow.predicted', value: { start: 1772445600000 } }
 */
export function decodeCell(cell: CellWrite['cell'], key: string, text: string): CellWrite | null {
  return readCell(cell, key, decodeValue(cell, text));
}
