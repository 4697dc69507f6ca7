import { describe } from 'vitest';
import { testRows } from '../support/rows.js';
import { googleLimitRows } from './rows/google-limits.js';

describe("Google's quotas and capacity (behaviour.md 4.3, 5.2, 5.6; providers.md 4)", () => testRows(googleLimitRows));
