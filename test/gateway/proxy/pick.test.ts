import { DEFAULT_POLICY, defineAccount, type Policy } from 'poolwarden';
import { describe, expect, it } from 'vitest';
import type { GatewayAccount } from '../../../examples/gateway/accounts/gateway-account.js';
import { createPicker, type PickRequest } from '../../../examples/gateway/proxy/pick.js';
import { createSticky } from '../../../examples/gateway/proxy/sticky.js';
import { type AccountOf, createDirectory, type Gateway, MESSAGE, post, startGateway } from './gateway.js';
import { beginStream, events, json, OVERLOADED } from './upstream.js';

const NOW = Date.UTC(2026, 0, 1);
const policy = (): Policy => DEFAULT_POLICY;

function accountsOf(accounts: readonly AccountOf[]): readonly GatewayAccount[] {
  return accounts.map(({ projectId: _project, baseUrl: _base, ...one }) => ({
    account: defineAccount({ platform: 'anthropic', type: 'oauth', ...one }),
    label: one.id,
    baseUrl: '',
    projectId: null,
  }));
}

function pickerOf(...accounts: readonly AccountOf[]): ReturnType<typeof createPicker> {
  return createPicker(createDirectory(accountsOf(accounts)), policy);
}

const ASK: PickRequest = { canServe: () => true, model: null, now: NOW, exclude: new Set(), stickyAccountId: null };

function picks(picker: ReturnType<typeof createPicker>, count: number, more: Partial<PickRequest> = {}): readonly (string | undefined)[] {
  return Array.from({ length: count }, () => picker.pick({ ...ASK, ...more })?.account.account.id);
}

describe('the choice', () => {
  it('is the account that was chosen longest ago', () => {
    expect(picks(pickerOf({ id: 'a' }, { id: 'b' }, { id: 'c' }), 7)).toEqual(['a', 'b', 'c', 'a', 'b', 'c', 'a']);
  });

  it('is of the best priority that may serve, whatever was chosen before', () => {
    const overload = { until: NOW + 1, rule: 'overloaded_529' };
    const picker = pickerOf(
      { id: 'a', settings: { priority: 2 } },
      { id: 'b', settings: { priority: 1 } },
      { id: 'c', settings: { priority: 1 } },
      { id: 'd', health: { overload } },
    );
    expect(picks(picker, 3)).toEqual(['b', 'c', 'b']);
    expect(picks(picker, 2, { now: NOW + 1 })).toEqual(['d', 'd']);
  });

  it('leaves out who was tried, who cannot serve, and who may not', () => {
    const picker = pickerOf({ id: 'a' }, { id: 'b' }, { id: 'c', settings: { enabled: false } });
    expect(picks(picker, 2, { exclude: new Set(['a']) })).toEqual(['b', 'b']);
    expect(picks(picker, 1, { canServe: ({ id }) => id === 'c' })).toEqual([undefined]);
  });

  it('stays with the session’s account for as long as that may serve', () => {
    const overload = { until: NOW + 1, rule: 'overloaded_529' };
    const picker = pickerOf({ id: 'a' }, { id: 'b', settings: { priority: 5 } }, { id: 'c', health: { overload } });
    expect(picks(picker, 3, { stickyAccountId: 'b' })).toEqual(['b', 'b', 'b']);
    expect(picks(picker, 1, { stickyAccountId: 'c' })).toEqual(['a']);
    expect(picks(picker, 1, { stickyAccountId: 'gone' })).toEqual(['a']);
    expect(picks(picker, 1, { stickyAccountId: 'b', exclude: new Set(['b']) })).toEqual(['a']);
  });

  it('leaves the session’s account where that costs credits and another one does not', () => {
    const spent = { modelRateLimits: { m: { until: NOW + 9, rule: 'google_quota_exhausted', kind: 'quota' as const } } };
    const paying = { id: 'a', platform: 'antigravity', settings: { allowOverages: true }, health: spent };
    const both = pickerOf(paying, { id: 'b', platform: 'antigravity' });
    expect(both.pick({ ...ASK, model: 'm', stickyAccountId: 'a' })).toMatchObject({ account: { label: 'b' }, withCredits: false });
    const paid = pickerOf(paying, { ...paying, id: 'c' }, { ...paying, id: 'd', settings: { allowOverages: true, priority: -1 } });
    const spenders = [paid, paid].map((picker) => picker.pick({ ...ASK, model: 'm', exclude: new Set(['d']) })?.account.account.id);
    expect([paid.pick({ ...ASK, model: 'm' })?.account.account.id, ...spenders]).toEqual(['d', 'a', 'c']);
    expect(both.pick({ ...ASK, model: 'm', stickyAccountId: 'a', exclude: new Set(['b']) })).toMatchObject({
      account: { label: 'a' },
      withCredits: true,
    });
  });

  it('follows accounts that come, go, and get another priority', () => {
    const directory = createDirectory(accountsOf([{ id: 'a' }, { id: 'b' }]));
    const picker = createPicker(directory, policy);
    expect(picks(picker, 1)).toEqual(['a']);
    directory.set(accountsOf([{ id: 'b' }, { id: 'a' }, { id: 'c' }]));
    expect(picks(picker, 4)).toEqual(['b', 'a', 'c', 'b']);
    directory.set(accountsOf([{ id: 'b', settings: { priority: 1 } }, { id: 'c' }, { id: 'd', settings: { priority: -1 } }]));
    expect(picks(picker, 2)).toEqual(['d', 'd']);
    expect(picks(picker, 3, { exclude: new Set(['d']) })).toEqual(['c', 'c', 'c']);
    expect(picks(picker, 1, { exclude: new Set(['c', 'd']) })).toEqual(['b']);
    directory.set([]);
    expect(picks(picker, 1)).toEqual([undefined]);
  });

  it('knows when somebody is back', () => {
    const until = (at: number) => ({ rateLimit: { until: at, rule: 'r', kind: 'quota' as const } });
    const picker = pickerOf({ id: 'a', health: until(NOW + 9) }, { id: 'b', health: until(NOW + 5) });
    expect(picker.nextAt(ASK)).toBe(NOW + 5);
    expect(picker.nextAt({ ...ASK, exclude: new Set(['b']) })).toBe(NOW + 9);
    expect(picker.nextAt({ ...ASK, now: NOW + 7 })).toBe(NOW + 7);
  });
});

