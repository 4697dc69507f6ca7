/** What an operator decided: the purpose of an exchange, custom error codes, pool mode, temporary rules. */
import type { Outcome, Rule } from '../core/rule.js';
import { ANY_ERROR, CUSTOM_ERROR, NO_EFFECT } from './outcomes.js';

const ignored: Outcome = { kind: 'by_status', scope: 'request', exit: 'none', effect: NO_EFFECT, course: 'respond' };
const byTemporaryRule: Outcome = {
  kind: 'by_status',
  scope: 'account',
  exit: 'time',
  effect: { type: 'temporary_rule' },
  course: 'fail_over',
};

/** The purpose of the exchange, custom error codes and pool mode: before anything that an upstream says. */
export const operatorRules: readonly Rule[] = [
  {
    id: 'usage_answer',
    status: ANY_ERROR,
    when: { purpose: ['usage'] },
    then: ignored,
  },
  {
    id: 'custom_codes_unlisted',
    status: ANY_ERROR,
    when: { errorCodes: ['unlisted'] },
    then: { ...ignored, status: 500 },
  },
  {
    id: 'custom_code_529',
    status: [529],
    when: { errorCodes: ['listed'], body: ['empty', 'json', 'text', 'broken'] },
    then: CUSTOM_ERROR,
  },
  {
    id: 'pool_mode_temporary_rule',
    status: [
      [400, 400],
      [402, 599],
    ],
    when: { errorCodes: ['off'], poolMode: true, temporaryRule: true },
    then: byTemporaryRule,
  },
  {
    id: 'pool_mode_hands_off',
    status: ANY_ERROR,
    when: { errorCodes: ['off'], poolMode: true },
    then: { ...ignored, course: 'fail_over' },
  },
];

/** The account's own temporary rules. With custom error codes they are not asked. */
export const temporaryRules: readonly Rule[] = [
  {
    id: 'temporary_rule_401',
    exceptPlatform: ['antigravity'],
    status: [401],
    when: { errorCodes: ['off'], purpose: ['request', 'probe'], authenticationSeen: false, temporaryRule: true },
    then: { ...byTemporaryRule, scope: 'credential' },
  },
  {
    id: 'temporary_rule_401_antigravity',
    platform: ['antigravity'],
    status: [401],
    when: { errorCodes: ['off'], purpose: ['request', 'probe'], temporaryRule: true },
    then: { ...byTemporaryRule, scope: 'credential' },
  },
  {
    id: 'temporary_rule',
    status: [
      [400, 400],
      [402, 599],
    ],
    when: { errorCodes: ['off'], temporaryRule: true },
    then: byTemporaryRule,
  },
];
