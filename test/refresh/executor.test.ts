import { describe, expect, it, vi } from 'vitest';
import { createMemoryTokenCache } from '../../src/adapters/memory.js';
import { PolicyError } from '../../src/core/policy-error.js';
import { createRefresher } from '../../src/refresh/create-refresher.js';
import type { ExchangeResult } from '../../src/refresh/ports.js';
import { REFRESH_TIMING } from '../../src/refresh/timing.js';
import { NOW } from '../support/accounts.js';
import { answered, type RefreshWorld, refreshWorld, refused, rotated, STORED, type StoreOperation, settle } from './support.js';

/** An answer that comes when the test wants. */
function later(): { readonly answer: Promise<ExchangeResult>; readonly come: (result: ExchangeResult) => void } {
  let come: (result: ExchangeResult) => void = () => undefined;
  const answer = new Promise<ExchangeResult>((resolve) => {
    come = resolve;
  });
  return { answer, come };
}

const tokenOf = async (world: RefreshWorld): Promise<unknown> => (await world.store.read('a1'))?.credentials.refresh_token;
const revisionOf = async (world: RefreshWorld): Promise<unknown> => (await world.store.read('a1'))?.revision;
const codes = (world: RefreshWorld): readonly string[] => world.reports.map(({ code }) => code);

