import { describe } from 'vitest';
import { testRows } from '../support/rows.js';
import { circumstanceRows } from './rows/circumstances.js';

describe('purposes, phases, retries and recovery (design section 5; behaviour.md 1.5, 8.6)', () => testRows(circumstanceRows));
