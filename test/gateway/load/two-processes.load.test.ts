/** Two processes under load: they agree within a second, and one that is killed takes neither a decision nor a token with it. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Pool } from 'pg';
import { createPostgresCredentialRepository, createPostgresHealthRepository } from 'poolwarden/postgres';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { createSecretCodec } from '../../../examples/gateway/accounts/secrets.js';
import { type AccountWatch, watchAccounts } from '../support/account-watch.js';
import { type AdminRow, admin, type GatewayPair, load, logLines, startPair } from '../support/gateway-pair.js';
import { CLIENT_KEY } from '../support/running-gateway.js';

/** Of Antigravity: one by one they fail, and each failure is news for the other process. The load goes to Anthropic's. */
const NEWS = ['validation', 'violation', 'validation', 'violation', 'validation'];
const NEWS_IDS: ReadonlySet<string> = new Set(NEWS.map((scenario, index) => `p${index}-${scenario}`));
const LOADED = [
  ...['healthy_key', 'healthy', 'setup_token', 'revoked_token', 'revoked_token', 'rotation'],
  ...Array.from({ length: 8 }, () => 'window_spent'),
  ...Array.from({ length: 4 }, () => 'overload_storm'),
];

let pair: GatewayPair;
beforeAll(async () => {
  pair = await startPair([...NEWS, ...LOADED]);
}, 120_000);
afterAll(() => pair?.dispose());