describe('a refresh', () => {
  it('stores the answer as the next revision, keeps the rest of the credentials, and says so', async () => {
    const world = await refreshWorld(() => rotated(1));
    expect(await world.refresh(world.process())).toEqual({
      type: 'refreshed',
      revision: 1,
      credentials: { access_token: 'at-1', refresh_token: 'rt-1', project_id: 'p' },
      expiresAt: NOW + 3_600_000,
    });
    expect(await tokenOf(world)).toBe('rt-1');
    expect(codes(world)).toEqual(['refresh_done']);
    expect(world.calls).toEqual(['begin', 'commit']);
  });

  it('is shared by all callers of one process that want the same revision', async () => {
    const { answer, come } = later();
    const world = await refreshWorld(() => answer);
    const refresher = world.process();
    const all = Promise.all([world.refresh(refresher), world.refresh(refresher), world.refresh(refresher)]);
    await settle();
    come(rotated(1));
    const outcomes = await all;
    expect(world.sent).toEqual(['rt-0']);
    expect(outcomes.map(({ type }) => type)).toEqual(['refreshed', 'refreshed', 'refreshed']);
  });

  it('F2: of two processes one sends; the other hears that it is busy, and later adopts', async () => {
    const { answer, come } = later();
    const world = await refreshWorld(() => answer);
    const [first, second] = [world.process(), world.process()];
    const outcome = world.refresh(first);
    await settle();
    expect(await world.refresh(second)).toEqual({ type: 'busy', remainingMs: REFRESH_TIMING.attemptMs });
    come(rotated(1));
    await outcome;
    expect(await world.refresh(second)).toMatchObject({ type: 'adopted', revision: 1 });
    expect(world.sent).toEqual(['rt-0']);
  });

  it('F3: an answer that comes after the attempt is over is stored all the same', async () => {
    const { answer, come } = later();
    const world = await refreshWorld(() => answer);
    const outcome = world.refresh(world.process());
    await settle();
    world.pass(REFRESH_TIMING.attemptMs + 1);
    come(rotated(1));
    expect(await outcome).toMatchObject({ type: 'refreshed', revision: 1 });
    expect(await tokenOf(world)).toBe('rt-1');
  });

  it('F4: a caller that stops waiting stops nothing', async () => {
    const { answer, come } = later();
    const world = await refreshWorld(() => answer);
    const gone = Promise.race([world.refresh(world.process()), Promise.resolve('gone')]);
    expect(await gone).toBe('gone');
    come(rotated(1));
    await settle();
    expect(await tokenOf(world)).toBe('rt-1');
  });

  it('F5: an answer that the store does not take is served, and offered again until it does', async () => {
    const world = await refreshWorld(() => rotated(1));
    const refresher = world.process();
    world.fail('commit', 3);
    const pending = { revision: 1, credentials: { ...STORED, access_token: 'at-1', refresh_token: 'rt-1' }, expiresAt: NOW + 3_600_000 };
    expect(await world.refresh(refresher)).toEqual({ type: 'pending', ...pending });
    expect(refresher.pending('a1')).toEqual(pending);
    expect(await world.refresh(refresher)).toEqual({ type: 'pending', ...pending });
    expect(await world.refresh(refresher, 1)).toEqual({ type: 'pending', ...pending });
    for (let index = 0; index < 3; index += 1) {
      world.waits[index]?.end();
      await settle();
    }
    expect(refresher.pending('a1')).toBeNull();
    expect(await tokenOf(world)).toBe('rt-1');
    expect(world.sent).toEqual(['rt-0']);
    expect(codes(world)).toEqual(['refresh_pending', 'refresh_done']);
    const waits = world.waits.map(({ ms }) => ms);
    expect(waits[1]).toBeGreaterThan(waits[0] ?? 0);
    expect(waits[2]).toBeGreaterThan(waits[1] ?? 0);
  });

  it('F6: a commit whose answer is lost is recognised, and nothing is sent again', async () => {
    const world = await refreshWorld(() => rotated(1));
    const refresher = world.process();
    world.fail('commit', 1, 'unanswered');
    expect(await world.refresh(refresher)).toMatchObject({ type: 'pending', revision: 1 });
    world.waits[0]?.end();
    await settle();
    expect([refresher.pending('a1'), await revisionOf(world), world.sent]).toEqual([null, 1, ['rt-0']]);
    expect(world.calls).not.toContain('keepAlternate');
  });

  it('F7: a re-read that fails gives no verdict', async () => {
    const world = await refreshWorld(() => refused('invalid_grant'));
    world.fail('read', 1);
    expect(await world.refresh(world.process())).toMatchObject({ type: 'unavailable' });
    expect(world.calls).not.toContain('condemn');
    expect(await world.store.begin('a1', 0, { nonce: 'n', ttlMs: 1 })).toMatchObject({ kind: 'granted', orphan: false });
  });

  it('F8: invalid_grant after a sibling rotated adopts what the sibling stored', async () => {
    const world = await refreshWorld(async () => {
      await world.store.replace('a1', { credentials: { ...STORED, refresh_token: 'rt-9' }, expiresAt: null });
      return refused('invalid_grant');
    });
    expect(await world.refresh(world.process())).toMatchObject({ type: 'adopted', revision: 1 });
    expect(world.calls).not.toContain('condemn');
  });

  it('F9, F20: after an attempt that ended without a word, invalid_grant is a lost rotation; without one the token was revoked', async () => {
    const world = await refreshWorld(() => refused('invalid_grant'));
    await world.store.begin('a1', 0, { nonce: 'of a process that died', ttlMs: 1_000 });
    world.pass(1_001);
    expect(await world.refresh(world.process())).toEqual({ type: 'condemned', revision: 0, code: 'lost_rotation' });
    const other = await refreshWorld(() => refused('invalid_grant'));
    expect(await other.refresh(other.process())).toEqual({ type: 'condemned', revision: 0, code: 'revoked' });
    expect(await other.refresh(other.process())).toEqual({ type: 'condemned', revision: 0, code: 'revoked' });
    expect(other.sent).toHaveLength(1);
  });

  it.each<{ readonly name: string; readonly result: ExchangeResult; readonly code: string }>([
    { name: 'a time limit', result: { kind: 'ambiguous', error: new DOMException('late', 'TimeoutError') }, code: 'timeout' },
    { name: 'a broken connection', result: { kind: 'ambiguous', error: new Error('reset') }, code: 'network_error' },
    { name: 'a 502', result: answered(502, '<html>'), code: 'http_502' },
    { name: 'half an answer', result: answered(200, '{"access_token":"a'), code: 'unreadable_answer' },
    { name: 'an answer without tokens', result: answered(200, {}), code: 'missing_access_token' },
  ])('F10: after $name the token is sent once more when the attempt is over, and not before', async ({ result, code }) => {
    const world = await refreshWorld((_, index) => (index === 0 ? result : rotated(1)));
    const outcome = await world.refresh(world.process());
    expect(outcome).toEqual({
      type: 'ambiguous',
      revision: 0,
      retryAfterMs: REFRESH_TIMING.attemptMs,
      failure: { kind: 'retryable', code },
    });
    expect(await world.refresh(world.process())).toMatchObject({ type: 'busy' });
    world.pass(REFRESH_TIMING.attemptMs);
    expect(await world.refresh(world.process())).toMatchObject({ type: 'refreshed', revision: 1 });
    expect(world.sent).toEqual(['rt-0', 'rt-0']);
  });

  it.each([
    { status: 429, body: '{"error":{"type":"rate_limit_error"}}', kind: 'retryable', code: 'rate_limit_error' },
    { status: 403, body: '<html>blocked</html>', kind: 'retryable', code: 'http_403' },
    { status: 401, body: '{"error":"invalid_client"}', kind: 'provider_wide', code: 'invalid_client' },
    { status: 404, body: '', kind: 'provider_wide', code: 'http_404' },
  ])('F11, F12: $status $code is no verdict, and the attempt is given back at once', async ({ status, body, kind, code }) => {
    const world = await refreshWorld((_, index) => (index === 0 ? answered(status, body) : rotated(1)));
    const refresher = world.process();
    expect(await world.refresh(refresher)).toEqual({ type: 'failed', revision: 0, failure: { kind, code } });
    expect(await world.refresh(refresher)).toMatchObject({ type: 'refreshed' });
    expect(codes(world)[0]).toBe(kind === 'provider_wide' ? 'refresh_provider_refused' : 'refresh_failed');
  });

  it('F13: an answer without a refresh token keeps the stored one, in a new revision', async () => {
    const world = await refreshWorld(() => answered(200, { access_token: 'at-1', expires_in: 60 }));
    expect(await world.refresh(world.process())).toMatchObject({
      revision: 1,
      credentials: { access_token: 'at-1', refresh_token: 'rt-0' },
    });
  });

  it('F14: a refresh token without an access token is stored, and the refresh has failed', async () => {
    const world = await refreshWorld(() => answered(200, { refresh_token: 'rt-1', access_token: ' ' }));
    const failure = { kind: 'retryable', code: 'missing_access_token' };
    expect(await world.refresh(world.process())).toEqual({ type: 'failed', revision: 0, failure });
    expect(await world.store.read('a1')).toMatchObject({ revision: 1, credentials: { access_token: 'at-0', refresh_token: 'rt-1' } });
  });

  it('F14: a 200 with an error body is that error', async () => {
    const world = await refreshWorld(() => refused('invalid_grant', 200));
    expect(await world.refresh(world.process())).toEqual({ type: 'condemned', revision: 0, code: 'revoked' });
  });

  it('F15, F16: a token that is over at once is not refreshed again within half a minute', async () => {
    const world = await refreshWorld((_, index) => rotated(index + 1, { expires_in: -5 }));
    const refresher = world.process();
    expect(await world.refresh(refresher)).toMatchObject({ type: 'refreshed', revision: 1, expiresAt: NOW + 60_000 });
    for (let index = 0; index < 20; index += 1) expect(await world.refresh(refresher, 1)).toMatchObject({ type: 'refreshed', revision: 1 });
    expect(world.sent).toHaveLength(1);
    expect(codes(world)).toContain('refresh_short_lived');
    world.pass(REFRESH_TIMING.minIntervalMs);
    expect(await world.refresh(refresher, 1)).toMatchObject({ type: 'refreshed', revision: 2 });
  });

  it('F17: where the server does not rotate, of two answers the first is stored, and an older access token never over it', async () => {
    const { answer, come } = later();
    const world = await refreshWorld((_, index) => (index === 0 ? answer : answered(200, { access_token: 'at-second', expires_in: 3600 })));
    const paused = world.refresh(world.process());
    await settle();
    world.pass(REFRESH_TIMING.attemptMs);
    expect(await world.refresh(world.process())).toMatchObject({ type: 'refreshed', revision: 1 });
    come(answered(200, { access_token: 'at-first', expires_in: 3600 }));
    expect(await paused).toMatchObject({ type: 'adopted', revision: 1, credentials: { access_token: 'at-second' } });
  });

  it('F18: where the last redemption wins, the answer that lost the race is tried before anything is condemned', async () => {
    const { answer, come } = later();
    const world = await refreshWorld((_, index) => [answer, rotated(1), refused('invalid_grant')][index] ?? rotated(3));
    const paused = world.refresh(world.process());
    await settle();
    world.pass(REFRESH_TIMING.attemptMs);
    await world.refresh(world.process());
    come(rotated(2));
    expect(await paused).toMatchObject({ type: 'adopted', revision: 1 });
    expect(await world.refresh(world.process(), 1)).toMatchObject({ type: 'adopted', revision: 2, credentials: { refresh_token: 'rt-2' } });
    expect(await world.refresh(world.process(), 2)).toMatchObject({
      type: 'refreshed',
      revision: 3,
      credentials: { refresh_token: 'rt-3' },
    });
    expect(codes(world)).toEqual(expect.arrayContaining(['refresh_alternate_kept', 'refresh_alternate_promoted']));
  });

  it('F19: a process that was paused between asking for the attempt and sending sends nothing', async () => {
    const world = await refreshWorld(() => rotated(1));
    const begin = world.store.begin;
    const credentials = {
      ...world.store,
      begin: async (...args: Parameters<typeof begin>) => begin(...args).finally(() => world.pass(REFRESH_TIMING.sendWithinMs)),
    };
    expect(await world.refresh(world.process({ credentials }))).toEqual({ type: 'aborted' });
    expect(world.sent).toEqual([]);
    expect(await world.refresh(world.process())).toMatchObject({ type: 'refreshed', revision: 1 });
  });

  it('F21: credentials that a person gives during a refresh win, and the answer is not kept beside them', async () => {
    const world = await refreshWorld(async () => {
      await world.store.replace('a1', { credentials: { ...STORED, refresh_token: 'rt-own' }, expiresAt: null });
      return rotated(1);
    });
    expect(await world.refresh(world.process())).toMatchObject({ type: 'adopted', revision: 1, credentials: { refresh_token: 'rt-own' } });
    await world.store.begin('a1', 1, { nonce: 'n', ttlMs: 1_000 });
    expect(await world.store.promoteAlternate('a1', 1, 'n')).toBeNull();
  });

  it('F22: an account that is deleted during a refresh stays deleted', async () => {
    const world = await refreshWorld(async () => {
      await world.store.remove('a1');
      return rotated(1);
    });
    expect(await world.refresh(world.process())).toEqual({ type: 'missing' });
    expect(await world.store.read('a1')).toBeNull();
    expect(codes(world)).toEqual(['refresh_account_gone']);
  });

  it('F23: the trouble of one account is not the trouble of another', async () => {
    const world = await refreshWorld(({ accountId }) => (accountId === 'a1' ? refused('invalid_grant') : rotated(1, { expires_in: 0 })));
    await world.store.replace('a2', { credentials: STORED, expiresAt: null });
    const refresher = world.process();
    const refresh = (accountId: string) => refresher.refresh({ accountId, platform: 'openai', revision: 0 });
    expect((await Promise.all([refresh('a1'), refresh('a2')])).map(({ type }) => type)).toEqual(['condemned', 'refreshed']);
  });
});

