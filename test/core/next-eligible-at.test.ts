import { describe, expect, it } from 'vitest';
import { nextEligibleAt } from '../../src/core/next-eligible-at.js';
import { account, hold, NOW, policyOf, sample } from '../support/accounts.js';

const limited = (until: number) => account({ health: { rateLimit: hold(until) } });
const off = account({ settings: { enabled: false } });

describe('nextEligibleAt', () => {
  it.each([
    ['no account', [], null],
    ['one that may serve', [account()], NOW],
    ['one that may serve among others', [limited(NOW + 5), account(), off], NOW],
    ['the first that will', [limited(NOW + 9), limited(NOW + 5), limited(NOW + 7)], NOW + 5],
    ['only a person can help', [off, off], null],
    ['a person for one, time for the other', [off, limited(NOW + 5)], NOW + 5],
    [
      'a subscription that ends while it waits',
      [account({ settings: { expiresAt: NOW + 4 }, health: { rateLimit: hold(NOW + 5) } })],
      null,
    ],
  ])('%s', (_, accounts, expected) => {
    expect(nextEligibleAt(accounts, { model: null, now: NOW })).toBe(expected);
  });

  it('asks for the model, and for the thresholds of the policy', () => {
    const modelLimited = account({ health: { modelRateLimits: new Map([['m', hold(NOW + 5)]]) } });
    expect(nextEligibleAt([modelLimited], { model: 'm', now: NOW })).toBe(NOW + 5);
    expect(nextEligibleAt([modelLimited], { model: 'n', now: NOW })).toBe(NOW);
    const used = account({ health: { usage: new Map([['5h', sample(0.95, NOW + 9)]]) } });
    expect(nextEligibleAt([used], { model: null, now: NOW }, policyOf({ schedulingThresholdPercent: { anthropic: 95 } }))).toBe(NOW + 9);
  });

  it('takes any iterable', () => {
    expect(nextEligibleAt(new Map([['a', limited(NOW + 5)]]).values(), { model: null, now: NOW })).toBe(NOW + 5);
  });
});
