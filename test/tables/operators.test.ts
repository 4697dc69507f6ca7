import { describe } from 'vitest';
import { testRows } from '../support/rows.js';
import { operatorRows } from './rows/operators.js';

describe("the operator's rules and settings (behaviour.md 4.5, 4.6, 7)", () => testRows(operatorRows));
