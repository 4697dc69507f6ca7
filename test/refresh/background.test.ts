import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Account } from '../../src/core/account.js';
import type { Action } from '../../src/core/action.js';
import { MINUTE_MS, SECOND_MS } from '../../src/core/time.js';
import { type BackgroundRefresher, type BackgroundRefresherOptions, createBackgroundRefresher } from '../../src/refresh/background.js';
import { dueAccounts, isRefreshCandidate } from '../../src/refresh/background-candidates.js';
import { backoffAfter } from '../../src/refresh/background-job.js';
import type { RefreshProgress } from '../../src/refresh/background-progress.js';
import type { Refresher, RefreshFailure, RefreshOutcome, RefreshRequest } from '../../src/refresh/outcome.js';
import { EXHAUSTED_RULE } from '../../src/refresh/refresh-failed.js';
import { type AccountFacts, account, accountError, hold, NOW } from '../support/accounts.js';

beforeEach(() => {
  vi.useFakeTimers({ now: NOW });
});
afterEach(() => {
  vi.useRealTimers();
});

type Answer = (request: RefreshRequest, count: number) => RefreshOutcome | Promise<RefreshOutcome>;

interface Scripted extends Refresher {
  readonly requests: readonly (RefreshRequest & { readonly at: number })[];
  readonly drained: () => boolean;
  readonly most: () => number;
}

/** A refresher that answers what the test says, after a while; it is no store. */
function scripted(answer: Answer, tookMs = 10): Scripted {
  const requests: (RefreshRequest & { readonly at: number })[] = [];
  const counts = new Map<string, number>();
  let [running, most, drained] = [0, 0, false];
  return {
    requests,
    drained: () => drained,
    most: () => most,
    async refresh(request) {
      requests.push({ ...request, at: Date.now() });
      const count = (counts.get(request.accountId) ?? 0) + 1;
      counts.set(request.accountId, count);
      running += 1;
      most = Math.max(most, running);
      await new Promise((resolve) => setTimeout(resolve, tookMs));
      running -= 1;
      return answer(request, count);
    },
    pending: () => null,
    async drain() {
      drained = running === 0;
    },
  };
}

const refreshed: Answer = ({ revision }) => ({ type: 'refreshed', revision: revision + 1, credentials: {}, expiresAt: null });
const fails =
  (kind: RefreshFailure['kind'], code: string): Answer =>
  ({ revision }) => ({ type: 'failed', revision, failure: { kind, code } });

/** An account whose token ends in ten minutes. */
const due = (id: string, facts: AccountFacts = {}): Account =>
  account({ id, ...facts, credential: { revision: 3, expiresAt: NOW + 10 * MINUTE_MS, refreshable: true, ...facts.credential } });

const many = (count: number, facts: AccountFacts = {}): readonly Account[] =>
  Array.from({ length: count }, (_, at) => due(`a${at}`, facts));

interface World {
  readonly background: BackgroundRefresher;
  readonly progress: RefreshProgress[];
  readonly applied: Action[];
  readonly of: <T extends RefreshProgress['type']>(type: T) => readonly Extract<RefreshProgress, { readonly type: T }>[];
}

function world(
  accounts: BackgroundRefresherOptions['accounts'] | readonly Account[],
  refresher: Refresher,
  options: Partial<BackgroundRefresherOptions> = {},
): World {
  const progress: RefreshProgress[] = [];
  const applied: Action[] = [];
  const background = createBackgroundRefresher({
    accounts: typeof accounts === 'function' ? accounts : () => accounts,
    refresher,
    apply: (actions) => applied.push(...actions),
    onProgress: (one) => progress.push(one),
    ...options,
  });
  const of = <T extends RefreshProgress['type']>(type: T) =>
    progress.filter((one): one is Extract<RefreshProgress, { readonly type: T }> => one.type === type);
  return { background, progress, applied, of };
}

async function inTime<T>(promise: Promise<T>, stepMs = 100): Promise<T> {
  let settled = false;
  const end = promise.finally(() => {
    settled = true;
  });
  for (let step = 0; step < 20_000 && !settled; step += 1) await vi.advanceTimersByTimeAsync(stepMs);
  return end;
}