async function askAntigravity(url: string): Promise<number> {
  const response = await fetch(`${url}/v1internal:generateContent`, {
    method: 'POST',
    headers: { authorization: `Bearer ${CLIENT_KEY}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'claude-sonnet-4-6', request: { contents: [] } }),
  });
  await response.arrayBuffer();
  return response.status;
}

async function statuses(url: string): Promise<ReadonlyMap<string, string>> {
  const { accounts } = await admin<{ accounts: AdminRow[] }>(url, pair.adminToken, { path: '/admin/overview' });
  return new Map(accounts.map(({ id, view }) => [id, view.status]));
}

/** Where and when the watcher first heard that an account has this status, after an instant. */
function firstTold(
  { told }: AccountWatch,
  process: number,
  wanted: { readonly id: string; readonly status: string; readonly after?: number },
): number {
  const { id, status, after = 0 } = wanted;
  return (
    told.find((one) => one.process === process && one.id === id && one.status === status && one.at >= after)?.at ?? Number.POSITIVE_INFINITY
  );
}

/** When the process decided, by its own clock, to put an error on each account. */
function decidedAt(output: string): ReadonlyMap<string, number> {
  const errors = logLines(output)
    .filter(({ event }) => event === 'attempt')
    .flatMap(({ time, actions }) =>
      (actions as { type: string; accountId: string }[]).map((action) => ({ ...action, at: Date.parse(String(time)) })),
    )
    .filter(({ type }) => type === 'set_error');
  return new Map(errors.map(({ accountId, at }) => [accountId, at]));
}

const toldEverywhere = (delays: readonly number[]): boolean => delays.length === NEWS.length && delays.every(Number.isFinite);

/** Has accounts fail at one process: how long after each decision the other one told its pages. */
async function failureDelays(watch: AccountWatch): Promise<readonly number[]> {
  const [a] = pair.processes;
  const delays = (): readonly number[] =>
    [...decidedAt(a.output())].filter(([id]) => NEWS_IDS.has(id)).map(([id, at]) => firstTold(watch, 1, { id, status: 'error' }) - at);
  for (let count = 0; count < 60 && decidedAt(a.output()).size < NEWS.length; count += 1) await askAntigravity(a.url);
  await expect.poll(() => toldEverywhere(delays()), { timeout: 10_000 }).toBe(true);
  return delays();
}

/** Recovers them there: how long after its own pages those of the other one were told. */
async function recoveryDelays(watch: AccountWatch): Promise<readonly number[]> {
  const [a] = pair.processes;
  const after = Date.now();
  for (const id of NEWS_IDS) await admin(a.url, pair.adminToken, { method: 'POST', path: `/admin/accounts/${id}/recover` });
  const delays = (): readonly number[] =>
    [...NEWS_IDS].map((id) => {
      const [here, there] = [0, 1].map((process) => firstTold(watch, process, { id, status: 'active', after }));
      return Math.max(0, (there ?? 0) - (here ?? 0));
    });
  await expect.poll(() => toldEverywhere(delays()), { timeout: 10_000 }).toBe(true);
  return delays();
}

/** Nobody can save a token that was rotated and not stored yet when its process is killed: that is waited for. */
async function noRotationUnderWay(): Promise<void> {
  const redemptions = (): number => pair.upstream.seen.filter(({ outcome }) => outcome === 'token').length;
  for (let before = -1; before !== redemptions(); await sleep(150)) before = redemptions();
}

interface LoggedHold {
  readonly accountId: string;
  readonly type: string;
  readonly until: number;
}

/** Holds that a process has logged until then: what it must not have lost. */
function holdsLogged(output: string, until: number): readonly LoggedHold[] {
  return logLines(output)
    .filter(({ event, time }) => event === 'attempt' && Date.parse(String(time)) <= until)
    .flatMap(({ actions }) => actions as { type: string; accountId: string; until?: string }[])
    .filter(({ type }) => type === 'set_rate_limited' || type === 'set_overloaded')
    .map(({ type, accountId, until: end = '' }) => ({ type, accountId, until: Date.parse(end) }));
}

const OAUTH: readonly string[] = [...LOADED.keys()]
  .filter((index) => !['healthy_key', 'setup_token'].includes(LOADED[index] ?? ''))
  .map((index) => `p${index + NEWS.length}-${LOADED[index]}`);

/** The refresh tokens as the store has them, which is what the next process would send. */
async function tokensInStore(): Promise<readonly unknown[]> {
  const pool = new Pool({ connectionString: pair.postgres.url });
  const codec = createSecretCodec(Buffer.from(pair.secretKey, 'base64'));
  const repository = createPostgresCredentialRepository(pool, { codec });
  const stored = await Promise.all(OAUTH.map((id) => repository.read(id))).finally(() => pool.end());
  return stored.map((one) => one?.credentials.refresh_token);
}

function tokensOfUpstream(): readonly unknown[] {
  return OAUTH.map((id) => pair.upstream.secretsOf(id)).map((secrets) => (secrets.type === 'oauth' ? secrets.refreshToken : null));
}

describe('two gateway processes on one PostgreSQL and one Redis', () => {
  it('answer every request under load, and tell each other what they learn within a second', async () => {
    const [a, b] = pair.processes;
    const watch = await watchAccounts([a.url, b.url], pair.adminToken);
    onTestFinished(() => watch.close());
    const loads = Promise.all([load(a.url, { seconds: 5 }), load(b.url, { seconds: 5 })]);
    const delays = [...(await failureDelays(watch)), ...(await recoveryDelays(watch))];
    const results = await loads;
    console.log(`news after ${delays.map(Math.round).join(', ')} ms; load: ${JSON.stringify(results)}`);
    expect(delays).toHaveLength(2 * NEWS.length);
    expect(Math.max(...delays)).toBeLessThan(1_000);
    for (const { answered, ...others } of results) {
      expect(answered).toBeGreaterThan(50);
      expect(others).toEqual({ refused: 0, serverErrors: 0, errors: 0 });
    }
    const spent = pair.upstream.seen.filter(({ accountId, outcome }) => accountId?.endsWith('window_spent') && outcome === 'refused');
    expect(spent.length).toBeGreaterThan(0);
  }, 60_000);

  it('when one is killed, the other answers on, and every decision and token is still there', async () => {
    const [a, b] = pair.processes;
    const loads = [load(a.url, { seconds: 4 }), load(b.url, { seconds: 4 })] as const;
    await sleep(2_000);
    await noRotationUnderWay();
    const killedAt = Date.now();
    await a.end('SIGKILL');
    const [, survivor] = await Promise.all(loads);
    expect(survivor).toMatchObject({ serverErrors: 0, refused: 0, errors: 0 });

    const holds = holdsLogged(a.output(), killedAt - 500);
    expect(holds.length).toBeGreaterThan(0);
    const pool = new Pool({ connectionString: pair.postgres.url });
    const stored = await createPostgresHealthRepository(pool).load([...new Set(holds.map(({ accountId }) => accountId))]);
    await pool.end();
    for (const { accountId, type, until } of holds) {
      const health = stored.get(accountId);
      const hold = type === 'set_overloaded' ? health?.overload : health?.rateLimit;
      expect(hold?.until ?? 0, `${accountId} ${type}`).toBeGreaterThanOrEqual(until);
    }
    const redeemed = pair.upstream.seen.filter(({ outcome }) => outcome === 'token').length;
    expect(redeemed).toBeGreaterThan(0);
    await expect.poll(() => tokensInStore()).toEqual(tokensOfUpstream());
    console.log(`${holds.length} holds of the killed process are stored; ${redeemed} rotations, none lost`);
  }, 60_000);

  it('a process that starts anew knows what the others know, and both end in order', async () => {
    const c = await pair.another();
    expect(await statuses(c.url)).toEqual(await statuses(pair.processes[1].url));
    expect(await load(c.url, { seconds: 1 })).toMatchObject({ serverErrors: 0, refused: 0, errors: 0 });
    expect(await Promise.all([c.end('SIGTERM'), pair.processes[1].end('SIGINT')])).toEqual([0, 0]);

    const outputs = [...pair.processes, c].map(({ output }) => output()).join('\n');
    expect(logLines(outputs).length).toBeGreaterThan(500);
    for (const secret of pair.secrets) expect(outputs).not.toContain(secret);
    expect(outputs).not.toMatch(/-secret-\d|scripted-client-secret/);
    expect(outputs.split(pair.adminToken)).toHaveLength(2);
    const burned = pair.upstream.seen.filter(({ path, accountId }) => path === '/v1/oauth/token' && accountId === null);
    expect(burned).toEqual([]);
  }, 60_000);
});
