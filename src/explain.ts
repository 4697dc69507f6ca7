/** Why a decision is what it is. */
import type { Consideration } from './core/classify-reading.js';
import type { Decision } from './core/decision.js';
import type { Exchange } from './core/exchange.js';
import type { Policy } from './core/policy.js';
import type { RuleMode } from './core/rule.js';
import { DEFAULT_POLICY } from './define-policy.js';
import { evaluateWith } from './evaluate.js';

/** A rule that was asked, and why it matched or did not. */
export interface RuleExplanation {
  readonly rule: string;
  readonly mode: RuleMode;
  readonly matched: boolean;
  /** The first condition that did not hold; null: all did. */
  readonly failedCondition: string | null;
  /** The same in a sentence. */
  readonly why: string;
}

/** A decision, and every rule that was asked for it, in order. */
export interface Explanation {
  readonly decision: Decision;
  readonly considered: readonly RuleExplanation[];
  /** The whole story in a sentence: what was decided, by which rule, and what lifts it. */
  readonly summary: string;
}

const WHAT_LIFTS_IT = {
  none: 'nothing was held',
  time: 'it ends by time',
  refresh: 'a refreshed credential lifts it',
  probe: 'a successful probe lifts it',
  operator: 'a person has to lift it',
} as const;

function whyOf({ rule, failed }: Consideration): string {
  if (failed === 'until') return 'the answer states no end within plausible bounds';
  if (failed === 'type') return `only for accounts of type ${rule.type?.join(' or ') ?? 'any'}`;
  if (failed === null) return rule.mode === 'shadow' ? 'all conditions hold, but the rule is in shadow mode' : 'all conditions hold';
  const wanted = rule.when[failed];
  return `${failed}: wanted ${typeof wanted === 'function' ? 'its own test to pass' : JSON.stringify(wanted)}`;
}

function toExplanation(one: Consideration): RuleExplanation {
  const { rule, failed } = one;
  return { rule: rule.id, mode: rule.mode, matched: failed === null, failedCondition: failed, why: whyOf(one) };
}

function summaryOf({ verdict, disposition, actions }: Decision): string {
  const changes = actions.length === 0 ? 'nothing changes' : `changes: ${actions.map(({ type }) => type).join(', ')}`;
  return `${verdict.kind} (${verdict.scope}) by ${verdict.rule}; ${disposition.type}; ${changes}; ${WHAT_LIFTS_IT[verdict.exit]}`;
}

/**
 * Explains the decision of `evaluate` for the same arguments, on the same code path: every rule that was asked, in order, and the first condition that
 * each failed. Total, pure.
 *
 * @example explain(exchange).considered.find(({ matched }) => matched)?.rule // 'anthropic_5h_window_exhausted'
 */
export function explain(exchange: Exchange, policy: Policy = DEFAULT_POLICY): Explanation {
  const considered: RuleExplanation[] = [];
  const decision = evaluateWith(exchange, policy, (one) => considered.push(toExplanation(one)));
  return { decision, considered, summary: summaryOf(decision) };
}
