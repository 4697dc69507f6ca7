import { describe, expect, it } from 'vitest';
import type { ErrorKind } from '../../src/core/health.js';
import type { UsageInfo } from '../../src/core/usage-info.js';
import { combineUsage } from '../../src/usage/combine-usage.js';
import { creditBalance, hasEnoughCredits } from '../../src/usage/credit-balance.js';
import { enrichUsage } from '../../src/usage/enrich-usage.js';
import { usageActions } from '../../src/usage/usage-actions.js';
import { estimateSession, usageFromHealth } from '../../src/usage/usage-from-health.js';
import { usageTtlMs } from '../../src/usage/usage-ttl.js';
import { account, accountError, NOW, sample } from '../support/accounts.js';
import { usageInfo } from '../support/usage-info.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const FORBIDDEN = { type: 'forbidden', reason: 'No', link: null } as const;
const refusedInfo: UsageInfo = usageInfo({ forbidden: FORBIDDEN, errorCode: 'forbidden' });
const failedInfo: UsageInfo = usageInfo({ errorCode: 'network_error', error: 'usage API error: timeout' });

describe('how long an answer is good', () => {
  it.each([
    { title: 'none', info: null, minutes: 1 },
    { title: 'a 403', info: refusedInfo, minutes: 3 },
    { title: 'a 403 beside a failure', info: usageInfo({ forbidden: FORBIDDEN, errorCode: 'forbidden', error: 'x' }), minutes: 3 },
    { title: 'a failure', info: failedInfo, minutes: 1 },
    { title: 'an error without a code', info: usageInfo({ error: 'x' }), minutes: 1 },
    { title: 'a code without an error', info: usageInfo({ errorCode: 'rate_limited' }), minutes: 1 },
    { title: 'a success', info: usageInfo(), minutes: 3 },
    { title: 'a success of an account that needs to sign in', info: usageInfo({ needsReauth: true }), minutes: 3 },
  ])('$title: $minutes minutes', ({ info, minutes }) => {
    expect(usageTtlMs(info)).toBe(minutes * MINUTE);
  });
});

describe('credits', () => {
  const google = (amount: number, minimum: number) => ({ type: 'GOOGLE_ONE_AI', amount, minimum });

  it.each([
    { credits: [google(18_778, 50)], enough: true },
    { credits: [google(3, 5)], enough: false },
    { credits: [google(6, 0)], enough: true },
    { credits: [google(4, 0)], enough: false },
    { credits: [google(5, 5)], enough: true },
    { credits: [google(6, -1)], enough: true },
    { credits: [{ type: 'OTHER', amount: 0, minimum: 0 }, google(100, 10)], enough: true },
    { credits: [google(0, 5), google(100, 5)], enough: false },
    { credits: [{ type: 'OTHER', amount: 100, minimum: 0 }], enough: false },
    { credits: [], enough: false },
  ])('$credits: $enough', ({ credits, enough }) => {
    expect(hasEnoughCredits(usageInfo({ credits }))).toBe(enough);
    expect(creditBalance(usageInfo({ credits }))).toBe(enough ? 'available' : 'insufficient');
  });

  it('are tried where nothing is known of them', () => {
    expect(creditBalance(null)).toBe('unknown');
    expect(creditBalance(failedInfo)).toBe('unknown');
    expect(creditBalance(refusedInfo)).toBe('unknown');
  });
});

