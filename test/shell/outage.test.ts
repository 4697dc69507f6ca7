import * as fc from 'fast-check';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { createMemoryRepository } from '../../src/adapters/memory.js';
import type { Action } from '../../src/core/action.js';
import { EMPTY_HEALTH } from '../../src/core/health.js';
import { mergeHealth } from '../../src/core/merge-health.js';
import type { HealthPatch } from '../../src/core/patch.js';
import { NOW } from '../support/accounts.js';
import { anyAction, decisionOf, engineThatDecides, exchange, faultyRepository, holdUntil, type Outcome, usageOf } from './support.js';

const RUNS = Number(process.env.FC_RUNS ?? 1_000);

/** What a run leaves behind where the store never fails. */
async function neverDown(batches: readonly (readonly Action[])[]): Promise<unknown> {
  const health = createMemoryRepository();
  const engine = engineThatDecides(decisionOf([]), { health });
  for (const actions of batches) await engine.apply(actions);
  await engine.close();
  return health.snapshot();
}

const outcomes = fc.array(fc.constantFrom<Outcome>('ok', 'rejects', 'throws', 'unknown'), { maxLength: 30 });
const batchesOf = fc.array(fc.array(anyAction, { minLength: 1, maxLength: 4 }), { maxLength: 12 });

describe('closing', () => {
  it('with a limit ends in that time though the store never answers, and says what is not known to be written', async () => {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    let hangs = false;
    const store = createMemoryRepository();
    const health = {
      ...store,
      patch: ((id, patch) => (hangs ? new Promise(() => undefined) : store.patch(id, patch))) as typeof store.patch,
    };
    const engine = engineThatDecides(decisionOf([]), { health, usageWriteIntervalMs: 1_000 });
    await engine.apply([holdUntil(NOW)]);
    hangs = true;
    const saved = vi.fn();
    engine.apply([holdUntil(NOW + 1), holdUntil(NOW + 2, { accountId: 'a2' })]).then(saved);
    engine.apply([usageOf(0.5)]).then(saved);
    const closed = vi.fn();
    engine.close({ timeoutMs: 5_000 }).then(closed);
    await vi.advanceTimersByTimeAsync(4_999);
    expect(closed).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(1);
    expect(closed).toHaveBeenCalledTimes(1);
    expect(saved).not.toHaveBeenCalled();
    const left: ReadonlyMap<string, HealthPatch> = closed.mock.calls[0]?.[0];
    expect([...left].map(([id, patch]) => [id, patch.map(({ cell }) => cell)])).toEqual([
      ['a1', ['rateLimit', 'usage']],
      ['a2', ['rateLimit']],
    ]);
    expect(mergeHealth(EMPTY_HEALTH, left.get('a1') ?? []).rateLimit?.until).toBe(NOW + 1);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('counts what waits behind a write that hangs', async () => {
    let calls = 0;
    const health = {
      ...createMemoryRepository(),
      patch: () => (++calls === 1 ? Promise.reject(new Error('down')) : new Promise<never>(() => undefined)),
    };
    const engine = engineThatDecides(decisionOf([]), { health });
    await engine.apply([holdUntil(NOW)]);
    engine.apply([usageOf(0.25)]);
    const left = await engine.close({ timeoutMs: 0 });
    expect(left.get('a1')?.map(({ cell }) => cell)).toEqual(['rateLimit', 'usage']);
  });

  it.each([undefined, { timeoutMs: 60_000 }, { timeoutMs: Number.MAX_VALUE }])(
    'with %j ends as soon as everything is written, or refused',
    async (options) => {
      let isDown = true;
      const health = faultyRepository(({ accountId }) => (isDown || accountId === 'a2' ? 'rejects' : 'ok'));
      const engine = engineThatDecides(decisionOf([]), { health });
      await engine.apply([holdUntil(NOW), holdUntil(NOW, { accountId: 'a2' })]);
      isDown = false;
      expect([...(await engine.close(options)).keys()]).toEqual(['a2']);
      expect(health.store.snapshot().get('a1')?.rateLimit?.until).toBe(NOW);
    },
  );
});

describe('a store that fails for a while (I38, F45)', () => {
  it('property: in the end it holds what it would hold had it never failed, also where it had written and said that it had not', async () => {
    const reached = { rejects: 0, unknown: 0, replayed: 0, onlyAtClose: 0 };
    await fc.assert(
      fc.asyncProperty(batchesOf, outcomes, fc.boolean(), async (batches, plan, atOnce) => {
        const health = faultyRepository(({ index }) => plan[index] ?? 'ok');
        const engine = engineThatDecides(decisionOf([]), { health });
        const pending = batches.map((actions) => () => engine.apply(actions));
        if (atOnce) await Promise.all(pending.map((start) => start()));
        else for (const start of pending) await start();
        const before = health.calls.length;
        // The store may go on failing at close: it is up once the plan is over.
        while (health.calls.length < plan.length) {
          const calls = health.calls.length;
          await engine.close();
          if (health.calls.length === calls) break;
        }
        await engine.close();
        expect(health.store.snapshot()).toEqual(await neverDown(batches));
        const happened = plan.slice(0, health.calls.length);
        if (happened.includes('rejects')) reached.rejects += 1;
        if (happened.includes('unknown')) reached.unknown += 1;
        if (health.calls.length > before) reached.onlyAtClose += 1;
        if (before > batches.length) reached.replayed += 1;
      }),
      { numRuns: RUNS },
    );
    for (const count of Object.values(reached)) expect(count).toBeGreaterThan(RUNS / 50);
  });

  it('property: `failed` names exactly the actions whose write failed, and they are written all the same', async () => {
    let reached = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(anyAction, { maxLength: 8 }), async (actions) => {
        let isDown = true;
        const health = faultyRepository(() => (isDown ? 'rejects' : 'ok'));
        const engine = engineThatDecides(decisionOf(actions), { health });
        const { failed } = await engine.observe(exchange()).saved;
        expect(failed.map(({ action }) => action)).toEqual(actions.filter(({ type }) => type !== 'invalidate_token'));
        isDown = false;
        await engine.close();
        expect(health.store.snapshot()).toEqual(await neverDown([actions]));
        if (failed.length > 1) reached += 1;
      }),
      { numRuns: RUNS / 5 },
    );
    expect(reached).toBeGreaterThan(RUNS / 50);
  });
});

