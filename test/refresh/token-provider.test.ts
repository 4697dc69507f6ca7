import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createMemoryCredentials, createMemoryTokenCache } from '../../src/adapters/memory.js';
import type { Account } from '../../src/core/account.js';
import type { Action } from '../../src/core/action.js';
import { MINUTE_MS, SECOND_MS } from '../../src/core/time.js';
import type { Refresher, RefreshOutcome, RefreshRequest } from '../../src/refresh/outcome.js';
import type { AccessTokenCache, CredentialRepository, StoredCredentials } from '../../src/refresh/ports.js';
import { createTokenProvider, type TokenProvider, type TokenProviderOptions } from '../../src/refresh/token-provider.js';
import { cachedUntil, cachedUntilAfterFailure } from '../../src/refresh/token-provider-policy.js';
import { type AccountFacts, account, NOW } from '../support/accounts.js';

beforeEach(() => {
  vi.useFakeTimers({ now: NOW });
});
afterEach(() => {
  vi.useRealTimers();
});

const PLATFORMS = ['anthropic', 'openai', 'gemini', 'antigravity', 'elsewhere'] as const;

/** A refresher that answers what the test says; it is no store. */
interface Scripted extends Refresher {
  readonly requests: readonly RefreshRequest[];
}

function scripted(answer: (request: RefreshRequest, count: number) => RefreshOutcome | Promise<RefreshOutcome>): Scripted {
  const requests: RefreshRequest[] = [];
  return {
    requests,
    refresh: async (request) => answer(request, requests.push(request)),
    pending: () => null,
    drain: async () => undefined,
  };
}

const never = scripted(() => {
  throw new Error('nobody should refresh');
});

const stored = (revision: number, leftMs: number | null): StoredCredentials => ({
  revision,
  credentials: { access_token: `at-${revision}`, refresh_token: `rt-${revision}` },
  expiresAt: leftMs === null ? null : Date.now() + leftMs,
});

const refreshed = ({ revision }: RefreshRequest): RefreshOutcome => ({ type: 'refreshed', ...stored(revision + 1, 60 * MINUTE_MS) });

interface World {
  readonly tokens: TokenProvider;
  readonly cache: AccessTokenCache;
  readonly credentials: CredentialRepository;
  readonly applied: Action[];
  readonly account: (facts?: AccountFacts) => Account;
}

interface Setting {
  readonly refresher: Refresher;
  readonly platform?: string;
  readonly leftMs?: number | null;
  readonly revision?: number;
  readonly options?: Partial<TokenProviderOptions>;
}

/** An account whose access token ends in `leftMs`, stored at revision 1. */
async function world({ refresher, platform = 'anthropic', leftMs = 60 * MINUTE_MS, options }: Setting): Promise<World> {
  const credentials = createMemoryCredentials({ now: Date.now });
  const cache = createMemoryTokenCache();
  const applied: Action[] = [];
  await credentials.replace('a1', stored(0, leftMs));
  await credentials.replace('a1', stored(1, leftMs));
  const tokens = createTokenProvider({ credentials, refresher, cache, apply: (actions) => applied.push(...actions), ...options });
  const expiresAt = leftMs === null ? null : NOW + leftMs;
  return {
    tokens,
    cache,
    credentials,
    applied,
    account: (facts) => account({ platform, credential: { revision: 1, expiresAt, refreshable: true }, ...facts }),
  };
}

/** Lets time pass until a promise has settled. */
async function inTime<T>(promise: Promise<T>, stepMs = 50): Promise<{ readonly value: T; readonly tookMs: number }> {
  const began = Date.now();
  let settled = false;
  const end = promise.finally(() => {
    settled = true;
  });
  for (let step = 0; step < 2_000 && !settled; step += 1) await vi.advanceTimersByTimeAsync(stepMs);
  return { value: await end, tookMs: Date.now() - began };
}

const failed = (kind: 'retryable' | 'provider_wide' | 'non_retryable'): ((request: RefreshRequest) => RefreshOutcome) => {
  return ({ revision }) => ({ type: 'failed', revision, failure: { kind, code: 'some_code' } });
};

