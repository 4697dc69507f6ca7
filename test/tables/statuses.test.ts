import { describe } from 'vitest';
import { testRows } from '../support/rows.js';
import { statusRows } from './rows/statuses.js';

describe('statuses and the order of evaluation (behaviour.md 0.5, 8.5)', () => testRows(statusRows));
