/** The program itself: how it starts, what it says, how it ends. */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, type TestContext } from 'vitest';
import { type OwnPostgres, startOwnPostgres } from '../../support/postgres-server.js';
import { createLoopback } from '../accounts/loopback.js';
import { type GatewayProcess, runToEnd, startProcess } from '../support/gateway-process.js';

async function start(onTestFinished: TestContext['onTestFinished']): Promise<GatewayProcess> {
  const one = await startProcess({});
  onTestFinished(() => one.dispose());
  return one;
}

const STREAM = {
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ model: 'claude-sonnet-4-6', max_tokens: 9, stream: true, messages: [{ role: 'user', content: 'hi' }] }),
};

interface Overview {
  readonly accounts: readonly { readonly id: string }[];
  readonly series: readonly { readonly requests: number }[];
}

describe('npm start with nothing configured', () => {
  it('shows a pool at work: the page, the admin API with the token that was printed, metrics, health', async ({
    expect,
    onTestFinished,
  }) => {
    const gateway = await start(onTestFinished);
    console.log(`npm start showed itself after ${Math.round(gateway.startedInMs)} ms`);
    expect(gateway.startedInMs).toBeLessThan(60_000);
    const get = async (path: string, token = gateway.adminToken): Promise<Response> =>
      fetch(gateway.url + path, { headers: { authorization: `Bearer ${token}` } });
    expect((await get('/healthz')).status).toBe(200);
    expect((await get('/readyz')).status).toBe(200);
    expect(await (await get('/')).text()).toContain('<!doctype html>');
    expect((await get('/admin/overview', 'wrong')).status).toBe(401);
    expect((await get('/nowhere')).status).toBe(404);
    const requests = async (): Promise<number> => {
      const { accounts, series } = (await (await get('/admin/overview')).json()) as Overview;
      expect(accounts.length).toBeGreaterThan(20);
      return series.reduce((sum, point) => sum + point.requests, 0);
    };
    await expect.poll(requests, { timeout: 10_000 }).toBeGreaterThan(3);
    expect(await (await get('/metrics')).text()).toMatch(/gateway_requests_total\{[^}]*outcome="answered"[^}]*\} \d/);

    await expect.poll(gateway.output, { timeout: 10_000 }).toContain('"rule":"google_api_key_invalid"');

    // A page that is open keeps nobody from ending, and streams come to their end. Some scripts break one on purpose.
    const events = (await get('/admin/events')).text().catch(() => 'broken off');
    const streams = await Promise.all(Array.from({ length: 6 }, () => fetch(`${gateway.url}/v1/messages`, STREAM)));
    const ended = gateway.end('SIGTERM');
    const texts = await Promise.all(streams.map((response) => response.text().catch(() => '')));
    expect(await ended).toBe(0);
    await events;
    expect(texts.filter((text) => text.includes('message_stop')).length).toBeGreaterThanOrEqual(4);
    await expect(fetch(`${gateway.url}/healthz`)).rejects.toThrow();

    const lines = gateway
      .output()
      .split('\n')
      .filter((line) => line.startsWith('{'));
    expect(lines.map((line) => JSON.parse(line).event)).toContain('attempt');
    expect(gateway.output()).not.toMatch(/-secret-\d|scripted-client-secret/);
    expect(gateway.output().split(gateway.adminToken ?? '?')).toHaveLength(2);
  });
});

interface OwnStores {
  readonly postgres: OwnPostgres;
  readonly environment: Readonly<Record<string, string>>;
}

async function ownStores(onTestFinished: TestContext['onTestFinished']): Promise<OwnStores> {
  const postgres = await startOwnPostgres();
  onTestFinished(() => postgres.stop());
  return { postgres, environment: { DATABASE_URL: postgres.url, GATEWAY_SECRET_KEY: randomBytes(32).toString('base64') } };
}

async function statusWith(gateway: GatewayProcess, token: string): Promise<number> {
  return (await fetch(`${gateway.url}/admin/settings`, { headers: { authorization: `Bearer ${token}` } })).status;
}