describe('a token that is good', () => {
  it('comes from the store, and then from the cache', async () => {
    const { tokens, account: of } = await world({ refresher: never });
    expect(await tokens.accessToken(of())).toEqual({
      type: 'token',
      token: 'at-1',
      revision: 1,
      expiresAt: NOW + 60 * MINUTE_MS,
      via: 'stored',
      actions: [],
    });
    expect(await tokens.accessToken(of())).toMatchObject({ token: 'at-1', revision: 1, via: 'cache' });
  });

  it('is the parent\u2019s, where that owns the credential', async () => {
    const { tokens, account: of } = await world({ refresher: never });
    expect(await tokens.accessToken(account({ id: 'shadow', parent: of() }))).toMatchObject({ token: 'at-1' });
  });

  it.each([
    { title: 'more than five minutes are left', leftMs: 20 * MINUTE_MS, cachedMs: 15 * MINUTE_MS },
    { title: 'just more than five minutes are left', leftMs: 5 * MINUTE_MS + 1, cachedMs: 1 },
    { title: 'five minutes are left', leftMs: 5 * MINUTE_MS, cachedMs: 5 * MINUTE_MS },
    { title: 'a second is left', leftMs: 1_000, cachedMs: 1_000 },
    { title: 'nothing is left', leftMs: 0, cachedMs: MINUTE_MS },
    { title: 'it is over by our clock', leftMs: -10_000, cachedMs: MINUTE_MS },
    { title: 'nobody knows its end', leftMs: null, cachedMs: 30 * MINUTE_MS },
  ])('is cached for its time when $title', ({ leftMs, cachedMs }) => {
    expect(cachedUntil(leftMs === null ? null : NOW + leftMs, NOW)).toBe(NOW + cachedMs);
  });

  it.each([
    { leftMs: 60 * MINUTE_MS, cachedMs: MINUTE_MS },
    { leftMs: 20_000, cachedMs: 20_000 },
    { leftMs: null, cachedMs: MINUTE_MS },
  ])('is cached for a minute after a failure, and no longer than it lasts ($leftMs ms)', ({ leftMs, cachedMs }) => {
    expect(cachedUntilAfterFailure(leftMs === null ? null : NOW + leftMs, NOW)).toBe(NOW + cachedMs);
  });

  it('with an unknown end is not refreshed: there is one definition', async () => {
    const { tokens, account: of } = await world({ refresher: never, leftMs: null });
    expect(await tokens.accessToken(of())).toMatchObject({ type: 'token', token: 'at-1', expiresAt: null });
  });

  it('is never cached over one of a newer revision', async () => {
    const { tokens, cache, account: of } = await world({ refresher: never });
    await cache.set('a1', { token: 'at-7', credentialRevision: 7, until: NOW + 1 });
    await vi.advanceTimersByTimeAsync(2);
    await tokens.accessToken(of());
    await cache.set('a1', { token: 'at-7', credentialRevision: 7, until: null });
    expect(await cache.get('a1', NOW)).toMatchObject({ token: 'at-7' });
  });

  it('is not taken out of the cache when the account knows of a newer revision', async () => {
    const { tokens, cache, account: of } = await world({ refresher: never });
    await cache.set('a1', { token: 'at-0', credentialRevision: 0, until: null });
    expect(await tokens.accessToken(of())).toMatchObject({ token: 'at-1', via: 'stored' });
  });
});

