import { describe, expect, it } from 'vitest';
import { DEFAULT_POLICY } from '../src/define-policy.js';
import { evaluate } from '../src/evaluate.js';
import { classify, decide, readSignal } from '../src/stages.js';
import { answered, given, HOUR, NOW, says, seconds, unified } from './support/exchanges.js';
import { ALL_ROWS } from './tables/rows/all.js';

const FAILURES = ALL_ROWS.filter(({ rule }) => rule !== 'ok');
const SUCCESSES = ALL_ROWS.filter(({ rule }) => rule === 'ok');

describe('readSignal, classify and decide, one after the other', () => {
  it('are evaluate, for every failure of the tables', () => {
    for (const { name, exchange, policy = DEFAULT_POLICY } of FAILURES) {
      const whole = evaluate(exchange, policy);
      const verdict = classify(readSignal(exchange), policy);
      const steps = decide(verdict, exchange, policy);
      // The steps read everything, also what no rule asked for: only evidence may differ.
      const { signal: _a, message: _b, ...expected } = whole.verdict;
      expect(verdict, name).toMatchObject(expected);
      expect(steps.disposition, name).toEqual(whole.disposition);
      expect(steps.actions, name).toEqual(whole.actions);
    }
    expect(FAILURES.length).toBeGreaterThan(900);
  });

  it('are evaluate, for every success of the tables', () => {
    for (const { name, exchange } of SUCCESSES) {
      const signal = readSignal(exchange);
      const verdict = classify(signal);
      expect(verdict.kind, name).toBe('ok');
      expect(verdict.rule, name).toBe('ok');
    }
    expect(SUCCESSES.length).toBeGreaterThan(40);
  });

  it('a decision of its own verdict', () => {
    const exchange = answered(given('anthropic', 'oauth'), 200, {
      headers: unified({ '5h-status': 'allowed', '5h-reset': seconds(NOW + HOUR) }),
    });
    expect(decide(classify(readSignal(exchange)), exchange)).toEqual(evaluate(exchange));
  });

  it('a verdict without its evidence is read again', () => {
    const exchange = answered(given('gemini', 'oauth'), 402, { body: says('Top up') });
    const verdict = { ...classify(readSignal(exchange)), signal: null };
    expect(decide(verdict, exchange).actions).toEqual(evaluate(exchange).actions);
  });

  it('a verdict of a rule that the policy does not have changes nothing', () => {
    const exchange = answered(given('gemini', 'oauth'), 402, { body: says('Top up') });
    const verdict = { ...classify(readSignal(exchange)), rule: 'of_another_policy' };
    expect(decide(verdict, exchange)).toMatchObject({ actions: [], disposition: { type: 'respond' } });
  });
});