describe('candidates', () => {
  const rows: readonly { readonly title: string; readonly facts: AccountFacts; readonly candidate: boolean }[] = [
    { title: 'an ordinary OAuth account', facts: {}, candidate: true },
    { title: 'switched off', facts: { settings: { enabled: false } }, candidate: false },
    { title: 'an API key', facts: { type: 'api_key' }, candidate: false },
    { title: 'a setup token', facts: { type: 'setup_token' }, candidate: false },
    { title: 'without a refresh token', facts: { credential: { revision: 3, expiresAt: NOW, refreshable: false } }, candidate: false },
    { title: 'without a revision', facts: { credential: { revision: null, expiresAt: NOW, refreshable: true } }, candidate: false },
    { title: 'a shadow', facts: { parent: account({ id: 'parent' }) }, candidate: false },
    {
      title: 'a credential error of this revision',
      facts: { health: { errors: new Map([['credential', accountError({ credentialRevision: 3 })]]) } },
      candidate: false,
    },
    {
      title: 'a credential error of an earlier revision',
      facts: { health: { errors: new Map([['credential', accountError({ credentialRevision: 2 })]]) } },
      candidate: true,
    },
    { title: 'an error that was cleared', facts: { health: { errors: new Map([['billing', accountError({ at: 0 })]]) } }, candidate: true },
    { title: 'another error', facts: { health: { errors: new Map([['violation', accountError()]]) } }, candidate: false },
    {
      title: 'a rest after failures',
      facts: { health: { authentication: hold(NOW + 1, { rule: EXHAUSTED_RULE, credentialRevision: 3 }) } },
      candidate: false,
    },
    {
      title: 'a rest that is over',
      facts: { health: { authentication: hold(NOW, { rule: EXHAUSTED_RULE, credentialRevision: 3 }) } },
      candidate: true,
    },
    {
      title: 'a rest of an earlier revision',
      facts: { health: { authentication: hold(NOW + 1, { rule: EXHAUSTED_RULE, credentialRevision: 2 }) } },
      candidate: true,
    },
    {
      title: 'the hold of a 401',
      facts: { health: { authentication: hold(NOW + 1, { rule: 'oauth_401', credentialRevision: 3 }) } },
      candidate: true,
    },
    { title: 'another temporary hold', facts: { health: { temporary: hold(NOW + 1), rateLimit: hold(NOW + 1) } }, candidate: true },
    {
      title: 'Antigravity without a project',
      facts: {
        platform: 'antigravity',
        health: { errors: new Map([['forbidden', accountError({ message: 'missing_project_id: none' })]]) },
      },
      candidate: true,
    },
    {
      title: 'another platform without a project',
      facts: { health: { errors: new Map([['forbidden', accountError({ message: 'missing_project_id: none' })]]) } },
      candidate: false,
    },
  ];

  it.each(rows)('$title: $candidate', ({ facts, candidate }) => {
    expect(isRefreshCandidate(due('a1', facts), NOW)).toBe(candidate);
  });

  it.each([
    { platform: 'anthropic', leftMs: 30 * MINUTE_MS - 1, isDue: true },
    { platform: 'anthropic', leftMs: 30 * MINUTE_MS, isDue: false },
    { platform: 'gemini', leftMs: 20 * MINUTE_MS, isDue: true },
    { platform: 'antigravity', leftMs: 20 * MINUTE_MS, isDue: false },
    { platform: 'antigravity', leftMs: 15 * MINUTE_MS - 1, isDue: true },
    { platform: 'anthropic', leftMs: null, isDue: false },
  ])('$platform with $leftMs ms left is due: $isDue', ({ platform, leftMs, isDue }) => {
    const one = account({ platform, credential: { revision: 3, expiresAt: leftMs === null ? null : NOW + leftMs, refreshable: true } });
    expect(dueAccounts([one], { now: NOW, windowMs: 30 * MINUTE_MS })).toEqual(isDue ? [one] : []);
    const refused = { ...one, health: { ...one.health, refreshRequestedFor: 3 } };
    expect(dueAccounts([refused], { now: NOW, windowMs: 30 * MINUTE_MS })).toEqual([refused]);
  });
});

