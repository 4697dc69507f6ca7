/** What the gateway adds to a request, against the plainest proxy of the same libraries; both in one run, in turn. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Agent, request } from 'undici';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { VOICES, WORDS } from '../../../examples/gateway/upstream/answers.js';
import { connectPostgres, type PostgresConnection } from '../../support/postgres-server.js';
import { messageRequest } from '../support/gateway-pair.js';
import { type GatewayProcess, startProcess } from '../support/gateway-process.js';
import { CLIENT_KEY, scriptedEnvironment, urlOfSchema } from '../support/running-gateway.js';

/** How long the upstream thinks: several times faster than any model. */
const THINKING_MS = 30;
const ROUNDS = 6;
const REQUESTS_A_ROUND = 40;
const KEY = 'sk-ant-api03-of-the-measurement';
const ANSWER = JSON.stringify(VOICES.messages.plain({ id: '1', model: 'claude-sonnet-4-6', words: WORDS }));

let upstream: Server;
let database: PostgresConnection;
let gateway: GatewayProcess;
let plain: ChildProcess;
let plainUrl: string;
let thinkingMs = THINKING_MS;
const folder = mkdtempSync(join(tmpdir(), 'gateway-latency-'));

beforeAll(async () => {
  upstream = createServer((incoming, response) => {
    incoming.resume().on('end', async () => {
      if (thinkingMs > 0) await sleep(thinkingMs);
      response.writeHead(200, { 'content-type': 'application/json' }).end(ANSWER);
    });
  });
  await new Promise<void>((resolve) => upstream.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(upstream.address() as AddressInfo).port}`;
  const accountsFile = join(folder, 'accounts.json');
  const accounts = Array.from({ length: 20 }, (_, index) => ({
    id: `a${index}`,
    platform: 'anthropic',
    type: 'api_key',
    credentials: { api_key: KEY },
  }));
  writeFileSync(accountsFile, JSON.stringify(accounts));
  database = await connectPostgres();
  const stores = { DATABASE_URL: urlOfSchema(database.url, database.schema), ACCOUNTS_FILE: accountsFile, GATEWAY_CLIENT_KEY: CLIENT_KEY };
  gateway = await startProcess({ ...stores, ...scriptedEnvironment(origin) });
  plain = spawn(process.execPath, ['--import', 'tsx', join(import.meta.dirname, 'plain-proxy.ts'), origin, KEY], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (plain.stdout === null) throw new Error('no output');
  const [port] = await once(plain.stdout.setEncoding('utf8'), 'data');
  plainUrl = `http://127.0.0.1:${String(port).trim()}`;
}, 120_000);

afterAll(async () => {
  plain?.kill('SIGKILL');
  await gateway?.dispose();
  upstream?.close();
  await database?.close();
  rmSync(folder, { recursive: true, force: true });
});

const agent = new Agent({ connections: 4 });

async function ask(url: string): Promise<number> {
  const begun = performance.now();
  const { statusCode, body } = await request(`${url}/v1/messages`, { ...messageRequest(false), dispatcher: agent });
  await body.text();
  if (statusCode !== 200) throw new Error(`${url}: ${statusCode}`);
  return performance.now() - begun;
}

const quantile = (times: readonly number[], fraction: number): number =>
  [...times].sort((a, b) => a - b)[Math.floor(times.length * fraction)] ?? Number.NaN;

/** Times of both, in short rounds that take turns: what disturbs the machine disturbs both. */
async function measure(rounds: number): Promise<{ through: number[]; direct: number[] }> {
  const through: number[] = [];
  const direct: number[] = [];
  for (let round = 0; round < rounds; round += 1)
    for (let count = 0; count < REQUESTS_A_ROUND; count += 1) {
      direct.push(await ask(plainUrl));
      through.push(await ask(gateway.url));
    }
  return { through, direct };
}

/** The engine's seconds, and those of all requests, as the metrics have them. */
async function sums(): Promise<{ decided: number; requests: number }> {
  const text = await (await fetch(`${gateway.url}/metrics`)).text();
  const read = (name: string): number => Number(new RegExp(`^${name}(?:\\{[^}]*\\})? (\\S+)$`, 'm').exec(text)?.[1]);
  return { decided: read('gateway_decision_seconds_sum'), requests: read('gateway_request_duration_seconds_sum') };
}

describe('the latency that the gateway adds', () => {
  it('is at most a tenth of what a plain proxy takes, and the engine at most a hundredth of the request', async () => {
    thinkingMs = 0;
    const warm = await measure(4);
    const atOnce = [warm.through, warm.direct].map((times) => quantile(times.slice(2 * REQUESTS_A_ROUND), 0.5).toFixed(2));
    thinkingMs = THINKING_MS;
    const before = await sums();
    const { through, direct } = await measure(ROUNDS);
    const after = await sums();
    const ratio = quantile(through, 0.5) / quantile(direct, 0.5);
    const share = (after.decided - before.decided) / (after.requests - before.requests);
    const [p50, p99, plainP50, plainP99] = [
      quantile(through, 0.5),
      quantile(through, 0.99),
      quantile(direct, 0.5),
      quantile(direct, 0.99),
    ].map((ms) => ms.toFixed(2));
    console.log(`gateway p50 ${p50} ms, p99 ${p99} ms; plain proxy p50 ${plainP50} ms, p99 ${plainP99} ms; ratio ${ratio.toFixed(3)}`);
    console.log(
      `where the upstream answers at once: p50 ${atOnce.join(' ms against ')} ms; the engine's share: ${(share * 100).toFixed(3)} %`,
    );
    expect(ratio).toBeLessThanOrEqual(1.1);
    expect(share).toBeGreaterThan(0);
    expect(share).toBeLessThanOrEqual(0.01);
  });
});
