/** Credentials in PostgreSQL: one row an account, written by compare-and-swap on its revision. */

import type { BeginResult, CommitResult, CredentialRepository, SecretCodec } from '../../refresh/ports.js';
import { PLAIN_CODEC } from '../../refresh/secret-codec.js';
import { assertStorableId, isStorableId } from './account-ids.js';
import type { PostgresClient, PostgresRow } from './client.js';
import { condemnCodeOf, numberIn, openRow, referencesOf, sealCredentials } from './credential-rows.js';
import { type CredentialStatements, credentialStatements } from './credential-statements.js';
import { retryConflicts } from './retry-conflicts.js';
import { type PostgresSchemaOptions, qualifierOf } from './schema.js';

/** How credentials are kept. */
export interface PostgresCredentialOptions extends PostgresSchemaOptions {
  /** Encrypts what is stored. Without it secrets are stored as JSON text, and the database has to be trusted with them. */
  readonly codec?: SecretCodec;
  /** Whether new revisions and removals are told to those who subscribed to a health repository of the same schema. Default true. */
  readonly notify?: boolean;
}

interface Store {
  readonly sql: CredentialStatements;
  readonly codec: SecretCodec;
  readonly notify: boolean;
  /** The first row of a statement about an account. */
  readonly run: (sql: string, accountId: string, ...more: readonly unknown[]) => Promise<PostgresRow | undefined>;
}

function reading({ sql, codec, run }: Store, client: PostgresClient): Pick<CredentialRepository, 'read' | 'references'> {
  return {
    async read(accountId) {
      const row = await run(sql.read, accountId);
      return row === undefined ? null : openRow(accountId, row, codec);
    },
    async references(accountIds) {
      const known = accountIds.filter(isStorableId);
      return known.length === 0 ? new Map() : referencesOf((await client.query(sql.references, [known])).rows);
    },
  };
}

/** What `begin` answers where it does not grant. */
function refusalOf(row: PostgresRow | undefined, expectedRevision: number): BeginResult {
  if (row === undefined || row.secret === null) return { kind: 'missing' };
  const revision = numberIn(row, 'revision') ?? 0;
  if (revision !== expectedRevision) return { kind: 'stale', revision };
  if (row.condemned !== null) return { kind: 'condemned', code: condemnCodeOf(row.condemned) };
  return { kind: 'busy', remainingMs: Math.max(0, Math.ceil(numberIn(row, 'remaining_ms') ?? 0)) };
}

function commitResultOf(row: PostgresRow | undefined): CommitResult {
  if (row?.present !== true) return { kind: 'missing' };
  const committed = numberIn(row, 'committed');
  if (committed !== null) return { kind: 'committed', revision: committed };
  return { kind: 'conflict', revision: numberIn(row, 'revision') ?? 0, same: row.same === true };
}

function attempts({ sql, codec, notify, run }: Store): Pick<CredentialRepository, 'begin' | 'commit' | 'condemn' | 'release'> {
  const release = async (accountId: string, nonce: string): Promise<void> => {
    await run(sql.release, accountId, nonce);
  };
  return {
    async begin(accountId, expectedRevision, { nonce, ttlMs }) {
      const row = await run(sql.begin, accountId, expectedRevision, nonce, ttlMs);
      if (typeof row?.orphan !== 'boolean') return refusalOf(row, expectedRevision);
      try {
        return { kind: 'granted', orphan: row.orphan, ...(await openRow(accountId, row, codec)) };
      } catch (error) {
        // Nothing can be sent with secrets that cannot be read, so the attempt must not end as an orphan.
        await release(accountId, nonce).catch(() => undefined);
        throw error;
      }
    },
    async commit(accountId, expectedRevision, nonce, next) {
      const { secret, expiresAt, refreshable } = await sealCredentials(accountId, next, codec);
      return commitResultOf(await run(sql.commit, accountId, expectedRevision, nonce, secret, expiresAt, refreshable, notify));
    },
    async condemn(accountId, expectedRevision, nonce, code) {
      return (await run(sql.condemn, accountId, expectedRevision, nonce, code)) !== undefined;
    },
    release,
  };
}

function alternatives({ sql, codec, notify, run }: Store): Pick<CredentialRepository, 'keepAlternate' | 'promoteAlternate'> {
  return {
    async keepAlternate(accountId, parentRevision, next) {
      const { digest, secret, expiresAt, refreshable } = await sealCredentials(accountId, next, codec);
      await run(sql.keepAlternate, accountId, parentRevision, digest, secret, expiresAt, refreshable);
    },
    async promoteAlternate(accountId, expectedRevision, nonce) {
      const row = await run(sql.promoteAlternate, accountId, expectedRevision, nonce, notify);
      return row === undefined ? null : { revision: numberIn(row, 'revision') ?? 0 };
    },
  };
}

function operations({ sql, codec, notify, run }: Store): Pick<CredentialRepository, 'replace' | 'remove'> {
  return {
    async replace(accountId, next) {
      const { secret, expiresAt, refreshable } = await sealCredentials(accountId, next, codec);
      const row = await run(sql.replace, accountId, secret, expiresAt, refreshable, notify);
      return { revision: (row === undefined ? null : numberIn(row, 'revision')) ?? 0 };
    },
    async remove(accountId) {
      await run(sql.remove, accountId, notify);
    },
  };
}

/**
 * Makes a credential repository on the tables of `migratePostgres`. Every method is one statement, on the server's clock. Secrets never stand in an error of ours. What is stored and cannot be read is a
 * rejection; the codec's own errors go through as they are. Throws `PolicyError` where the schema is no plain name.
 *
 * @example const credentials = createPostgresCredentialRepository(pool, { codec: { seal: encrypt, open: decrypt } });
 */
export function createPostgresCredentialRepository(client: PostgresClient, options: PostgresCredentialOptions = {}): CredentialRepository {
  const { codec = PLAIN_CODEC, notify = true } = options;
  const retrying = retryConflicts(client);
  const store: Store = {
    sql: credentialStatements(qualifierOf(options)),
    codec,
    notify,
    async run(sql, accountId, ...more) {
      assertStorableId(accountId);
      return (await retrying.query(sql, [accountId, ...more])).rows[0];
    },
  };
  return { ...reading(store, retrying), ...attempts(store), ...alternatives(store), ...operations(store) };
}
