import { describe, expect, it } from 'vitest';
import { testRows } from '../support/rows.js';
import { matrixRows, PLATFORMS, STATUSES, TYPES } from './rows/matrix.js';

describe('each status of each platform and type', () => {
  it('covers them all', () => expect(matrixRows).toHaveLength(STATUSES.length * PLATFORMS.length * TYPES.length));
  testRows(matrixRows);
});
