/** PostgreSQL and Redis are killed under load: requests are answered on, and what was decided meanwhile is written when they are back. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Pool } from 'pg';
import { createPostgresHealthRepository } from 'poolwarden/postgres';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { admin, type GatewayPair, load, messageRequest, startPair } from '../support/gateway-pair.js';

const SCENARIOS = ['healthy_key', 'healthy', 'setup_token', 'window_spent', 'billing', 'revoked_token'];

let pair: GatewayPair;
beforeAll(async () => {
  pair = await startPair(SCENARIOS);
}, 120_000);
afterAll(() => pair?.dispose());

async function rateLimitOf(accountId: string): Promise<number> {
  const pool = new Pool({ connectionString: pair.postgres.url, connectionTimeoutMillis: 2_000 });
  pool.on('error', () => undefined);
  const stored = await createPostgresHealthRepository(pool)
    .load([accountId])
    .finally(() => pool.end());
  return stored.get(accountId)?.rateLimit?.until ?? 0;
}

const refusedWhile = (from: number): number =>
  pair.upstream.seen.slice(from).filter(({ accountId, outcome }) => accountId === 'p3-window_spent' && outcome === 'refused').length;

describe('two gateway processes whose stores are killed', () => {
  it('answer every request, say that they are not ready, and write what they decided when the stores are back', async () => {
    const [a, b] = pair.processes;
    // Every secret is known to both before the stores go: that is how it is in a gateway that runs.
    await Promise.all([load(a.url, { seconds: 1, rate: 20 }), load(b.url, { seconds: 1, rate: 20 })]);
    const before = pair.upstream.seen.length;
    const loads = Promise.all([load(a.url, { seconds: 5 }), load(b.url, { seconds: 5 })]);
    await pair.postgres.kill9();
    await pair.redis.kill9();
    await sleep(1_500);
    expect((await fetch(`${a.url}/readyz`)).status).toBe(503);
    expect((await fetch(`${a.url}/healthz`)).status).toBe(200);
    const results = await loads;
    const refused = refusedWhile(before);
    await pair.postgres.restart();
    await pair.redis.restart();
    console.log(`load while the stores were gone: ${JSON.stringify(results)}; refusals meanwhile: ${refused}`);
    for (const { answered, ...others } of results) {
      expect(answered).toBeGreaterThan(50);
      expect(others).toEqual({ refused: 0, serverErrors: 0, errors: 0 });
    }
    expect(refused).toBeGreaterThan(0);
    await expect.poll(async () => (await fetch(`${a.url}/readyz`)).status, { timeout: 15_000, interval: 200 }).toBe(200);
    // Whatever is written next takes along what has waited.
    expect(await load(a.url, { seconds: 1 })).toMatchObject({ serverErrors: 0, errors: 0 });
    expect(await load(b.url, { seconds: 1 })).toMatchObject({ serverErrors: 0, errors: 0 });
    await expect.poll(() => rateLimitOf('p3-window_spent'), { timeout: 15_000, interval: 300 }).toBeGreaterThan(Date.now() - 60_000);

    // And both listen to each other again.
    await admin(a.url, pair.adminToken, { method: 'POST', path: '/admin/accounts/p3-window_spent/recover' });
    const heldAt = async (url: string): Promise<string | undefined> => {
      const { accounts } = await admin<{ accounts: { id: string; view: { status: string } }[] }>(url, pair.adminToken, {
        path: '/admin/overview',
      });
      return accounts.find(({ id }) => id === 'p3-window_spent')?.view.status;
    };
    await expect.poll(() => heldAt(b.url), { timeout: 15_000, interval: 200 }).toBe('active');
    const { url } = pair.processes[1];
    expect((await fetch(`${url}/v1/messages`, messageRequest(false))).status).toBe(200);
    expect(await Promise.all(pair.processes.map((one) => one.end('SIGTERM')))).toEqual([0, 0]);
  }, 90_000);
});
