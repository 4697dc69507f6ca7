import { describe } from 'vitest';
import { testRows } from '../support/rows.js';
import { messageRows } from './rows/messages.js';

describe('reading an error body (behaviour.md 0.4)', () => testRows(messageRows));