describe('a store in trouble', () => {
  const CASES: readonly { readonly operation: StoreOperation; readonly first: ExchangeResult }[] = [
    { operation: 'begin', first: rotated(1) },
    { operation: 'promoteAlternate', first: refused('invalid_grant') },
    { operation: 'condemn', first: refused('invalid_grant') },
  ];

  it.each(CASES)('while $operation fails nothing is condemned for it, and the attempt is given back', async ({ operation, first }) => {
    const world = await refreshWorld(() => first);
    world.fail(operation, 1);
    expect(await world.refresh(world.process())).toMatchObject({ type: 'unavailable' });
    expect(world.calls.at(-1)).toBe('release');
    expect(await world.store.begin('a1', 0, { nonce: 'n', ttlMs: 1 })).toMatchObject({ kind: 'granted', orphan: false });
  });

  it('that rejects, throws or answers nonsense never makes a refresh reject, and never loses an answer', async () => {
    const world = await refreshWorld(() => rotated(1));
    let calls = 0;
    const commit = async (...args: Parameters<typeof world.store.commit>) => {
      calls += 1;
      if (calls === 1) return undefined as never;
      return world.store.commit(...args);
    };
    const refresher = world.process({ credentials: { ...world.store, commit } });
    expect(await world.refresh(refresher)).toMatchObject({ type: 'pending', revision: 1 });
    world.waits[0]?.end();
    await settle();
    expect(await tokenOf(world)).toBe('rt-1');
    const nonsense = world.process({ credentials: { ...world.store, begin: async () => null as never } });
    expect(await world.refresh(nonsense, 1)).toMatchObject({ type: 'unavailable' });
  });

  it("an alternate that cannot be kept is offered again, behind the callers' back", async () => {
    const { answer, come } = later();
    const world = await refreshWorld((_, index) => (index === 0 ? answer : rotated(1)));
    const refresher = world.process();
    const paused = world.refresh(refresher);
    await settle();
    world.pass(REFRESH_TIMING.attemptMs);
    await world.refresh(world.process());
    world.fail('keepAlternate', 1);
    come(rotated(2));
    expect(await paused).toMatchObject({ type: 'unavailable' });
    world.waits.at(-1)?.end();
    await settle();
    await world.store.begin('a1', 1, { nonce: 'n', ttlMs: 1_000 });
    expect(await world.store.promoteAlternate('a1', 1, 'n')).toEqual({ revision: 2 });
    expect(await tokenOf(world)).toBe('rt-2');
  });
});