describe('a pass', () => {
  const outcomes: readonly {
    readonly title: string;
    readonly answer: Answer;
    readonly expected: object;
    readonly writes: readonly object[];
    readonly asked?: number;
  }[] = [
    { title: 'success', answer: refreshed, expected: { result: 'refreshed', revision: 4 }, writes: [] },
    {
      title: 'a success that the store does not have yet',
      answer: ({ revision }) => ({ type: 'pending', revision: revision + 1, credentials: {}, expiresAt: null }),
      expected: { result: 'refreshed', revision: 4 },
      writes: [],
    },
    {
      title: 'another process had done it',
      answer: () => ({ type: 'adopted', revision: 9, credentials: {}, expiresAt: null }),
      expected: { result: 'skipped', reason: 'fresh' },
      writes: [],
    },
    {
      title: 'it is only just stored',
      answer: ({ revision }) => ({ type: 'refreshed', revision, credentials: {}, expiresAt: null }),
      expected: { result: 'skipped', reason: 'fresh' },
      writes: [],
    },
    {
      title: 'another process is at it',
      answer: () => ({ type: 'busy', remainingMs: 1 }),
      expected: { result: 'skipped', reason: 'busy' },
      writes: [],
    },
    { title: 'the account is gone', answer: () => ({ type: 'missing' }), expected: { result: 'skipped', reason: 'missing' }, writes: [] },
    {
      title: 'the store is down',
      answer: () => ({ type: 'unavailable', error: null }),
      expected: { result: 'skipped', reason: 'store_unavailable' },
      writes: [],
    },
    { title: 'the client is refused', answer: fails('provider_wide', 'invalid_client'), expected: { result: 'provider_wide' }, writes: [] },
    {
      title: 'a final refusal',
      answer: fails('non_retryable', 'access_denied'),
      expected: { result: 'refused' },
      writes: [
        {
          type: 'set_error',
          kind: 'credential',
          credentialRevision: 3,
          message: expect.stringContaining('Token refresh failed (non-retryable): access_denied'),
        },
        { type: 'invalidate_token', credentialRevision: 3 },
      ],
    },
    {
      title: 'a rotation that was lost',
      answer: ({ revision }) => ({ type: 'condemned', revision, code: 'lost_rotation' }),
      expected: { result: 'refused', failure: { code: 'lost_rotation' } },
      writes: [{ type: 'set_error', credentialRevision: 3, rule: 'refresh_lost_rotation' }, { type: 'invalidate_token' }],
    },
    {
      title: 'failures without end',
      answer: fails('retryable', 'http_429'),
      expected: { result: 'exhausted', attempts: 3 },
      writes: [
        {
          type: 'set_temp_unschedulable',
          cell: 'authentication',
          credentialRevision: 3,
          rule: EXHAUSTED_RULE,
          detail: 'token refresh retry exhausted: http_429',
        },
      ],
      asked: 3,
    },
    {
      title: 'a failure and then a success',
      answer: (request, count) => (count < 3 ? fails('retryable', 'http_429')(request, count) : refreshed(request, count)),
      expected: { result: 'refreshed', attempts: 3 },
      writes: [],
      asked: 3,
    },
  ];

  it.each(outcomes)('$title', async ({ answer, expected, writes, asked = 1 }) => {
    const refresher = scripted(answer);
    const { background, applied, of } = world([due('a1')], refresher);
    await inTime(background.runOnce());
    expect(of('account')).toMatchObject([{ accountId: 'a1', platform: 'anthropic', attempts: asked, ...expected }]);
    expect(applied).toEqual(writes.map((write) => expect.objectContaining({ accountId: 'a1', ...write })));
    expect(refresher.requests.length).toBe(asked);
    expect(refresher.requests[0]).toMatchObject({ accountId: 'a1', platform: 'anthropic', revision: 3 });
  });

  it('the hold after failures lasts ten minutes', async () => {
    const { background, applied } = world([due('a1')], scripted(fails('retryable', 'timeout')));
    await inTime(background.runOnce(), 10);
    const [action] = applied;
    const untilMs = action?.type === 'set_temp_unschedulable' ? action.until - Date.now() : 0;
    expect(untilMs).toBeGreaterThan(10 * MINUTE_MS - 100);
    expect(untilMs).toBeLessThanOrEqual(10 * MINUTE_MS);
  });

  it('waits are doubled, and drawn out or cut by at most a quarter, always alike for an account', () => {
    const one = due('a1');
    for (const failures of [1, 2, 3, 10, 11, 50]) {
      const expected = 2_000 * 2 ** Math.min(failures - 1, 10);
      const ms = backoffAfter(one, failures, 2_000);
      expect(ms).toBeGreaterThanOrEqual(expected * 0.75);
      expect(ms).toBeLessThanOrEqual(expected * 1.25);
      expect(backoffAfter(one, failures, 2_000)).toBe(ms);
    }
    const shares = many(200).map((other) => backoffAfter(other, 1, 100_000) / 100_000);
    expect(Math.min(...shares)).toBeLessThan(0.8);
    expect(Math.max(...shares)).toBeGreaterThan(1.2);
    expect(new Set(shares).size).toBeGreaterThan(190);
  });

  it('keeps those waits', async () => {
    const refresher = scripted(fails('retryable', 'http_429'), 1);
    await inTime(world([due('a1')], refresher).background.runOnce(), 1);
    const [first = 0, second = 0, third = 0] = refresher.requests.map(({ at }) => at);
    expect(Math.abs(second - first - backoffAfter(due('a1'), 1, 2_000))).toBeLessThan(10);
    expect(Math.abs(third - second - backoffAfter(due('a1'), 2, 2_000))).toBeLessThan(10);
  });

  it('an attempt of unknown outcome is left alone until the next pass, and counts', async () => {
    const ambiguous: Answer = ({ revision }) => ({
      type: 'ambiguous',
      revision,
      retryAfterMs: 90_000,
      failure: { kind: 'retryable', code: 'http_502' },
    });
    const refresher = scripted(ambiguous);
    const { background, applied, of } = world([due('a1')], refresher);
    for (const _ of [1, 2, 3]) await inTime(background.runOnce());
    expect(of('account').map(({ result, attempts }) => [result, attempts])).toEqual([
      ['skipped', 1],
      ['skipped', 2],
      ['exhausted', 3],
    ]);
    expect(refresher.requests.length).toBe(3);
    expect(applied).toMatchObject([{ type: 'set_temp_unschedulable', detail: 'token refresh retry exhausted: http_502' }]);
  });

  it('a success lifts what said that an Antigravity account has no project, and nothing else', async () => {
    const errors = new Map([['forbidden' as const, accountError({ message: 'missing_project_id: none', generation: 5 })]]);
    const { background, applied } = world(
      [due('a1', { platform: 'antigravity', health: { errors, temporary: hold(NOW + MINUTE_MS) } })],
      scripted(refreshed),
    );
    await inTime(background.runOnce());
    expect(applied).toEqual([{ type: 'clear_error', accountId: 'a1', kind: 'forbidden', generation: 5 }]);
  });

  it('one account\u2019s trouble stops no other (F23)', async () => {
    const refresher = scripted((request, count) =>
      request.accountId === 'a3' ? fails('retryable', 'http_429')(request, count) : refreshed(request, count),
    );
    const { background, applied } = world(many(20), refresher, { concurrency: 2 });
    expect(await inTime(background.runOnce())).toEqual({ due: 20, refreshed: 19, skipped: 0, failed: 1 });
    expect(applied).toMatchObject([{ accountId: 'a3' }]);
  });

  it('goes over so many accounts at a time and no more', async () => {
    for (const concurrency of [1, 3]) {
      const refresher = scripted(refreshed, 5_000);
      await inTime(world(many(12), refresher, { concurrency }).background.runOnce());
      expect([refresher.requests.length, refresher.most()]).toEqual([12, concurrency]);
    }
  });

  it('tokens that end at the same second are not renewed at the same second; those that a 401 named are first (F91)', async () => {
    const refresher = scripted(refreshed, 1);
    const accounts = [...many(60), due('refused', { health: { refreshRequestedFor: 3 } })];
    await inTime(world(accounts, refresher, { concurrency: 8 }).background.runOnce(), 100);
    expect(refresher.requests[0]).toMatchObject({ accountId: 'refused', at: NOW });
    const perSecond = new Map<number, number>();
    for (const { at } of refresher.requests) perSecond.set(Math.floor(at / 1_000), (perSecond.get(Math.floor(at / 1_000)) ?? 0) + 1);
    expect(Math.max(...perSecond.values())).toBeLessThan(10);
    const last = refresher.requests.at(-1)?.at ?? 0;
    expect(last - NOW).toBeGreaterThan(20_000);
    expect(last - NOW).toBeLessThanOrEqual(31_000);
  });

  it('few accounts do not wait for each other', async () => {
    const refresher = scripted(refreshed, 1);
    await inTime(world(many(4), refresher).background.runOnce());
    expect(new Set(refresher.requests.map(({ at }) => at))).toEqual(new Set([NOW]));
  });
});

