/** Everything that is kept, opened by one call. */
import { mkdir } from 'node:fs/promises';
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
import { migrateGateway } from './migrate-gateway.js';
import { StartError } from './start-error.js';
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
const CACHE_MS = 500;
const READY_MS = 2_000;

interface Database {
  readonly pool: Pool;
  readonly connect: () => Promise<Client>;
  close(): Promise<void>;
}

async function openDatabase({ databaseUrl, dataDir }: StoresConfig): Promise<Database> {
  await mkdir(dataDir, { recursive: true });
  const embedded: EmbeddedPostgres | null = databaseUrl === null ? await startEmbeddedPostgres(join(dataDir, 'postgres')) : null;
  const connectionString = embedded?.url ?? databaseUrl ?? '';
  const options = { connectionString, connectionTimeoutMillis: CONNECT_MS, keepAlive: true };
  const pool = new Pool({ ...options, max: 10, statement_timeout: STATEMENT_MS });
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
      await pool.end().catch(() => undefined);
      await embedded?.stop();
    },
  };
}

interface Cache {
  readonly tokens: AccessTokenCache;
  ready(): Promise<unknown>;
  close(): void;
}

/** In Redis, where all processes share it, or in this process. A Redis that is gone costs reads of the database, and no request waits long for it. */
function openCache(redisUrl: string | null, codec: KeyedCodec): Cache {
  if (redisUrl === null) return { tokens: createMemoryTokenCache(), ready: async () => undefined, close: () => undefined };
  const redis = new Redis(redisUrl, { commandTimeout: CACHE_MS, maxRetriesPerRequest: 1, connectTimeout: CONNECT_MS });
  redis.on('error', () => undefined);
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

async function isAnswered(question: Promise<unknown>): Promise<boolean> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), READY_MS);
  });
  const answered = question.then(
    () => true,
    () => false,
  );
  return Promise.race([answered, late]).finally(() => clearTimeout(timer));
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
    ready: () => isAnswered(Promise.all([pool.query('select 1'), cache.ready()])),
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
  const cache = openCache(config.redisUrl, codec);
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
