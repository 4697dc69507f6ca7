/** After a 401, from end to end: the engine, stores, the refresher and a token server, all of them real. */
import { afterEach, describe, expect, it } from 'vitest';
import {
  createMemoryCredentials,
  createMemoryRepository,
  createMemoryTokenCache,
  type MemoryRepository,
} from '../../src/adapters/memory.js';
import type { Account } from '../../src/core/account.js';
import { defineAccount } from '../../src/core/define-account.js';
import { EMPTY_HEALTH } from '../../src/core/health.js';
import { schedulability } from '../../src/core/schedulability.js';
import { MINUTE_MS } from '../../src/core/time.js';
import { createEngine } from '../../src/create-engine.js';
import { createBackgroundRefresher } from '../../src/refresh/background.js';
import { createRefresher } from '../../src/refresh/create-refresher.js';
import { createTokenExchange } from '../../src/refresh/exchange.js';
import type { Refresher } from '../../src/refresh/outcome.js';
import type { AccessTokenCache, CredentialRepository, StoredCredentials } from '../../src/refresh/ports.js';
import { createTokenProvider, type TokenProvider } from '../../src/refresh/token-provider.js';
import type { Engine, Observed } from '../../src/shell/ports.js';
import { startTokenServer, type TokenServer, type TokenServerMode } from '../support/token-server.js';