describe('an exchange', () => {
  it('that never reached the endpoint gives the attempt back', async () => {
    const world = await refreshWorld((_, index) => (index === 0 ? { kind: 'not_sent', error: new Error('refused') } : rotated(1)));
    const refresher = world.process();
    expect(await world.refresh(refresher)).toMatchObject({ type: 'failed', failure: { kind: 'retryable', code: 'network_error' } });
    expect(await world.refresh(refresher)).toMatchObject({ type: 'refreshed' });
  });

  it('that breaks its promise and rejects may have sent the token', async () => {
    const world = await refreshWorld(() => Promise.reject(new Error('boom')));
    expect(await world.refresh(world.process())).toMatchObject({ type: 'ambiguous' });
  });

  it('is chosen by platform; where there is none, no account is to blame', async () => {
    const world = await refreshWorld(() => rotated(1));
    const refresher = world.process({ exchange: { openai: async () => rotated(1) } });
    expect(await world.refresh(refresher)).toMatchObject({
      type: 'failed',
      failure: { kind: 'provider_wide', code: 'token_exchange_missing' },
    });
    expect(await refresher.refresh({ accountId: 'a1', platform: 'openai', revision: 0 })).toMatchObject({ type: 'refreshed' });
  });

  it('is told to stop when its time is over, and its late answer still counts', async () => {
    const { answer, come } = later();
    const limits: { readonly ms: number; readonly end: () => void }[] = [];
    const pause = (ms: number): Promise<void> => new Promise((resolve) => limits.push({ ms, end: resolve }));
    let signal: AbortSignal | null = null;
    const world = await refreshWorld((request) => {
      signal = request.signal;
      return answer;
    });
    const outcome = world.refresh(world.process({ pause }));
    await settle();
    expect(limits.map(({ ms }) => ms)).toEqual([20_000, 25_000]);
    limits[0]?.end();
    await settle();
    expect(signal).toMatchObject({ aborted: true, reason: { name: 'TimeoutError' } });
    limits[1]?.end();
    expect(await outcome).toMatchObject({ type: 'ambiguous', failure: { code: 'timeout' } });
    come(rotated(1));
    await settle();
    expect(await tokenOf(world)).toBe('rt-1');
  });
});

