/** What every platform's answers prove, and what is not an upstream's own answer. */
import type { Outcome, Rule } from '../core/rule.js';
import { ANY_ERROR, BLOCKED_EGRESS, NO_EFFECT } from './outcomes.js';

const modelMissing: Outcome = {
  kind: 'model_unavailable',
  scope: 'model',
  exit: 'time',
  effect: { type: 'limit', on: 'model_only', kind: 'unavailable', until: 30 },
  course: 'fail_over',
};

/** What every platform's answers prove, before an operator's temporary rules. */
export const sharedEvidence: readonly Rule[] = [
  {
    id: 'overloaded_529',
    status: [529],
    when: {},
    then: { kind: 'overloaded', scope: 'provider', exit: 'time', effect: { type: 'overload' }, course: 'fail_over' },
  },
  {
    id: 'upstream_404_model_not_found',
    status: [404],
    when: {
      modelKnown: true,
      body: ['json', 'text'],
      anywhere: ['model not found', 'unknown model', 'not found', 'does not exist'],
      anywhereToo: ['model'],
    },
    then: modelMissing,
  },
  {
    id: 'upstream_400_codex_plan_gated_model',
    platform: ['openai'],
    type: ['oauth'],
    status: [400],
    when: { modelKnown: true, anywhere: ['model is not supported when using codex'] },
    then: modelMissing,
  },
  {
    id: 'unknown_model_401',
    status: [401],
    when: { anywhere: ['unknown model', 'model is not supported', 'is not supported', 'does not exist'], anywhereToo: ['model'] },
    then: { kind: 'model_unavailable', scope: 'request', exit: 'none', effect: NO_EFFECT, course: 'fail_over' },
  },
];

/** What is not an upstream's own answer. */
export const edgeRules: readonly Rule[] = [
  {
    id: 'blocked_egress_html',
    status: ANY_ERROR,
    when: { body: ['html'] },
    then: BLOCKED_EGRESS,
  },
  {
    id: 'blocked_egress_empty_403',
    status: [403],
    when: { body: ['empty'] },
    then: BLOCKED_EGRESS,
  },
];
