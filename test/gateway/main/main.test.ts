/** The program itself: how it starts, what it says, how it ends. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, it, type TestContext } from 'vitest';
import { failToStart, type GatewayProcess, startProcess } from '../support/gateway-process.js';

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

describe('a start that fails', () => {
  it('says that the port is taken, and what to do', async ({ expect }) => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const { code, output } = await failToStart({ PORT: String(port) });
    server.close();
    expect(code).toBe(1);
    expect(output).toContain(`cannot listen on port ${port} of 127.0.0.1: it is taken`);
    expect(output).not.toContain('    at ');
  });

  it('says what is wrong in the environment', async ({ expect }) => {
    const { code, output } = await failToStart({ PORT: 'eighty', ANTHROPIC_ORIGIN: 'http://api.example.com' });
    expect(code).toBe(1);
    expect(output).toContain('- PORT must be a port number');
    expect(output).toContain('- ANTHROPIC_ORIGIN must be an https origin');
  });
});
