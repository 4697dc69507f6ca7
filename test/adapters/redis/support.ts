/** What the tests of Redis share: both drivers on one server. */
import { Redis } from 'ioredis';
import { createClient } from 'redis';
import { afterAll, describe } from 'vitest';
import {
  fromIoredis,
  fromNodeRedis,
  ioredisSubscriber,
  nodeRedisSubscriber,
  type RedisClient,
  type RedisSubscriber,
} from '../../../src/adapters/redis.js';
import { connectRedis, NO_REDIS, type RedisConnection } from '../../support/redis-server.js';

/** One driver, connected. */
export interface Driver {
  readonly name: string;
  readonly client: RedisClient;
  readonly subscriber: RedisSubscriber;
  /** Of the connection that hears messages, by which the server knows it. */
  readonly subscriberName: string;
}

/** A server with a key prefix of these tests' own, and a client of each driver. */
export interface Stage {
  readonly connection: RedisConnection;
  readonly drivers: readonly Driver[];
}

interface Ending extends Driver {
  readonly end: () => void;
}

function uniqueName(driver: string): string {
  return `${driver}-${crypto.randomUUID().slice(0, 8)}`;
}

function ioredisDriver(url: string): Ending {
  const subscriberName = uniqueName('ioredis');
  const [redis, listening] = [new Redis(url), new Redis(url, { connectionName: subscriberName })];
  for (const one of [redis, listening]) one.on('error', () => undefined);
  const end = (): void => {
    redis.disconnect();
    listening.disconnect();
  };
  return { name: 'ioredis', client: fromIoredis(redis), subscriber: ioredisSubscriber(listening), subscriberName, end };
}

async function nodeRedisDriver(url: string): Promise<Ending> {
  const subscriberName = uniqueName('node-redis');
  const redis = createClient({ url });
  const listening = createClient({ url, name: subscriberName });
  for (const one of [redis, listening]) one.on('error', () => undefined);
  await Promise.all([redis.connect(), listening.connect()]);
  const end = (): void => {
    redis.destroy();
    listening.destroy();
  };
  return { name: 'node-redis', client: fromNodeRedis(redis), subscriber: nodeRedisSubscriber(listening), subscriberName, end };
}

/** Tests for which a Redis has to be there; without one they are skipped, and their title says so. The connections are theirs, and end with them. */
export async function describeRedis(title: string, tests: (stage: Stage) => void): Promise<void> {
  const connection = await connectRedis();
  if (connection === null) {
    describe.skip(`${title} (${NO_REDIS})`, () => undefined);
    return;
  }
  const drivers = [ioredisDriver(connection.url), await nodeRedisDriver(connection.url)];
  describe(title, () => {
    afterAll(async () => {
      for (const { end } of drivers) end();
      await connection.close();
    });
    tests({ connection, drivers });
  });
}

/** Ends the connections of this name from the server's side. Gives how many there were. */
export async function killConnections(server: RedisConnection, name: string): Promise<number> {
  const list = String(await server.client.client('LIST'));
  const ids = list.split('\n').flatMap((line) => (line.includes(` name=${name} `) ? [/id=(\d+)/.exec(line)?.[1] ?? ''] : []));
  for (const id of ids) await server.client.client('KILL', 'ID', id);
  return ids.length;
}
