/** The cache of the request path, made safe: one that is down, or that holds something old, costs time and nothing else. */
import type { Account } from '../core/account.js';
import type { EpochMs } from '../core/time.js';
import type { AccessTokenCache, CachedAccessToken } from './ports.js';
import type { TokenView } from './token-provider-source.js';

/** A cache that never fails. */
export interface SafeTokenCache {
  /** A token that serves this account; null: none. */
  get(account: Account): Promise<CachedAccessToken | null>;
  /** Keeps a token until an instant, unless that is over. */
  put(account: Account, view: TokenView, until: EpochMs): Promise<void>;
}

/** No token below this revision serves: the account's own news of its credential and of 401s. Total, pure. */
export function leastRevision({ credential, health }: Account): number {
  return Math.max(credential.revision ?? 0, health.refreshRequestedFor + 1);
}

/** Makes a cache safe; without one, there is never a token in it. */
export function containTokenCache(cache: AccessTokenCache | undefined, now: () => EpochMs): SafeTokenCache {
  return {
    async get(account) {
      try {
        const cached = (await cache?.get(account.id, now())) ?? null;
        return cached === null || cached.token === '' || cached.credentialRevision < leastRevision(account) ? null : cached;
      } catch {
        return null;
      }
    },
    async put({ id }, { token, revision }, until) {
      if (token === null || until <= now()) return;
      try {
        await cache?.set(id, { token, credentialRevision: revision, until });
      } catch {
        // The next request reads the store.
      }
    },
  };
}