describe('when a refresh is due', () => {
  it.each(
    PLATFORMS.flatMap((platform) => [
      { platform, leftMs: 3 * MINUTE_MS + 1, due: false },
      { platform, leftMs: 3 * MINUTE_MS, due: true },
      { platform, leftMs: 0, due: true },
      { platform, leftMs: -1, due: true },
      { platform, leftMs: 14 * MINUTE_MS, due: false },
    ]),
  )('$platform with $leftMs ms left: $due', async ({ platform, leftMs, due }) => {
    const refresher = scripted(refreshed);
    const { tokens, applied, cache, account: of } = await world({ refresher, platform, leftMs });
    const expected = due ? { token: 'at-2', revision: 2 } : { token: 'at-1' };
    expect(await tokens.accessToken(of())).toMatchObject({ ...expected, via: due ? 'refreshed' : 'stored' });
    expect(refresher.requests).toEqual(due ? [{ accountId: 'a1', platform, revision: 1 }] : []);
    // Nor does anything come later, when the time for the refresh would be over.
    await vi.advanceTimersByTimeAsync(30_000);
    expect(applied).toEqual([]);
    expect(await cache.get('a1', NOW)).toMatchObject({ token: expected.token });
  });

  it('after a 401 on this revision it is due at once, and the cached token of that revision serves nobody', async () => {
    const refresher = scripted(refreshed);
    const { tokens, cache, account: of } = await world({ refresher });
    await tokens.accessToken(of());
    expect(await cache.get('a1', NOW)).toMatchObject({ token: 'at-1' });
    const refused = of({ health: { refreshRequestedFor: 1 } });
    expect(await tokens.accessToken(refused)).toMatchObject({ token: 'at-2', via: 'refreshed' });
    expect(await tokens.accessToken(refused)).toMatchObject({ token: 'at-2', via: 'cache' });
    expect(refresher.requests.length).toBe(1);
  });

  it('an access token that is missing is fetched where there is a refresh token, else it is missing', async () => {
    const refresher = scripted(refreshed);
    const { tokens, credentials, account: of } = await world({ refresher });
    await credentials.replace('a1', { credentials: { refresh_token: 'rt' }, expiresAt: null });
    expect(await tokens.accessToken(of())).toMatchObject({ token: 'at-3', via: 'refreshed' });
    await credentials.replace('a2', { credentials: { project_id: 'p' }, expiresAt: null });
    expect(await tokens.accessToken(of({ id: 'a2' }))).toMatchObject({ type: 'unavailable', reason: 'missing', retryAfterMs: null });
    expect(await tokens.accessToken(of({ id: 'a3' }))).toMatchObject({ type: 'unavailable', reason: 'missing' });
  });

  it('what is over and cannot be refreshed needs a person', async () => {
    const { tokens, credentials, account: of } = await world({ refresher: never });
    await credentials.replace('a1', { credentials: { access_token: 'at' }, expiresAt: NOW - 1 });
    expect(await tokens.accessToken(of())).toMatchObject({ type: 'unavailable', reason: 'refused', retryAfterMs: null });
  });

  it('credentials that another process stored serve, and are followed when they are due themselves', async () => {
    const answers: readonly RefreshOutcome[] = [
      { type: 'adopted', ...stored(4, -1) },
      { type: 'adopted', ...stored(6, 60 * MINUTE_MS) },
    ];
    const refresher = scripted((_, count) => answers[count - 1] ?? { type: 'missing' });
    const { tokens, account: of } = await world({ refresher, leftMs: 0 });
    expect(await tokens.accessToken(of())).toMatchObject({ token: 'at-6', revision: 6, via: 'stored' });
    expect(refresher.requests.map(({ revision }) => revision)).toEqual([1, 4]);
  });

  it('revisions that never serve are not followed for ever', async () => {
    const refresher = scripted(({ revision }) => ({ type: 'adopted', ...stored(revision + 1, -1) }));
    const { tokens, account: of } = await world({ refresher, leftMs: 0 });
    expect(await tokens.accessToken(of())).toMatchObject({ type: 'unavailable', reason: 'refresh_failed' });
    expect(refresher.requests.length).toBe(4);
  });

  it('what could not be stored yet serves', async () => {
    const refresher: Refresher = { ...never, pending: () => stored(2, 60 * MINUTE_MS) };
    const { tokens, account: of } = await world({ refresher, leftMs: 0 });
    expect(await tokens.accessToken(of())).toMatchObject({ token: 'at-2', revision: 2 });
  });
});