describe('the own error of an account', () => {
  const link = { url: 'https://accounts.google.com/v', trusted: true };
  const withErrors = (...kinds: readonly ErrorKind[]) =>
    account({
      platform: 'antigravity',
      health: { errors: new Map(kinds.map((kind) => [kind, accountError({ message: `was ${kind} (403)`, link })])) },
    });

  it.each([
    { kind: 'verification', type: 'validation' },
    { kind: 'violation', type: 'violation' },
    { kind: 'forbidden', type: 'forbidden' },
  ] as const)('$kind: on a success and on a degraded answer', ({ kind, type }) => {
    for (const info of [usageInfo({ tier: 'x' }), failedInfo, usageInfo({ errorCode: 'unauthenticated', needsReauth: true })]) {
      expect(enrichUsage(info, withErrors(kind))).toEqual({
        ...info,
        forbidden: { type, reason: `was ${kind} (403)`, link },
        needsVerify: type === 'validation',
        isBanned: type === 'violation',
        needsReauth: false,
        errorCode: 'forbidden',
      });
    }
  });

  it.each(['billing', 'organization', 'custom'] as const)('%s says nothing of access', (kind) => {
    const info = usageInfo();
    expect(enrichUsage(info, withErrors(kind))).toBe(info);
  });

  it('a refused credential needs its owner, and keeps what the endpoint said', () => {
    expect(enrichUsage(failedInfo, withErrors('credential'))).toEqual({ ...failedInfo, needsReauth: true });
  });

  it('the most severe counts', () => {
    expect(enrichUsage(usageInfo(), withErrors('credential', 'forbidden', 'verification', 'violation')).forbidden?.type).toBe('violation');
  });

  it('what the endpoint refused stays', () => {
    expect(enrichUsage(refusedInfo, withErrors('violation'))).toBe(refusedInfo);
  });

  it('a cleared error, and one of a credential that was replaced, do not count', () => {
    const info = usageInfo();
    const cleared = accountError({ generation: 1, at: 0, rule: 'cleared' });
    expect(enrichUsage(info, account({ health: { errors: new Map([['violation', cleared]]) } }))).toBe(info);
    const old = accountError({ credentialRevision: 3 });
    const refreshed = account({
      credential: { revision: 4, expiresAt: null, refreshable: true },
      health: { errors: new Map([['credential', old]]) },
    });
    expect(enrichUsage(info, refreshed)).toBe(info);
  });

  it("a shadow account has its parent's, behind its own", () => {
    const shadow = { ...account({ id: 'shadow' }), parent: withErrors('verification') };
    expect(enrichUsage(usageInfo(), shadow).forbidden?.type).toBe('validation');
    const both = { ...withErrors('forbidden'), parent: withErrors('verification') };
    expect(enrichUsage(usageInfo(), both).forbidden?.type).toBe('forbidden');
  });
});

describe('the estimate for a setup token', () => {
  const end = NOW + 2 * HOUR;
  const header = { observedAt: NOW - HOUR, end };
  const withStatus = (status: string) => ({ header, status: { observedAt: NOW - HOUR, status }, predicted: null });

  it.each([
    { title: 'no window', sessionWindow: { header: null, status: null, predicted: null }, used: 0, resetAt: null },
    {
      title: 'a window that is over',
      sessionWindow: {
        header: { observedAt: NOW - 9 * HOUR, end: NOW - 1 },
        status: { observedAt: 0, status: 'rejected' },
        predicted: null,
      },
      used: 0,
      resetAt: null,
    },
    { title: 'rejected', sessionWindow: withStatus('rejected'), used: 1, resetAt: end },
    { title: 'allowed_warning', sessionWindow: withStatus('allowed_warning'), used: 0.8, resetAt: end },
    { title: 'allowed', sessionWindow: withStatus('allowed'), used: 0, resetAt: end },
    { title: 'a status to come', sessionWindow: withStatus('queueing_soft'), used: 0, resetAt: end },
    {
      title: 'a guessed window',
      sessionWindow: { header: null, status: null, predicted: { start: NOW - HOUR } },
      used: 0,
      resetAt: NOW + 4 * HOUR,
    },
  ])('without a sample, $title', ({ sessionWindow, used, resetAt }) => {
    const { health } = account({ health: { sessionWindow } });
    expect(estimateSession(health, NOW)).toMatchObject({ utilization: used, resetAt });
  });

  it('a sample counts before the status, but not in a window that is over', () => {
    const usage = new Map([['5h', sample(0.15, end)]]);
    expect(estimateSession(account({ health: { sessionWindow: withStatus('rejected'), usage } }).health, NOW)).toEqual(sample(0.15, end));
    expect(estimateSession(account({ health: { sessionWindow: withStatus('rejected'), usage } }).health, end + 1)).toMatchObject({
      utilization: 0,
      resetAt: null,
    });
    const old = new Map([['5h', sample(0.15, NOW - 1)]]);
    expect(estimateSession(account({ health: { sessionWindow: withStatus('rejected'), usage: old } }).health, NOW).utilization).toBe(1);
    const undated = new Map([['5h', sample(0.15, null)]]);
    expect(estimateSession(account({ health: { sessionWindow: withStatus('rejected'), usage: undated } }).health, NOW)).toEqual(
      sample(0.15, end),
    );
  });

  it('other windows are told where anything is known of them', () => {
    const usage = new Map([
      ['7d', sample(0.4, null)],
      ['7d_oi', sample(0, null)],
      ['7d_opus', sample(null, NOW + HOUR)],
      ['7d_sonnet', sample(0.9, NOW - 1)],
    ]);
    const info = usageFromHealth(account({ health: { usage } }), NOW);
    expect([...info.windows.keys()]).toEqual(['5h', '7d', '7d_opus']);
    expect(info).toMatchObject({ errorCode: null, error: null, forbidden: null, updatedAt: NOW });
  });
});

