import { describe, expect, it } from 'vitest';
import { DEFAULT_POLICY, definePolicy } from '../src/define-policy.js';
import { evaluate } from '../src/evaluate.js';
import { explain } from '../src/explain.js';
import { RULE_NOTES } from '../src/rule-notes.js';
import { BUILT_IN_RULES } from '../src/rule-table.js';
import { answered, given, says } from './support/exchanges.js';
import { ALL_ROWS } from './tables/rows/all.js';

const OK = 'ok';

describe('explain', () => {
  it('decides as evaluate does, for every row of the tables', () => {
    for (const { exchange, policy = DEFAULT_POLICY } of ALL_ROWS) {
      expect(explain(exchange, policy).decision).toEqual(evaluate(exchange, policy));
    }
    expect(ALL_ROWS.length).toBeGreaterThan(1000);
  });

  it('ends with the rule that decided, and says why each one before did not', () => {
    for (const { exchange, policy = DEFAULT_POLICY, rule, name } of ALL_ROWS) {
      const { considered } = explain(exchange, policy);
      if (rule === OK) {
        expect(considered, name).toEqual([]);
        continue;
      }
      expect(considered.at(-1), name).toMatchObject({ rule, matched: true, failedCondition: null, why: 'all conditions hold' });
      for (const one of considered.slice(0, -1)) {
        expect(one.matched, name).toBe(false);
        expect(one.failedCondition, name).not.toBeNull();
        expect(one.why.length, name).toBeGreaterThan(10);
      }
    }
  });

  it('considers rules in the order of the table', () => {
    const order = BUILT_IN_RULES.map(({ id }) => id);
    for (const { exchange, name } of ALL_ROWS) {
      const places = explain(exchange).considered.map(({ rule }) => order.indexOf(rule));
      expect(places, name).toEqual([...places].sort((a, b) => a - b));
    }
  });

  it('tells the story in a sentence', () => {
    const { summary } = explain(answered(given('gemini', 'oauth'), 401, { body: says('No entry') }));
    expect(summary).toBe(
      'unauthenticated (credential) by oauth_401; fail_over; changes: invalidate_token, set_temp_unschedulable, request_refresh; a refreshed credential lifts it',
    );
  });

  it.each([
    ['type', 'anthropic_extra_usage', 'only for accounts of type oauth or setup_token'],
    ['until', 'anthropic_api_key_rate_limit', 'the answer states no end within plausible bounds'],
    ['exhausted', 'anthropic_7d_window_exhausted', 'exhausted: wanted ["7d"]'],
  ])('says why: %s', (condition, rule, why) => {
    const { considered } = explain(answered(given('anthropic', 'api_key'), 429, { body: says('Slow', { type: 'rate_limit_error' }) }));
    expect(considered.find((one) => one.rule === rule)).toMatchObject({ matched: false, failedCondition: condition, why });
  });

  it('says why: a rule of its own', () => {
    const policy = definePolicy({
      rules: [{ id: 'own', before: 'rate_limited', status: [429], when: { test: () => false }, then: BUILT_IN_RULES[0]?.then ?? never() }],
    });
    const { considered } = explain(answered(given('gemini', 'api_key'), 429), policy);
    expect(considered.find(({ rule }) => rule === 'own')?.why).toBe('test: wanted its own test to pass');
  });

  it('says why: a rule in shadow mode, which changes nothing', () => {
    const policy = definePolicy({ rules: [{ id: 'access_forbidden', mode: 'shadow' }] });
    const { considered, decision } = explain(answered(given('gemini', 'api_key'), 403, { body: says('No') }), policy);
    expect(considered.find(({ rule }) => rule === 'access_forbidden')).toMatchObject({
      mode: 'shadow',
      matched: true,
      why: 'all conditions hold, but the rule is in shadow mode',
    });
    expect(decision.verdict.rule).toBe('unknown_status');
    expect(decision.actions).toEqual([]);
  });
});

function never(): never {
  throw new Error('there are built-in rules');
}

describe('the tables of the tests', () => {
  it('reach every built-in rule', () => {
    const reached = new Set(ALL_ROWS.map(({ rule }) => rule));
    expect(BUILT_IN_RULES.map(({ id }) => id).filter((id) => !reached.has(id))).toEqual([]);
  });

  it('have no name twice in a table of their own, and name only rules that exist', () => {
    const known = new Set([OK, ...BUILT_IN_RULES.map(({ id }) => id)]);
    expect(ALL_ROWS.filter(({ rule }) => !known.has(rule)).map(({ rule }) => rule)).toEqual([]);
  });

  it('find a note for every rule, and no note without a rule', () => {
    expect([...RULE_NOTES.keys()].sort()).toEqual(BUILT_IN_RULES.map(({ id }) => id).sort());
  });
});
