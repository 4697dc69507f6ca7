/** Credentials in Redis: a hash and a list for each account, one script for each step. */
import type { BeginResult, CommitResult, CredentialRepository, SecretCodec, StoredCredentials } from '../../refresh/ports.js';
import { nameOfChange } from './change-list.js';
import type { RedisClient } from './client.js';
import { readReferences } from './credential-references.js';
import { BEGIN, COMMIT, CONDEMN, KEEP_ALTERNATE, PROMOTE_ALTERNATE, READ, RELEASE, REMOVE, REPLACE } from './credential-scripts.js';
import { type CredentialText, credentialText, type SealedCredentials } from './credential-text.js';
import { type RedisKeys, type RedisOptions, redisKeys } from './keys.js';
import { type RedisScript, textsOf } from './script.js';

/** What may be given to `createRedisCredentialRepository`. */
export interface RedisCredentialOptions extends RedisOptions {
  /** Encrypts at rest. Without it, credentials are stored as they are. */
  readonly codec?: SecretCodec;
}

/** Answers that lost a race are kept up to this number. */
const MAX_ALTERNATES = 2;

/** Runs a script on the keys of one account. */
type Run = (script: RedisScript, accountId: string, args: readonly (string | number)[]) => Promise<readonly string[]>;

interface Store {
  readonly run: Run;
  readonly text: CredentialText;
  /** The arguments with which a script tells of a change. */
  readonly news: (accountId: string) => readonly string[];
}

function storeOf(client: RedisClient, keys: RedisKeys, codec: SecretCodec | undefined): Store {
  return {
    async run(script, accountId, args) {
      const own = [keys.credential(accountId), keys.alternates(accountId), keys.changesOf(accountId)];
      return textsOf(await script(client, own, args.map(String)));
    },
    text: credentialText(codec),
    news: (accountId) => [keys.channel, nameOfChange('credential', accountId)],
  };
}

const storedTexts = ({ expires, refreshable, secret }: SealedCredentials): readonly string[] => [expires, refreshable, secret];

function unexpected(): Error {
  return new Error('redis gave a reply that is none of this script');
}

type Row = readonly string[];

async function opened(
  accountId: string,
  [revision = '', expires = '', secret = '']: Row,
  text: CredentialText,
): Promise<StoredCredentials> {
  return { revision: Number(revision), ...(await text.open(accountId, { secret, expires })) };
}

async function beginResult(accountId: string, [kind, fact = '', ...rest]: Row, text: CredentialText): Promise<BeginResult> {
  switch (kind) {
    case 'granted':
      return { kind, orphan: fact === '1', ...(await opened(accountId, rest, text)) };
    case 'busy':
      return { kind, remainingMs: Number(fact) };
    case 'stale':
      return { kind, revision: Number(fact) };
    case 'condemned':
      return { kind, code: fact === 'revoked' ? 'revoked' : 'lost_rotation' };
    case 'missing':
      return { kind };
    default:
      throw unexpected();
  }
}

function commitResult([kind, revision, same]: readonly string[]): CommitResult {
  switch (kind) {
    case 'committed':
      return { kind, revision: Number(revision) };
    case 'conflict':
      return { kind, revision: Number(revision), same: same === '1' };
    case 'missing':
      return { kind };
    default:
      throw unexpected();
  }
}

function attempts(store: Store): Pick<CredentialRepository, 'begin' | 'commit' | 'condemn' | 'release'> {
  const { run, text, news } = store;
  async function release(accountId: string, nonce: string): Promise<void> {
    await run(RELEASE, accountId, [nonce]);
  }
  return {
    async begin(accountId, expectedRevision, { nonce, ttlMs }) {
      const reply = await run(BEGIN, accountId, [expectedRevision, nonce, ttlMs]);
      try {
        return await beginResult(accountId, reply, text);
      } catch (error) {
        // Nobody can send what cannot be read.
        await release(accountId, nonce).catch(() => undefined);
        throw error;
      }
    },
    async commit(accountId, expectedRevision, nonce, next) {
      const sealed = storedTexts(await text.seal(accountId, next));
      return commitResult(await run(COMMIT, accountId, [expectedRevision, nonce, ...sealed, ...news(accountId)]));
    },
    async condemn(accountId, expectedRevision, nonce, code) {
      return (await run(CONDEMN, accountId, [expectedRevision, nonce, code])).length > 0;
    },
    release,
  };
}

function alternatives({ run, text, news }: Store): Pick<CredentialRepository, 'keepAlternate' | 'promoteAlternate'> {
  return {
    async keepAlternate(accountId, parentRevision, next) {
      const { expires, refreshable, secret, fingerprint } = await text.seal(accountId, next);
      const alternate = [parentRevision, fingerprint, expires, refreshable, secret].join(' ');
      await run(KEEP_ALTERNATE, accountId, [MAX_ALTERNATES, parentRevision, alternate]);
    },
    async promoteAlternate(accountId, expectedRevision, nonce) {
      const [revision] = await run(PROMOTE_ALTERNATE, accountId, [expectedRevision, nonce, ...news(accountId)]);
      return revision === undefined ? null : { revision: Number(revision) };
    },
  };
}

/**
 * Makes a credential repository in Redis. Only for a server that keeps what it has acknowledged (`redisDurability`): one that forgets a rotation leaves an account with a refresh token that
 * was already spent. Every method is one script, and errors say nothing of what is stored.
 *
 * @example const credentials = createRedisCredentialRepository(fromIoredis(redis), { codec });
 */
export function createRedisCredentialRepository(client: RedisClient, options: RedisCredentialOptions = {}): CredentialRepository {
  const keys = redisKeys(options);
  const store = storeOf(client, keys, options.codec);
  const { run, text, news } = store;
  return {
    async read(accountId) {
      const row = await run(READ, accountId, []);
      return row.length === 0 ? null : opened(accountId, row, text);
    },
    references: (accountIds) => readReferences(client, keys, accountIds),
    ...attempts(store),
    ...alternatives(store),
    async replace(accountId, next) {
      const [revision] = await run(REPLACE, accountId, [...storedTexts(await text.seal(accountId, next)), ...news(accountId)]);
      if (revision === undefined) throw unexpected();
      return { revision: Number(revision) };
    },
    async remove(accountId) {
      await run(REMOVE, accountId, news(accountId));
    },
  };
}
