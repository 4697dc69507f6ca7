/** Secrets that nobody rotates but a person: API keys and setup tokens. */
import type { Account } from 'poolwarden';
import type { CredentialRepository, Credentials } from 'poolwarden/refresh';
import { succeedsWithin } from '../stores/succeeds-within.js';

/** A secret, with the revision that it is of. */
export interface StaticSecret {
  readonly secret: string;
  readonly revision: number;
}

/** Reads them. */
export interface StaticSecrets {
  /** The secret of an account; null: none is stored. Read once for each revision that the account shows. Rejects where the store does not answer in time. */
  read(account: Account): Promise<StaticSecret | null>;
}

/** Of a request, for a store that is silent. */
const PATIENCE_MS = 2_000;

/** Where the secret is in the stored credentials, by type of account. */
export const SECRET_FIELDS: Readonly<Record<string, string>> = { api_key: 'api_key', setup_token: 'setup_token', oauth: 'access_token' };

function secretOf(credentials: Credentials, type: string): string | null {
  const value = credentials[SECRET_FIELDS[type] ?? ''];
  return typeof value === 'string' && value !== '' ? value : null;
}

/** Makes a reader. Requests that want the same secret share one read. */
export function createStaticSecrets(credentials: Pick<CredentialRepository, 'read'>): StaticSecrets {
  const known = new Map<string, StaticSecret>();
  const reading = new Map<string, Promise<StaticSecret | null>>();

  async function fetch({ id, type }: Account): Promise<StaticSecret | null> {
    const stored = await credentials.read(id);
    const secret = stored === null ? null : secretOf(stored.credentials, type);
    if (stored === null || secret === null) {
      known.delete(id);
      return null;
    }
    const found = { secret, revision: stored.revision };
    known.set(id, found);
    return found;
  }
  return {
    async read(account) {
      const found = known.get(account.id);
      const { revision } = account.credential;
      if (found !== undefined && revision !== null && found.revision >= revision) return found;
      const running = reading.get(account.id) ?? fetch(account).finally(() => reading.delete(account.id));
      reading.set(account.id, running);
      // Where the store is silent the read goes on, and serves whoever comes later.
      if (await succeedsWithin(PATIENCE_MS, running)) return running;
      throw new Error('the store of credentials does not answer');
    },
  };
}
