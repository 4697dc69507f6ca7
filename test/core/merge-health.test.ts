import { describe, expect, it } from 'vitest';
import { type AccountHealth, EMPTY_HEALTH, type Hold, type HoldCell } from '../../src/core/health.js';
import { joinHealth, mergeHealth, patchOf } from '../../src/core/merge-health.js';
import type { CellWrite, HealthPatch } from '../../src/core/patch.js';
import { toPatches } from '../../src/core/to-patches.js';
import { accountError, hold, NOW, sample } from '../support/accounts.js';

const MINUTE = 60_000;
const rateLimit = (value: Hold): CellWrite => ({ cell: 'rateLimit', value });
const cleared = (generation: number): CellWrite => {
  const action = { type: 'clear_holds', accountId: 'a1', holds: [{ cell: 'rateLimit', generation }] } as const;
  const [write] = toPatches([action]).get('a1') ?? [];
  return write ?? rateLimit(hold(0));
};
const merged = (...patch: HealthPatch): AccountHealth => mergeHealth(EMPTY_HEALTH, patch);

const STORIES: readonly { readonly name: string; readonly writes: HealthPatch; readonly until: number; readonly generation: number }[] = [
  {
    name: 'F29: the longer hold stays, whichever comes last',
    writes: [rateLimit(hold(NOW + 60 * MINUTE)), rateLimit(hold(NOW + MINUTE))],
    until: NOW + 60 * MINUTE,
    generation: 0,
  },
  {
    name: 'F31: a clear stands against an old failure',
    writes: [rateLimit(hold(NOW)), cleared(0), rateLimit(hold(NOW + MINUTE))],
    until: 0,
    generation: 1,
  },
  {
    name: 'F32: after a clear, a new and shorter hold counts',
    writes: [rateLimit(hold(NOW + 60 * MINUTE)), cleared(0), rateLimit(hold(NOW + MINUTE, { generation: 1 }))],
    until: NOW + MINUTE,
    generation: 1,
  },
  { name: 'F34: clearing twice is clearing once', writes: [rateLimit(hold(NOW)), cleared(0), cleared(0)], until: 0, generation: 1 },
  { name: 'F34: a clear of nothing is harmless', writes: [cleared(0), rateLimit(hold(NOW, { generation: 1 }))], until: NOW, generation: 1 },
  {
    name: 'a clear of an older generation does not touch a newer hold (compare and delete)',
    writes: [rateLimit(hold(NOW, { generation: 2 })), cleared(0)],
    until: NOW,
    generation: 2,
  },
];