describe('stopping', () => {
  it('starts nothing new, and waits for what is under way to be stored', async () => {
    const { answer, come } = later();
    const world = await refreshWorld(() => answer);
    const refresher = world.process();
    const outcome = world.refresh(refresher);
    await settle();
    let isDrained = false;
    const drained = refresher.drain().then(() => {
      isDrained = true;
    });
    expect(await refresher.refresh({ accountId: 'a2', platform: 'openai', revision: 0 })).toEqual({ type: 'aborted' });
    await settle();
    expect(isDrained).toBe(false);
    come(rotated(1));
    expect(await outcome).toMatchObject({ type: 'refreshed' });
    await drained;
    expect(await tokenOf(world)).toBe('rt-1');
  });

  it('gives an attempt back that was granted and not yet sent', async () => {
    const world = await refreshWorld(() => rotated(1));
    const refresher = world.process();
    const outcome = world.refresh(refresher);
    await refresher.drain();
    expect(await outcome).toEqual({ type: 'aborted' });
    expect(await world.store.begin('a1', 0, { nonce: 'n', ttlMs: 1 })).toMatchObject({ kind: 'granted', orphan: false });
  });

  it('waits no longer than an attempt lasts for a store that takes nothing', async () => {
    vi.useFakeTimers();
    const credentials = { ...(await refreshWorld(() => rotated(1))).store, commit: async () => Promise.reject(new Error('down')) };
    const refresher = createRefresher({ credentials, exchange: async () => rotated(1) });
    expect(await refresher.refresh({ accountId: 'a1', platform: 'openai', revision: 0 })).toMatchObject({ type: 'pending' });
    const drained = refresher.drain();
    await vi.advanceTimersByTimeAsync(REFRESH_TIMING.attemptMs);
    await drained;
    expect(refresher.pending('a1')).toMatchObject({ revision: 1 });
    vi.useRealTimers();
  });
});

