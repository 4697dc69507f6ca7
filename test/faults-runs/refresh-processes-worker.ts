/** One gateway process of `refresh-processes.ts`: it asks for tokens whose refresh is due, without end, until it is told to stop or is killed. */
import { Pool } from 'pg';
import { createPostgresCredentialRepository, createPostgresHealthRepository } from '../../src/adapters/postgres.js';
import type { Account } from '../../src/core/account.js';
import { defineAccount } from '../../src/core/define-account.js';
import { EMPTY_HEALTH } from '../../src/core/health.js';
import { createEngine } from '../../src/create-engine.js';
import { createRefresher } from '../../src/refresh/create-refresher.js';
import { createTokenExchange } from '../../src/refresh/exchange.js';
import type { OAuthClient, TokenEndpoint } from '../../src/refresh/exchange-endpoints.js';
import type { StoredCredentials } from '../../src/refresh/ports.js';
import type { RefreshTiming } from '../../src/refresh/timing.js';
import { createTokenProvider } from '../../src/refresh/token-provider.js';

/** What the parent tells a worker. */
export interface WorkerOrder {
  readonly url: string;
  readonly schema: string;
  readonly accountIds: readonly string[];
  readonly platform: string;
  readonly endpoints: Readonly<Record<string, TokenEndpoint>>;
  readonly clients: Readonly<Record<string, OAuthClient>>;
  readonly timing: Partial<RefreshTiming>;
  readonly seed: number;
  /** Loops of asking that run at the same time. */
  readonly loops: number;
  /** The founding bug: a 401 writes the credentials back as the snapshot has them. */
  readonly writesSnapshots: boolean;
}

/** How often each result came, since the last report. */
export type WorkerReport = Readonly<Record<string, number>>;

/** One turn in so many is a 401 that is seen late, with a snapshot from an earlier turn. */
const STALE_EVERY = 20;
const REPORT_MS = 100;
const BODY = JSON.stringify({ type: 'error', error: { type: 'authentication_error', message: 'OAuth token has expired.' } });

const order: WorkerOrder = JSON.parse(process.argv[2] ?? '{}');
const pool = new Pool({ connectionString: order.url, options: `-c search_path=${order.schema}`, max: 4, connectionTimeoutMillis: 2_000 });
pool.on('error', () => undefined);

const credentials = createPostgresCredentialRepository(pool, { notify: false });
const exchange = createTokenExchange({ endpoints: order.endpoints, clients: order.clients });
const refresher = createRefresher({ credentials, exchange, timing: order.timing });
const engine = createEngine({ health: createPostgresHealthRepository(pool), usageWriteIntervalMs: 0 });
const policy = { whenBusy: 'wait', whenFailed: 'give_up', timeoutMs: 300, holdMs: null } as const;
const tokens = createTokenProvider({ credentials, refresher, apply: engine.apply, policies: { [order.platform]: policy } });

const counts = new Map<string, number>();
interface Snapshot {
  readonly account: Account;
  readonly stored: StoredCredentials | null;
}

const snapshots = new Map<string, Snapshot>();
let isStopping = false;
let state = order.seed;
let turns = 0;

function count(what: string): void {
  counts.set(what, (counts.get(what) ?? 0) + 1);
}

/** A small generator of numbers, so that a run can be repeated. */
function random(below: number): number {
  state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
  return Math.floor((state / 2 ** 32) * below);
}

function report(): void {
  process.send?.(Object.fromEntries(counts));
  counts.clear();
}

/** A 401 that comes late: whatever it writes, it must not touch the credentials. */
async function seeStale401({ account, stored }: Snapshot): Promise<void> {
  count('stale 401');
  if (stored !== null) await credentials.replace(account.id, stored);
  await engine.observe({ account, model: null, response: { status: 401, headers: {}, body: BODY }, receivedAt: Date.now() }).saved;
}

async function turn(): Promise<void> {
  const id = order.accountIds[random(order.accountIds.length)] ?? '';
  turns += 1;
  const old = snapshots.get(id);
  if (turns % STALE_EVERY === 0 && old !== undefined) await seeStale401(old);
  const credential = (await credentials.references([id])).get(id);
  if (credential === undefined) return;
  const account = defineAccount({ id, platform: order.platform, type: 'oauth', credential });
  snapshots.set(id, { account, stored: order.writesSnapshots ? await credentials.read(id) : null });
  // As after a 401 on the revision of now: it wants the next one.
  const result = await tokens.accessToken({ ...account, health: { ...EMPTY_HEALTH, refreshRequestedFor: credential.revision ?? 0 } });
  count(result.type === 'token' ? result.via : result.reason);
}

async function ask(): Promise<void> {
  while (!isStopping) {
    try {
      await turn();
    } catch {
      count('store error');
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

async function work(): Promise<void> {
  const reports = setInterval(report, REPORT_MS);
  await Promise.all(Array.from({ length: order.loops }, ask));
  await refresher.drain();
  await engine.close();
  clearInterval(reports);
  report();
  await pool.end();
  process.disconnect?.();
}

process.on('message', () => {
  isStopping = true;
});
// A parent that is gone needs no workers.
process.on('disconnect', () => process.exit());
work().catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
