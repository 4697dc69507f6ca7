/** Redis for tests: the server that is there, in a key prefix of its own; and own servers, for tests that kill. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { freePort } from './free-port.js';

/** Where the tests look for Redis. */
export const REDIS_URL: string = process.env.REDIS_URL ?? 'redis://127.0.0.1:6379';

/** Said in the titles of tests that need a Redis where none answers. */
export const NO_REDIS: string = `skipped: no Redis answers at ${new URL(REDIS_URL).host} (REDIS_URL)`;

/** A connection to the server that is there. */
export interface RedisConnection {
  /** Of ioredis, and this test's own. */
  readonly client: Redis;
  /** For further connections, also of other drivers. */
  readonly url: string;
  /** Of all keys of this test; ends with a colon. */
  readonly prefix: string;
  /** Deletes the keys of the prefix, and disconnects. */
  readonly close: () => Promise<void>;
}

async function deleteKeys(client: Redis, prefix: string): Promise<void> {
  for await (const keys of client.scanStream({ match: `${prefix}*`, count: 1_000 }) as AsyncIterable<string[]>) {
    if (keys.length > 0) await client.unlink(keys);
  }
}

/** A connection with a random key prefix; null where no Redis answers within two seconds. In CI (`CI` is set) that is a failure. */
export async function connectRedis(): Promise<RedisConnection | null> {
  const client = new Redis(REDIS_URL, { lazyConnect: true, connectTimeout: 2_000, retryStrategy: () => null });
  // A connection that breaks later rejects the commands; nobody listens to the event.
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.ping();
  } catch (error) {
    client.disconnect();
    if (process.env.CI !== undefined) throw new Error(`no Redis answers at ${new URL(REDIS_URL).host}, and CI needs one`, { cause: error });
    return null;
  }
  const prefix = `poolwarden-test-${crypto.randomUUID().slice(0, 8)}:`;
  return {
    client,
    url: REDIS_URL,
    prefix,
    async close() {
      await deleteKeys(client, prefix);
      client.disconnect();
    },
  };
}

/** Said in the titles of tests that start a Redis where there is none to start. */
export const NO_REDIS_SERVER: string = 'skipped: there is no redis-server to start on the PATH';

/** Whether there is a `redis-server` to start. In CI (`CI` is set) its absence is a failure. */
export function canStartRedis(): boolean {
  const isThere = spawnSync('redis-server', ['--version'], { stdio: 'ignore' }).status === 0;
  if (!isThere && process.env.CI !== undefined) throw new Error('there is no redis-server on the PATH, and CI needs one');
  return isThere;
}

/** How an own server keeps what it has acknowledged. */
export type OwnRedisDurability = 'always' | 'everysec' | 'no-persistence';

/** What an own server is started with. */
export interface OwnRedisOptions {
  readonly appendfsync: OwnRedisDurability;
  /** Whether it is a node of a cluster, whose slots it does not have yet. Default: no. */
  readonly isCluster?: boolean;
  /** Variables that differ from those of the test's process. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** A server of the test's own. */
export interface OwnRedis {
  readonly url: string;
  /** SIGKILL, as a crash would. Resolves when the process is gone. */
  readonly kill9: () => Promise<void>;
  /** Starts it again, on the same port and files. Resolves when it answers and has loaded its files. */
  readonly restart: () => Promise<void>;
  /** Stops it where it is: connections stay, and nothing answers. */
  readonly freeze: () => void;
  /** Lets it go on. */
  readonly thaw: () => void;
  /** Ends the process and deletes its folder. */
  readonly stop: () => Promise<void>;
}

const PERSISTENCE: Readonly<Record<OwnRedisDurability, readonly string[]>> = {
  always: ['--appendonly', 'yes', '--appendfsync', 'always'],
  everysec: ['--appendonly', 'yes', '--appendfsync', 'everysec'],
  'no-persistence': ['--appendonly', 'no'],
};

/** Without its address a node tells clients none. */
const CLUSTER: readonly string[] = ['--cluster-enabled', 'yes', '--cluster-announce-ip', '127.0.0.1'];

async function isReady(url: string): Promise<boolean> {
  const client = new Redis(url, { lazyConnect: true, enableReadyCheck: false, retryStrategy: () => null });
  client.on('error', () => undefined);
  try {
    await client.connect();
    // Refused while the server is still loading its files.
    return (await client.ping()) === 'PONG';
  } catch {
    return false;
  } finally {
    client.disconnect();
  }
}

async function waitUntilReady(url: string, child: ChildProcess): Promise<void> {
  for (let tries = 0; tries < 400; tries += 1) {
    if (child.exitCode !== null) throw new Error(`redis-server ended with ${child.exitCode}`);
    if (await isReady(url)) return;
    await sleep(25);
  }
  throw new Error('redis-server does not answer');
}

/** Starts a `redis-server` on a free port of the loopback, in a temporary folder. It ends with the test's process at the latest. */
export async function startOwnRedis({ appendfsync, isCluster = false, environment = {} }: OwnRedisOptions): Promise<OwnRedis> {
  const folder = mkdtempSync(join(tmpdir(), 'poolwarden-redis-'));
  const port = await freePort();
  const url = `redis://127.0.0.1:${port}`;
  const options = [
    '--port',
    String(port),
    '--bind',
    '127.0.0.1',
    '--dir',
    folder,
    '--save',
    '',
    ...PERSISTENCE[appendfsync],
    ...(isCluster ? CLUSTER : []),
  ];
  let child: ChildProcess | null = null;

  const end = async (signal: NodeJS.Signals): Promise<void> => {
    const running = child;
    child = null;
    if (running === null || running.exitCode !== null || running.signalCode !== null) return;
    running.kill(signal);
    await once(running, 'exit');
  };
  const killAtExit = (): void => {
    child?.kill('SIGKILL');
  };
  const start = async (): Promise<void> => {
    child = spawn('redis-server', options, { stdio: 'ignore', env: { ...process.env, ...environment } });
    // A binary that is missing shows as a server that never answers.
    child.on('error', () => undefined);
    await waitUntilReady(url, child);
  };

  process.once('exit', killAtExit);
  await start();
  return {
    url,
    kill9: () => end('SIGKILL'),
    restart: start,
    freeze: () => void child?.kill('SIGSTOP'),
    thaw: () => void child?.kill('SIGCONT'),
    async stop() {
      await end('SIGKILL');
      process.removeListener('exit', killAtExit);
      // A child of the server that writes the log anew may go on for a moment.
      rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
    },
  };
}