describe('replay', () => {
  it('comes before the next patch of the account, apart from it; then all others follow, one after the other', async () => {
    let isDown = true;
    const health = faultyRepository(() => (isDown ? 'rejects' : 'ok'));
    const engine = engineThatDecides(decisionOf([]), { health });
    await engine.apply(['a1', 'a2', 'a3'].map((accountId) => holdUntil(NOW + 1, { accountId })));
    isDown = false;
    const saved = await engine.apply([usageOf(0.5)]);
    expect(saved.health.get('a1')?.rateLimit?.until).toBe(NOW + 1);
    await vi.waitFor(() => expect([...health.store.snapshot().keys()].sort()).toEqual(['a1', 'a2', 'a3']));
    expect(health.calls.slice(3).map(({ accountId, patch }) => [accountId, patch.map(({ cell }) => cell)])).toEqual([
      ['a1', ['rateLimit']],
      ['a1', ['usage']],
      ['a2', ['rateLimit']],
      ['a3', ['rateLimit']],
    ]);
    await engine.close();
    expect(health.calls.length).toBe(7);
  });

  it('of many accounts ends at the first failure, and goes on behind it with the next write that the store takes', async () => {
    let isDown = true;
    const health = faultyRepository(({ accountId }) => (isDown || accountId === 'a2' ? 'rejects' : 'ok'));
    const engine = engineThatDecides(decisionOf([]), { health });
    await engine.apply(['a2', 'a3', 'a4'].map((accountId) => holdUntil(NOW + 1, { accountId })));
    isDown = false;
    await engine.apply([usageOf(0.5)]);
    await vi.waitFor(() => expect(health.calls.length).toBe(5));
    expect([...health.store.snapshot().keys()]).toEqual(['a1']);
    await engine.apply([usageOf(0.6)]);
    await vi.waitFor(() => expect([...health.store.snapshot().keys()].sort()).toEqual(['a1', 'a3', 'a4']));
    await engine.close();
  });

  it('of a cell that no store ever takes keeps no other from being written', async () => {
    const health = faultyRepository(({ patch }) => (patch.some(({ cell }) => cell === 'usage') ? 'rejects' : 'ok'));
    const engine = engineThatDecides(decisionOf([]), { health });
    expect((await engine.apply([usageOf(0.5)])).failed.length).toBe(1);
    for (let step = 1; step <= 3; step += 1) {
      const saved = await engine.apply([holdUntil(NOW + step)]);
      expect(saved.failed).toEqual([]);
      expect(saved.health.get('a1')?.rateLimit?.until).toBe(NOW + step);
    }
    await engine.close();
  });

  it('is tried again after a while where nobody writes: after 1 s, 2 s, 4 s … and no more after close', async () => {
    vi.useFakeTimers();
    onTestFinished(() => {
      vi.useRealTimers();
    });
    let isDown = true;
    const health = faultyRepository(() => (isDown ? 'rejects' : 'ok'));
    const engine = engineThatDecides(decisionOf([]), { health });
    await engine.apply([holdUntil(NOW + 1)]);
    const calls: number[] = [];
    for (const waitMs of [999, 1, 1_999, 1, 3_999, 1]) {
      await vi.advanceTimersByTimeAsync(waitMs);
      calls.push(health.calls.length);
    }
    expect(calls).toEqual([1, 2, 2, 3, 3, 4]);
    await vi.advanceTimersByTimeAsync(600_000);
    // At last every half a minute.
    const before = health.calls.length;
    await vi.advanceTimersByTimeAsync(300_000);
    expect(health.calls.length - before).toBe(10);
    isDown = false;
    await vi.advanceTimersByTimeAsync(30_000);
    expect(health.store.snapshot().get('a1')?.rateLimit?.until).toBe(NOW + 1);
    expect(vi.getTimerCount()).toBe(0);
    isDown = true;
    await engine.apply([holdUntil(NOW + 2)]);
    expect(vi.getTimerCount()).toBe(1);
    await engine.close();
    expect(vi.getTimerCount()).toBe(0);
  });

  it('is tried once at close, which ends also where the store is still down', async () => {
    const health = faultyRepository(() => 'throws');
    const engine = engineThatDecides(decisionOf([]), { health });
    await engine.apply([holdUntil(NOW + 1)]);
    await engine.close();
    expect(health.calls.length).toBe(2);
    await engine.close();
    expect(health.calls.length).toBe(3);
  });

  it('an outage of a thousand answers costs a cell once', async () => {
    let isDown = true;
    const health = faultyRepository(() => (isDown ? 'rejects' : 'ok'));
    const engine = engineThatDecides(decisionOf([]), { health });
    for (let step = 0; step < 1_000; step += 1) await engine.apply([usageOf(0.5, { sampledAt: NOW + step })]);
    isDown = false;
    const before = health.calls.length;
    await engine.close();
    expect(health.calls.slice(before).map(({ patch }) => patch.length)).toEqual([1]);
    expect(health.store.snapshot().get('a1')?.usage.get('5h')?.sampledAt).toBe(NOW + 999);
  });
});
