import * as fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { createMemoryRepository } from '../../src/adapters/memory.js';
import type { Action } from '../../src/core/action.js';
import { NOTHING_NEW } from '../../src/core/decide-success.js';
import { EMPTY_HEALTH } from '../../src/core/health.js';
import { joinHealth, mergeHealth } from '../../src/core/merge-health.js';
import { toPatches } from '../../src/core/to-patches.js';
import { makeEngine } from '../../src/shell/engine.js';
import type { EngineDeps, Saved, TokenCache } from '../../src/shell/ports.js';
import { account, accountError, hold, NOW, policyOf } from '../support/accounts.js';
import { anyAction, decisionOf, dropToken, engineThatDecides, exchange, faultyRepository, holdUntil, POLICY, usageOf } from './support.js';

const RUNS = Number(process.env.FC_RUNS ?? 1_000);

describe('observe', () => {
  it('returns the decision at once, and what it wrote later', async () => {
    const health = createMemoryRepository();
    const decision = decisionOf([holdUntil(NOW + 1)]);
    const observed = engineThatDecides(decision, { health }).observe(exchange());
    expect(observed.decision).toBe(decision);
    const saved = await observed.saved;
    expect(saved).toEqual({ health: health.snapshot(), failed: [], voided: [] });
    expect(saved.health.get('a1')?.rateLimit?.until).toBe(NOW + 1);
  });

  it('hands over the exchange and the policy', () => {
    const evaluate = vi.fn(() => decisionOf([]));
    const asked = exchange();
    makeEngine({ health: createMemoryRepository() }, { evaluate, defaultPolicy: POLICY }).observe(asked);
    expect(evaluate).toHaveBeenCalledWith(asked, POLICY);
  });

  it('asks nothing of the store where nothing is new', async () => {
    const health = faultyRepository(() => 'ok');
    const { decision, saved } = engineThatDecides(NOTHING_NEW, { health, redact: (text) => text }).observe(exchange());
    expect(decision).toBe(NOTHING_NEW);
    expect(await saved).toEqual({ health: new Map(), failed: [], voided: [] });
    expect(health.calls).toEqual([]);
  });

  it('asks nothing of the store for actions that are no patch, and needs no token cache', async () => {
    const health = faultyRepository(() => 'ok');
    const saved = await engineThatDecides(decisionOf([dropToken('a1')]), { health }).observe(exchange()).saved;
    expect(saved).toEqual({ health: new Map(), failed: [], voided: [] });
    expect(health.calls).toEqual([]);
  });

  it('writes one patch an account, and drops tokens by their revision', async () => {
    const health = faultyRepository(() => 'ok');
    const dropped: unknown[] = [];
    const tokens: TokenCache = {
      async invalidate(...facts) {
        dropped.push(facts);
      },
    };
    const actions = [holdUntil(NOW + 1), holdUntil(NOW + 2, { accountId: 'parent' }), dropToken('parent', 7), usageOf(0.5)];
    const saved = await engineThatDecides(decisionOf(actions), { health, tokens }).observe(exchange()).saved;
    expect(health.calls.map(({ accountId, patch }) => [accountId, patch.map(({ cell }) => cell)])).toEqual([
      ['a1', ['rateLimit', 'usage']],
      ['parent', ['rateLimit']],
    ]);
    expect(dropped).toEqual([['parent', 7]]);
    expect([...saved.health.keys()].sort()).toEqual(['a1', 'parent']);
  });
});

describe('the policy', () => {
  const first = policyOf({ oauth401CooldownMinutes: 1 });
  const second = policyOf({ oauth401CooldownMinutes: 2 });

  function policiesUsed(policy: EngineDeps['policy'], count: number): readonly unknown[] {
    const used: unknown[] = [];
    const evaluate = (_: unknown, given: unknown) => {
      used.push(given);
      return decisionOf([]);
    };
    const engine = makeEngine(
      { health: createMemoryRepository(), ...(policy === undefined ? {} : { policy }) },
      { evaluate, defaultPolicy: POLICY },
    );
    for (let index = 0; index < count; index += 1) engine.observe(exchange());
    return used;
  }

  const fails = (): never => {
    throw new Error('no policy');
  };

  it.each([
    { title: 'none: the default', steps: undefined, used: [POLICY, POLICY] },
    { title: 'fixed', steps: first, used: [first, first] },
    { title: 'a function: asked each time', steps: [() => first, () => second], used: [first, second] },
    { title: 'a function that fails at first: the default', steps: [fails, () => first], used: [POLICY, first] },
    {
      title: 'a function that fails later: the last good one',
      steps: [() => first, fails, () => second, fails],
      used: [first, first, second, second],
    },
    { title: 'a function that gives nothing', steps: [() => first, () => undefined], used: [first, first] },
  ])('$title', ({ steps, used }) => {
    if (!Array.isArray(steps)) return expect(policiesUsed(steps as EngineDeps['policy'], used.length)).toEqual(used);
    let index = 0;
    const policy = () => steps[index++]?.();
    expect(policiesUsed(policy as EngineDeps['policy'], used.length)).toEqual(used);
  });
});

