/** `poolwarden/memory`: repositories that last as long as the process, for one gateway, for tests and as a model for others. */
import { compactHealth } from '../core/compact-health.js';
import { type AccountHealth, EMPTY_HEALTH } from '../core/health.js';
import { mergeHealth } from '../core/merge-health.js';
import type { EpochMs } from '../core/time.js';
import type { AccessTokenCache, CachedAccessToken } from '../refresh/ports.js';
import type { HealthChange, HealthRepository, SettingsRepository } from '../shell/ports.js';

export { createMemoryCredentials, type MemoryCredentialOptions } from './memory/credentials.js';

/** A health repository in memory, and what only memory offers. */
export interface MemoryRepository extends HealthRepository {
  subscribe(listener: (change: HealthChange) => void): Promise<() => Promise<void>>;
  /** The health of every account that was ever patched, as it is now; later patches do not change it. */
  snapshot(): ReadonlyMap<string, AccountHealth>;
  /** Drops what `compactHealth` drops at this instant, of every account. Nothing else ever drops a cell: a load shows all that is stored. */
  compact(now: EpochMs): void;
}

/** Settings in memory. */
export interface MemorySettings extends SettingsRepository {
  /** Every setting as it is stored. */
  snapshot(): ReadonlyMap<string, string>;
}

/** A token cache in memory: it answers at once. */
export interface MemoryTokenCache extends AccessTokenCache {
  get(accountId: string, now: EpochMs): CachedAccessToken | null;
  set(accountId: string, cached: CachedAccessToken): void;
}

interface Listeners {
  readonly tell: (change: HealthChange) => void;
  readonly subscribe: MemoryRepository['subscribe'];
}

function createListeners(): Listeners {
  const listeners = new Set<(change: HealthChange) => void>();
  return {
    tell(change) {
      for (const listener of listeners) {
        try {
          listener(change);
        } catch {
          // One listener's failure is no business of the writer, nor of the other listeners.
        }
      }
    },
    async subscribe(listener) {
      // A function of its own for each call, so that one who subscribes twice can leave once.
      const own = (change: HealthChange): void => listener(change);
      listeners.add(own);
      return async () => {
        listeners.delete(own);
      };
    },
  };
}

/**
 * Makes a health repository in memory. Health is shared and never copied: a patch makes a new frozen object, and where it changes nothing the old one is
 * returned. Listeners are told only of changes, after the write, and what they throw is ignored.
 *
 * @example const engine = createEngine({ health: createMemoryRepository() });
 */
export function createMemoryRepository(initial: Iterable<readonly [string, AccountHealth]> = []): MemoryRepository {
  const stored = new Map(initial);
  const { tell, subscribe } = createListeners();
  const healthOf = (accountId: string): AccountHealth => stored.get(accountId) ?? EMPTY_HEALTH;

  function store(accountId: string, next: AccountHealth): AccountHealth {
    if (next === healthOf(accountId)) return next;
    const health = Object.freeze(next);
    stored.set(accountId, health);
    tell({ accountId, health });
    return health;
  }

  return {
    async load(accountIds) {
      const known = accountIds.filter((accountId) => stored.has(accountId));
      return new Map(known.map((accountId) => [accountId, healthOf(accountId)]));
    },
    patch: async (accountId, patch) => store(accountId, mergeHealth(healthOf(accountId), patch)),
    subscribe,
    snapshot: () => new Map(stored),
    compact(now) {
      for (const [accountId, health] of [...stored]) store(accountId, compactHealth(health, now));
    },
  };
}

/** Makes a settings repository in memory. */
export function createMemorySettings(initial: Iterable<readonly [string, string]> = []): MemorySettings {
  const stored = new Map(initial);
  return {
    get: async (key) => stored.get(key) ?? null,
    async set(key, value) {
      stored.set(key, value);
    },
    snapshot: () => new Map(stored),
  };
}

/** Makes a token cache in memory. It holds secrets: it prints none, and offers no list of them. */
export function createMemoryTokenCache(): MemoryTokenCache {
  const cached = new Map<string, CachedAccessToken>();
  /** The highest revision that was invalidated: whoever had read its token before must not bring it back. -1 is no revision, so nothing is known of it. */
  const refused = new Map<string, number>();
  return {
    get(accountId, now) {
      const found = cached.get(accountId);
      return found === undefined || (found.until !== null && found.until <= now) ? null : found;
    },
    set(accountId, next) {
      const least = Math.max(cached.get(accountId)?.credentialRevision ?? -1, (refused.get(accountId) ?? -2) + 1);
      if (next.credentialRevision >= least) cached.set(accountId, next);
    },
    async invalidate(accountId, credentialRevision) {
      const before = cached.get(accountId);
      if (before !== undefined && before.credentialRevision <= credentialRevision) cached.delete(accountId);
      if (credentialRevision >= 0) refused.set(accountId, Math.max(refused.get(accountId) ?? -1, credentialRevision));
    },
  };
}
