/** One cell from outside, made safe: what is stored is what is ordered, so nothing enters the order as it came. */
import type { CellWrite } from './patch.js';
import {
  errorFrom,
  holdFrom,
  isErrorKind,
  predictedFrom,
  revisionFrom,
  sampleFrom,
  sessionHeaderFrom,
  sessionStatusFrom,
  strikesFrom,
} from './sanitize-health.js';
import { isIdentifier, isModelKey } from './text.js';

function written<V>(value: V | null, write: (value: V) => CellWrite): CellWrite | null {
  return value === null ? null : write(value);
}

/**
 * A write with its numbers within bounds and its text clean; null where the value has not the form of the cell, or the key may not be one. A
 * cell without keys is read with any key. Total on plain data, pure, idempotent.
 */
export function readCell(cell: CellWrite['cell'], key: string, from: unknown): CellWrite | null {
  switch (cell) {
    case 'rateLimit':
    case 'overload':
    case 'temporary':
    case 'authentication':
      return written(holdFrom(from), (value) => ({ cell, value }));
    case 'modelRateLimits':
      return isModelKey(key) ? written(holdFrom(from), (value) => ({ cell, key, value })) : null;
    case 'errors':
      return isErrorKind(key) ? written(errorFrom(from), (value) => ({ cell, key, value })) : null;
    case 'sessionWindow.header':
      return written(sessionHeaderFrom(from), (value) => ({ cell, value }));
    case 'sessionWindow.status':
      return written(sessionStatusFrom(from), (value) => ({ cell, value }));
    case 'sessionWindow.predicted':
      return written(predictedFrom(from), (value) => ({ cell, value }));
    case 'usage':
      return isIdentifier(key) ? written(sampleFrom(from), (value) => ({ cell, key, value })) : null;
    case 'strikes':
      return isIdentifier(key) ? written(strikesFrom(from), (value) => ({ cell, key, value })) : null;
    case 'refreshRequestedFor': {
      const value = revisionFrom(from);
      return value < 0 ? null : { cell, value };
    }
    default:
      cell satisfies never;
      return null;
  }
}