describe('a failing action', () => {
  it.each(['rejects', 'throws'] as const)('is reported, and stops no other (the store %s)', async (outcome) => {
    const health = faultyRepository(({ accountId }) => (accountId === 'a2' ? outcome : 'ok'));
    const bad = [holdUntil(NOW + 1, { accountId: 'a2' }), usageOf(0.5, { accountId: 'a2' })];
    const actions = [bad[0] as Action, holdUntil(NOW + 1), bad[1] as Action, dropToken('a3')];
    const invalidate = vi.fn(async () => undefined);
    const saved = await engineThatDecides(decisionOf(actions), { health, tokens: { invalidate } }).observe(exchange()).saved;
    expect(saved.failed).toEqual(bad.map((action) => ({ action, error: new Error('down for a2') })));
    expect([...saved.health.keys()]).toEqual(['a1']);
    expect(invalidate).toHaveBeenCalledTimes(1);
  });

  it('of the token cache leaves the patches alone', async () => {
    const health = createMemoryRepository();
    const tokens: TokenCache = {
      invalidate(accountId) {
        if (accountId === 'a1') throw new Error('thrown');
        return Promise.reject(new Error('rejected'));
      },
    };
    const actions = [dropToken('a1'), holdUntil(NOW + 1), dropToken('a2')];
    const saved = await engineThatDecides(decisionOf(actions), { health, tokens }).observe(exchange()).saved;
    expect(saved.failed).toEqual([
      { action: actions[0], error: new Error('thrown') },
      { action: actions[2], error: new Error('rejected') },
    ]);
    expect(saved.health.get('a1')?.rateLimit?.until).toBe(NOW + 1);
  });

  it('is one whose store returns nothing', async () => {
    const health = { ...createMemoryRepository(), patch: async () => undefined } as unknown as EngineDeps['health'];
    const saved = await engineThatDecides(decisionOf([holdUntil(NOW + 1)]), { health }).observe(exchange()).saved;
    expect(saved.failed).toEqual([{ action: holdUntil(NOW + 1), error: new TypeError('the health repository returned no post-image') }]);
  });

  it('property: exactly the actions of failing accounts and tokens fail, all others are written', async () => {
    const reached = { allFine: 0, someFailed: 0, tokenFailed: 0 };
    await fc.assert(
      fc.asyncProperty(
        fc.array(anyAction, { maxLength: 12 }),
        fc.subarray(['a1', 'a2', 'a3']),
        fc.subarray(['a1', 'a2', 'a3']),
        async (actions, badStores, badTokens) => {
          const health = faultyRepository(({ accountId }) => (badStores.includes(accountId) ? 'rejects' : 'ok'));
          const dropped: string[] = [];
          const tokens: TokenCache = {
            async invalidate(accountId) {
              if (badTokens.includes(accountId)) throw new Error('no cache');
              dropped.push(accountId);
            },
          };
          const saved = await engineThatDecides(decisionOf(actions), { health, tokens }).observe(exchange()).saved;
          const mustFail = (action: Action) => (action.type === 'invalidate_token' ? badTokens : badStores).includes(action.accountId);
          expect(saved.failed.map(({ action }) => action)).toEqual(actions.filter(mustFail));
          expect(dropped).toEqual(
            actions.filter((action) => action.type === 'invalidate_token' && !mustFail(action)).map(({ accountId }) => accountId),
          );
          for (const [accountId, patch] of toPatches(actions)) {
            const expected = badStores.includes(accountId) ? undefined : mergeHealth(EMPTY_HEALTH, patch);
            expect(health.store.snapshot().get(accountId)).toEqual(expected);
            expect(saved.health.get(accountId)).toEqual(expected);
          }
          if (saved.failed.length === 0) reached.allFine += 1;
          if (saved.failed.length > 0 && saved.health.size > 0) reached.someFailed += 1;
          if (saved.failed.some(({ action }) => action.type === 'invalidate_token') && saved.health.size > 0) reached.tokenFailed += 1;
        },
      ),
      { numRuns: RUNS },
    );
    for (const count of Object.values(reached)) expect(count).toBeGreaterThan(RUNS / 50);
  });
});

