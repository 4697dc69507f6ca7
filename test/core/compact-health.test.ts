import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compactHealth, KEPT_MS } from '../../src/core/compact-health.js';
import { type AccountHealth, CLEARED, EMPTY_HEALTH, type Hold, MAX_MODEL_CELLS } from '../../src/core/health.js';
import { schedulability } from '../../src/core/schedulability.js';
import { currentSessionWindow } from '../../src/core/session-window.js';
import { SESSION_WINDOW_MS } from '../../src/core/time.js';
import { account, accountError, hold, NOW, sample } from '../support/accounts.js';
import { healths, modelKeys } from '../support/arbitraries.js';
import { reached, runs } from '../support/hostile.js';

const OLD = NOW - KEPT_MS;
const cleared = hold(0, { generation: 4, rule: CLEARED });
const strikes = (...instants: readonly number[]): AccountHealth['strikes'] =>
  new Map([['forbidden', { generation: 0, evidence: new Map(instants.map((at, index) => [`r:${index}`, at])) }]]);
const session = (cells: Partial<AccountHealth['sessionWindow']>): Partial<AccountHealth> => ({
  sessionWindow: { ...EMPTY_HEALTH.sessionWindow, ...cells },
});

const DROPPED: readonly { readonly name: string; readonly health: Partial<AccountHealth> }[] = [
  { name: 'a hold that has been over for 7 days', health: { rateLimit: hold(OLD) } },
  { name: 'a model limit that has been over for 7 days', health: { modelRateLimits: new Map([['m', hold(OLD)]]) } },
  { name: 'a sample that is 7 days old', health: { usage: new Map([['5h', sample(0.5, null, OLD)]]) } },
  { name: 'strikes that are all 7 days old', health: { strikes: strikes(OLD, OLD - 1) } },
  { name: 'a session end of 7 days ago', health: session({ header: { observedAt: 1, end: OLD } }) },
  { name: 'a session status of 7 days ago', health: session({ status: { observedAt: OLD, status: 'allowed' } }) },
  { name: 'a guessed session that ended 7 days ago', health: session({ predicted: { start: OLD - SESSION_WINDOW_MS } }) },
];

const KEPT: typeof DROPPED = [
  { name: 'a hold that holds', health: { overload: hold(NOW + 1) } },
  { name: 'a hold that was over a moment less ago', health: { temporary: hold(OLD + 1), authentication: hold(OLD + 1) } },
  {
    name: 'a cleared hold: its generation voids late evidence',
    health: { rateLimit: cleared, modelRateLimits: new Map([['m', cleared]]) },
  },
  { name: 'an error, however old', health: { errors: new Map([['billing', accountError({ at: 1 })]]) } },
  { name: 'a cleared error', health: { errors: new Map([['billing', accountError({ at: 0, rule: CLEARED, generation: 1 })]]) } },
  { name: 'an old sample whose window still runs', health: { usage: new Map([['30d', sample(1, NOW + 1, OLD)]]) } },
  { name: 'strikes of which one is younger', health: { strikes: strikes(OLD, OLD + 1) } },
  { name: 'cleared strikes', health: { strikes: strikes() } },
  { name: 'a session that runs', health: session({ header: { observedAt: 1, end: NOW }, predicted: { start: NOW } }) },
  { name: 'the highest revision that a refresh was asked for', health: { refreshRequestedFor: 2 } },
  { name: 'cells of a newer version', health: { unknown: new Map([['x', { until: 1 }]]) } },
];

const models = (count: number, value: Hold): readonly (readonly [string, Hold])[] =>
  Array.from({ length: count }, (_, index) => [`${value.rule}-${index}`, value]);

describe('compactHealth', () => {
  it.each(DROPPED)('drops $name', ({ health }) => {
    expect(compactHealth({ ...EMPTY_HEALTH, ...health }, NOW)).toEqual(EMPTY_HEALTH);
  });

  it.each(KEPT)('keeps $name', ({ health }) => {
    const given = { ...EMPTY_HEALTH, ...health };
    expect(compactHealth(given, NOW)).toBe(given);
  });

  it('F39: cleared model limits go only where they would crowd out new ones', () => {
    const half = MAX_MODEL_CELLS / 2;
    const roomy = { ...EMPTY_HEALTH, modelRateLimits: new Map(models(half, cleared)) };
    expect(compactHealth(roomy, NOW)).toBe(roomy);
    const crowded = { ...EMPTY_HEALTH, modelRateLimits: new Map([...models(half, cleared), ...models(1, hold(NOW))]) };
    expect(compactHealth(crowded, NOW).modelRateLimits).toEqual(new Map(models(1, hold(NOW))));
    const mostlyOver = { ...EMPTY_HEALTH, modelRateLimits: new Map([...models(half, cleared), ...models(half, hold(OLD))]) };
    expect(compactHealth(mostlyOver, NOW)).toEqual(roomy);
  });

  it('never drops what counts, is idempotent, and only takes away', () => {
    const { note, check } = reached('drops something', 'drops nothing', 'blocked');
    const now = fc.integer({ min: 0, max: 3 }).map((step) => NOW + step * 1_000 + (step % 2) * KEPT_MS);
    fc.assert(
      fc.property(healths, now, modelKeys, (health, instant, model) => {
        const compact = compactHealth(health, instant);
        note(compact === health ? 'drops nothing' : 'drops something');
        expect(compactHealth(compact, instant)).toBe(compact);
        const request = { model, now: instant };
        const before = schedulability(account({ health }), request);
        if (!before.schedulable) note('blocked');
        expect(schedulability(account({ health: compact }), request)).toEqual(before);
        expect(currentSessionWindow(compact, instant)?.end).toBe(currentSessionWindow(health, instant)?.end);
        for (const [key, value] of compact.modelRateLimits) expect(health.modelRateLimits.get(key)).toBe(value);
        expect(compact.errors).toBe(health.errors);
        expect(compact.unknown).toBe(health.unknown);
      }),
      { numRuns: runs(2_000) },
    );
    check();
  });
});
