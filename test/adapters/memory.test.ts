import * as fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { createMemoryRepository, createMemorySettings, createMemoryTokenCache } from '../../src/adapters/memory.js';
import { EMPTY_HEALTH } from '../../src/core/health.js';
import { mergeHealth } from '../../src/core/merge-health.js';
import type { HealthPatch } from '../../src/core/patch.js';
import { DAY_MS } from '../../src/core/time.js';
import { toPatches } from '../../src/core/to-patches.js';
import { anyAction } from '../shell/support.js';
import { hold, NOW, sample } from '../support/accounts.js';

const RUNS = Number(process.env.FC_RUNS ?? 1_000);

const limit = (until: number): HealthPatch => [{ cell: 'rateLimit', value: hold(until) }];

describe('createMemoryRepository', () => {
  it('creates what was never there, and joins into what is (fault F35)', async () => {
    const repository = createMemoryRepository();
    expect((await repository.patch('a1', limit(NOW + 2))).rateLimit?.until).toBe(NOW + 2);
    expect((await repository.patch('a1', limit(NOW + 1))).rateLimit?.until).toBe(NOW + 2);
    expect((await repository.patch('a1', [{ cell: 'overload', value: hold(NOW) }])).rateLimit?.until).toBe(NOW + 2);
  });

  it('loads the accounts that are asked for and known', async () => {
    const repository = createMemoryRepository([['a1', EMPTY_HEALTH]]);
    await repository.patch('a2', limit(NOW));
    await repository.patch('__proto__', limit(NOW));
    expect([...(await repository.load(['a1', '__proto__', 'nobody', 'constructor'])).keys()]).toEqual(['a1', '__proto__']);
  });

  it('returns frozen health, the same while nothing changes', async () => {
    const repository = createMemoryRepository();
    const first = await repository.patch('a1', limit(NOW));
    expect(Object.isFrozen(first)).toBe(true);
    expect(await repository.patch('a1', limit(NOW))).toBe(first);
    expect((await repository.load(['a1'])).get('a1')).toBe(first);
    const second = await repository.patch('a1', limit(NOW + 1));
    expect(second).not.toBe(first);
    expect(first.rateLimit?.until).toBe(NOW);
  });

  it('a snapshot is of its moment', async () => {
    const repository = createMemoryRepository();
    await repository.patch('a1', limit(NOW));
    const snapshot = repository.snapshot();
    await repository.patch('a1', limit(NOW + 1));
    await repository.patch('a2', limit(NOW + 1));
    expect([...snapshot].map(([accountId, { rateLimit }]) => [accountId, rateLimit?.until])).toEqual([['a1', NOW]]);
  });

  it('stores nothing, and tells nobody, where an unknown account is patched with nothing', async () => {
    const repository = createMemoryRepository();
    const listener = vi.fn();
    await repository.subscribe(listener);
    expect(await repository.patch('a1', [])).toBe(EMPTY_HEALTH);
    expect(repository.snapshot().size).toBe(0);
    expect(listener).not.toHaveBeenCalled();
  });

  it('drops nothing by itself, and what is long over when it is told to', async () => {
    const repository = createMemoryRepository();
    await repository.patch('a1', [
      ...limit(NOW),
      { cell: 'overload', value: hold(NOW + 30 * DAY_MS) },
      { cell: 'usage', key: '5h', value: sample(1, NOW) },
    ]);
    expect((await repository.load(['a1'])).get('a1')?.rateLimit?.until).toBe(NOW);
    repository.compact(NOW + 8 * DAY_MS);
    const left = repository.snapshot().get('a1');
    expect([left?.rateLimit, left?.overload?.until]).toEqual([null, NOW + 30 * DAY_MS]);
    expect(Object.isFrozen(left)).toBe(true);
  });

  it('property: it is mergeHealth, an account each; nothing touches another account (I15)', async () => {
    let reached = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(fc.array(anyAction, { maxLength: 3 }), { maxLength: 8 }), async (batches) => {
        const repository = createMemoryRepository();
        const model = new Map<string, typeof EMPTY_HEALTH>();
        for (const [accountId, patch] of batches.flatMap((actions) => [...toPatches(actions)])) {
          const others = new Map([...repository.snapshot()].filter(([id]) => id !== accountId));
          model.set(accountId, mergeHealth(model.get(accountId) ?? EMPTY_HEALTH, patch));
          expect(await repository.patch(accountId, patch)).toEqual(model.get(accountId));
          for (const [id, health] of others) expect(repository.snapshot().get(id)).toBe(health);
          if (others.size > 0) reached += 1;
        }
        expect(await repository.load([...model.keys()])).toEqual(model);
      }),
      { numRuns: RUNS },
    );
    expect(reached).toBeGreaterThan(RUNS / 10);
  });
});

