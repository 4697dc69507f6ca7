/** Six gateway processes that refresh the same accounts, in PostgreSQL and against a token server; some are killed, some are paused, and so is the database. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { build } from 'esbuild';
import { Pool } from 'pg';
import { createPostgresCredentialRepository, createPostgresHealthRepository, migratePostgres } from '../../src/adapters/postgres.js';
import { createRefresher } from '../../src/refresh/create-refresher.js';
import { createTokenExchange } from '../../src/refresh/exchange.js';
import type { CredentialRepository, StoredCredentials } from '../../src/refresh/ports.js';
import type { RefreshTiming } from '../../src/refresh/timing.js';
import { connectPostgres, type OwnPostgres, startOwnPostgres } from '../support/postgres-server.js';
import { type Redemption, startTokenServer, type TokenServer, type TokenServerMode } from '../support/token-server.js';
import type { WorkerOrder, WorkerReport } from './refresh-processes-worker.js';

/** What is run. The run ends when there were as many refreshes, kills and pauses as are wanted, and no later than `longestMs`. */
export interface RefreshProcessesOptions {
  readonly mode: TokenServerMode;
  readonly refreshes: number;
  readonly workerKills?: number;
  readonly serverKills?: number;
  /** SIGSTOP for longer than an attempt lasts, then SIGCONT (F19). */
  readonly pauses?: number;
  /** The founding bug, to see that the run finds it. */
  readonly writesSnapshots?: boolean;
  readonly workers?: number;
  readonly accounts?: number;
  readonly longestMs?: number;
  /** The run also ends after so many replays. */
  readonly mostReplays?: number;
}

/** What was found. */
export interface RefreshProcessesFigures {
  readonly mode: TokenServerMode;
  readonly seconds: number;
  readonly refreshes: number;
  /** Refresh tokens that were sent although they had been redeemed before. */
  readonly replays: number;
  readonly workerKills: number;
  readonly serverKills: number;
  readonly pauses: number;
  readonly accounts: number;
  /** Accounts whose stored token the server takes. */
  readonly healthy: number;
  readonly condemned: number;
  /** Condemned although the server takes the stored token. */
  readonly falselyCondemned: number;
  /** Condemned as `lost_rotation`, and shown so in the account's health. */
  readonly labelledLost: number;
  /** Condemned, and the answer with the next token went to a process that was killed. */
  readonly lostByKill: number;
  /** Accounts whose tokens are not the unbroken chain of the server's answers, one a revision. */
  readonly brokenChains: number;
  /** How often each result came in the workers. */
  readonly results: WorkerReport;
}

const PLATFORM = 'anthropic';
const DAY_MS = 86_400_000;

/** Attempts are shorter than they would be, so that the run sees them end; with kills of the database they outlast its restart. */
function timingOf({ workerKills = 0, serverKills = 0, pauses = 0 }: RefreshProcessesOptions): RefreshTiming {
  const isShort = serverKills === 0 && workerKills + pauses > 0;
  const [attemptMs, endpointMs] = isShort ? [3_000, 2_000] : [8_000, 4_000];
  return { attemptMs, endpointMs, sendWithinMs: 500, retryBaseMs: 50, retryCapMs: 200, minIntervalMs: 1 };
}

interface Database {
  readonly url: string;
  readonly schema: string;
  readonly own: OwnPostgres | null;
  readonly close: () => Promise<void>;
}

async function openDatabase({ serverKills = 0 }: RefreshProcessesOptions): Promise<Database> {
  if (serverKills > 0) {
    const own = await startOwnPostgres();
    return { url: own.url, schema: 'public', own, close: own.stop };
  }
  const { url, schema, close } = await connectPostgres();
  return { url, schema, own: null, close };
}

/** One file that Node runs as it is, so that a process that was killed is soon replaced. */
async function bundleWorker(folder: string): Promise<string> {
  const outfile = join(folder, 'worker.cjs');
  const entry = resolve(import.meta.dirname, 'refresh-processes-worker.ts');
  await build({ entryPoints: [entry], outfile, bundle: true, platform: 'node', format: 'cjs', external: ['pg-native'], logLevel: 'error' });
  return outfile;
}

interface Crew {
  readonly results: Map<string, number>;
  /** Names of processes that were killed. */
  readonly killed: ReadonlySet<string>;
  /** The process of this name, or the oldest. */
  kill(name?: string): Promise<void>;
  pause(ms: number, name?: string): Promise<void>;
  stop(): Promise<void>;
}

