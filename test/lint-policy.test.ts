import { describe, expect, it } from 'vitest';
import type { Outcome, Rule, RuleMode, RuleOverride } from '../src/core/rule.js';
import { DEFAULT_POLICY, definePolicy } from '../src/define-policy.js';
import { lintPolicy, type PolicyIssue } from '../src/lint-policy.js';

const NOTHING: Outcome = { kind: 'unknown', scope: 'request', exit: 'none', effect: { type: 'none' }, course: 'respond' };
const ERROR: Outcome = {
  kind: 'forbidden',
  scope: 'account',
  exit: 'operator',
  effect: { type: 'error', kind: 'custom', title: 'No: ', missing: 'No' },
  course: 'fail_over',
};

function own(rule: Partial<Rule & { readonly before: string; readonly mode: RuleMode }>): RuleOverride {
  return { id: 'own', before: 'rate_limited', status: [429], when: { phrases: ['some words'] }, then: NOTHING, ...rule };
}

/** Each code with a policy that has it, once, and the rule it is about. */
const EXAMPLES: Readonly<Record<PolicyIssue['code'], readonly RuleOverride[]>> = {
  shadowed_rule: [own({ before: 'unknown_status', status: [429], when: {} })],
  unreachable_rule: [own({ status: [200, 204] })],
  no_exit: [own({ then: { ...ERROR, exit: 'none' } })],
  broad_keyword: [own({ when: { phrases: ['fail'] } })],
  durable_prose: [own({ when: { anywhere: ['some words'] }, then: ERROR })],
  shadow_forever: [own({ mode: 'shadow' })],
};

describe('lintPolicy', () => {
  it('finds nothing in the default policy', () => expect(lintPolicy(DEFAULT_POLICY)).toEqual([]));

  it.each(Object.entries(EXAMPLES))('%s', (code, rules) => {
    const issues = lintPolicy(definePolicy({ rules }));
    expect(issues).toEqual([{ code, rule: 'own', message: expect.stringMatching(/.{10}/) }]);
  });

  it('says which rule decides first', () => {
    const rules = EXAMPLES.shadowed_rule;
    expect(lintPolicy(definePolicy({ rules }))[0]?.message).toBe('no_reset_time decides first, whenever this rule would');
  });

  it.each([
    ['a rule that is off', [own({ status: [200], mode: 'off' })]],
    ['a rule behind one that is off', [{ id: 'no_reset_time', mode: 'off' }, own({ when: {}, before: 'unknown_status' })]],
    ['a rule behind one that may find no end', [own({ before: 'no_reset_time', when: {} }), { id: 'no_reset_time', mode: 'off' }]],
    ['a rule behind one for another type', [own({ before: 'unknown_status', status: [418], when: { modelKnown: true } })]],
    ['a whole message may be short', [own({ when: { message: ['No'] } })]],
    ['words of five letters', [own({ when: { phrases: ['fails'] } })]],
    ["an error on the upstream's own words", [own({ then: ERROR })]],
    ['a rule about no answer', [own({ status: [0], when: { failure: ['timeout'] }, before: 'no_answer' })]],
  ] as readonly (readonly [string, readonly RuleOverride[]])[])('finds nothing in %s', (_, rules) => {
    expect(lintPolicy(definePolicy({ rules }))).toEqual([]);
  });

  it('a rule that hides built-in ones is told of for each', () => {
    const issues = lintPolicy(definePolicy({ rules: [own({ before: 'payment_required', status: [402], when: {} })] }));
    expect(issues.map(({ code, rule }) => [code, rule])).toEqual([['shadowed_rule', 'payment_required']]);
  });
});