describe('subscribe', () => {
  it('tells of changes, after they are made, until one leaves', async () => {
    const repository = createMemoryRepository();
    const told: unknown[] = [];
    const leave = await repository.subscribe((change) => told.push([change, repository.snapshot().get(change.accountId)]));
    const first = await repository.patch('a1', limit(NOW));
    await repository.patch('a1', limit(NOW));
    expect(told).toEqual([[{ accountId: 'a1', health: first }, first]]);
    await leave();
    await leave();
    await repository.patch('a1', limit(NOW + 1));
    expect(told.length).toBe(1);
  });

  it('a listener that throws disturbs neither the write nor the others (fault F96)', async () => {
    const repository = createMemoryRepository();
    const listener = vi.fn();
    await repository.subscribe(() => {
      throw new Error('listener');
    });
    await repository.subscribe(listener);
    expect((await repository.patch('a1', limit(NOW))).rateLimit?.until).toBe(NOW);
    expect(listener).toHaveBeenCalledTimes(1);
  });

  it('whoever subscribes twice is told twice, and leaves once at a time', async () => {
    const repository = createMemoryRepository();
    const listener = vi.fn();
    const leave = await repository.subscribe(listener);
    await repository.subscribe(listener);
    await repository.patch('a1', limit(NOW));
    await leave();
    await repository.patch('a1', limit(NOW + 1));
    expect(listener).toHaveBeenCalledTimes(3);
  });
});

describe('createMemorySettings', () => {
  it('keeps text by key', async () => {
    const settings = createMemorySettings([['a', '1']]);
    const before = settings.snapshot();
    await settings.set('__proto__', '2');
    expect([await settings.get('a'), await settings.get('__proto__'), await settings.get('b'), await settings.get('constructor')]).toEqual([
      '1',
      '2',
      null,
      null,
    ]);
    expect([...before]).toEqual([['a', '1']]);
  });
});

describe('createMemoryTokenCache', () => {
  it.each([
    { title: 'the token of this revision goes', cached: 3, invalidated: 3, stays: false },
    { title: 'an older one goes', cached: 2, invalidated: 3, stays: false },
    { title: 'a newer one stays', cached: 4, invalidated: 3, stays: true },
    { title: 'without revisions it goes', cached: -1, invalidated: -1, stays: false },
  ])('$title', async ({ cached, invalidated, stays }) => {
    const cache = createMemoryTokenCache();
    const token = { token: 't', credentialRevision: cached, until: null };
    cache.set('a1', token);
    cache.set('a2', token);
    await cache.invalidate('a1', invalidated);
    expect(cache.get('a1', NOW)).toEqual(stays ? token : null);
    expect(cache.get('a2', NOW)).toEqual(token);
  });

  it('keeps the newer of two tokens, and takes the later of one revision', async () => {
    const cache = createMemoryTokenCache();
    cache.set('a1', { token: 'new', credentialRevision: 2, until: null });
    cache.set('a1', { token: 'old', credentialRevision: 1, until: null });
    expect(cache.get('a1', NOW)?.token).toBe('new');
    cache.set('a1', { token: 'again', credentialRevision: 2, until: null });
    expect(cache.get('a1', NOW)?.token).toBe('again');
  });

  it('has nothing of an account that is unknown, and prints no token', async () => {
    const cache = createMemoryTokenCache();
    await cache.invalidate('nobody', 5);
    cache.set('a1', { token: 'secret', credentialRevision: 1, until: null });
    expect(cache.get('nobody', NOW)).toBeNull();
    expect(JSON.stringify(cache)).not.toContain('secret');
  });
});