describe('trouble of a whole platform', () => {
  it('a client that is refused is told once, and no account is touched (F12)', async () => {
    const { background, applied, of } = world(many(50), scripted(fails('provider_wide', 'invalid_client')));
    expect(await inTime(background.runOnce())).toEqual({ due: 50, refreshed: 0, skipped: 0, failed: 50 });
    expect(of('platform_trouble')).toEqual([
      { type: 'platform_trouble', platform: 'anthropic', kind: 'provider_wide', code: 'invalid_client' },
    ]);
    expect(applied).toEqual([]);
  });

  it('an account with a foreign client keeps nobody else from a refresh', async () => {
    const refresher = scripted((request, count) =>
      request.accountId === 'a0' ? fails('provider_wide', 'unauthorized_client')(request, count) : refreshed(request, count),
    );
    const { background, applied } = world(many(9), refresher);
    expect(await inTime(background.runOnce())).toMatchObject({ refreshed: 8, failed: 1 });
    expect(applied).toEqual([]);
  });

  it.each([
    { title: 'a failing endpoint', kind: 'retryable' as const, code: 'http_503' },
    { title: 'an endpoint that refuses everybody', kind: 'non_retryable' as const, code: 'access_denied' },
  ])('$title is told once, is not asked again and again, and no account is touched (F90)', async ({ kind, code }) => {
    const refresher = scripted(fails(kind, code));
    const { background, applied, of } = world(many(50), refresher);
    await inTime(background.runOnce());
    expect(of('platform_trouble')).toEqual([{ type: 'platform_trouble', platform: 'anthropic', kind: 'systemic', code }]);
    expect(applied).toEqual([]);
    expect(of('account').length).toBe(50);
    expect(refresher.requests.length).toBeLessThanOrEqual(50 + 3 * 15);
  });

  it.each([
    { failing: 2, of50: 2, touched: 2 },
    { failing: 14, of50: 14, touched: 14 },
    { failing: 15, of50: 15, touched: 0 },
  ])('$failing accounts of 50 that fail alike: $touched are held', async ({ failing, touched }) => {
    const refresher = scripted((request, count) =>
      Number(request.accountId.slice(1)) < failing ? fails('retryable', 'http_429')(request, count) : refreshed(request, count),
    );
    const { background, applied, of } = world(many(50), refresher);
    const summary = await inTime(background.runOnce());
    expect(applied.length).toBe(touched);
    expect(of('platform_trouble').length).toBe(touched === 0 ? 1 : 0);
    expect(summary.refreshed).toBe(50 - failing);
  });

  it('nobody waits for the next try at an endpoint that is down', async () => {
    const { background } = world(many(10), scripted(fails('retryable', 'http_503')), { backoffMs: 60 * MINUTE_MS });
    expect(await inTime(background.runOnce())).toEqual({ due: 10, refreshed: 0, skipped: 10, failed: 0 });
    expect(Date.now() - NOW).toBeLessThan(2 * MINUTE_MS);
  });

  it('accounts that failed once and then succeeded are no trouble', async () => {
    const refresher = scripted((request, count) =>
      count === 1 ? fails('retryable', 'http_503')(request, count) : refreshed(request, count),
    );
    const { background, of } = world(many(20), refresher, { concurrency: 1 });
    expect(await inTime(background.runOnce())).toMatchObject({ refreshed: 20 });
    expect(of('platform_trouble')).toEqual([]);
  });

  it('dead tokens are the accounts\u2019 own, however many', async () => {
    const { background, applied, of } = world(
      many(10),
      scripted(({ revision }) => ({ type: 'condemned', revision, code: 'revoked' })),
    );
    await inTime(background.runOnce());
    expect(applied.filter(({ type }) => type === 'set_error').length).toBe(10);
    expect(of('platform_trouble')).toEqual([]);
  });

  it('other platforms go on, and the next pass tries again', async () => {
    let isDown = true;
    const refresher = scripted((request, count) =>
      isDown && request.platform === 'openai' ? fails('retryable', 'http_503')(request, count) : refreshed(request, count),
    );
    const { background, applied } = world([...many(5, { platform: 'openai' }), due('other')], refresher);
    expect(await inTime(background.runOnce())).toMatchObject({ due: 6, refreshed: 1 });
    isDown = false;
    expect(await inTime(background.runOnce())).toMatchObject({ due: 6, refreshed: 6 });
    expect(applied).toEqual([]);
  });
});

