/** `subscribe`: all listeners share one subscription, and each account that changed is read once for all of them. */
import type { CredentialRef } from '../../core/account.js';
import type { AccountHealth } from '../../core/health.js';
import { accountsIn } from './change-list.js';
import { type FollowOptions, followChanges } from './follow-changes.js';
import { type ChangeListener, createListeners } from './listeners.js';

/** How to read what changed, and to follow it. */
export interface FeedOptions extends Omit<FollowOptions, 'deliver'> {
  readonly load: (accountIds: readonly string[]) => Promise<ReadonlyMap<string, AccountHealth>>;
  readonly references: (accountIds: readonly string[]) => Promise<ReadonlyMap<string, CredentialRef>>;
}

type Stop = () => Promise<void>;

/** The `subscribe` of a repository: follows while there are listeners. */
export function createChangeFeed({ load, references, ...options }: FeedOptions): (listener: ChangeListener) => Promise<Stop> {
  const { add, isEmpty, tell } = createListeners();
  let following: Promise<Stop> | null = null;
  let ended: Promise<void> = Promise.resolve();

  async function deliver(changes: readonly string[]): Promise<void> {
    const [healths, credentials] = await Promise.all([load(accountsIn(changes, 'health')), references(accountsIn(changes, 'credential'))]);
    for (const [accountId, health] of healths) tell({ accountId, health });
    for (const [accountId, credential] of credentials) tell({ accountId, credential });
  }

  async function stopFollowing(): Promise<void> {
    if (following === null) return;
    const stopped = following.then((stop) => stop());
    following = null;
    ended = stopped.catch(() => undefined);
    await stopped;
  }

  return async (listener) => {
    const remove = add(listener);
    // One connection hears both: the old subscription has to be gone before the new one is asked for.
    following ??= ended.then(() => followChanges({ ...options, deliver }));
    const joined = following;
    try {
      await joined;
    } catch (error) {
      remove();
      if (following === joined) following = null;
      throw error;
    }
    return async () => {
      if (remove() && isEmpty()) await stopFollowing();
    };
  };
}
