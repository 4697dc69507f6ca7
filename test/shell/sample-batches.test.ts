import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Action } from '../../src/core/action.js';
import type { Engine, Saved } from '../../src/shell/ports.js';
import { NOW } from '../support/accounts.js';
import {
  decisionOf,
  engineThatDecides,
  exchange,
  type FaultyRepository,
  faultyRepository,
  holdUntil,
  type Outcome,
  usageOf,
} from './support.js';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

interface Setup {
  readonly engine: Engine;
  readonly health: FaultyRepository;
  /** Observes an answer that asks for these actions. */
  readonly see: (...actions: readonly Action[]) => Promise<Saved>;
}

function setup(options: { readonly intervalMs?: number; readonly outcomeOf?: () => Outcome } = {}): Setup {
  const health = faultyRepository(options.outcomeOf ?? (() => 'ok'));
  const next: Action[][] = [];
  const engine = engineThatDecides(() => decisionOf(next.shift() ?? []), {
    health,
    ...(options.intervalMs === undefined ? { usageWriteIntervalMs: 1_000 } : { usageWriteIntervalMs: options.intervalMs }),
  });
  const see = (...actions: readonly Action[]): Promise<Saved> => {
    next.push([...actions]);
    return engine.observe(exchange()).saved;
  };
  return { engine, health, see };
}

describe('samples of usage', () => {
  it('are written once an interval, all together, and each waits for its own', async () => {
    const { health, see } = setup();
    const all = [see(usageOf(0.1)), see(usageOf(0.3, { sampledAt: NOW + 2 })), see(usageOf(0.2, { sampledAt: NOW + 1 }))];
    await vi.advanceTimersByTimeAsync(999);
    expect(health.calls.length).toBe(0);
    await vi.advanceTimersByTimeAsync(1);
    expect(health.calls.length).toBe(1);
    for (const saved of await Promise.all(all)) expect(saved.health.get('a1')?.usage.get('5h')?.utilization).toBe(0.3);
  });

  it('begin a new interval after each write', async () => {
    const { health, see } = setup();
    for (let second = 1; second <= 3; second += 1) {
      see(usageOf(second / 10, { sampledAt: NOW + second }));
      await vi.advanceTimersByTimeAsync(1_000);
      expect(health.calls.length).toBe(second);
    }
  });

  it('wait for each account by itself', async () => {
    const { health, see } = setup();
    see(usageOf(0.1));
    await vi.advanceTimersByTimeAsync(600);
    see(usageOf(0.1, { accountId: 'a2' }));
    await vi.advanceTimersByTimeAsync(400);
    expect(health.calls.map(({ accountId }) => accountId)).toEqual(['a1']);
    await vi.advanceTimersByTimeAsync(600);
    expect(health.calls.map(({ accountId }) => accountId)).toEqual(['a1', 'a2']);
  });

  it('go with anything else of the account, which is written at once', async () => {
    const { health, see } = setup();
    const waiting = [see(usageOf(0.1)), see(usageOf(0.2, { accountId: 'a2' }))];
    const urgent = see(holdUntil(NOW + 1), usageOf(0.5, { sampledAt: NOW + 1 }));
    expect(health.calls.map(({ accountId, patch }) => [accountId, patch.map(({ cell }) => cell)])).toEqual([
      ['a1', ['rateLimit', 'usage']],
    ]);
    expect(await waiting[0]).toEqual(await urgent);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(health.calls.length).toBe(2);
  });

  it.each([0, -5, Number.NaN])('are written at once with an interval of %s', async (intervalMs) => {
    const { health, see } = setup({ intervalMs });
    await see(usageOf(0.1));
    expect(health.calls.length).toBe(1);
  });

  it.each([Number.POSITIVE_INFINITY, 1e12])('an interval of %s is the longest that timers know, not the shortest', async (intervalMs) => {
    const { engine, health, see } = setup({ intervalMs });
    see(usageOf(0.1));
    await vi.advanceTimersByTimeAsync(86_400_000);
    expect(health.calls.length).toBe(0);
    await engine.close();
    expect(health.calls.length).toBe(1);
  });

  it('that are not written are reported to each who waits', async () => {
    const { engine, see } = setup({ outcomeOf: () => 'rejects' });
    const all = [see(usageOf(0.1)), see(usageOf(0.2))];
    await vi.advanceTimersByTimeAsync(1_000);
    expect((await Promise.all(all)).map(({ failed }) => failed)).toEqual(
      [usageOf(0.1), usageOf(0.2)].map((action) => [{ action, error: new Error('down for a1') }]),
    );
    await engine.close();
  });

  it('wait a second where nothing else is said', async () => {
    const health = faultyRepository(() => 'ok');
    const { makeEngine } = await import('../../src/shell/engine.js');
    const { POLICY } = await import('./support.js');
    const engine = makeEngine({ health }, { evaluate: () => decisionOf([usageOf(0.1)]), defaultPolicy: POLICY });
    engine.observe(exchange());
    await vi.advanceTimersByTimeAsync(999);
    expect(health.calls.length).toBe(0);
    await vi.advanceTimersByTimeAsync(1);
    expect(health.calls.length).toBe(1);
  });
});

describe('close', () => {
  it('writes what waits, stops the timers, and waits for what is under way', async () => {
    const { engine, health, see } = setup();
    const settled: string[] = [];
    see(usageOf(0.1)).then(() => settled.push('a1'));
    see(usageOf(0.1, { accountId: 'a2' })).then(() => settled.push('a2'));
    await engine.close();
    expect(health.calls.length).toBe(2);
    expect(settled).toEqual(['a1', 'a2']);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('leaves an engine that works, and gathers nothing any more', async () => {
    const { engine, health, see } = setup();
    await engine.close();
    await see(usageOf(0.1));
    expect(health.calls.length).toBe(1);
    await engine.close();
    expect(health.calls.length).toBe(1);
  });
});

describe('a process', () => {
  it('lives on until the samples that somebody may be waiting for are written', async () => {
    vi.useRealTimers();
    const timers = vi.spyOn(globalThis, 'setTimeout');
    const { engine, see } = setup();
    const saved = see(usageOf(0.1));
    const [timer] = timers.mock.results.map(({ value }) => value as NodeJS.Timeout);
    expect(timer?.hasRef()).toBe(true);
    await engine.close();
    expect((await saved).health.size).toBe(1);
    timers.mockRestore();
    vi.useFakeTimers();
  });
});