describe('another process is refreshing', () => {
  const busy: RefreshOutcome = { type: 'busy', remainingMs: 60_000 };

  it.each([
    { platform: 'anthropic', waits: true },
    { platform: 'openai', waits: true },
    { platform: 'elsewhere', waits: true },
    { platform: 'gemini', waits: false },
    { platform: 'antigravity', waits: false },
  ])('$platform goes on with a token that serves: after a step $waits', async ({ platform, waits }) => {
    const { tokens, cache, account: of } = await world({ refresher: scripted(() => busy), platform, leftMs: 2.5 * MINUTE_MS });
    const { value, tookMs } = await inTime(tokens.accessToken(of()), 10);
    expect(value).toMatchObject({ type: 'token', token: 'at-1', via: 'existing', actions: [] });
    if (waits) {
      expect(tookMs).toBeGreaterThanOrEqual(150);
      expect(tookMs).toBeLessThanOrEqual(260);
    } else {
      expect(tookMs).toBeLessThanOrEqual(10);
    }
    expect(await cache.get('a1', Date.now())).toBeNull();
  });

  it.each([
    { title: 'the cache', put: ({ cache }: World) => cache.set('a1', { token: 'at-2', credentialRevision: 2, until: null }) },
    { title: 'the store', put: ({ credentials }: World) => credentials.replace('a1', stored(2, 60 * MINUTE_MS)) },
  ])('a step later the new token is in $title', async ({ put }) => {
    const made = await world({ refresher: scripted(() => busy), leftMs: 2.5 * MINUTE_MS });
    const asked = made.tokens.accessToken(made.account());
    await vi.advanceTimersByTimeAsync(100);
    await put(made);
    expect((await inTime(asked)).value).toMatchObject({ token: 'at-2', revision: 2 });
  });

  it.each(PLATFORMS)('%s waits for it where its own token is over', async (platform) => {
    const made = await world({ refresher: scripted(() => busy), platform, leftMs: 0 });
    const asked = made.tokens.accessToken(made.account());
    await vi.advanceTimersByTimeAsync(3_000);
    await made.credentials.replace('a1', stored(2, 60 * MINUTE_MS));
    const { value, tookMs } = await inTime(asked);
    expect(value).toMatchObject({ token: 'at-2', revision: 2 });
    expect(tookMs).toBeLessThan(400);
  });

  it.each([
    { platform: 'anthropic', leftMs: 0, expected: { type: 'unavailable', reason: 'busy' }, timeMs: 25_000 },
    { platform: 'antigravity', leftMs: 0, expected: { type: 'unavailable', reason: 'busy' }, timeMs: 8_000 },
    { platform: 'anthropic', leftMs: 90_000, expected: { type: 'token', via: 'existing' }, timeMs: 25_000 },
  ])('$platform with $leftMs ms left waits no longer than its time', async ({ platform, leftMs, expected, timeMs }) => {
    const made = await world({ refresher: scripted(() => busy), platform, leftMs });
    const { value, tookMs } = await inTime(made.tokens.accessToken(made.account()));
    expect(value).toMatchObject(expected);
    expect(value.actions).toEqual([]);
    expect(tookMs).toBeGreaterThanOrEqual(timeMs);
    expect(tookMs).toBeLessThanOrEqual(timeMs + 100);
    expect(made.applied).toEqual([]);
  });

  it('asks again while it waits, so that an attempt that was given up is taken over', async () => {
    const refresher = scripted((request, count) => (count < 4 ? busy : refreshed(request)));
    const made = await world({ refresher, leftMs: 0 });
    expect((await inTime(made.tokens.accessToken(made.account()))).value).toMatchObject({ token: 'at-2', via: 'refreshed' });
  });
});

