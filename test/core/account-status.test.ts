import { describe, expect, it } from 'vitest';
import type { AccountSettings } from '../../src/core/account.js';
import { type AccountStatus, accountStatus } from '../../src/core/account-status.js';
import type { AccountHealth } from '../../src/core/health.js';
import { account, accountError, hold, NOW, policyOf, sample } from '../support/accounts.js';

const policy = policyOf({ schedulingThresholdPercent: { anthropic: 90 } });

interface Cause {
  readonly status: AccountStatus;
  readonly title: string;
  readonly settings?: Partial<AccountSettings>;
  readonly health?: Partial<AccountHealth>;
}

/** Each cause, in the order of precedence of its status. */
const CAUSES: readonly Cause[] = [
  { status: 'error', title: 'an error', health: { errors: new Map([['billing', accountError()]]) } },
  { status: 'temp_unschedulable', title: 'a temporary hold', health: { temporary: hold(NOW + 1) } },
  { status: 'temp_unschedulable', title: 'a refused credential', health: { authentication: hold(NOW + 1, { credentialRevision: 0 }) } },
  { status: 'temp_unschedulable', title: 'the threshold', health: { usage: new Map([['5h', sample(0.95, NOW + 1)]]) } },
  { status: 'disabled', title: 'switched off', settings: { enabled: false } },
  { status: 'expired', title: 'expired', settings: { expiresAt: NOW } },
  { status: 'rate_limited', title: 'a rate limit', health: { rateLimit: hold(NOW + 1) } },
  { status: 'overloaded', title: 'an overload', health: { overload: hold(NOW + 1) } },
];

const PAIRS = CAUSES.flatMap((first, index) => CAUSES.slice(index + 1).map((second) => ({ first, second })));

describe('accountStatus', () => {
  it.each(CAUSES)('$title: $status', ({ status, settings = {}, health = {} }) => {
    expect(accountStatus(account({ settings, health }), NOW, policy)).toBe(status);
  });

  it.each(PAIRS)('$first.title comes before $second.title', ({ first, second }) => {
    const both = account({ settings: { ...second.settings, ...first.settings }, health: { ...second.health, ...first.health } });
    expect(accountStatus(both, NOW, policy)).toBe(first.status);
  });

  it.each([
    ['nothing', {}],
    ['holds that are over', { health: { rateLimit: hold(NOW), overload: hold(NOW), temporary: hold(NOW), authentication: hold(NOW) } }],
    ['a cleared error', { health: { errors: new Map([['billing', accountError({ at: 0, rule: 'cleared' })]] as const) } }],
    ['a limit of one model', { health: { modelRateLimits: new Map([['m', hold(NOW + 1)]]) } }],
    ["a family's window at the threshold", { health: { usage: new Map([['7d_oi', sample(0.95, NOW + 1)]]) } }],
    ['used-up credits', { health: { modelRateLimits: new Map([['AICredits', hold(NOW + 1, { kind: 'credits' })]]) } }],
  ])('%s: active', (_, facts) => {
    expect(accountStatus(account(facts), NOW, policy)).toBe('active');
  });

  it('expired only once it is', () => {
    expect(accountStatus(account({ settings: { expiresAt: NOW + 1 }, health: { rateLimit: hold(NOW + 5) } }), NOW)).toBe('rate_limited');
  });

  it("a shadow shares its parent's state, but for its quota", () => {
    const parentOf = (health: Partial<AccountHealth>) => account({ id: 'shadow', parent: account({ health }) });
    expect(accountStatus(parentOf({ errors: new Map([['violation', accountError()]]) }), NOW)).toBe('error');
    expect(accountStatus(parentOf({ rateLimit: hold(NOW + 1) }), NOW)).toBe('active');
  });
});
