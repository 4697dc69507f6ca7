/** The token server that the other tests trust: each kind of server does what real ones of its kind do. */
import { afterEach, describe, expect, it } from 'vitest';
import { createTokenExchange } from '../../src/refresh/exchange.js';
import { startTokenServer, type TokenServer, type TokenServerMode } from '../support/token-server.js';

const servers: TokenServer[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

interface Redeemer {
  readonly server: TokenServer;
  readonly root: string;
  /** The refresh token of the answer; null: refused. */
  readonly redeem: (refreshToken: string) => Promise<string | null>;
}

async function serve(mode: TokenServerMode): Promise<Redeemer> {
  const server = await startTokenServer(mode);
  servers.push(server);
  const exchange = createTokenExchange({ endpoints: server.endpoints('w1'), clients: server.clients });
  return {
    server,
    root: server.issue('a1').refresh_token,
    async redeem(refreshToken) {
      const credentials = { refresh_token: refreshToken };
      const result = await exchange({ accountId: 'a1', platform: 'anthropic', credentials, signal: new AbortController().signal });
      const body = result.kind === 'answered' ? JSON.parse(result.body) : {};
      return body.access_token === undefined ? null : (body.refresh_token ?? refreshToken);
    },
  };
}

describe('a token server', () => {
  it('simple: a token is good once, and using it again harms nobody', async () => {
    const { server, root, redeem } = await serve('simple');
    const second = (await redeem(root)) ?? '';
    expect(await redeem(root)).toBeNull();
    expect([server.isLive(root), server.isLive(second)]).toEqual([false, true]);
    expect(await redeem(second)).not.toBeNull();
  });

  it('family: using a token again ends all that came of it', async () => {
    const { server, root, redeem } = await serve('family');
    const second = (await redeem(root)) ?? '';
    expect(server.isLive(second)).toBe(true);
    expect(await redeem(root)).toBeNull();
    expect(server.isLive(second)).toBe(false);
    expect(await redeem(second)).toBeNull();
  });

  it('grace: the last one used is answered again with the same token, until that one is used', async () => {
    const { server, root, redeem } = await serve('grace');
    const second = (await redeem(root)) ?? '';
    expect(await redeem(root)).toBe(second);
    expect([server.isLive(root), server.isLive(second)]).toEqual([true, true]);
    expect(await redeem(second)).not.toBeNull();
    expect(await redeem(root)).toBeNull();
  });

  it('last wins: any may be used again, and only the newest answer is good', async () => {
    const { server, root, redeem } = await serve('last_wins');
    const first = (await redeem(root)) ?? '';
    const second = (await redeem(root)) ?? '';
    expect(second).not.toBe(first);
    expect([server.isLive(first), server.isLive(second)]).toEqual([false, true]);
    expect(await redeem(first)).toBeNull();
  });

  it('non-rotating: a token is good for ever', async () => {
    const { server, root, redeem } = await serve('non_rotating');
    expect([await redeem(root), await redeem(root)]).toEqual([root, root]);
    expect(server.isLive(root)).toBe(true);
  });

  it('remembers who redeemed what, and what came of it', async () => {
    const { server, root, redeem } = await serve('family');
    const second = await redeem(root);
    await redeem(root);
    await redeem('unknown');
    expect(server.redemptions).toEqual([
      { accountId: 'a1', worker: 'w1', token: root, child: second, replay: false, at: expect.any(Number) },
      { accountId: 'a1', worker: 'w1', token: root, child: null, replay: true, at: expect.any(Number) },
    ]);
    expect(server.requests.length).toBe(3);
  });
});
