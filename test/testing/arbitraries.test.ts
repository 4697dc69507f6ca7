import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HOLD_CELLS } from '../../src/core/health.js';
import { healthFromJson, healthToJson } from '../../src/core/health-json.js';
import { isModelKey } from '../../src/core/text.js';
import { evaluate } from '../../src/evaluate.js';
import {
  exchangeArbitrary,
  HOSTILE_MODEL_KEYS,
  healthArbitrary,
  healthPatchArbitrary,
  hostileTextArbitrary,
  modelNameArbitrary,
} from '../../src/testing.js';

const RUNS = 1_000;

/** How often each thing comes up in so many values. */
function shares<T>(arbitrary: fc.Arbitrary<T>, thingsIn: (value: T) => readonly string[]): (thing: string) => number {
  const counts = new Map<string, number>();
  for (const value of fc.sample(arbitrary, { numRuns: RUNS, seed: 7 })) {
    for (const thing of new Set(thingsIn(value))) counts.set(thing, (counts.get(thing) ?? 0) + 1);
  }
  return (thing) => (counts.get(thing) ?? 0) / RUNS;
}

describe('exchangeArbitrary', () => {
  it('is decided without an exception, and reaches the verdicts that matter', () => {
    const share = shares(exchangeArbitrary, (exchange) => {
      const { verdict, actions } = evaluate(exchange);
      return ['failure' in exchange.response ? 'no answer' : 'an answer', verdict.kind, ...actions.map(({ type }) => type)];
    });
    for (const kind of ['no answer', 'set_rate_limited', 'set_error', 'set_temp_unschedulable', 'record_usage', 'set_model_rate_limit']) {
      expect(share(kind), kind).toBeGreaterThan(0.005);
    }
    expect(share('an answer')).toBeGreaterThan(0.8);
  });
});

describe('healthPatchArbitrary', () => {
  it('writes every cell, and two of one patch often meet', () => {
    const share = shares(healthPatchArbitrary, (patch) => {
      const cells = patch.map((write) => ('key' in write ? `${write.cell} ${write.key}` : write.cell));
      return [...patch.map(({ cell }) => cell), ...(new Set(cells).size < cells.length ? ['meet'] : [])];
    });
    for (const cell of [...HOLD_CELLS, 'modelRateLimits', 'errors', 'usage', 'strikes', 'refreshRequestedFor', 'sessionWindow.header']) {
      expect(share(cell), cell).toBeGreaterThan(0.05);
    }
    expect(share('meet')).toBeGreaterThan(0.1);
  });
});

describe('healthArbitrary', () => {
  it('is health as it is stored: reading it back changes nothing', () => {
    fc.assert(
      fc.property(healthArbitrary, (health) => {
        expect(healthToJson(healthFromJson(healthToJson(health)))).toEqual(healthToJson(health));
      }),
      { numRuns: RUNS },
    );
  });
});

describe('names and texts', () => {
  it('model names are now and then none that may be a key', () => {
    const share = shares(modelNameArbitrary, (name) => [isModelKey(name) ? 'a key' : 'none']);
    expect(share('none')).toBeGreaterThan(0.02);
    expect(share('a key')).toBeGreaterThan(0.7);
  });

  it('hostile model keys are all different, and may all be keys', () => {
    expect(new Set(HOSTILE_MODEL_KEYS).size).toBe(HOSTILE_MODEL_KEYS.length);
    expect(HOSTILE_MODEL_KEYS.filter((name) => !isModelKey(name))).toEqual([]);
  });

  it('hostile text has control characters, lone surrogates and quotes', () => {
    const share = shares(hostileTextArbitrary, (text) => [
      ...(/\p{Cc}/u.test(text) ? ['control'] : []),
      ...(text.isWellFormed() ? [] : ['surrogate']),
      ...(/['"`]/.test(text) ? ['quote'] : []),
    ]);
    for (const kind of ['control', 'surrogate', 'quote']) expect(share(kind), kind).toBeGreaterThan(0.01);
  });
});
