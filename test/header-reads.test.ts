import { describe, expect, it } from 'vitest';
import type { AccountType, Platform } from '../src/core/account.js';
import { evaluate } from '../src/evaluate.js';
import { answered, given } from './support/exchanges.js';

const UNIFIED = 'anthropic-ratelimit-unified-';
const DATE = 'Mon, 02 Mar 2026 10:20:30 GMT';
/** 2,000 seconds ahead of every answer. */
const RESET = '1772448830';

/** Headers that keep a list of the names that are asked for. */
function watched(headers: Readonly<Record<string, string>>): {
  readonly headers: Record<string, string>;
  readonly asked: readonly string[];
} {
  const asked: string[] = [];
  const get = (target: Record<string, string>, name: string | symbol): unknown => {
    if (name !== 'get') asked.push(String(name));
    return Reflect.get(target, name);
  };
  return { headers: new Proxy({ date: DATE, ...headers }, { get }), asked };
}

function readsOf(account: readonly [Platform, AccountType], status: number, headers: Readonly<Record<string, string>>): number {
  const { headers: seen, asked } = watched(headers);
  evaluate(
    answered(given(...account), status, {
      headers: seen,
      body: status === 429 ? { error: { type: 'rate_limit_error', message: 'Slow down' } } : null,
    }),
  );
  return asked.length;
}

const spent: Readonly<Record<string, string>> = {
  [`${UNIFIED}status`]: 'rejected',
  [`${UNIFIED}5h-status`]: 'rejected',
  [`${UNIFIED}5h-reset`]: RESET,
  [`${UNIFIED}5h-utilization`]: '1.0',
  [`${UNIFIED}7d-status`]: 'allowed',
  [`${UNIFIED}7d-reset`]: RESET,
  [`${UNIFIED}7d-utilization`]: '0.59',
};

describe('how many headers a decision asks for', () => {
  it.each([
    { name: 'a spent session window', account: ['anthropic', 'oauth'], status: 429, headers: spent, most: 14 },
    { name: 'a server error of a platform without windows', account: ['gemini', 'api_key'], status: 503, headers: {}, most: 0 },
    { name: 'a server error of Anthropic', account: ['anthropic', 'api_key'], status: 503, headers: {}, most: 3 },
    { name: 'an overloaded upstream', account: ['anthropic', 'oauth'], status: 529, headers: {}, most: 3 },
    {
      name: 'a limit of a platform without windows',
      account: ['gemini', 'api_key'],
      status: 429,
      headers: { 'retry-after': '7' },
      most: 4,
    },
    { name: 'a success without windows', account: ['openai', 'api_key'], status: 200, headers: {}, most: 2 },
  ] as const)('$name: $most at most', ({ account, status, headers, most }) => {
    expect(readsOf(account, status, headers)).toBeLessThanOrEqual(most);
  });
});

describe('headers of which one throws', () => {
  it('are read but for that one', () => {
    const headers = { date: DATE, ...spent, [`${UNIFIED}7d-status`]: 'rejected' };
    Object.defineProperty(headers, `${UNIFIED}5h-status`, {
      get: () => {
        throw new Error('not for you');
      },
    });
    const { verdict } = evaluate(answered(given('anthropic', 'oauth'), 429, { headers }));
    expect(verdict.signal?.limits?.windows.map(({ name, exhausted }) => [name, exhausted])).toEqual([
      ['5h', true],
      ['7d', true],
    ]);
    expect(verdict.signal?.limits?.sessionStatus).toBeNull();
  });
});
