import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Decision } from '../../src/core/decision.js';
import type { UpstreamResponse } from '../../src/core/exchange.js';
import { healthFromJson, healthToJson } from '../../src/core/health-json.js';
import { mergeHealth } from '../../src/core/merge-health.js';
import { schedulability } from '../../src/core/schedulability.js';
import { isModelKey } from '../../src/core/text.js';
import { toPatches } from '../../src/core/to-patches.js';
import { evaluate } from '../../src/evaluate.js';
import { account, hold, NOW } from '../support/accounts.js';
import { accounts, body, headers, reached, real, runs, STATUSES } from '../support/hostile.js';

/** Names that every object has, and names that a path, a query or a pattern would trip over. */
const NAMES = [
  '__proto__',
  'constructor',
  'toString',
  'hasOwnProperty',
  'valueOf',
  'prototype',
  'a.b',
  'a,b',
  '{}',
  "'",
  '"',
  '$',
  '$&',
  ':',
  '*',
  '%',
  'get',
  'length',
] as const;
const USUAL = 'zzz';

/** A decision with a model called as usual. */
function renamed(value: unknown, name: string): unknown {
  return JSON.parse(JSON.stringify(value), (key, inner: unknown) => (key === 'model' && inner === name ? USUAL : inner));
}

describe('I32: a model is only a name', () => {
  it('another name makes the same decision, up to the name', () => {
    const { note, check } = reached('set_model_rate_limit', 'respond', 'fail_over', 'retry', 'held already');
    const cases = fc.record({
      one: accounts().filter(({ settings }) => settings.temporaryRules.length === 0),
      status: fc.constantFrom(...STATUSES),
      headers: fc.oneof({ weight: 9, arbitrary: headers }, { weight: 1, arbitrary: fc.constant({ date: '', 'retry-after': '0' }) }),
      body: body.filter((given) => !(typeof given === 'string' && given.includes(USUAL))),
      name: fc.constantFrom(...NAMES),
      isHeld: fc.boolean(),
    });
    fc.assert(
      fc.property(cases, ({ one, name, isHeld, ...answer }) => {
        const ask = (model: string): Decision => {
          const health = isHeld ? { ...one.health, modelRateLimits: new Map([[model, hold(NOW + 1_000)]]) } : one.health;
          const settings = { ...one.settings, modelMapping: {} };
          return evaluate(real({ account: { ...one, health, settings }, model, receivedAt: NOW, response: answer as UpstreamResponse }));
        };
        const usual = ask(USUAL);
        note(usual.disposition.type);
        for (const { type } of usual.actions) note(type);
        if (isHeld) note('held already');
        expect(renamed(ask(name), name)).toEqual(usual);
      }),
      { numRuns: runs(5_000) },
    );
    check();
    expect(Object.keys(Object.prototype)).toEqual([]);
  });

  it('each name is its own limit, in the patch, in health, in JSON and when a request asks', () => {
    const { note, check } = reached('prototype', 'other', 'refused');
    const names = fc.uniqueArray(
      fc.oneof(fc.constantFrom<string[]>(...NAMES, 'm'.repeat(10_000), ''), fc.string({ unit: 'binary', maxLength: 40 })),
      { minLength: 1, maxLength: 8 },
    );
    fc.assert(
      fc.property(names, (all) => {
        let one = account({ platform: 'openai', type: 'api_key' });
        for (const model of all) {
          const { actions } = evaluate({
            account: one,
            model,
            receivedAt: NOW,
            response: { status: 429, headers: { 'retry-after': '60' }, body: '' },
          });
          one = { ...one, health: mergeHealth(one.health, toPatches(actions).get(one.id) ?? []) };
        }
        const usable = all.filter((model) => isModelKey(model));
        expect([...one.health.modelRateLimits.keys()].sort()).toEqual([...usable].sort());
        const read = healthFromJson(JSON.parse(JSON.stringify(healthToJson(one.health))));
        expect(read.modelRateLimits).toEqual(one.health.modelRateLimits);
        for (const model of all) {
          note(!usable.includes(model) ? 'refused' : model in {} ? 'prototype' : 'other');
          const blocked = !schedulability({ ...one, health: read }, { model, now: NOW }).schedulable;
          expect(blocked).toBe(usable.includes(model));
        }
        expect(schedulability(one, { model: 'never-asked-for', now: NOW }).schedulable).toBe(true);
      }),
      { numRuns: runs(1_500) },
    );
    check();
  });
});
