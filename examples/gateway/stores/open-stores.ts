/** Everything that is kept, opened by one call. */
import { once } from 'node:events';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { Client, Pool } from 'pg';
import type { SettingsRepository } from 'poolwarden';
import { createMemoryTokenCache } from 'poolwarden/memory';
import {
  createPostgresCredentialRepository,
  createPostgresHealthRepository,
  createPostgresSettings,
  listenWithPg,
  type PostgresHealthRepository,
} from 'poolwarden/postgres';
import { createRedisTokenCache, fromIoredis } from 'poolwarden/redis';
import type { AccessTokenCache, CredentialRepository } from 'poolwarden/refresh';
import { type AccountTable, createAccountTable } from '../accounts/account-table.js';
import { loadSecretKey } from '../accounts/secret-key.js';
import { createSecretCodec, type KeyedCodec } from '../accounts/secrets.js';
import type { GatewayConfig } from '../config.js';
import { type EmbeddedPostgres, startEmbeddedPostgres } from './embedded-postgres.js';
import { createFacts, type Facts } from './facts.js';
import { makeDataDir } from './make-data-dir.js';
import { migrateGateway } from './migrate-gateway.js';
import { StartError } from './start-error.js';
import { succeedsWithin } from './succeeds-within.js';
import { type Exclusive, withLock } from './with-lock.js';

/** The stores of a gateway process. */
export interface Stores {
  readonly health: PostgresHealthRepository;
  readonly credentials: CredentialRepository;
  readonly settings: SettingsRepository;
  readonly tokens: AccessTokenCache;
  readonly accounts: AccountTable;
  readonly facts: Facts;
  /** Runs something that only one of all processes may do at a time. */
  readonly exclusively: Exclusive;
  /** Whether every store answers within two seconds. Never rejects. */
  ready(): Promise<boolean>;
  /** Ends all connections, and the embedded server. Close what uses the stores first. Never rejects. */
  close(): Promise<void>;
}

/** Which of the configuration the stores need. */
export type StoresConfig = Pick<GatewayConfig, 'dataDir' | 'databaseUrl' | 'redisUrl' | 'secretKey'>;

const CONNECT_MS = 5_000;
const STATEMENT_MS = 30_000;
/** A server that does not even say that a statement took too long. */
const SILENCE_MS = 35_000;
const END_MS = 2_000;
const CACHE_MS = 500;
const READY_MS = 2_000;

interface Database {
  readonly pool: Pool;
  readonly connect: () => Promise<Client>;
  close(): Promise<void>;
}

async function openDatabase({ databaseUrl, dataDir }: StoresConfig): Promise<Database> {
  await makeDataDir(dataDir);
  const embedded: EmbeddedPostgres | null = databaseUrl === null ? await startEmbeddedPostgres(join(dataDir, 'postgres')) : null;
  const connectionString = embedded?.url ?? databaseUrl ?? '';
  const options = { connectionString, connectionTimeoutMillis: CONNECT_MS, keepAlive: true };
  const pool = new Pool({ ...options, max: 10, statement_timeout: STATEMENT_MS, query_timeout: SILENCE_MS });
  // A connection that breaks while it is idle is replaced; nobody else has to know.
  pool.on('error', () => undefined);
  return {
    pool,
    async connect() {
      const client = new Client(options);
      client.on('error', () => undefined);
      await client.connect();
      return client;
    },
    async close() {
      // A query that hangs would keep the pool for ever.
      await succeedsWithin(END_MS, pool.end());
      await embedded?.stop();
    },
  };
}

interface Cache {
  readonly tokens: AccessTokenCache;
  ready(): Promise<unknown>;
  close(): void;
}

/**
 * In Redis, where all processes share it, or in this process. A Redis that is gone costs reads of the database, and no request waits for it: without a connection commands are refused at once, and one whose server
 * falls silent is given up, so that only what was under way has waited. The first connection is given a moment, but is not needed.
 */
async function openCache(redisUrl: string | null, codec: KeyedCodec): Promise<Cache> {
  if (redisUrl === null) return { tokens: createMemoryTokenCache(), ready: async () => undefined, close: () => undefined };
  const redis = new Redis(redisUrl, {
    connectTimeout: CONNECT_MS,
    commandTimeout: CACHE_MS,
    socketTimeout: CACHE_MS,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
  });
  redis.on('error', () => undefined);
  await succeedsWithin(CACHE_MS, once(redis, 'ready'));
  return {
    tokens: createRedisTokenCache(fromIoredis(redis), { codec, prefix: 'gateway:' }),
    ready: () => redis.ping(),
    close: () => redis.disconnect(),
  };
}

/** Whoever would seal with another key makes secrets that the others cannot read. */
async function checkKey(facts: Facts, { keyId }: KeyedCodec): Promise<void> {
  const agreed = await facts.claim('secret_key_id', keyId);
  if (agreed === keyId) return;
  throw new StartError(
    `The secrets in the database were sealed with another key (${agreed}, ours is ${keyId}): set GATEWAY_SECRET_KEY to the key of the first start.`,
  );
}

/** What a driver throws, for a person. Its messages name hosts and users, and no password. */
function whyUnusable(cause: unknown): StartError {
  if (cause instanceof StartError) return cause;
  const { code, message } = cause as { readonly code?: string; readonly message?: string };
  return new StartError(
    `The database cannot be used: ${message || code || 'unknown'}. Is DATABASE_URL right, and may its user create tables?`,
    { cause },
  );
}

function storesOf({ pool, connect, close }: Database, cache: Cache, codec: KeyedCodec): Stores {
  const listener = listenWithPg(connect);
  return {
    health: createPostgresHealthRepository(pool, { listener }),
    credentials: createPostgresCredentialRepository(pool, { codec }),
    settings: createPostgresSettings(pool),
    accounts: createAccountTable(pool, listener),
    facts: createFacts(pool),
    exclusively: withLock(connect),
    tokens: cache.tokens,
    ready: () => succeedsWithin(READY_MS, Promise.all([pool.query('select 1'), cache.ready()])),
    async close() {
      cache.close();
      await close();
    },
  };
}

/**
 * Opens the stores: an embedded PostgreSQL in the data folder or the one of `DATABASE_URL`, and Redis for access tokens where `REDIS_URL` names one. Makes the tables. Several processes may start at once.
 * Rejects with a `StartError` that says what is wrong.
 *
 * @example const stores = await openStores(loadConfig(process.env));
 */
export async function openStores(config: StoresConfig): Promise<Stores> {
  const codec = createSecretCodec(await loadSecretKey(config));
  const database = await openDatabase(config);
  const cache = await openCache(config.redisUrl, codec);
  const stores = storesOf(database, cache, codec);
  try {
    await migrateGateway(database.pool);
    await checkKey(stores.facts, codec);
    return stores;
  } catch (error) {
    await stores.close();
    throw whyUnusable(error);
  }
}
