/** The form of each cell's text as a server can check it: a text without its form is as good as none. */
import type { CellWrite } from '../../../core/patch.js';
import { TUPLE } from './sql-text.js';

/** A regular expression for the text of each cell, in the dialect of PostgreSQL. Strikes are kept by evidence, each a text of its own. */
export const FORMS: Readonly<Record<CellWrite['cell'], string>> = {
  rateLimit: TUPLE,
  overload: TUPLE,
  temporary: TUPLE,
  authentication: TUPLE,
  modelRateLimits: TUPLE,
  errors: TUPLE,
  'sessionWindow.header': '^[0-9]{13} [0-9]{13}$',
  'sessionWindow.status': '^[0-9]{13} [a-z0-9_.:-]{1,64}$',
  'sessionWindow.predicted': '^[0-9]{13}$',
  usage: '^[0-9]{13} [0-9]{14} [0-9]{8}$',
  strikes: '^[0-9]{10} [0-9]{13}$',
  refreshRequestedFor: '^[0-9]{10}$',
};