describe('voided', () => {
  const cleared = { ...EMPTY_HEALTH, rateLimit: hold(0, { generation: 2, rule: 'cleared', kind: 'temporary' }) };

  async function saveOver(actions: readonly Action[]): Promise<Saved> {
    const health = createMemoryRepository([['a1', cleared]]);
    return engineThatDecides(decisionOf(actions), { health }).observe(exchange()).saved;
  }

  it.each([
    { title: 'evidence of a generation before the clear', action: holdUntil(NOW + 1, { generation: 1 }), isVoided: true },
    { title: 'evidence of the generation after the clear', action: holdUntil(NOW + 1, { generation: 2 }), isVoided: false },
    {
      title: 'the same clear once more',
      action: { type: 'clear_holds', accountId: 'a1', holds: [{ cell: 'rateLimit', generation: 1 }] } as const,
      isVoided: false,
    },
    {
      title: 'an older clear',
      action: { type: 'clear_holds', accountId: 'a1', holds: [{ cell: 'rateLimit', generation: 0 }] } as const,
      isVoided: true,
    },
    { title: 'an observation, which has no generation', action: usageOf(0.5), isVoided: false },
  ])('$title: $isVoided', async ({ action, isVoided }) => {
    const saved = await saveOver([action]);
    expect(saved.voided).toEqual(isVoided ? [action] : []);
    expect(saved.failed).toEqual([]);
    expect(saved.health.get('a1')?.rateLimit?.generation).toBe(2);
  });

  const g = { generation: 0, credentialRevision: -1 } as const;
  const each: readonly { readonly health: Partial<typeof EMPTY_HEALTH>; readonly action: Action }[] = [
    { health: { overload: hold(0, { generation: 1 }) }, action: { ...holdUntil(NOW), type: 'set_overloaded' } as Action },
    {
      health: { temporary: hold(0, { generation: 1 }) },
      action: { ...holdUntil(NOW), type: 'set_temp_unschedulable', cell: 'temporary' } as Action,
    },
    {
      health: { authentication: hold(0, { generation: 1 }) },
      action: { ...holdUntil(NOW), type: 'set_temp_unschedulable', cell: 'authentication', credentialRevision: 3 } as Action,
    },
    {
      health: { modelRateLimits: new Map([['m', hold(0, { generation: 1 })]]) },
      action: { ...holdUntil(NOW), type: 'set_model_rate_limit', model: 'm' } as Action,
    },
    {
      health: { errors: new Map([['billing', accountError({ generation: 1, at: 0 })]]) },
      action: { type: 'set_error', accountId: 'a1', kind: 'billing', message: 'm', link: null, rule: 'r', at: NOW, ...g },
    },
    {
      health: { strikes: new Map([['forbidden', { generation: 1, evidence: new Map() }]]) },
      action: { type: 'add_strike', accountId: 'a1', kind: 'forbidden', at: NOW, evidenceId: 'e', generation: 0 },
    },
  ];

  it.each(each)('$action.type', async ({ health, action }) => {
    const repository = createMemoryRepository([['a1', { ...EMPTY_HEALTH, ...health }]]);
    const saved = await engineThatDecides(decisionOf([action]), { health: repository }).observe(exchange()).saved;
    expect(saved.voided).toEqual([action]);
  });

  it('a slow failure cannot bring a hold back that an operator lifted meanwhile (fault F31)', async () => {
    const repository = createMemoryRepository([['a1', { ...EMPTY_HEALTH, rateLimit: hold(NOW + 1_000) }]]);
    const slow = holdUntil(NOW + 9_000);
    const engine = engineThatDecides(decisionOf([slow]), { health: repository });
    const lifted = await engine.recover(account({ health: { rateLimit: hold(NOW + 1_000) } }));
    expect(lifted.health.get('a1')?.rateLimit).toMatchObject({ until: 0, generation: 1 });
    const saved = await engine.observe(exchange()).saved;
    expect(saved.voided).toEqual([slow]);
    expect(saved.health.get('a1')).toBe(lifted.health.get('a1'));
  });
});

describe('shadow mode', () => {
  it('decides and tells, and writes nothing', async () => {
    const health = faultyRepository(() => 'ok');
    const invalidate = vi.fn(async () => undefined);
    const onDecision = vi.fn();
    const decision = decisionOf([holdUntil(NOW + 1), dropToken('a1')]);
    const engine = engineThatDecides(decision, { health, tokens: { invalidate }, onDecision, mode: 'shadow', usageWriteIntervalMs: 1_000 });
    const observed = engine.observe(exchange());
    const nothing = { health: new Map(), failed: [], voided: [] };
    expect(observed.decision).toBe(decision);
    expect(await observed.saved).toEqual(nothing);
    expect(await engine.apply([holdUntil(NOW + 1)])).toEqual(nothing);
    expect(await engine.recover(account({ health: { rateLimit: hold(NOW + 1) } }))).toEqual(nothing);
    await engine.close();
    expect(onDecision).toHaveBeenCalledTimes(1);
    expect([...health.calls, ...invalidate.mock.calls]).toEqual([]);
  });
});

