import { describe, expect, it } from 'vitest';
import type { ErrorKind } from '../../src/core/health.js';
import { HOUR_MS } from '../../src/core/time.js';
import type { UsageInfo } from '../../src/core/usage-info.js';
import { type BadgeKind, describeAccount } from '../../src/view/describe-account.js';
import { type AccountFacts, account, accountError, hold, NOW, policyOf, sample } from '../support/accounts.js';
import { usageInfo } from '../support/usage-info.js';

const IN_1H = NOW + HOUR_MS;
const TRUSTED = { url: 'https://accounts.google.com/verify?token=abc', trusted: true };
const UNTRUSTED = { url: 'https://example.com/verify', trusted: false };

type Shown = readonly [kind: BadgeKind, tone: string, label: string, until: number | null];

function badges(facts: AccountFacts, usage: UsageInfo | null = null, now: number = NOW): readonly Shown[] {
  const view = describeAccount(account(facts), { now, usage, policy: policyOf({ schedulingThresholdPercent: { anthropic: 90 } }) });
  return view.badges.map(({ kind, tone, label, until }) => [kind, tone, label, until]);
}

const withError = (kind: ErrorKind): AccountFacts => ({ health: { errors: new Map([[kind, accountError({ message: 'why' })]]) } });
const limits = (...entries: readonly (readonly [string, ReturnType<typeof hold>])[]): AccountFacts => ({
  health: { modelRateLimits: new Map(entries) },
});
const overages = (facts: AccountFacts): AccountFacts => ({ ...facts, platform: 'antigravity', settings: { allowOverages: true } });

describe('badges of what blocks the account', () => {
  it.each<readonly [string, AccountFacts, readonly Shown[]]>([
    ['nothing', {}, []],
    ['violation', withError('violation'), [['banned', 'red', 'Banned', null]]],
    ['organization', withError('organization'), [['organization', 'red', 'Organization disabled', null]]],
    ['verification', withError('verification'), [['needs_verification', 'amber', 'Needs verification', null]]],
    ['credential', withError('credential'), [['needs_reauth', 'orange', 'Sign in again', null]]],
    ['billing', withError('billing'), [['billing', 'red', 'Billing problem', null]]],
    ['forbidden', withError('forbidden'), [['forbidden', 'gray', 'Forbidden', null]]],
    ['custom', withError('custom'), [['custom_error', 'red', 'Error', null]]],
    ['switched off', { settings: { enabled: false } }, [['disabled', 'gray', 'Switched off', null]]],
    ['expired', { settings: { expiresAt: NOW } }, [['expired', 'gray', 'Expired', null]]],
    ['a rate limit', { health: { rateLimit: hold(IN_1H) } }, [['rate_limited', 'amber', 'Rate limited', IN_1H]]],
    ['an overload', { health: { overload: hold(IN_1H) } }, [['overloaded', 'amber', 'Overloaded', IN_1H]]],
    ['a temporary hold', { health: { temporary: hold(IN_1H) } }, [['temp_unschedulable', 'amber', 'Paused', IN_1H]]],
    [
      'a refused credential',
      { health: { authentication: hold(IN_1H, { credentialRevision: 0 }) } },
      [['unauthenticated', 'amber', 'Credential refused', IN_1H]],
    ],
    [
      'the threshold',
      { health: { usage: new Map([['5h', sample(0.95, IN_1H)]]) } },
      [['scheduling_threshold', 'amber', 'Threshold reached: 5h', IN_1H]],
    ],
    [
      'a subscription that ends before the hold does',
      { settings: { expiresAt: NOW + 1 }, health: { rateLimit: hold(IN_1H) } },
      [['rate_limited', 'amber', 'Rate limited', IN_1H]],
    ],
    [
      'much at once',
      { settings: { enabled: false }, health: { rateLimit: hold(IN_1H), errors: new Map([['billing', accountError()]] as const) } },
      [
        ['billing', 'red', 'Billing problem', null],
        ['disabled', 'gray', 'Switched off', null],
        ['rate_limited', 'amber', 'Rate limited', IN_1H],
      ],
    ],
  ])('%s', (_, facts, expected) => {
    expect(badges(facts)).toEqual(expected);
  });

  it('say why', () => {
    const health = {
      temporary: hold(IN_1H),
      rateLimit: hold(IN_1H, { detail: 'used up' }),
      errors: new Map([['billing', accountError({ message: 'pay' })]] as const),
    };
    const view = describeAccount(account({ health }), { now: NOW });
    expect(view.badges.map(({ detail }) => detail)).toEqual(['pay', 'used up', 'temporary scheduling block reason unavailable']);
  });

  it("tell a parent's trouble, and whose it is", () => {
    const parent = account({ id: 'parent', health: { errors: new Map([['violation', accountError({ message: 'banned' })]] as const) } });
    const view = describeAccount(account({ id: 'shadow', parent }), { now: NOW });
    expect(view.badges).toMatchObject([{ kind: 'banned', accountId: 'parent', detail: 'banned' }]);
  });
});