describe('a refresh that fails', () => {
  const KEEPS = ['anthropic', 'openai', 'elsewhere'];

  it.each(PLATFORMS.map((platform) => ({ platform, keeps: KEEPS.includes(platform) })))(
    '$platform goes on with a token that serves: $keeps',
    async ({ platform, keeps }) => {
      const refresher = scripted(failed('retryable'));
      const { tokens, cache, account: of } = await world({ refresher, platform, leftMs: 2.5 * MINUTE_MS });
      const result = await tokens.accessToken(of());
      if (keeps) {
        expect(result).toMatchObject({ type: 'token', token: 'at-1', via: 'existing', actions: [] });
        expect(await cache.get('a1', NOW)).toMatchObject({ until: NOW + MINUTE_MS });
        await tokens.accessToken(of());
        expect(refresher.requests.length).toBe(1);
      } else {
        expect(result).toMatchObject({ type: 'unavailable', reason: 'refresh_failed', retryAfterMs: 30_000 });
        expect(await cache.get('a1', NOW)).toBeNull();
      }
    },
  );

  const answers: readonly {
    readonly title: string;
    readonly outcome: RefreshOutcome;
    readonly reason: string;
    readonly retryAfterMs: number | null;
    readonly error: boolean;
  }[] = [
    {
      title: 'a retryable failure',
      outcome: { type: 'failed', revision: 1, failure: { kind: 'retryable', code: 'http_429' } },
      reason: 'refresh_failed',
      retryAfterMs: 30_000,
      error: false,
    },
    {
      title: 'a client that is refused',
      outcome: { type: 'failed', revision: 1, failure: { kind: 'provider_wide', code: 'invalid_client' } },
      reason: 'refresh_failed',
      retryAfterMs: 60_000,
      error: false,
    },
    {
      title: 'a final refusal',
      outcome: { type: 'failed', revision: 1, failure: { kind: 'non_retryable', code: 'access_denied' } },
      reason: 'refused',
      retryAfterMs: null,
      error: true,
    },
    {
      title: 'a condemned token',
      outcome: { type: 'condemned', revision: 1, code: 'lost_rotation' },
      reason: 'refused',
      retryAfterMs: null,
      error: true,
    },
    {
      title: 'an unknown outcome',
      outcome: { type: 'ambiguous', revision: 1, retryAfterMs: 70_000, failure: { kind: 'retryable', code: 'timeout' } },
      reason: 'refresh_failed',
      retryAfterMs: 70_000,
      error: false,
    },
    {
      title: 'a store that is down',
      outcome: { type: 'unavailable', error: new Error('down') },
      reason: 'store_unavailable',
      retryAfterMs: 5_000,
      error: false,
    },
    { title: 'an account that is gone', outcome: { type: 'missing' }, reason: 'missing', retryAfterMs: null, error: false },
    { title: 'a process that stops', outcome: { type: 'aborted' }, reason: 'stopped', retryAfterMs: null, error: false },
  ];

  it.each(answers)('$title, with a token that is over', async ({ outcome, reason, retryAfterMs, error }) => {
    const { tokens, applied, account: of } = await world({ refresher: scripted(() => outcome), leftMs: 0 });
    const result = await tokens.accessToken(of());
    expect(result).toMatchObject({ type: 'unavailable', reason, retryAfterMs });
    expect(applied).toEqual(result.actions);
    const errors = result.actions.filter(({ type }) => type === 'set_error');
    expect(errors).toEqual(error ? [expect.objectContaining({ kind: 'credential', credentialRevision: 1, accountId: 'a1' })] : []);
  });

  it.each(answers)(
    '$title, with a token that still serves: it serves, and the account is written as before',
    async ({ outcome, error }) => {
      const { tokens, applied, account: of } = await world({ refresher: scripted(() => outcome), leftMs: 2.5 * MINUTE_MS });
      const result = await tokens.accessToken(of());
      expect(result).toMatchObject({ type: 'token', token: 'at-1', via: 'existing' });
      expect(result.actions.some(({ type }) => type === 'set_error')).toBe(error);
      expect(applied).toEqual(result.actions);
    },
  );

  it.each(['unavailable', 'missing', 'aborted'] as const)('%s is no trouble of the endpoint: Gemini goes on too', async (type) => {
    const outcome: RefreshOutcome = type === 'unavailable' ? { type, error: null } : { type };
    const { tokens, account: of } = await world({ refresher: scripted(() => outcome), platform: 'gemini', leftMs: 2.5 * MINUTE_MS });
    expect(await tokens.accessToken(of())).toMatchObject({ type: 'token', via: 'existing' });
  });

  const hold = {
    type: 'set_temp_unschedulable',
    accountId: 'a1',
    cell: 'authentication',
    kind: 'temporary',
    rule: 'request_refresh_failed',
    credentialRevision: 1,
    generation: 0,
  };

  it('Antigravity gives a refresh eight seconds, and is then held for ten minutes, bound to its revision', async () => {
    const refresher = scripted(() => new Promise(() => undefined));
    const { tokens, applied, account: of } = await world({ refresher, platform: 'antigravity', leftMs: 2.5 * MINUTE_MS });
    const { value, tookMs } = await inTime(tokens.accessToken(of()));
    expect(tookMs).toBe(8 * SECOND_MS);
    const detail = 'token refresh failed on request path: timeout';
    expect(value).toMatchObject({ type: 'unavailable', actions: [{ ...hold, detail, until: NOW + 8 * SECOND_MS + 10 * MINUTE_MS }] });
    expect(applied).toEqual(value.actions);
  });

  it.each([
    { outcome: failed('retryable')({ accountId: 'a1', platform: 'antigravity', revision: 1 }), holds: true },
    { outcome: { type: 'ambiguous', revision: 1, retryAfterMs: 1, failure: { kind: 'retryable', code: 'http_502' } }, holds: true },
    { outcome: failed('provider_wide')({ accountId: 'a1', platform: 'antigravity', revision: 1 }), holds: false },
    { outcome: { type: 'unavailable', error: null }, holds: false },
  ] as const)('Antigravity is held after a failure of the endpoint alone: $outcome.type', async ({ outcome, holds }) => {
    const { tokens, account: of } = await world({ refresher: scripted(() => outcome), platform: 'antigravity', leftMs: 2.5 * MINUTE_MS });
    expect((await tokens.accessToken(of())).actions).toEqual(holds ? [expect.objectContaining(hold)] : []);
  });

  it('a refresh that comes too late for its request is there for the next', async () => {
    let finish: (outcome: RefreshOutcome) => void = () => undefined;
    const refresher = scripted(() => new Promise((resolve) => (finish = resolve)));
    const { tokens, account: of } = await world({ refresher, platform: 'antigravity', leftMs: 0 });
    expect((await inTime(tokens.accessToken(of()))).value).toMatchObject({ type: 'unavailable' });
    finish({ type: 'refreshed', ...stored(2, 60 * MINUTE_MS) });
    await vi.advanceTimersByTimeAsync(1);
    expect(await tokens.accessToken(of())).toMatchObject({ token: 'at-2', via: 'cache' });
  });

  it('a gateway may have policies of its own', async () => {
    const policies = { gemini: { whenBusy: 'wait', whenFailed: 'use_existing', timeoutMs: 1_000, holdMs: null } } as const;
    const { tokens, account: of } = await world({
      refresher: scripted(failed('retryable')),
      platform: 'gemini',
      leftMs: 2.5 * MINUTE_MS,
      options: { policies },
    });
    expect(await tokens.accessToken(of())).toMatchObject({ type: 'token', via: 'existing' });
  });
});

