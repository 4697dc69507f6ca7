import type { UsageInfo } from '../../src/core/usage-info.js';
import { NOW } from './accounts.js';

/** An answer of a quota endpoint that says nothing, but for what the test says. */
export function usageInfo(facts: Partial<UsageInfo> = {}): UsageInfo {
  return {
    windows: new Map(),
    models: new Map(),
    forbidden: null,
    needsVerify: false,
    isBanned: false,
    needsReauth: false,
    errorCode: null,
    error: null,
    tier: null,
    credits: [],
    updatedAt: NOW,
    ...facts,
  };
}