describe('badges of models and credits (behaviour 5.8)', () => {
  const CREDITS = ['AICredits', hold(IN_1H, { kind: 'credits' })] as const;

  it.each<readonly [string, AccountFacts, readonly Shown[]]>([
    ['a limited model', limits(['m', hold(IN_1H)]), [['rate_limited', 'amber', 'Rate limited: m', IN_1H]]],
    ['over', limits(['m', hold(NOW)]), []],
    ['credits are active', overages(limits(['m', hold(IN_1H)])), [['credits_active', 'yellow', '\u26a1 m', IN_1H]]],
    ['credits are used up', limits(CREDITS), [['credits_exhausted', 'red', 'AI credits used up', IN_1H]]],
    [
      'credits are used up, and a model is limited',
      overages(limits(['m', hold(IN_1H)], CREDITS)),
      [
        ['credits_exhausted', 'red', 'AI credits used up', IN_1H],
        ['rate_limited', 'amber', 'Rate limited: m', IN_1H],
      ],
    ],
    [
      'credits are back',
      overages(limits(['m', hold(IN_1H)], ['AICredits', hold(NOW, { kind: 'credits' })])),
      [['credits_active', 'yellow', '\u26a1 m', IN_1H]],
    ],
    [
      'no credits elsewhere',
      { ...limits(['m', hold(IN_1H)]), settings: { allowOverages: true } },
      [['rate_limited', 'amber', 'Rate limited: m', IN_1H]],
    ],
    [
      'credits help against no other limit',
      overages(limits(['m', hold(IN_1H, { kind: 'unavailable' })])),
      [['unavailable', 'gray', 'Unavailable: m', IN_1H]],
    ],
    ['an overloaded model', limits(['m', hold(IN_1H, { kind: 'overload' })]), [['overloaded', 'amber', 'Overloaded: m', IN_1H]]],
    ['a paused model', limits(['m', hold(IN_1H, { kind: 'temporary' })]), [['temp_unschedulable', 'amber', 'Paused: m', IN_1H]]],
    [
      'by name',
      limits(['n', hold(IN_1H)], ['m', hold(IN_1H)]),
      [
        ['rate_limited', 'amber', 'Rate limited: m', IN_1H],
        ['rate_limited', 'amber', 'Rate limited: n', IN_1H],
      ],
    ],
    [
      "a family's threshold",
      { health: { usage: new Map([['7d_oi', sample(0.95, IN_1H)]]) } },
      [['scheduling_threshold', 'amber', 'Threshold reached: 7d_oi', IN_1H]],
    ],
  ])('%s', (_, facts, expected) => {
    expect(badges(facts)).toEqual(expected);
  });

  it('go with the clock alone', () => {
    const facts = overages(limits(['m', hold(IN_1H)], ['AICredits', hold(IN_1H - 1, { kind: 'credits' })]));
    expect(badges(facts, null, IN_1H - 2).map(([kind]) => kind)).toEqual(['credits_exhausted', 'rate_limited']);
    expect(badges(facts, null, IN_1H - 1).map(([kind]) => kind)).toEqual(['credits_active']);
    expect(badges(facts, null, IN_1H)).toEqual([]);
  });

  it('two names that look alike stay two badges', () => {
    expect(badges(limits(['m', hold(IN_1H)], ['m\u200b', hold(IN_1H)]))).toHaveLength(2);
  });

  it('keep the key as it is, and show it without invisible characters', () => {
    const view = describeAccount(account(limits(['a\u202eb', hold(IN_1H)])), { now: NOW });
    expect(view.badges).toMatchObject([{ model: 'a\u202eb', label: 'Rate limited: ab' }]);
  });
});

