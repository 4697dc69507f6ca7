/** Redis for the workload: a server of its own, a connection a writer. */
import { Redis } from 'ioredis';
import {
  createRedisCredentialRepository,
  createRedisHealthRepository,
  fromIoredis,
  type RedisDurability,
  redisDurability,
} from '../../src/adapters/redis.js';
import { type OwnRedisDurability, startOwnRedis } from '../support/redis-server.js';
import { type Control, runStoreWorkload, type StoreUnderFire, type WorkloadCounts, type WorkloadFigures } from './store-workload.js';

/** What was found, and what the server says of itself. */
export interface RedisFigures extends WorkloadFigures {
  readonly durability: RedisDurability;
}

function connect(url: string): Redis {
  // Nothing is sent again behind the workload's back: a call that a kill interrupted is rejected, and repeating it is the workload's business.
  const redis = new Redis(url, { maxRetriesPerRequest: 0, autoResendUnfulfilledCommands: false, retryStrategy: () => 20 });
  redis.on('error', () => undefined);
  return redis;
}

/** One hash, read and written whole: what this library exists to replace. */
function createControl(redis: Redis): Control {
  const key = 'control';
  return {
    async begin(writer) {
      const all = await redis.hgetall(key);
      const field = `writer ${writer}`;
      const next = { ...all, [field]: String(Number(all[field] ?? 0) + 1) };
      return async () => {
        await redis.hset(key, next);
      };
    },
    async total() {
      return Object.values(await redis.hgetall(key)).reduce((sum, count) => sum + Number(count), 0);
    },
  };
}

/** Runs the workload on a `redis-server` that is started for it. The figures of one that is not `always` may show losses. */
export async function runRedisWorkload(appendfsync: OwnRedisDurability, counts: WorkloadCounts): Promise<RedisFigures> {
  const server = await startOwnRedis({ appendfsync });
  const connections: Redis[] = [];
  const open = (): Redis => {
    const redis = connect(server.url);
    connections.push(redis);
    return redis;
  };
  const controlled = open();
  const store: StoreUnderFire = {
    async connect() {
      const client = fromIoredis(open());
      return {
        health: createRedisHealthRepository(client),
        credentials: createRedisCredentialRepository(client),
        close: async () => undefined,
      };
    },
    control: createControl(controlled),
    kill9: server.kill9,
    restart: server.restart,
  };
  try {
    const figures = await runStoreWorkload(store, counts);
    return { ...figures, durability: await redisDurability(fromIoredis(controlled)) };
  } finally {
    for (const redis of connections) redis.disconnect();
    await server.stop();
  }
}