describe('onDecision', () => {
  it('is told the decision and the exchange', () => {
    const onDecision = vi.fn();
    const asked = exchange();
    const { decision } = engineThatDecides(decisionOf([]), { health: createMemoryRepository(), onDecision }).observe(asked);
    expect(onDecision.mock.calls).toEqual([[decision, asked]]);
  });

  it.each([
    {
      title: 'throws',
      onDecision: () => {
        throw new Error('listener');
      },
    },
    { title: 'rejects', onDecision: () => Promise.reject(new Error('listener')) },
  ])('changes nothing where it $title (fault F96)', async ({ onDecision }) => {
    const unhandled = vi.fn();
    process.on('unhandledRejection', unhandled);
    const health = createMemoryRepository();
    const saved = await engineThatDecides(decisionOf([holdUntil(NOW + 1)]), { health, onDecision }).observe(exchange()).saved;
    await new Promise((resolve) => setImmediate(resolve));
    process.off('unhandledRejection', unhandled);
    expect(unhandled).not.toHaveBeenCalled();
    expect(saved.health.get('a1')?.rateLimit?.until).toBe(NOW + 1);
  });
});

describe('apply and recover', () => {
  it('apply goes the same way', async () => {
    const health = faultyRepository(({ accountId }) => (accountId === 'a2' ? 'rejects' : 'ok'));
    const engine = engineThatDecides(decisionOf([]), { health, redact: (text) => text.replace('limited', '[x]') });
    const saved = await engine.apply([holdUntil(NOW + 1), holdUntil(NOW + 1, { accountId: 'a2' })]);
    expect(saved.health.get('a1')?.rateLimit?.detail).toBe('[x]');
    expect(saved.failed.map(({ action }) => action)).toEqual([holdUntil(NOW + 1, { accountId: 'a2', detail: '[x]' })]);
    expect(await engine.apply([])).toEqual({ health: new Map(), failed: [], voided: [] });
  });

  it('recover clears what the snapshot shows, and nothing newer (lessons 42 and 43)', async () => {
    const shown = { ...EMPTY_HEALTH, rateLimit: hold(NOW + 1), errors: new Map([['billing', accountError()]] as const) };
    const newer = { ...EMPTY_HEALTH, rateLimit: hold(NOW + 5, { generation: 1 }) };
    const health = createMemoryRepository([['a1', joinHealth(shown, newer)]]);
    const saved = await engineThatDecides(decisionOf([]), { health }).recover(account({ health: shown }));
    expect(saved.health.get('a1')?.rateLimit).toEqual(hold(NOW + 5, { generation: 1 }));
    expect(saved.health.get('a1')?.errors.get('billing')).toMatchObject({ at: 0, generation: 1 });
  });

  it('recover of one model passes the model on', async () => {
    const modelRateLimits = new Map([
      ['m', hold(NOW + 1)],
      ['n', hold(NOW + 1)],
    ]);
    const health = createMemoryRepository();
    const one = account({ platform: 'openai', type: 'api_key', health: { modelRateLimits } });
    const saved = await engineThatDecides(decisionOf([]), { health }).recover(one, { model: 'm' });
    expect([...(saved.health.get('a1')?.modelRateLimits.keys() ?? [])]).toEqual(['m']);
  });
});

describe('engines', () => {
  it('share nothing (I15)', async () => {
    const [left, right] = [createMemoryRepository(), createMemoryRepository()];
    const failing = faultyRepository(() => 'rejects');
    await engineThatDecides(decisionOf([holdUntil(NOW + 1)]), { health: failing }).observe(exchange()).saved;
    const engines = [left, right].map((health) => engineThatDecides(decisionOf([usageOf(0.5)]), { health }));
    await engines[0]?.observe(exchange()).saved;
    await engines[1]?.close();
    expect(left.snapshot().get('a1')?.rateLimit).toBeNull();
    expect(right.snapshot().size).toBe(0);
  });

  it('remember no write that is over', async () => {
    const engine = engineThatDecides(decisionOf([holdUntil(NOW + 1)]), { health: createMemoryRepository() });
    const underWay: number[] = [];
    const settled = vi.spyOn(Promise, 'allSettled').mockImplementation(async (running) => {
      underWay.push([...running].length);
      return [];
    });
    const { saved } = engine.observe(exchange());
    await engine.close();
    await saved;
    await engine.close();
    settled.mockRestore();
    expect(underWay).toEqual([1, 0]);
  });
});
