/** Every store of the library, as the contracts are tested on it. */
import { PGlite } from '@electric-sql/pglite';
import { Client, Pool } from 'pg';
import postgres from 'postgres';
import {
  createMemoryCredentials,
  createMemoryRepository,
  createMemorySettings,
  createMemoryTokenCache,
} from '../../src/adapters/memory.js';
import {
  createPostgresCredentialRepository,
  createPostgresHealthRepository,
  createPostgresSettings,
  fromPostgresJs,
  listenWithPg,
  listenWithPglite,
  listenWithPostgresJs,
  migratePostgres,
  type PostgresClient,
  type PostgresListener,
} from '../../src/adapters/postgres.js';
import { redisKeys } from '../../src/adapters/redis/keys.js';
import {
  createRedisCredentialRepository,
  createRedisHealthRepository,
  createRedisSettings,
  createRedisTokenCache,
  redisDurability,
} from '../../src/adapters/redis.js';
import { EMPTY_HEALTH } from '../../src/core/health.js';
import type { HealthJson } from '../../src/core/health-json.js';
import type { AccessTokenCache, SecretCodec } from '../../src/refresh/ports.js';
import { patchByCas } from '../../src/shell/patch-by-cas.js';
import type { SettingsRepository } from '../../src/shell/ports.js';
import type { CredentialFixture, Durability, HealthFixture, StoreFixture } from '../../src/testing.js';
import { BINDING_CODEC } from '../support/binding-codec.js';
import { connectPostgres } from '../support/postgres-server.js';
import type { Driver } from './redis/support.js';

/** What a store offers, each part made anew for each test. What is absent the store does not have. */
export interface Store {
  readonly health: () => HealthFixture;
  readonly credentials?: () => CredentialFixture;
  readonly settings?: () => StoreFixture<SettingsRepository>;
  readonly tokens?: () => StoreFixture<AccessTokenCache>;
  readonly close: () => Promise<void>;
}

/** Health in memory. A cell of a newer version comes as it would with a restart: the repository begins with it. */
function memoryHealth(): HealthFixture {
  let current = createMemoryRepository();
  return {
    repository: {
      load: (accountIds) => current.load(accountIds),
      patch: (accountId, patch) => current.patch(accountId, patch),
      subscribe: (listener) => current.subscribe(listener),
    },
    compact: (now) => current.compact(now),
    storeUnknownCell(accountId, cell, text) {
      const stored = new Map(current.snapshot());
      const health = stored.get(accountId) ?? EMPTY_HEALTH;
      stored.set(accountId, { ...health, unknown: new Map([...health.unknown, [cell, text]]) });
      current = createMemoryRepository(stored);
    },
  };
}

/** The repositories in memory. */
export function openMemory(): Store {
  return {
    health: memoryHealth,
    credentials() {
      let now = 1_000;
      return {
        repository: createMemoryCredentials({ now: () => now }),
        wait(durationMs) {
          now += durationMs;
        },
      };
    },
    settings: () => ({ repository: createMemorySettings() }),
    tokens: () => ({ repository: createMemoryTokenCache() }),
    close: async () => undefined,
  };
}

/** A store that can only compare and swap, as a document store can. */
export function openCas(): Store {
  const documents = new Map<string, { readonly health: HealthJson; readonly version: number }>();
  const repository = patchByCas<number>({
    attempts: 1_000,
    read: async (accountId) => documents.get(accountId) ?? null,
    async write(accountId, health, version) {
      if ((documents.get(accountId)?.version ?? null) !== version) return false;
      documents.set(accountId, { health, version: (version ?? 0) + 1 });
      return true;
    },
  });
  return {
    health: () => ({
      repository,
      storeUnknownCell(accountId, cell, text) {
        const { health = {}, version = 0 } = documents.get(accountId) ?? {};
        documents.set(accountId, { health: { ...health, [cell]: text }, version: version + 1 });
      },
    }),
    close: async () => undefined,
  };
}

/** Nothing listens there. */
const NOWHERE = 'postgres://nobody@127.0.0.1:1/none';

