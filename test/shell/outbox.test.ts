import { describe, expect, it } from 'vitest';
import { EMPTY_HEALTH } from '../../src/core/health.js';
import { mergeHealth } from '../../src/core/merge-health.js';
import type { HealthPatch } from '../../src/core/patch.js';
import { createOutbox, MAX_OUTBOX_CELLS, type Outbox } from '../../src/shell/outbox.js';
import { hold, NOW, sample } from '../support/accounts.js';

const limit = (until: number): HealthPatch => [{ cell: 'rateLimit', value: hold(until) }];
const usage = (...windows: readonly string[]): HealthPatch => windows.map((key) => ({ cell: 'usage', key, value: sample(0.5, NOW) }));
const models = (count: number): HealthPatch =>
  Array.from({ length: count }, (_, index) => ({ cell: 'modelRateLimits', key: `m${index}`, value: hold(NOW) }) as const);

function contents(outbox: Outbox): Readonly<Record<string, readonly string[]>> {
  return Object.fromEntries(outbox.accountIds().map((accountId) => [accountId, outbox.take(accountId).map(({ cell }) => cell)]));
}

describe('createOutbox', () => {
  it('joins what waits for an account, and gives it out once', () => {
    const outbox = createOutbox();
    outbox.add('a1', limit(NOW + 2));
    outbox.add('a1', limit(NOW + 1));
    outbox.add('a1', usage('5h'));
    expect(outbox.has('a1')).toBe(true);
    expect(mergeHealth(EMPTY_HEALTH, outbox.take('a1'))).toEqual(mergeHealth(EMPTY_HEALTH, [...limit(NOW + 2), ...usage('5h')]));
    expect(outbox.has('a1')).toBe(false);
    expect(outbox.take('a1')).toEqual([]);
    expect(outbox.accountIds()).toEqual([]);
  });

  it('keeps ten thousand cells', () => {
    expect(MAX_OUTBOX_CELLS).toBe(10_000);
    const outbox = createOutbox();
    for (let index = 0; index < 20; index += 1) outbox.add(`a${index}`, models(500));
    expect(outbox.accountIds().length).toBe(20);
    outbox.add('a20', limit(NOW));
    expect(outbox.accountIds().length).toBe(20);
    expect(outbox.has('a0')).toBe(false);
  });

  it.each([
    {
      title: 'as much as fits',
      adds: { a1: usage('5h'), a2: [...usage('5h'), ...limit(NOW)] },
      left: { a1: ['usage'], a2: ['rateLimit', 'usage'] },
    },
    {
      title: 'the samples of the oldest go first',
      adds: { a1: [...limit(NOW), ...usage('5h')], a2: usage('5h', '7d') },
      left: { a1: ['rateLimit'], a2: ['usage', 'usage'] },
    },
    { title: 'then those of the next', adds: { a1: limit(NOW), a2: usage('5h', '7d', '30d') }, left: { a1: ['rateLimit'] } },
    {
      title: 'an account of samples alone goes whole',
      adds: { a1: usage('5h'), a2: models(3) },
      left: { a2: Array(3).fill('modelRateLimits') },
    },
    {
      title: 'without samples the oldest goes',
      adds: { a1: limit(NOW), a2: limit(NOW), a3: models(2) },
      left: { a2: ['rateLimit'], a3: Array(2).fill('modelRateLimits') },
    },
    { title: 'more than fits at all', adds: { a1: models(4) }, left: {} },
  ])('of three cells: $title', ({ adds, left }) => {
    const outbox = createOutbox(3);
    for (const [accountId, patch] of Object.entries(adds)) if (patch !== undefined) outbox.add(accountId, patch);
    expect(contents(outbox)).toEqual(left);
  });

  it('counts a cell once, however often it is written', () => {
    const outbox = createOutbox(2);
    outbox.add('a1', limit(NOW));
    for (let step = 0; step < 100; step += 1) outbox.add('a2', limit(NOW + step));
    expect(contents(outbox)).toEqual({ a1: ['rateLimit'], a2: ['rateLimit'] });
  });

  it('counts what was taken out no more', () => {
    const outbox = createOutbox(1);
    for (let step = 0; step < 3; step += 1) {
      outbox.add('a1', limit(NOW));
      expect(outbox.take('a1').length).toBe(1);
    }
  });
});