describe('a store that is down', () => {
  const down = (credentials: CredentialRepository, broken: { now: boolean; hangs?: boolean }): Pick<CredentialRepository, 'read'> => ({
    read(accountId) {
      if (!broken.now) return credentials.read(accountId);
      return broken.hangs === true ? new Promise(() => undefined) : Promise.reject(new Error('down'));
    },
  });

  it.each([{ hangs: false }, { hangs: true }])('what was read before serves as long as it is good (hangs: $hangs)', async ({ hangs }) => {
    const broken = { now: false, hangs };
    const refresher = scripted(() => ({ type: 'unavailable', error: new Error('down') }));
    const base = await world({ refresher: never, leftMs: 20 * MINUTE_MS });
    const tokens = createTokenProvider({ credentials: down(base.credentials, broken), refresher });
    expect(await tokens.accessToken(base.account())).toMatchObject({ token: 'at-1', via: 'stored' });
    broken.now = true;
    expect((await inTime(tokens.accessToken(base.account()))).value).toMatchObject({ token: 'at-1', via: 'stored' });
    await vi.advanceTimersByTimeAsync(18 * MINUTE_MS);
    expect((await inTime(tokens.accessToken(base.account()))).value).toMatchObject({ token: 'at-1', via: 'existing' });
    await vi.advanceTimersByTimeAsync(3 * MINUTE_MS);
    expect((await inTime(tokens.accessToken(base.account()))).value).toMatchObject({ type: 'unavailable', reason: 'store_unavailable' });
    const refused = base.account({ health: { refreshRequestedFor: 1 } });
    expect((await inTime(tokens.accessToken(refused))).value).toMatchObject({ type: 'unavailable' });
  });

  it('that falls silent keeps one request waiting for two seconds, and those of the next five not at all', async () => {
    const broken = { now: false, hangs: true };
    const base = await world({ refresher: never });
    const tokens = createTokenProvider({ credentials: down(base.credentials, broken), refresher: never });
    const ask = () => inTime(tokens.accessToken(base.account()), 1);
    await ask();
    broken.now = true;
    expect(await ask()).toMatchObject({ value: { token: 'at-1' }, tookMs: 2_000 });
    for (let count = 0; count < 3; count += 1) expect(await ask()).toMatchObject({ value: { token: 'at-1' }, tookMs: 1 });
    await vi.advanceTimersByTimeAsync(5_000);
    expect((await ask()).tookMs).toBe(2_000);
    broken.now = false;
    await base.credentials.replace('a1', stored(2, 60 * MINUTE_MS));
    await vi.advanceTimersByTimeAsync(5_000);
    expect(await ask()).toMatchObject({ value: { token: 'at-2' }, tookMs: 1 });
  });

  it('a store that lags behind what was read before does not bring an older token back', async () => {
    const { tokens, credentials, account: of } = await world({ refresher: never, options: { cache: createMemoryTokenCache() } });
    expect(await tokens.accessToken(of())).toMatchObject({ token: 'at-1' });
    vi.spyOn(credentials, 'read').mockResolvedValue(stored(0, 60 * MINUTE_MS));
    await vi.advanceTimersByTimeAsync(56 * MINUTE_MS);
    expect(await tokens.accessToken(of())).toMatchObject({ token: 'at-1', revision: 1 });
  });

  it('without anything remembered there is no token', async () => {
    const base = await world({ refresher: never });
    const tokens = createTokenProvider({ credentials: down(base.credentials, { now: true }), refresher: never });
    expect(await tokens.accessToken(base.account())).toMatchObject({
      type: 'unavailable',
      reason: 'store_unavailable',
      retryAfterMs: 5_000,
    });
  });

  it('a cache that is down costs the way to the store', async () => {
    const cache: AccessTokenCache = {
      get: () => Promise.reject(new Error('down')),
      set: () => Promise.reject(new Error('down')),
      invalidate: () => Promise.reject(new Error('down')),
    };
    const { tokens, account: of } = await world({ refresher: never, options: { cache } });
    expect(await tokens.accessToken(of())).toMatchObject({ token: 'at-1', via: 'stored' });
    expect(await tokens.accessToken(of())).toMatchObject({ token: 'at-1', via: 'stored' });
  });

  it.each([
    () => {
      throw new Error('apply');
    },
    () => Promise.reject(new Error('apply')),
  ])('a host that cannot carry actions out still gets them', async (apply) => {
    const { tokens, account: of } = await world({ refresher: scripted(failed('non_retryable')), leftMs: 0, options: { apply } });
    expect((await tokens.accessToken(of())).actions.length).toBeGreaterThan(0);
    await vi.advanceTimersByTimeAsync(1);
  });
});

