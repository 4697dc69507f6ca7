/** The first rule that matches a reading, and the verdict it gives. */
import { type CompiledRule, failedCheck, type RuleIndex, readForOutcome } from './compile-rules.js';
import type { Check } from './condition.js';
import type { Scope, Verdict } from './decision.js';
import type { Reading } from './reading.js';
import type { PolicyRule } from './rule.js';
import type { Signal } from './signal.js';
import { kindOfStatus } from './status-kind.js';
import { statedEnd } from './until.js';

/** One rule that was asked: `failed` names the first condition that did not hold; null: it matched. */
export interface Consideration {
  readonly rule: PolicyRule;
  readonly failed: Check['name'] | null;
}

/** The end that the upstream stated: a `fallback` is the settings' and a number the rule's own. */
function resetOf({ then: { effect } }: PolicyRule, signal: Signal): Verdict['resetAt'] {
  return effect.type === 'limit' && effect.until !== 'fallback' && typeof effect.until !== 'number'
    ? statedEnd(effect.until, signal)
    : null;
}

/** A model's verdict without a known model is the account's. */
function scopeOf(rule: PolicyRule, signal: Signal): Scope {
  const { effect, scope } = rule.then;
  const hasKey = effect.type === 'limit' && effect.key !== undefined;
  return scope === 'model' && signal.model === null && !hasKey && effect.type === 'limit' && effect.on === 'model' ? 'account' : scope;
}

/** The verdict of a rule on a signal. Total, pure. */
export function verdictOf(rule: PolicyRule, signal: Signal): Verdict {
  const { kind, exit } = rule.then;
  return {
    kind: kind === 'by_status' ? kindOfStatus(signal.status) : kind,
    scope: scopeOf(rule, signal),
    rule: rule.id,
    message: signal.message,
    resetAt: resetOf(rule, signal),
    exit,
    signal,
  };
}

function shadowEvent({ rule }: CompiledRule, reading: Reading): Reading['events'][number] {
  return {
    code: 'shadow_rule',
    level: 'info',
    accountId: reading.account?.id ?? '',
    detail: `${rule.id} would have decided: ${rule.then.kind}`,
  };
}

/**
 * The first enforced rule that matches. `consider` hears of each rule that is asked, in order: that is all that `explain` adds. null: no rule of the
 * table is for this status.
 */
export function firstMatch(index: RuleIndex, reading: Reading, consider?: (consideration: Consideration) => void): CompiledRule | null {
  const slot = consider === undefined ? index.slotFor(reading) : index.slot(reading.draft.platform, reading.draft.status);
  for (const one of slot) {
    const failed = failedCheck(one, reading);
    consider?.({ rule: one.rule, failed });
    if (failed !== null) continue;
    if (one.rule.mode === 'shadow') {
      reading.events = [...reading.events, shadowEvent(one, reading)];
      continue;
    }
    readForOutcome(one, reading);
    return one;
  }
  return null;
}