/** Starts the processes, and another one for each that is killed. */
function startCrew(file: string, size: number, order: (name: string, seed: number) => WorkerOrder): Crew {
  const results = new Map<string, number>();
  const killed = new Set<string>();
  const running = new Map<string, ChildProcess>();
  let started = 0;

  function start(): void {
    started += 1;
    const name = `w${started}`;
    const child = fork(file, [JSON.stringify(order(name, started))], { execArgv: [] });
    child.on('message', (report: WorkerReport) => {
      for (const [what, count] of Object.entries(report)) results.set(what, (results.get(what) ?? 0) + count);
    });
    running.set(name, child);
    child.once('exit', () => running.delete(name));
  }
  function take(wanted: string | undefined): readonly [string, ChildProcess] {
    const name = wanted !== undefined && running.has(wanted) ? wanted : ([...running.keys()][0] ?? '');
    const child = running.get(name);
    if (child === undefined) throw new Error('no process is left');
    running.delete(name);
    return [name, child];
  }

  for (let count = 0; count < size; count += 1) start();
  return {
    results,
    killed,
    async kill(wanted) {
      const [name, child] = take(wanted);
      killed.add(name);
      child.kill('SIGKILL');
      start();
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    },
    async pause(ms, wanted) {
      const [name, child] = take(wanted);
      running.set(name, child);
      child.kill('SIGSTOP');
      await sleep(ms);
      child.kill('SIGCONT');
    },
    async stop() {
      const ended = [...running.values()].map((child) => once(child, 'exit'));
      for (const child of running.values()) child.send('stop');
      await Promise.all(ended);
    },
  };
}

async function until(isTrue: () => boolean, deadline: number): Promise<void> {
  while (!isTrue() && Date.now() < deadline) await sleep(20);
}

/** For a request of any process, on a machine that is busy with other things. */
const LONGEST_WAIT_MS = 20_000;

/** The process whose token the server has just redeemed and not yet answered: struck now, it has the rotation on its way and does not know. Undefined where none comes. */
function nextVictim(server: TokenServer): Promise<string | undefined> {
  return new Promise((resolve) => {
    const none = setTimeout(resolve, LONGEST_WAIT_MS);
    server.faults(({ worker }) => {
      server.faults(() => null);
      clearTimeout(none);
      setTimeout(() => resolve(worker), 10);
      return { type: 'delay', when: 'after', ms: 40 };
    });
  });
}

/** Every so many kills and pauses meet a process between the server's redemption and its answer; the others come at any time. */
const AIMED = { kills: 5, pauses: 2 };

/** Kills and pauses, spread over the run, each kind by itself. */
async function disturb(
  options: RefreshProcessesOptions,
  { crew, own, server }: { readonly crew: Crew; readonly own: OwnPostgres | null; readonly server: TokenServer },
): Promise<void> {
  const { workerKills = 0, serverKills = 0, pauses = 0 } = options;
  const pauseMs = timingOf(options).attemptMs + 1_500;
  const repeat = async (times: number, everyMs: number, act: (time: number) => Promise<void>): Promise<void> => {
    for (let time = 0; time < times; time += 1) {
      await sleep(everyMs);
      await act(time);
    }
  };
  await until(() => server.redemptions.length > 0, Date.now() + LONGEST_WAIT_MS);
  await Promise.all([
    // Not a round number of milliseconds: a kill is to meet every step of a refresh.
    repeat(workerKills, 431, async (time) => crew.kill(time % AIMED.kills === 0 ? await nextVictim(server) : undefined)),
    repeat(pauses, 97, async (time) => crew.pause(pauseMs, time % AIMED.pauses === 0 ? await nextVictim(server) : undefined)),
    repeat(serverKills, 1_700, async () => {
      await own?.kill9();
      await own?.restart();
    }),
  ]);
}

/** When nobody asks any more: each account is refreshed once more, until it is known whether its token is taken. */
async function settle(
  credentials: CredentialRepository,
  server: TokenServer,
  { accountIds, timing }: Pick<WorkerOrder, 'accountIds' | 'timing'>,
): Promise<void> {
  const exchange = createTokenExchange({ endpoints: server.endpoints('settle'), clients: server.clients });
  const refresher = createRefresher({ credentials, exchange, timing });
  await Promise.all(
    accountIds.map(async (accountId) => {
      for (let tries = 0; tries < 200; tries += 1) {
        const revision = (await credentials.read(accountId))?.revision ?? 0;
        const outcome = await refresher.refresh({ accountId, platform: PLATFORM, revision });
        if (outcome.type === 'refreshed' || outcome.type === 'condemned') return;
        await sleep(100);
      }
    }),
  );
  await refresher.drain();
}

/** Whether the stored token is what so many redemptions, each of the answer of the one before, have made of the first one. */
function isChain(first: string, { revision, credentials }: StoredCredentials, redemptions: readonly Redemption[]): boolean {
  const children = new Map<string, string>();
  for (const { token, child } of redemptions) if (child !== null && !children.has(token)) children.set(token, child);
  let token: string | undefined = first;
  for (let step = 0; step < revision && token !== undefined; step += 1) token = children.get(token);
  return token === credentials.refresh_token;
}

interface Finding {
  readonly healthy: boolean;
  readonly condemned: boolean;
  readonly labelledLost: boolean;
  readonly lostByKill: boolean;
  readonly broken: boolean;
}