describe('several answers about one account', () => {
  const windows = new Map([['5h', sample(0.5, null)]]);
  const models = new Map([['m', sample(0.1, null)]]);
  const credits = [{ type: 'GOOGLE_ONE_AI', amount: 1, minimum: 0 }];

  it('are joined field by field, the first before the others', () => {
    const first = usageInfo({ tier: 'a', credits, updatedAt: NOW - 1 });
    const second = usageInfo({ tier: 'b', windows, models: new Map([['m', sample(0.9, null)]]) });
    expect(combineUsage([first, second, usageInfo({ models })], NOW)).toEqual(
      usageInfo({ tier: 'a', credits, windows, models: second.models }),
    );
  });

  it('a refusal of one is a refusal of all', () => {
    const tier = usageInfo({ tier: 'a' });
    for (const infos of [
      [tier, refusedInfo],
      [refusedInfo, tier],
      [failedInfo, refusedInfo],
    ]) {
      expect(combineUsage(infos, NOW)).toMatchObject({ forbidden: FORBIDDEN, errorCode: 'forbidden' });
    }
  });

  it('what failed shows beside what did not', () => {
    const tier = usageInfo({ tier: 'a' });
    for (const infos of [
      [tier, failedInfo],
      [failedInfo, tier],
    ]) {
      expect(combineUsage(infos, NOW)).toEqual({ ...failedInfo, tier: 'a' });
    }
  });

  it('of none is an empty one', () => {
    expect(combineUsage([], NOW)).toEqual(usageInfo());
  });
});

describe('what an answer adds to health', () => {
  const windows = new Map([
    ['5h', sample(0.97, NOW + HOUR, NOW)],
    ['7d', sample(null, NOW + HOUR, NOW)],
  ]);

  it('are the samples of its windows', () => {
    expect(usageActions(usageInfo({ windows, models: new Map([['m', sample(1, null)]]) }), account())).toEqual([
      { type: 'record_usage', accountId: 'a1', samples: { '5h': windows.get('5h') } },
    ]);
  });

  it('is nothing where there are none, for a degraded answer, a setup token and a shadow account', () => {
    expect(usageActions(usageInfo(), account())).toEqual([]);
    expect(usageActions(usageInfo({ windows, errorCode: 'network_error', error: 'x' }), account())).toEqual([]);
    expect(usageActions(usageInfo({ windows }), account({ type: 'setup_token' }))).toEqual([]);
    expect(usageActions(usageInfo({ windows }), { ...account(), parent: account({ id: 'parent' }) })).toEqual([]);
  });
});
