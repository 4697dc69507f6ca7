import { describe } from 'vitest';
import { testRows } from '../support/rows.js';
import { creditRows } from './rows/credits.js';

describe('AI credits (behaviour.md 5)', () => testRows(creditRows));