interface Evidence {
  readonly pool: Pool;
  readonly credentials: CredentialRepository;
  readonly server: TokenServer;
  readonly killed: ReadonlySet<string>;
  readonly first: ReadonlyMap<string, string>;
}

async function examine(accountId: string, { pool, credentials, server, killed, first }: Evidence): Promise<Finding> {
  const stored = await credentials.read(accountId);
  if (stored === null) throw new Error(`${accountId} is gone`);
  const token = String(stored.credentials.refresh_token);
  const begun = await credentials.begin(accountId, stored.revision, { nonce: crypto.randomUUID(), ttlMs: 1 });
  const health = (await createPostgresHealthRepository(pool).load([accountId])).get(accountId);
  const error = health?.errors.get('credential');
  const own = server.redemptions.filter((redemption) => redemption.accountId === accountId);
  const loss = own.find((redemption) => redemption.token === token && redemption.child !== null);
  const isLost = begun.kind === 'condemned' && begun.code === 'lost_rotation';
  return {
    healthy: server.isLive(token),
    condemned: begun.kind === 'condemned',
    // What a worker has written of it, if a worker and not the settling found it.
    labelledLost: isLost && (error === undefined || error.credentialRevision < stored.revision || error.rule === 'refresh_lost_rotation'),
    lostByKill: loss !== undefined && killed.has(loss.worker),
    broken: !isChain(first.get(accountId) ?? '', stored, own),
  };
}

function figuresOf(
  findings: readonly Finding[],
): Pick<
  RefreshProcessesFigures,
  'accounts' | 'healthy' | 'condemned' | 'falselyCondemned' | 'labelledLost' | 'lostByKill' | 'brokenChains'
> {
  const count = (is: (finding: Finding) => boolean): number => findings.filter(is).length;
  return {
    accounts: findings.length,
    healthy: count(({ healthy }) => healthy),
    condemned: count(({ condemned }) => condemned),
    falselyCondemned: count(({ condemned, healthy }) => condemned && healthy),
    labelledLost: count(({ condemned, labelledLost }) => condemned && labelledLost),
    lostByKill: count(({ condemned, lostByKill }) => condemned && lostByKill),
    brokenChains: count(({ broken }) => broken),
  };
}

/** Runs the processes and examines what they left. */
export async function runRefreshProcesses(options: RefreshProcessesOptions): Promise<RefreshProcessesFigures> {
  const { mode, refreshes, workers = 6, accounts = 24, longestMs = 300_000 } = options;
  const began = Date.now();
  const timing = timingOf(options);
  const folder = mkdtempSync(join(tmpdir(), 'poolwarden-refresh-'));
  const [database, server, file] = await Promise.all([openDatabase(options), startTokenServer(mode), bundleWorker(folder)]);
  const pool = new Pool({ connectionString: database.url, options: `-c search_path=${database.schema}` });
  pool.on('error', () => undefined);
  try {
    await migratePostgres(pool);
    const credentials = createPostgresCredentialRepository(pool);
    const accountIds = Array.from({ length: accounts }, (_, at) => `a${at}`);
    const first = new Map<string, string>();
    for (const accountId of accountIds) {
      const issued = server.issue(accountId);
      first.set(accountId, issued.refresh_token);
      await credentials.replace(accountId, { credentials: { ...issued }, expiresAt: Date.now() + DAY_MS });
    }
    const { url, schema } = database;
    const crew = startCrew(file, workers, (name, seed) => ({
      url,
      schema,
      accountIds,
      platform: PLATFORM,
      endpoints: server.endpoints(name),
      clients: server.clients,
      timing,
      seed,
      loops: 2,
      writesSnapshots: options.writesSnapshots ?? false,
    }));
    const rotated = (): number => server.redemptions.filter(({ child }) => child !== null).length;
    const replays = (): number => server.redemptions.filter(({ replay }) => replay).length;
    const isEnough = (): boolean => rotated() >= refreshes || replays() >= (options.mostReplays ?? Number.POSITIVE_INFINITY);
    await Promise.all([disturb(options, { crew, own: database.own, server }), until(isEnough, began + longestMs)]);
    await crew.stop();
    await settle(credentials, server, { accountIds, timing });
    const evidence: Evidence = { pool, credentials, server, killed: crew.killed, first };
    const findings = await Promise.all(accountIds.map((accountId) => examine(accountId, evidence)));
    return {
      mode,
      seconds: Math.round((Date.now() - began) / 1_000),
      refreshes: rotated(),
      replays: replays(),
      workerKills: crew.killed.size,
      serverKills: options.serverKills ?? 0,
      pauses: options.pauses ?? 0,
      ...figuresOf(findings),
      results: Object.fromEntries(crew.results),
    };
  } finally {
    await server.close();
    await pool.end();
    await database.close();
    rmSync(folder, { recursive: true, force: true });
  }
}
