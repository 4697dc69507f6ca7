/** Where the request path finds an account's token when the cache has none. */

import type { Account } from '../core/account.js';
import { ownText } from '../core/json.js';
import { type EpochMs, SECOND_MS } from '../core/time.js';
import { isRefreshable } from './is-refreshable.js';
import type { Refresher } from './outcome.js';
import type { Pause } from './pause.js';
import type { CredentialRepository, StoredCredentials } from './ports.js';

/** What a request needs of credentials. `token` null: there is no access token. */
export interface TokenView {
  readonly token: string | null;
  readonly revision: number;
  readonly expiresAt: EpochMs | null;
  readonly refreshable: boolean;
}

/** What was found: the credentials of now, or why there are none. */
export type FoundToken = TokenView | 'missing' | 'unreachable';

/** Finds tokens. */
export interface TokenSource {
  /** The newest that this process can know. Never rejects. */
  find(accountId: string): Promise<FoundToken>;
  /** Remembers credentials for the time when the store does not answer. */
  remember(accountId: string, stored: StoredCredentials): TokenView;
}

/** A store that did not answer is asked again after this. */
export const STORE_RETRY_MS: number = 5 * SECOND_MS;
/** A store that takes longer than this is treated like one that is down: what was read before serves. */
const STORE_PATIENCE_MS: number = 2 * SECOND_MS;
/** Accounts that are remembered; the ones read longest ago go first. */
const MOST_REMEMBERED = 10_000;

/** What a request needs of these credentials. Total, pure. */
export function viewToken({ credentials, revision, expiresAt }: StoredCredentials): TokenView {
  return { token: ownText(credentials, 'access_token'), revision, expiresAt, refreshable: isRefreshable(credentials) };
}

/** Whether an upstream may still take this token: it is there, not over, and no 401 has named its revision. Total, pure. */
export function isUsable(account: Account, { token, revision, expiresAt }: TokenView, now: EpochMs): boolean {
  return token !== null && revision > account.health.refreshRequestedFor && (expiresAt === null || expiresAt > now);
}

type Reader = Pick<CredentialRepository, 'read'>;

/** The time of a source. */
export interface SourceClock {
  readonly pause: Pause;
  readonly now: () => EpochMs;
}

type Answer = StoredCredentials | null | 'unreachable';

async function read(credentials: Reader, accountId: string): Promise<Answer> {
  try {
    return await credentials.read(accountId);
  } catch {
    return 'unreachable';
  }
}

/** Reads, and waits no longer than there is patience. */
interface PatientReader {
  readonly read: (accountId: string) => Promise<Answer>;
  /** Whether an earlier read of the account has just outlasted that, and is still unanswered: somebody has waited already. */
  readonly isSilentAbout: (accountId: string) => boolean;
}

function createPatientReader(credentials: Reader, { pause, now }: SourceClock): PatientReader {
  const silentUntil = new Map<string, EpochMs>();
  return {
    isSilentAbout: (accountId) => now() < (silentUntil.get(accountId) ?? 0),
    async read(accountId) {
      const answered = new AbortController();
      const reading = read(credentials, accountId);
      const late = pause(STORE_PATIENCE_MS, answered.signal).then(() => 'late' as const);
      const first = await Promise.race([reading, late]);
      answered.abort();
      if (first !== 'late') return first;
      silentUntil.set(accountId, now() + STORE_RETRY_MS);
      reading.then(() => silentUntil.delete(accountId));
      return 'unreachable';
    },
  };
}

/** Makes a source of a store and of what the refresher could not store yet. It remembers what it read last, so that a store that is down stops nobody whose token is still good. */
export function createTokenSource(
  { credentials, refresher }: { readonly credentials: Reader; readonly refresher: Refresher },
  clock: SourceClock,
): TokenSource {
  const remembered = new Map<string, TokenView>();
  const reader = createPatientReader(credentials, clock);

  function remember(accountId: string, stored: StoredCredentials): TokenView {
    const before = remembered.get(accountId);
    if (before !== undefined && before.revision > stored.revision) return before;
    const view = viewToken(stored);
    remembered.delete(accountId);
    remembered.set(accountId, view);
    for (const oldest of remembered.keys()) {
      if (remembered.size <= MOST_REMEMBERED) break;
      remembered.delete(oldest);
    }
    return view;
  }

  return {
    remember,
    async find(accountId) {
      const pending = refresher.pending(accountId);
      if (pending !== null) return remember(accountId, pending);
      const known = remembered.get(accountId);
      if (known !== undefined && reader.isSilentAbout(accountId)) return known;
      const stored = await reader.read(accountId);
      if (stored === 'unreachable') return remembered.get(accountId) ?? 'unreachable';
      if (stored !== null) return remember(accountId, stored);
      remembered.delete(accountId);
      return 'missing';
    },
  };
}
