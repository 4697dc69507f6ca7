import { describe } from 'vitest';
import { testRows } from '../support/rows.js';
import { forbiddenRows } from './rows/forbidden.js';

describe('403 (behaviour.md 6.1-6.3; providers.md 4.1)', () => testRows(forbiddenRows));
