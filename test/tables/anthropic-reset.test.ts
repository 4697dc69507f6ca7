import { describe } from 'vitest';
import { testRows } from '../support/rows.js';
import { anthropicLimitRows } from './rows/anthropic-limits.js';

describe("Anthropic's limits (behaviour.md 4.0, 4.1; providers.md 1)", () => testRows(anthropicLimitRows));
