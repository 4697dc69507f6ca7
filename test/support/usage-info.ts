import type { UsageInfo } from '../../src/core/usage-info.js';
import { emptyUsage } from '../../src/usage/usage-facts.js';
import { NOW } from './accounts.js';

/** An answer of a quota endpoint that says nothing, but for what the test says. */
export function usageInfo(facts: Partial<UsageInfo> = {}): UsageInfo {
  return { ...emptyUsage(NOW), ...facts };
}