describe('many requests', () => {
  it('share one way to the token', async () => {
    const refresher = scripted(refreshed);
    const made = await world({ refresher, leftMs: 0 });
    const read = vi.spyOn(made.credentials, 'read');
    const results = await Promise.all(Array.from({ length: 50 }, () => made.tokens.accessToken(made.account())));
    expect(new Set(results.map((result) => result.type === 'token' && result.token))).toEqual(new Set(['at-2']));
    expect([refresher.requests.length, read.mock.calls.length]).toEqual([1, 1]);
  });

  it('one that knows of a 401 does not share the way of those that do not', async () => {
    const refresher = scripted(refreshed);
    const { tokens, account: of } = await world({ refresher });
    const [before, after] = await Promise.all([tokens.accessToken(of()), tokens.accessToken(of({ health: { refreshRequestedFor: 1 } }))]);
    expect([before, after]).toMatchObject([{ token: 'at-1' }, { token: 'at-2' }]);
  });

  it('one that gives up stops nobody', async () => {
    let finish: (outcome: RefreshOutcome) => void = () => undefined;
    const refresher = scripted(() => new Promise((resolve) => (finish = resolve)));
    const { tokens, account: of } = await world({ refresher, leftMs: 0 });
    const controller = new AbortController();
    const impatient = tokens.accessToken(of(), { signal: controller.signal });
    const patient = tokens.accessToken(of(), { signal: new AbortController().signal });
    await vi.advanceTimersByTimeAsync(10);
    controller.abort();
    expect(await impatient).toMatchObject({ type: 'unavailable', reason: 'gave_up' });
    expect(await tokens.accessToken(of(), { signal: controller.signal })).toMatchObject({ reason: 'gave_up' });
    finish({ type: 'refreshed', ...stored(2, 60 * MINUTE_MS) });
    expect(await patient).toMatchObject({ token: 'at-2' });
    expect(refresher.requests.length).toBe(1);
  });
});
