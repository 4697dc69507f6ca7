import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRedisCredentialRepository, fromIoredis, redisDurability } from '../../src/adapters/redis.js';
import {
  type ContractNeed,
  type ContractTest,
  credentialRepositoryContract,
  healthRepositoryContract,
  settingsRepositoryContract,
  tokenCacheContract,
} from '../../src/testing.js';
import { startOwnRedis } from '../support/redis-server.js';
import { openCas, openMemory, openPg, openPglite, openPostgresJs, openRedis, type Store } from './contract-stores.js';
import { describeRedis } from './redis/support.js';

/** Random cases of each property; FC_RUNS for more. */
const runs = (usual: number): number => Number(process.env.FC_RUNS ?? usual);
const IN_PROCESS = runs(100);
const ON_A_SERVER = runs(10);
/** Random sequences in memory. */
const SEQUENCES = runs(2_000);

/** What every store of the library offers: its tests may need it. */
const NEEDS = ['subscribe', 'compact', 'unknown_cells', 'any_account_id'] satisfies readonly ContractNeed[];

interface Kept {
  readonly runs: number;
  readonly parts: readonly (keyof Omit<Store, 'close'>)[];
  readonly needs: readonly ContractNeed[];
}

function part<F>(make: (() => F) | undefined): F {
  if (make === undefined) throw new Error('the store has no such part');
  return make();
}

/** The contracts on one store, which is opened once: each test has accounts of its own. */
function keeps(open: () => Store | Promise<Store>, { runs: numRuns, parts, needs }: Kept): void {
  let store: Store | null = null;
  const opened = (): Store => {
    if (store === null) throw new Error('the store is not open');
    return store;
  };
  beforeAll(async () => {
    store = await open();
  }, 60_000);
  afterAll(() => store?.close());

  const contracts: Readonly<Record<Kept['parts'][number], readonly ContractTest[]>> = {
    health: healthRepositoryContract(() => opened().health(), { runs: numRuns }),
    credentials: credentialRepositoryContract(() => part(opened().credentials)),
    settings: settingsRepositoryContract(() => part(opened().settings)),
    tokens: tokenCacheContract(() => part(opened().tokens)),
  };
  describe.each(parts)('%s', (name) => {
    const tests = contracts[name].filter((test) => test.needs === undefined || needs.includes(test.needs));
    it.each(tests)('$name', { timeout: 120_000 }, ({ run }) => run());
  });
}

describe('memory', () => {
  keeps(openMemory, { runs: IN_PROCESS, parts: ['health', 'credentials', 'settings', 'tokens'], needs: NEEDS });
});

it(`memory comes to what the reference says in ${SEQUENCES} random sequences of up to 50 patches`, { timeout: 120_000 }, async () => {
  const tests = healthRepositoryContract(() => openMemory().health(), { runs: SEQUENCES });
  const [sequences] = tests.filter(({ name }) => name.startsWith('any patches, in any order'));
  expect(sequences).toBeDefined();
  await sequences?.run();
});

describe('a store that compares and swaps', () => {
  keeps(openCas, { runs: IN_PROCESS, parts: ['health'], needs: ['unknown_cells', 'any_account_id'] });
});

describe('PostgreSQL by pg', () => {
  keeps(openPg, { runs: ON_A_SERVER, parts: ['health', 'credentials', 'settings'], needs: [...NEEDS, 'durable', 'unreachable'] });
});

describe('PostgreSQL by postgres.js', () => {
  keeps(openPostgresJs, { runs: ON_A_SERVER, parts: ['health', 'credentials', 'settings'], needs: [...NEEDS, 'durable', 'unreachable'] });
});

describe('PGlite', () => {
  keeps(openPglite, { runs: ON_A_SERVER, parts: ['health', 'credentials', 'settings'], needs: NEEDS });
});

await describeRedis('Redis', ({ connection, drivers }) => {
  describe.each(drivers)('by $name', (driver) => {
    const parts = ['health', 'credentials', 'settings', 'tokens'] as const;
    keeps(() => openRedis(driver, connection.prefix), { runs: ON_A_SERVER, parts, needs: NEEDS });
  });

  it.each([
    { appendfsync: 'always', says: null },
    { appendfsync: 'everysec', says: /found appendfsync is not "always"/ },
    { appendfsync: 'no-persistence', says: /found appendonly is not "yes"/ },
  ] as const)('the suite tells whether a Redis with $appendfsync is durable', async ({ appendfsync, says }) => {
    const server = await startOwnRedis({ appendfsync });
    const client = new Redis(server.url);
    try {
      const redis = fromIoredis(client);
      const make = () => ({ repository: createRedisCredentialRepository(redis), durability: () => redisDurability(redis) });
      const [durable] = credentialRepositoryContract(make).filter(({ needs }) => needs === 'durable');
      if (says === null) await expect(durable?.run()).resolves.toBeUndefined();
      else await expect(durable?.run()).rejects.toThrow(says);
    } finally {
      client.disconnect();
      await server.stop();
    }
  });
});
