import { describe } from 'vitest';
import { testRows } from '../support/rows.js';
import { authenticationRows } from './rows/authentication.js';

describe('401 (behaviour.md 1.1, 1.2, 1.5)', () => testRows(authenticationRows));