const servers: TokenServer[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

interface Gateway {
  readonly engine: Engine;
  readonly health: MemoryRepository;
  readonly credentials: CredentialRepository;
  readonly cache: AccessTokenCache;
  readonly refresher: Refresher;
  readonly tokens: TokenProvider;
  readonly server: TokenServer;
  /** Methods of the credential store that write, as they were called. */
  readonly writes: string[];
  /** The account as the stores have it now. */
  account(): Promise<Account>;
  /** What the upstream says to a request with this account. */
  answer(account: Account, status: number): Observed;
  stored(): Promise<StoredCredentials>;
}

/** A credential store that lists the calls that write. */
function listing(credentials: CredentialRepository, writes: string[]): CredentialRepository {
  return new Proxy(credentials, {
    get(target, name: keyof CredentialRepository) {
      if (!['read', 'references'].includes(name)) writes.push(name);
      return target[name];
    },
  });
}

const BODY = JSON.stringify({ type: 'error', error: { type: 'authentication_error', message: 'OAuth token has expired.' } });

async function gateway(platform: string, mode: TokenServerMode = 'family'): Promise<Gateway> {
  const server = await startTokenServer(mode);
  servers.push(server);
  const health = createMemoryRepository();
  const cache = createMemoryTokenCache();
  const writes: string[] = [];
  const plain = createMemoryCredentials();
  await plain.replace('a1', { credentials: { ...server.issue('a1'), project_id: 'p' }, expiresAt: Date.now() + 60 * MINUTE_MS });
  const credentials = listing(plain, writes);
  const exchange = createTokenExchange({ endpoints: server.endpoints(), clients: server.clients });
  const engine = createEngine({ health, tokens: cache });
  const refresher = createRefresher({ credentials, exchange, tokens: cache });
  const tokens = createTokenProvider({ credentials, refresher, cache, apply: engine.apply });
  return {
    engine,
    health,
    credentials,
    cache,
    refresher,
    tokens,
    server,
    writes,
    async account() {
      const credential = (await plain.references(['a1'])).get('a1');
      const known = (await health.load(['a1'])).get('a1') ?? EMPTY_HEALTH;
      return {
        ...defineAccount({ id: 'a1', platform, type: 'oauth', ...(credential === undefined ? {} : { credential }) }),
        health: known,
      };
    },
    answer: (account, status) =>
      engine.observe({
        account,
        model: null,
        response: { status, headers: {}, body: status === 401 ? BODY : null },
        receivedAt: Date.now(),
      }),
    async stored() {
      const stored = await plain.read('a1');
      if (stored === null) throw new Error('nothing stored');
      return stored;
    },
  };
}

const serves = (account: Account): boolean => schedulability(account, { model: null, now: Date.now() }).schedulable;

describe.each(['anthropic', 'openai', 'gemini'])('a 401 on %s', (platform) => {
  it('holds the revision, drops its token and asks for a refresh; the next revision is back at once', async () => {
    const { account, answer, cache, tokens, health, stored, server, writes } = await gateway(platform);
    const before = await account();
    const first = await tokens.accessToken(before);
    expect(first).toMatchObject({ type: 'token', token: 'at-a1-1', revision: 0 });

    const { decision, saved } = answer(before, 401);
    expect(decision.actions.map(({ type }) => type).sort()).toEqual(['invalidate_token', 'request_refresh', 'set_temp_unschedulable']);
    expect(decision.actions).toContainEqual(
      expect.objectContaining({ type: 'set_temp_unschedulable', cell: 'authentication', credentialRevision: 0 }),
    );
    expect((await saved).failed).toEqual([]);
    expect(await cache.get('a1', Date.now())).toBeNull();
    const held = await account();
    expect(serves(held)).toBe(false);
    expect(schedulability(held, { model: null, now: Date.now() })).toMatchObject({
      blockers: [{ cell: 'authentication', exit: 'refresh' }],
    });
    expect(writes).toEqual([]);

    const healthBefore = health.snapshot().get('a1');
    expect(await tokens.accessToken(held)).toMatchObject({ type: 'token', token: 'at-a1-2', revision: 1, via: 'refreshed' });
    const after = await account();
    expect(serves(after)).toBe(true);
    expect(health.snapshot().get('a1')).toBe(healthBefore);
    expect(writes).toEqual(['begin', 'commit']);
    expect(await stored()).toMatchObject({
      revision: 1,
      credentials: { access_token: 'at-a1-2', refresh_token: 'rt-a1-2', project_id: 'p' },
    });
    expect(server.redemptions).toMatchObject([{ token: 'rt-a1-1', child: 'rt-a1-2', replay: false }]);
  });

  it('seen late, by one who still has the old snapshot, rolls nothing back and blocks nothing (F1, I7)', async () => {
    const { account, answer, engine, tokens, stored, server, writes } = await gateway(platform);
    const stale = await account();
    await tokens.accessToken(stale);
    await answer(stale, 401).saved;
    await tokens.accessToken(await account());
    const rotated = await stored();
    writes.length = 0;

    await answer(stale, 401).saved;
    await engine.close();
    expect(writes).toEqual([]);
    expect(await stored()).toEqual(rotated);
    const now = await account();
    expect(serves(now)).toBe(true);
    expect(await tokens.accessToken(now)).toMatchObject({ token: 'at-a1-2', revision: 1 });
    expect(server.isLive('rt-a1-2')).toBe(true);
    expect(server.redemptions.length).toBe(1);
  });

  it('of many requests at once costs one refresh', async () => {
    const { account, answer, tokens, server } = await gateway(platform);
    const before = await account();
    await Promise.all(Array.from({ length: 20 }, () => answer(before, 401).saved));
    const held = await account();
    const results = await Promise.all(Array.from({ length: 20 }, () => tokens.accessToken(held)));
    expect(new Set(results.map((result) => result.type === 'token' && result.token))).toEqual(new Set(['at-a1-2']));
    expect(server.redemptions.length).toBe(1);
  });

  it('is healed by the background too, when it is woken', async () => {
    const { account, answer, refresher, engine, server } = await gateway(platform);
    let passed: () => void = () => undefined;
    const background = createBackgroundRefresher({
      accounts: async () => [await account()],
      refresher,
      apply: engine.apply,
      onProgress: ({ type }) => type === 'pass_finished' && passed(),
    });
    const nextPass = (): Promise<void> => new Promise((resolve) => (passed = resolve));
    const idle = nextPass();
    background.start();
    await idle;
    expect(server.requests.length).toBe(0);
    await answer(await account(), 401).saved;
    expect(serves(await account())).toBe(false);
    const woken = nextPass();
    background.wake();
    await woken;
    expect(serves(await account())).toBe(true);
    await background.stop();
  });
});

describe('a 401 after which the refresh fails', () => {
  it('a dead refresh token is an error of that revision, and a person\u2019s new sign-in lifts it with no write', async () => {
    const { account, answer, tokens, server, credentials, engine } = await gateway('anthropic');
    const before = await account();
    const { credentials: old } = (await credentials.read('a1')) ?? { credentials: {} };
    await createTokenExchange({ endpoints: server.endpoints(), clients: server.clients })({
      accountId: 'a1',
      platform: 'anthropic',
      credentials: old,
      signal: new AbortController().signal,
    });
    await answer(before, 401).saved;
    const result = await tokens.accessToken(await account());
    expect(result).toMatchObject({ type: 'unavailable', reason: 'refused', retryAfterMs: null });
    await engine.close();
    const dead = await account();
    expect([...dead.health.errors.keys()]).toEqual(['credential']);
    expect(serves(dead)).toBe(false);

    await credentials.replace('a1', { credentials: { ...server.issue('a1') }, expiresAt: null });
    const again = await account();
    expect(serves(again)).toBe(true);
    expect(await tokens.accessToken(again)).toMatchObject({ type: 'token', revision: 1 });
  });

  it.each([
    { title: 'a failing endpoint', fault: { type: 'answer', status: 503, body: '<html>' } },
    { title: 'too many requests', fault: { type: 'answer', status: 429, body: '{"error":{"type":"rate_limit_error"}}' } },
    { title: 'a connection that breaks', fault: { type: 'drop', when: 'before' } },
  ] as const)('$title makes no verdict (F11)', async ({ fault }) => {
    const { account, answer, tokens, server, health, engine } = await gateway('anthropic');
    server.faults(() => fault);
    await answer(await account(), 401).saved;
    expect(await tokens.accessToken(await account())).toMatchObject({ type: 'unavailable', reason: 'refresh_failed' });
    await engine.close();
    expect(health.snapshot().get('a1')?.errors.size).toBe(0);
    expect(server.requests.length).toBe(1);
  });
});
