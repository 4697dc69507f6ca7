import { describe, expect, it } from 'vitest';
import { NOTHING_NEW } from '../../src/core/decide-success.js';
import { evaluate } from '../../src/evaluate.js';
import { testRows } from '../support/rows.js';
import { nothingNewRows, sessionWindowRows } from './rows/session-windows.js';

describe('the session window (behaviour.md 3.1)', () => testRows(sessionWindowRows));

describe('nothing new is one shared decision', () => {
  it.each(nothingNewRows)('$name', ({ exchange }) => expect(evaluate(exchange)).toBe(NOTHING_NEW));
});
