/** Two gateway processes on one PostgreSQL and one Redis, in front of one scripted upstream; and load on them. */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import autocannon from 'autocannon';
import { createScriptedUpstream, type ScriptedUpstream } from '../../../examples/gateway/upstream/create-scripted-upstream.js';
import { scriptedImport } from '../../../examples/gateway/upstream/scripted-import.js';
import type { ScriptedAccount } from '../../../examples/gateway/upstream/token-ledger.js';
import { type OwnPostgres, startOwnPostgres } from '../../support/postgres-server.js';
import { type OwnRedis, startOwnRedis } from '../../support/redis-server.js';
import { type GatewayProcess, startProcess } from './gateway-process.js';
import { CLIENT_KEY, scriptedEnvironment } from './running-gateway.js';

/** Two processes and what they stand on. */
export interface GatewayPair {
  readonly processes: readonly [GatewayProcess, GatewayProcess];
  readonly postgres: OwnPostgres;
  readonly redis: OwnRedis;
  readonly upstream: ScriptedUpstream;
  readonly adminToken: string;
  readonly secretKey: string;
  /** Every secret that no log may show. */
  readonly secrets: readonly string[];
  /** One more process on the same stores. */
  another(): Promise<GatewayProcess>;
  dispose(): Promise<void>;
}

/** Starts everything; both processes at once, on stores that are empty. */
export async function startPair(scenarios: readonly string[]): Promise<GatewayPair> {
  const accounts: readonly ScriptedAccount[] = scenarios.map((scenario, index) => ({ id: `p${index}-${scenario}`, scenario }));
  const folder = mkdtempSync(join(tmpdir(), 'gateway-pair-'));
  const [postgres, redis, upstream] = await Promise.all([
    startOwnPostgres(),
    startOwnRedis({ appendfsync: 'no-persistence' }),
    createScriptedUpstream({ accounts }),
  ]);
  const accountsFile = join(folder, 'accounts.json');
  writeFileSync(accountsFile, JSON.stringify(scriptedImport(upstream, accounts)));
  const secretKey = randomBytes(32).toString('base64');
  const environment = {
    DATABASE_URL: postgres.url,
    REDIS_URL: redis.url,
    ACCOUNTS_FILE: accountsFile,
    GATEWAY_SECRET_KEY: secretKey,
    GATEWAY_CLIENT_KEY: CLIENT_KEY,
    ...scriptedEnvironment(upstream.origin),
  };
  const started: GatewayProcess[] = [];
  const another = async (): Promise<GatewayProcess> => {
    const one = await startProcess(environment);
    started.push(one);
    return one;
  };
  const dispose = async (): Promise<void> => {
    await Promise.all(started.map((one) => one.dispose()));
    await Promise.all([upstream.close(), postgres.stop(), redis.stop()]);
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const processes = await Promise.all([another(), another()]);
    const tokens = processes.map(({ adminToken }) => adminToken).filter((token) => token !== null);
    if (tokens.length !== 1) throw new Error(`${tokens.length} admin tokens were printed`);
    const adminToken = String(tokens[0]);
    return { processes, postgres, redis, upstream, adminToken, secretKey, secrets: [secretKey, CLIENT_KEY], another, dispose };
  } catch (error) {
    await dispose();
    throw error;
  }
}

const HEADERS = { 'content-type': 'application/json', authorization: `Bearer ${CLIENT_KEY}` };

/** A message as clients ask for it. */
export function messageRequest(
  stream: boolean,
  model = 'claude-sonnet-4-6',
): { method: 'POST'; headers: Record<string, string>; body: string } {
  const body = JSON.stringify({ model, max_tokens: 9, stream, messages: [{ role: 'user', content: 'hi' }] });
  return { method: 'POST', headers: HEADERS, body };
}

/** What load did. */
export interface LoadResult {
  readonly answered: number;
  readonly refused: number;
  readonly serverErrors: number;
  /** No answer at all: connections that broke, and timeouts. */
  readonly errors: number;
}

/** Steady load, whole and streamed in turn, for so many seconds. */
export async function load(url: string, { seconds, rate = 60 }: { readonly seconds: number; readonly rate?: number }): Promise<LoadResult> {
  const requests = [messageRequest(false), messageRequest(true)].map((one) => ({ ...one, path: '/v1/messages' }));
  const result = await autocannon({ url, connections: 8, duration: seconds, overallRate: rate, requests, timeout: 20 });
  return { answered: result['2xx'], refused: result['4xx'], serverErrors: result['5xx'], errors: result.errors };
}

/** A row of the admin API. */
export interface AdminRow {
  readonly id: string;
  readonly view: { readonly status: string; readonly until: number | null };
}

/** Asks the admin API. Rejects where it refuses. */
export async function admin<T>(
  url: string,
  token: string,
  { method = 'GET', path }: { readonly method?: string; readonly path: string },
): Promise<T> {
  const response = await fetch(url + path, { method, headers: { authorization: `Bearer ${token}` } });
  if (!response.ok) throw new Error(`${path}: ${response.status}`);
  return (await response.json()) as T;
}

/** The lines of a log that begin as JSON does. */
export function logLines(output: string): readonly Record<string, unknown>[] {
  const complete = output.slice(0, output.lastIndexOf('\n'));
  return complete
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line));
}
