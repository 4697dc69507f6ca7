/** `subscribe`: all listeners share one subscription, and each account that changed is read once for all of them. */
import type { CredentialRef } from '../../core/account.js';
import type { AccountHealth } from '../../core/health.js';
import { NO_CREDENTIAL } from '../../refresh/no-credential.js';
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

  async function deliver(changes: readonly string[]): Promise<void> {
    const ofCredentials = accountsIn(changes, 'credential');
    const [healths, credentials] = await Promise.all([load(accountsIn(changes, 'health')), references(ofCredentials)]);
    for (const [accountId, health] of healths) tell({ accountId, health });
    for (const accountId of ofCredentials) tell({ accountId, credential: credentials.get(accountId) ?? NO_CREDENTIAL });
  }

  async function stopFollowing(): Promise<void> {
    const followed = following;
    following = null;
    const stop = await followed;
    await stop?.();
  }

  return async (listener) => {
    const remove = add(listener);
    following ??= followChanges({ ...options, deliver });
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
