/** Where usage answers wait to be shown again. */
import { PolicyError } from '../core/policy-error.js';
import type { EpochMs } from '../core/time.js';
import type { UsageInfo } from '../core/usage-info.js';
import { usageTtlMs } from './usage-ttl.js';

/** An answer that was kept: with which credential it was asked for, and until when it is good. */
export interface CachedUsage {
  readonly info: UsageInfo;
  readonly credentialRevision: number | null;
  readonly until: EpochMs;
}

/** A cache of usage answers. It may forget anything at any time; where it fails, the endpoint is asked. */
export interface UsageCache {
  get(accountId: string): CachedUsage | null | Promise<CachedUsage | null>;
  set(accountId: string, cached: CachedUsage): void | Promise<void>;
}

/** How a cache in memory is bounded. */
export interface UsageCacheOptions {
  /** Accounts that it holds at most; over that, the one that was written longest ago is forgotten. Default 10,000. */
  readonly maxAccounts?: number;
}

const DEFAULT_MAX_ACCOUNTS = 10_000;
const LARGEST = 1_000_000;

/** A cache in this process's memory. Throws `PolicyError` (`invalid_usage_cache`) where `maxAccounts` is not a whole number from 1 to 1,000,000. */
export function createUsageCache({ maxAccounts = DEFAULT_MAX_ACCOUNTS }: UsageCacheOptions = {}): UsageCache {
  if (!(Number.isInteger(maxAccounts) && maxAccounts >= 1 && maxAccounts <= LARGEST)) {
    throw new PolicyError('invalid_usage_cache', [{ path: 'maxAccounts', message: `must be a whole number from 1 to ${LARGEST}` }]);
  }
  const byAccount = new Map<string, CachedUsage>();
  return {
    get: (accountId) => byAccount.get(accountId) ?? null,
    set: (accountId, cached) => {
      byAccount.delete(accountId);
      byAccount.set(accountId, cached);
      const oldest = byAccount.keys().next();
      if (byAccount.size > maxAccounts && oldest.done === false) byAccount.delete(oldest.value);
    },
  };
}

/** Whose answer it is, and when it is asked for or kept. */
export interface UsageKey {
  readonly accountId: string;
  readonly credentialRevision: number | null;
  readonly now: EpochMs;
}

/** The answer that a cache still has for this credential; null: none. Never rejects, but waits for the cache. */
export async function cachedUsage(cache: UsageCache, { accountId, credentialRevision, now }: UsageKey): Promise<UsageInfo | null> {
  try {
    const cached = await cache.get(accountId);
    if (cached === null || cached.credentialRevision !== credentialRevision) return null;
    const leftMs = cached.until - now;
    // More than its whole life left: the clock was set back since.
    return leftMs > 0 && leftMs <= usageTtlMs(cached.info) ? cached.info : null;
  } catch {
    return null;
  }
}

/** Keeps an answer for as long as it is good. Never rejects: a cache that takes nothing costs requests, and nothing else. */
export async function keepUsage(cache: UsageCache, { accountId, credentialRevision, now }: UsageKey, info: UsageInfo): Promise<void> {
  try {
    await cache.set(accountId, { info, credentialRevision, until: now + usageTtlMs(info) });
  } catch {
    // See above.
  }
}
