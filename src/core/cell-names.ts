/** The cells by name: what a store that keeps them one by one has to know of them. */
import type { CellWrite } from './patch.js';

/** Whether a cell has keys, such as models or windows. */
export const CELL_HAS_KEYS: Readonly<Record<CellWrite['cell'], boolean>> = {
  rateLimit: false,
  overload: false,
  temporary: false,
  authentication: false,
  modelRateLimits: true,
  errors: true,
  'sessionWindow.header': false,
  'sessionWindow.status': false,
  'sessionWindow.predicted': false,
  usage: true,
  strikes: true,
  refreshRequestedFor: false,
};

/** Whether this version knows a cell of that name. */
export function isCellName(name: string): name is CellWrite['cell'] {
  return Object.hasOwn(CELL_HAS_KEYS, name);
}

/** The key of a write; empty where its cell has none. */
export function keyOf(write: CellWrite): string {
  return 'key' in write ? write.key : '';
}