describe('passing again and again', () => {
  it.each([
    { intervalMs: undefined, expected: 5 * MINUTE_MS },
    { intervalMs: 2 * MINUTE_MS, expected: 2 * MINUTE_MS },
    { intervalMs: MINUTE_MS, expected: MINUTE_MS },
    { intervalMs: MINUTE_MS - 1, expected: 5 * MINUTE_MS },
    { intervalMs: 0, expected: 5 * MINUTE_MS },
    { intervalMs: Number.NaN, expected: 5 * MINUTE_MS },
    { intervalMs: -1, expected: 5 * MINUTE_MS },
  ])('an interval of $intervalMs ms is $expected ms', async ({ intervalMs, expected }) => {
    const began: number[] = [];
    const accounts = (): readonly Account[] => {
      began.push(Date.now() - NOW);
      return [];
    };
    const { background } = world(accounts, scripted(refreshed), intervalMs === undefined ? {} : { intervalMs });
    background.start();
    background.start();
    await vi.advanceTimersByTimeAsync(2 * expected);
    expect(began).toEqual([0, expected, 2 * expected]);
    await background.stop();
    await vi.advanceTimersByTimeAsync(2 * expected);
    expect(began.length).toBe(3);
  });

  it('is woken by a 401, also while it passes', async () => {
    const refresher = scripted(refreshed, 1_000);
    const { background, of } = world([due('a1')], refresher);
    background.start();
    await vi.advanceTimersByTimeAsync(500);
    background.wake();
    await vi.advanceTimersByTimeAsync(2_000);
    expect(of('pass_started').length).toBe(2);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(of('pass_started').length).toBe(2);
    background.wake();
    await vi.advanceTimersByTimeAsync(2_000);
    expect(of('pass_started').length).toBe(3);
    await background.stop();
  });

  it('accounts that cannot be had are told, and the next pass asks again', async () => {
    let isDown = true;
    const { background, progress, of } = world(() => (isDown ? Promise.reject(new Error('down')) : [due('a1')]), scripted(refreshed));
    background.start();
    await vi.advanceTimersByTimeAsync(MINUTE_MS);
    expect(progress).toEqual([{ type: 'accounts_unavailable', error: new Error('down') }]);
    isDown = false;
    await vi.advanceTimersByTimeAsync(5 * MINUTE_MS);
    expect(of('pass_finished')).toEqual([{ type: 'pass_finished', due: 1, refreshed: 1, skipped: 0, failed: 0 }]);
    await background.stop();
  });

  it('stopping begins nothing new, and waits for what is under way (R10)', async () => {
    const refresher = scripted(refreshed, 20 * SECOND_MS);
    const { background, of } = world(many(40), refresher, { concurrency: 2 });
    background.start();
    await vi.advanceTimersByTimeAsync(25 * SECOND_MS);
    const before = refresher.requests.length;
    const stopped = background.stop();
    background.wake();
    await inTime(stopped);
    expect(refresher.requests.length).toBe(before);
    expect(refresher.drained()).toBe(true);
    expect(of('account').filter(({ result }) => result === 'refreshed').length).toBe(before);
    expect(of('account').filter((one) => one.result === 'skipped' && one.reason === 'stopped').length).toBe(40 - before);
    expect(await background.runOnce()).toEqual({ due: 0, refreshed: 0, skipped: 0, failed: 0 });
  });

  it('stopping does not wait for the next try of an account that fails', async () => {
    const { background, applied } = world([due('a1')], scripted(fails('retryable', 'http_429')), { backoffMs: 60 * MINUTE_MS });
    background.start();
    await vi.advanceTimersByTimeAsync(SECOND_MS);
    await inTime(background.stop());
    expect(Date.now() - NOW).toBeLessThan(2 * SECOND_MS);
    expect(applied).toEqual([]);
  });

  it('a listener or a host that throws disturbs nothing (F96)', async () => {
    const throws = (): never => {
      throw new Error('host');
    };
    const { background } = world([due('a1')], scripted(fails('non_retryable', 'access_denied')), { onProgress: throws, apply: throws });
    expect(await inTime(background.runOnce())).toMatchObject({ due: 1, failed: 1 });
  });

  it.each(['windowMs', 'concurrency', 'maxRetries', 'backoffMs'] as const)('%s that makes no sense is refused at once (F95)', (name) => {
    for (const value of [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => world([], scripted(refreshed), { [name]: value })).toThrow(`background_options_invalid: ${name}`);
    }
  });
});
