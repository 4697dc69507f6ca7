/** Every row of every table. */
import type { Row } from '../../support/rows.js';
import { anthropicLimitRows } from './anthropic-limits.js';
import { authenticationRows } from './authentication.js';
import { circumstanceRows } from './circumstances.js';
import { creditRows } from './credits.js';
import { forbiddenRows } from './forbidden.js';
import { googleLimitRows } from './google-limits.js';
import { matrixRows } from './matrix.js';
import { messageRows } from './messages.js';
import { openaiLimitRows } from './openai-limits.js';
import { operatorRows } from './operators.js';
import { nothingNewRows, sessionWindowRows } from './session-windows.js';
import { statusRows } from './statuses.js';

export const ALL_ROWS: readonly Row[] = [
  ...messageRows,
  ...statusRows,
  ...matrixRows,
  ...authenticationRows,
  ...forbiddenRows,
  ...anthropicLimitRows,
  ...openaiLimitRows,
  ...googleLimitRows,
  ...creditRows,
  ...operatorRows,
  ...circumstanceRows,
  ...sessionWindowRows,
  ...nothingNewRows,
];