describe('what it tells', () => {
  it('drops cached tokens of the old revision and keeps the new', async () => {
    const tokens = createMemoryTokenCache();
    const world = await refreshWorld(() => rotated(1));
    tokens.set('a1', { token: 'at-0', credentialRevision: 0, until: null });
    await world.refresh(world.process({ tokens }));
    expect(tokens.get('a1', NOW)).toBeNull();
  });

  it('contains listeners and caches that throw', async () => {
    const world = await refreshWorld(() => rotated(1));
    const fails = (): never => {
      throw new Error('of the host');
    };
    const refresher = world.process({ onReport: fails, tokens: { invalidate: fails } });
    expect(await world.refresh(refresher)).toMatchObject({ type: 'refreshed' });
    expect(await world.refresh(world.process({ newNonce: fails }), 1)).toMatchObject({ type: 'unavailable' });
  });

  it('says nothing secret in its reports', async () => {
    const secret = 'sk-ant-ort01-abcdefgh';
    const world = await refreshWorld((_, index) =>
      index === 0 ? answered(400, { error: secret, error_description: secret }) : rotated(1),
    );
    await world.store.replace('a1', { credentials: { ...STORED, refresh_token: secret }, expiresAt: null });
    const refresher = world.process();
    await world.refresh(refresher, 1);
    await world.refresh(refresher, 1);
    expect(world.reports.length).toBeGreaterThan(1);
    expect(JSON.stringify(world.reports)).not.toMatch(/sk-ant|rt-|at-/);
  });

  it.each([{ attemptMs: 0 }, { endpointMs: Number.NaN }, { attemptMs: 20_000 }, { retryBaseMs: -1 }])(
    'refuses times that make no sense: %o',
    async (timing) => {
      const world = await refreshWorld(() => rotated(1));
      expect(() => world.process({ timing })).toThrow(PolicyError);
    },
  );

  it('an account without a refresh token, or without a row, is missing', async () => {
    const world = await refreshWorld(() => rotated(1));
    await world.store.replace('a1', { credentials: { access_token: 'a', refresh_token: ' ' }, expiresAt: null });
    expect(await world.refresh(world.process(), 1)).toEqual({ type: 'missing' });
    expect(await world.process().refresh({ accountId: 'nobody', platform: 'openai', revision: 0 })).toEqual({ type: 'missing' });
    expect(world.sent).toEqual([]);
  });
});