describe('badges of a usage answer (behaviour 6.6)', () => {
  const forbidden = (type: 'validation' | 'violation' | 'forbidden', link: typeof TRUSTED | null = null): UsageInfo =>
    usageInfo({
      forbidden: { type, reason: 'because', link },
      needsVerify: type === 'validation',
      isBanned: type === 'violation',
      errorCode: 'forbidden',
    });

  it.each<readonly [string, UsageInfo, readonly Shown[]]>([
    ['nothing', usageInfo(), []],
    ['validation', forbidden('validation'), [['needs_verification', 'amber', 'Needs verification', null]]],
    ['violation', forbidden('violation'), [['banned', 'red', 'Banned', null]]],
    ['forbidden', forbidden('forbidden'), [['forbidden', 'gray', 'Forbidden', null]]],
    ['flags alone', usageInfo({ isBanned: true }), [['banned', 'red', 'Banned', null]]],
    ['type alone', { ...forbidden('validation'), needsVerify: false }, [['needs_verification', 'amber', 'Needs verification', null]]],
    ['sign-in needed', usageInfo({ needsReauth: true, errorCode: 'unauthenticated' }), [['needs_reauth', 'orange', 'Sign in again', null]]],
    ['forbidden before sign-in', { ...forbidden('forbidden'), needsReauth: true }, [['forbidden', 'gray', 'Forbidden', null]]],
    ['rate limited', usageInfo({ errorCode: 'rate_limited' }), [['usage_error', 'amber', 'Usage rate limited', null]]],
    ['no connection', usageInfo({ errorCode: 'network_error' }), [['usage_error', 'amber', 'Usage error', null]]],
    [
      'not authenticated, no sign-in asked for',
      usageInfo({ errorCode: 'unauthenticated' }),
      [['usage_error', 'amber', 'Usage error', null]],
    ],
  ])('%s', (_, usage, expected) => {
    expect(badges({ platform: 'antigravity' }, usage)).toEqual(expected);
  });

  it("is not told twice, and lends its link to the account's own error", () => {
    const view = describeAccount(account(withError('verification')), { now: NOW, usage: forbidden('validation', TRUSTED) });
    expect(view.badges).toMatchObject([{ kind: 'needs_verification', detail: 'why', link: TRUSTED }]);
  });

  it.each([TRUSTED, UNTRUSTED])('keeps a link as it is, trusted or not: $trusted', (link) => {
    const errors = new Map([['verification', accountError({ link })]] as const);
    expect(describeAccount(account({ health: { errors } }), { now: NOW }).badges[0]?.link).toEqual(link);
    expect(describeAccount(account(), { now: NOW, usage: forbidden('validation', link) }).badges[0]?.link).toEqual(link);
  });

  it('gives a reason as one short line', () => {
    const usage = usageInfo({ forbidden: { type: 'forbidden', reason: `a\r\n\u001b[31mb${'c'.repeat(9_000)}`, link: null } });
    const detail = describeAccount(account(), { now: NOW, usage }).badges[0]?.detail ?? '';
    expect(detail).toMatch(/^a bc+$/);
    expect(detail.length).toBeLessThanOrEqual(512);
  });
});

describe('describeAccount', () => {
  it('describes an account that serves', () => {
    expect(describeAccount(account({ type: 'api_key' }), { now: NOW })).toEqual({
      accountId: 'a1',
      status: 'active',
      badges: [],
      blockers: [],
      until: null,
      windows: [],
      models: [],
      tierLabel: null,
    });
  });

  it('describes one that waits', () => {
    const view = describeAccount(account({ health: { rateLimit: hold(IN_1H), usage: new Map([['7d', sample(1.02, IN_1H)]]) } }), {
      now: NOW,
    });
    expect(view).toMatchObject({ status: 'rate_limited', until: IN_1H });
    expect(view.blockers.map(({ cell }) => cell)).toEqual(['rateLimit']);
    expect(view.windows.map(({ name, percentText, countdown, tone }) => [name, percentText, countdown, tone])).toEqual([
      ['5h', '0%', '-', 'green'],
      ['7d', '102%', '1h 0m', 'red'],
    ]);
  });

  it.each([
    ['free-tier', null, 'Free'],
    ['free-tier', 'g1-ultra-tier', 'Ultra'],
    [null, 'g1-pro-tier', 'Pro'],
    ['enterprise-custom', null, null],
  ])("the account's tier %j and the answer's %j: %j", (tier, answered, label) => {
    expect(describeAccount(account({ settings: { tier } }), { now: NOW, usage: usageInfo({ tier: answered }) }).tierLabel).toBe(label);
  });

  it('explains a pause at the threshold', () => {
    const used = account({ health: { usage: new Map([['5h', sample(0.95, IN_1H)]]) } });
    const view = describeAccount(used, { now: NOW, policy: policyOf({ schedulingThresholdPercent: { anthropic: 90 } }) });
    expect(view.status).toBe('temp_unschedulable');
    expect(view.badges.map(({ detail }) => detail)).toEqual([
      'anthropic scheduling threshold reached for 5h: 95.0% used >= 90%; paused until 2026-03-02T11:00:00Z',
    ]);
  });
});
