import { describe } from 'vitest';
import { testRows } from '../support/rows.js';
import { openaiLimitRows } from './rows/openai-limits.js';

describe("OpenAI's windows, limits and 403 (behaviour.md 4.2, 8.2; providers.md 2, 3)", () => testRows(openaiLimitRows));