describe('the admin token', () => {
  it('is made anew where it was lost; gateways that run take it, and the old one no more', async ({ expect, onTestFinished }) => {
    const { environment } = await ownStores(onTestFinished);
    const gateway = await startProcess(environment);
    onTestFinished(() => gateway.dispose());
    const lost = gateway.adminToken ?? '';
    expect(await statusWith(gateway, lost)).toBe(200);
    const { code, output } = await runToEnd(environment, ['--new-admin-token']);
    expect(code).toBe(0);
    const [, token = ''] = /The new admin token, shown this once: (\S+)/.exec(output) ?? [];
    expect(token).toMatch(/^[A-Za-z0-9_-]{43}$/);
    await expect.poll(() => statusWith(gateway, token), { timeout: 5_000 }).toBe(200);
    expect(await statusWith(gateway, lost)).toBe(401);
    expect(gateway.output()).not.toContain(token);
  }, 60_000);

  it.each([
    ['where the environment has it', { GATEWAY_ADMIN_TOKEN: 'x'.repeat(32), DATABASE_URL: 'postgres://127.0.0.1:9/x' }, 'change it there'],
    ['where there is no database', { DATA_DIR: '/nowhere/at/all' }, '/nowhere/at/all holds none'],
  ])('is not made anew %s', async (_where, environment, said) => {
    const { code, output } = await runToEnd(environment, ['--new-admin-token']);
    expect(code).toBe(1);
    expect(output).toContain(said);
  });
});

describe('an end', () => {
  it('comes also where the database is silent, and what could not be saved is said', async ({ expect, onTestFinished }) => {
    const { postgres, environment } = await ownStores(onTestFinished);
    const upstream = await createLoopback();
    onTestFinished(() => upstream.close());
    const folder = mkdtempSync(join(tmpdir(), 'gateway-end-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const accounts = [{ id: 'key', platform: 'anthropic', type: 'api_key', credentials: { api_key: 'planted-key' } }];
    writeFileSync(join(folder, 'accounts.json'), JSON.stringify(accounts));
    const gateway = await startProcess({
      ...environment,
      ACCOUNTS_FILE: join(folder, 'accounts.json'),
      ANTHROPIC_ORIGIN: upstream.origin,
    });
    onTestFinished(() => gateway.dispose());
    upstream.says = () => ({ body: { type: 'message', content: [] } });
    const ask = async (): Promise<number> => (await fetch(`${gateway.url}/v1/messages`, STREAM)).status;
    expect(await ask()).toBe(200);
    postgres.freeze();
    upstream.says = () => ({
      status: 429,
      headers: { 'retry-after': '3600' },
      body: { error: { type: 'rate_limit_error', message: 'x' } },
    });
    expect(await ask()).toBeGreaterThanOrEqual(429);
    const begun = performance.now();
    expect(await gateway.end('SIGTERM')).toBe(0);
    expect(performance.now() - begun).toBeLessThan(30_000);
    expect(gateway.output()).toContain('"code":"health_not_saved"');
  }, 90_000);
});

describe('a start that fails', () => {
  it('says that the port is taken, and what to do', async ({ expect }) => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const { code, output } = await runToEnd({ PORT: String(port) });
    server.close();
    expect(code).toBe(1);
    expect(output).toContain(`cannot listen on port ${port} of 127.0.0.1: it is taken`);
    expect(output).not.toContain('    at ');
  });

  it('says which argument there is', async ({ expect }) => {
    const { code, output } = await runToEnd({}, ['--port', '80']);
    expect(code).toBe(1);
    expect(output).toContain('The only argument is --new-admin-token');
    expect(output).not.toContain('    at ');
  });

  it('says what is wrong in the environment', async ({ expect }) => {
    const { code, output } = await runToEnd({ PORT: 'eighty', ANTHROPIC_ORIGIN: 'http://api.example.com' });
    expect(code).toBe(1);
    expect(output).toContain('- PORT must be a port number');
    expect(output).toContain('- ANTHROPIC_ORIGIN must be an https origin');
  });
});