describe('mergeHealth', () => {
  it.each(STORIES)('$name', ({ writes, until, generation }) => {
    for (const order of [writes, [...writes].reverse()]) {
      expect(merged(...order).rateLimit).toMatchObject({ until, generation });
      expect(order.reduce((health, write) => mergeHealth(health, [write]), EMPTY_HEALTH).rateLimit).toMatchObject({ until, generation });
    }
  });

  it('F30: of two reasons with one end the same one always wins', () => {
    const [a, b] = [rateLimit(hold(NOW, { rule: 'rule_a' })), rateLimit(hold(NOW, { rule: 'rule_b' }))];
    expect(merged(a, b).rateLimit?.rule).toBe('rule_b');
    expect(merged(b, a).rateLimit?.rule).toBe('rule_b');
  });

  it.each<HoldCell>(['rateLimit', 'overload', 'temporary', 'authentication'])('writes %s and nothing else', (cell) => {
    expect(merged({ cell, value: hold(NOW) })).toEqual({ ...EMPTY_HEALTH, [cell]: hold(NOW) });
  });

  it.each<readonly [CellWrite, Partial<AccountHealth>]>([
    [{ cell: 'errors', key: 'billing', value: accountError() }, { errors: new Map([['billing', accountError()]]) }],
    [{ cell: 'modelRateLimits', key: '__proto__', value: hold(NOW) }, { modelRateLimits: new Map([['__proto__', hold(NOW)]]) }],
    [{ cell: 'usage', key: '5h', value: sample(0.5, NOW) }, { usage: new Map([['5h', sample(0.5, NOW)]]) }],
    [
      { cell: 'strikes', key: 'forbidden', value: { generation: 0, evidence: new Map([['x', NOW]]) } },
      { strikes: new Map([['forbidden', { generation: 0, evidence: new Map([['x', NOW]]) }]]) },
    ],
    [{ cell: 'refreshRequestedFor', value: 4 }, { refreshRequestedFor: 4 }],
    [
      { cell: 'sessionWindow.header', value: { observedAt: 1, end: 2 } },
      { sessionWindow: { ...EMPTY_HEALTH.sessionWindow, header: { observedAt: 1, end: 2 } } },
    ],
    [
      { cell: 'sessionWindow.status', value: { observedAt: 1, status: 'allowed' } },
      { sessionWindow: { ...EMPTY_HEALTH.sessionWindow, status: { observedAt: 1, status: 'allowed' } } },
    ],
    [
      { cell: 'sessionWindow.predicted', value: { start: 1 } },
      { sessionWindow: { ...EMPTY_HEALTH.sessionWindow, predicted: { start: 1 } } },
    ],
  ])('writes $cell and nothing else', (write, change) => {
    expect(merged(write)).toEqual({ ...EMPTY_HEALTH, ...change });
    expect(patchOf(merged(write))).toEqual([write]);
  });

  it('a newer observation corrects an older one, also downwards', () => {
    const wrong: CellWrite = { cell: 'usage', key: '5h', value: sample(1.2, NOW + 9, NOW - 2) };
    const right: CellWrite = { cell: 'usage', key: '5h', value: sample(0.1, NOW + 3, NOW - 1) };
    expect(merged(right, wrong).usage.get('5h')).toEqual(right.value);
    const far: CellWrite = { cell: 'sessionWindow.header', value: { observedAt: 1, end: NOW + 9 } };
    const near: CellWrite = { cell: 'sessionWindow.header', value: { observedAt: 2, end: NOW } };
    expect(merged(near, far).sessionWindow.header).toEqual(near.value);
  });

  it('returns the same object where nothing changes, and shares what did not', () => {
    const health = merged(rateLimit(hold(NOW)), { cell: 'usage', key: '5h', value: sample(0.5, NOW) });
    expect(mergeHealth(health, [rateLimit({ ...hold(NOW) }), rateLimit(hold(NOW - 1))])).toBe(health);
    expect(mergeHealth(health, [])).toBe(health);
    const changed = mergeHealth(health, [rateLimit(hold(NOW + 1))]);
    expect(changed).not.toBe(health);
    expect(changed.usage).toBe(health.usage);
    expect(changed.sessionWindow).toBe(health.sessionWindow);
  });

  it('F46: a write to a cell of a newer version changes nothing', () => {
    const write = { cell: 'quotaScopes', value: { until: NOW } } as unknown as CellWrite;
    expect(mergeHealth(EMPTY_HEALTH, [write])).toBe(EMPTY_HEALTH);
  });
});

describe('joinHealth', () => {
  const withUnknown = (cells: Readonly<Record<string, unknown>>): AccountHealth => ({
    ...EMPTY_HEALTH,
    unknown: new Map(Object.entries(cells)),
  });

  it('F46: keeps the unknown cells of both; where both have one, the same one in any order', () => {
    const a = withUnknown({ shared: [1], mine: 1 });
    const b = withUnknown({ shared: [2], yours: 2 });
    for (const joined of [joinHealth(a, b), joinHealth(b, a)]) {
      expect(Object.fromEntries(joined.unknown)).toEqual({ shared: [2], mine: 1, yours: 2 });
    }
    expect(joinHealth(a, withUnknown({ mine: 1 }))).toBe(a);
  });

  it('does not stumble over an unknown cell that is no JSON', () => {
    const circular: Record<string, unknown> = {};
    circular.self = circular;
    expect(joinHealth(withUnknown({ x: circular }), withUnknown({ x: 1, y: undefined })).unknown.get('x')).toBe(1);
  });
});