describe('sessions', () => {
  it('are forgotten when they were idle, and when there are too many', () => {
    const sticky = createSticky({ maxSessions: 2, idleMs: 10 });
    sticky.bind('one', 'a', 0);
    sticky.bind('two', 'b', 1);
    expect(sticky.find('one', 9)).toBe('a');
    sticky.bind('three', 'c', 10);
    expect([sticky.size(), sticky.find('two', 10), sticky.find('one', 10)]).toEqual([2, null, 'a']);
    expect(sticky.find('three', 20)).toBeNull();
    sticky.bind('four', 'd', 100);
    expect([sticky.size(), sticky.find('four', 100)]).toEqual([1, 'd']);
  });

  const NAMES: readonly (readonly [string, object, Record<string, string>])[] = [
    ['metadata.user_id', { ...MESSAGE, metadata: { user_id: 'user_1' } }, {}],
    ['the header', MESSAGE, { 'x-session-id': 's-1' }],
    ['prompt_cache_key', { ...MESSAGE, prompt_cache_key: 'k-1' }, {}],
  ];
  for (const [title, body, headers] of NAMES) {
    it(`stay with their account, named by ${title}`, async () => {
      const gateway = await startGateway({ accounts: [{ id: 'a' }, { id: 'b' }, { id: 'c' }] });
      await post(gateway, '/v1/messages', MESSAGE);
      for (let count = 0; count < 3; count += 1) await post(gateway, '/v1/messages', body, headers);
      await post(gateway, '/v1/messages', MESSAGE);
      expect(gateway.upstream.received.map(({ accountId }) => accountId)).toEqual(['a', 'b', 'b', 'b', 'c']);
      expect(gateway.upstream.received.every((one) => one.headers['x-session-id'] === undefined)).toBe(true);
    });
  }

  it('of one client are apart where it speaks two protocols', async () => {
    const gateway = await startGateway({ accounts: [{ id: 'a' }, { id: 'b' }, { id: 'o', platform: 'openai', type: 'api_key' }] });
    const headers = { 'x-session-id': 's-1' };
    for (let count = 0; count < 2; count += 1) {
      await post(gateway, '/v1/messages', MESSAGE, headers);
      await post(gateway, '/v1/chat/completions', { model: 'gpt-5', messages: [] }, headers);
    }
    expect(gateway.upstream.received.map(({ accountId }) => accountId)).toEqual(['a', 'o', 'a', 'o']);
  });

  it('move with the answer where their account fails, and stay there', async () => {
    const gateway = await startGateway({ accounts: [{ id: 'a' }, { id: 'b' }] });
    const ask = (to: Gateway) => post(to, '/v1/messages', { ...MESSAGE, stream: true }, { 'x-session-id': 's' });
    await ask(gateway);
    gateway.upstream.answer = ({ accountId }, response) =>
      accountId === 'a' ? json(response, 529, OVERLOADED) : beginStream(response).end(events({ type: 'message_stop' })[0]);
    await ask(gateway);
    await ask(gateway);
    expect(gateway.upstream.received.map(({ accountId }) => accountId)).toEqual(['a', 'a', 'b', 'b']);
  });
});