async function postgresDurability(client: PostgresClient): Promise<Durability> {
  const { rows } = await client.query("select current_setting('fsync') as fsync, current_setting('synchronous_commit') as commit", []);
  const problems = [
    ...(rows[0]?.fsync === 'on' ? [] : ['fsync is off']),
    ...(rows[0]?.commit === 'off' ? ['synchronous_commit is off'] : []),
  ];
  return problems.length === 0 ? { kind: 'durable' } : { kind: 'not_durable', problems };
}

interface PostgresParts {
  /** Of each process that uses the store. */
  readonly clients: readonly PostgresClient[];
  readonly listener: PostgresListener;
  readonly codec?: SecretCodec;
  readonly close: () => Promise<void>;
}

function postgresStore({ clients, listener, codec, close }: PostgresParts): Store {
  const [client, other] = [clients[0], clients[1] ?? clients[0]];
  if (client === undefined || other === undefined) throw new Error('no client');
  const credentialOptions = codec === undefined ? {} : { codec };
  return {
    health() {
      const repository = createPostgresHealthRepository(client, { listener });
      return {
        repository,
        another: () => createPostgresHealthRepository(other),
        compact: (now) => repository.compact(now),
        async storeUnknownCell(accountId, cell, text) {
          await client.query("insert into poolwarden_health (account_id, cell, key, value) values ($1, $2, '', $3)", [
            accountId,
            cell,
            text,
          ]);
        },
      };
    },
    credentials: () => ({
      repository: createPostgresCredentialRepository(client, credentialOptions),
      another: () => createPostgresCredentialRepository(other, credentialOptions),
      durability: () => postgresDurability(client),
      unreachable: () => createPostgresCredentialRepository(new Pool({ connectionString: NOWHERE })),
    }),
    settings: () => ({ repository: createPostgresSettings(client), another: () => createPostgresSettings(other) }),
    close,
  };
}

/** PostgreSQL by `pg`: two pools, as two processes have them. Its secrets are sealed, those of the other drivers are not. */
export async function openPg(): Promise<Store> {
  const { pool, url, schema, close } = await connectPostgres();
  await migratePostgres(pool);
  const other = new Pool({ connectionString: url, options: `-c search_path=${schema}` });
  const connect = async (): Promise<Client> => {
    const client = new Client({ connectionString: url, options: `-c search_path=${schema}` });
    await client.connect();
    return client;
  };
  return postgresStore({
    clients: [pool, other],
    listener: listenWithPg(connect),
    codec: BINDING_CODEC,
    async close() {
      await other.end();
      await close();
    },
  });
}

/** PostgreSQL by postgres.js. */
export async function openPostgresJs(): Promise<Store> {
  const { url, schema, close } = await connectPostgres();
  const sql = postgres(url, { connection: { search_path: schema }, onnotice: () => undefined });
  const client = fromPostgresJs(sql);
  await migratePostgres(client);
  return postgresStore({
    clients: [client],
    listener: listenWithPostgresJs(sql),
    async close() {
      await sql.end();
      await close();
    },
  });
}

/** PostgreSQL within this process. */
export async function openPglite(): Promise<Store> {
  const database = new PGlite();
  await migratePostgres(database);
  return postgresStore({ clients: [database], listener: listenWithPglite(database), close: () => database.close() });
}

/** Redis by one driver, with keys of its own and sealed secrets. */
export function openRedis({ client, subscriber }: Driver, parentPrefix: string): Store {
  const prefix = `${parentPrefix}${crypto.randomUUID()}:`;
  const keys = redisKeys({ prefix });
  const sealed = { prefix, codec: BINDING_CODEC };
  return {
    health() {
      const repository = createRedisHealthRepository(client, { prefix, subscriber });
      return {
        repository,
        another: () => createRedisHealthRepository(client, { prefix }),
        compact: (now) => repository.compact(now),
        async storeUnknownCell(accountId, cell, text) {
          await client.eval("redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])", [keys.health(accountId)], [cell, text]);
        },
      };
    },
    credentials: () => ({
      repository: createRedisCredentialRepository(client, sealed),
      another: () => createRedisCredentialRepository(client, sealed),
      durability: () => redisDurability(client),
    }),
    settings: () => ({ repository: createRedisSettings(client, { prefix }) }),
    tokens: () => ({ repository: createRedisTokenCache(client, sealed), another: () => createRedisTokenCache(client, sealed) }),
    close: async () => undefined,
  };
}
