/** A policy from settings and changes to the rule table: validated, frozen, compiled once. */
import { compileRules, type RuleIndex } from './core/compile-rules.js';
import { CONDITION_NAMES } from './core/condition.js';
import { isObject } from './core/json.js';
import { DEFAULT_SETTINGS, type Policy, type PolicySettings } from './core/policy.js';
import { PolicyError, type PolicyErrorIssue } from './core/policy-error.js';
import type { PolicyRule, Rule, RuleMode, RuleOverride } from './core/rule.js';
import { checkSettings } from './core/settings-check.js';
import { isIdentifier } from './core/text.js';
import { BUILT_IN_RULES, PROVIDERS } from './rule-table.js';

/** Every field may be left out, at every depth. */
export type DeepPartial<T> = T extends readonly unknown[] ? T : T extends object ? { readonly [K in keyof T]?: DeepPartial<T[K]> } : T;

/** What `definePolicy` takes. */
export interface PolicyOverrides {
  readonly settings?: DeepPartial<PolicySettings>;
  readonly rules?: readonly RuleOverride[];
}

/** A policy with a place for its index of rules. Only the library sees it. */
interface IndexedPolicy extends Policy {
  readonly memory: { index: RuleIndex | null };
}

const MODES: readonly RuleMode[] = ['enforce', 'shadow', 'off'];

function mergeSettings(given: DeepPartial<PolicySettings>): PolicySettings {
  const base = DEFAULT_SETTINGS;
  return {
    oauth401CooldownMinutes: given.oauth401CooldownMinutes ?? base.oauth401CooldownMinutes,
    overload: { ...base.overload, ...given.overload },
    rateLimitFallback: { ...base.rateLimitFallback, ...given.rateLimitFallback },
    forbiddenStrikes: { ...base.forbiddenStrikes, ...given.forbiddenStrikes },
    schedulingThresholdPercent: { ...base.schedulingThresholdPercent, ...given.schedulingThresholdPercent },
    verificationHosts: [...new Set([...base.verificationHosts, ...(given.verificationHosts ?? [])])],
  };
}

function conditionIssues(when: unknown, path: string): PolicyErrorIssue[] {
  if (!isObject(when)) return [{ path, message: 'must be an object of conditions' }];
  const names: readonly string[] = CONDITION_NAMES;
  return Object.keys(when)
    .filter((name) => !names.includes(name))
    .map((name) => ({ path: `${path}.${name}`, message: 'is not a condition' }));
}

function addRule(
  rules: readonly PolicyRule[],
  given: Extract<RuleOverride, { readonly before: string }>,
  path: string,
): { rules: readonly PolicyRule[]; issues: PolicyErrorIssue[] } {
  const { before, mode, ...rule } = given;
  const at = rules.findIndex(({ id }) => id === before);
  const issues = conditionIssues(rule.when, `${path}.when`);
  if (at === -1) issues.push({ path: `${path}.before`, message: `there is no rule ${JSON.stringify(before)}` });
  if (!isIdentifier(rule.id)) issues.push({ path: `${path}.id`, message: 'must be 1 to 64 of a-z 0-9 _ . : -' });
  if (rules.some(({ id }) => id === rule.id))
    issues.push({ path: `${path}.id`, message: `there is a rule ${JSON.stringify(rule.id)} already` });
  if (rule.status !== 'any' && (!Array.isArray(rule.status) || rule.status.length === 0))
    issues.push({ path: `${path}.status`, message: "must be a list of statuses, or 'any'" });
  if (!isOutcome(rule.then)) issues.push({ path: `${path}.then`, message: 'must be an outcome with kind, scope, exit, effect and course' });
  if (issues.length > 0) return { rules, issues };
  const added: PolicyRule = { ...rule, mode: mode ?? 'enforce' };
  return { rules: [...rules.slice(0, at), added, ...rules.slice(at)], issues };
}

function isOutcome(value: unknown): value is Rule['then'] {
  return isObject(value) && ['kind', 'scope', 'exit', 'effect', 'course'].every((key) => Object.hasOwn(value, key));
}

function changeRule(
  rules: readonly PolicyRule[],
  given: Exclude<RuleOverride, { readonly before: string }>,
  path: string,
): { rules: readonly PolicyRule[]; issues: PolicyErrorIssue[] } {
  const issues: PolicyErrorIssue[] = [];
  if (!rules.some(({ id }) => id === given.id))
    issues.push({ path: `${path}.id`, message: `there is no rule ${JSON.stringify(given.id)}` });
  if (given.mode !== undefined && !MODES.includes(given.mode))
    issues.push({ path: `${path}.mode`, message: `must be one of ${MODES.join(', ')}` });
  if ('then' in given && !isOutcome(given.then))
    issues.push({ path: `${path}.then`, message: 'must be an outcome with kind, scope, exit, effect and course' });
  const change = (rule: PolicyRule): PolicyRule => ({
    ...rule,
    mode: given.mode ?? rule.mode,
    then: 'then' in given ? given.then : rule.then,
  });
  return { rules: rules.map((rule) => (rule.id === given.id ? change(rule) : rule)), issues };
}

function enforced(): readonly PolicyRule[] {
  return BUILT_IN_RULES.map((rule) => ({ ...rule, mode: 'enforce' }));
}

function applyOverrides(overrides: readonly RuleOverride[]): { rules: readonly PolicyRule[]; issues: PolicyErrorIssue[] } {
  let rules: readonly PolicyRule[] = enforced();
  const issues: PolicyErrorIssue[] = [];
  overrides.forEach((given, at) => {
    const path = `rules.${at}`;
    const next = 'before' in given ? addRule(rules, given, path) : changeRule(rules, given, path);
    rules = next.rules;
    issues.push(...next.issues);
  });
  return { rules, issues };
}

function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  Object.freeze(value);
  for (const inner of Object.values(value)) deepFreeze(inner);
  return value;
}

/**
 * Makes a policy. Everything left out is the default. Throws `PolicyError` with code `invalid_policy` and every issue: a setting out of range, a rule that does
 * not exist, a new rule with an unknown condition or a taken id.
 *
 * @example definePolicy({ settings: { overload: { cooldownMinutes: 2 } }, rules: [{ id: 'access_forbidden', mode: 'shadow' }] })
 */
export function definePolicy(overrides: PolicyOverrides = {}): Policy {
  const settings = mergeSettings(overrides.settings ?? {});
  const { rules, issues } = applyOverrides(overrides.rules ?? []);
  const all = [...checkSettings(settings), ...issues];
  if (all.length > 0) throw new PolicyError('invalid_policy', all);
  return withMemory({ settings: deepFreeze(settings), rules: deepFreeze(rules) });
}

/** Freezes a policy with a place for its index: not enumerable, so that a policy prints, compares and copies as its settings and rules. */
function withMemory(policy: Policy): Policy {
  Object.defineProperty(policy, 'memory', { value: { index: null } });
  return Object.freeze(policy);
}

let defaultRules: readonly PolicyRule[] | null = null;

/** The policy of all defaults. Its rules and its index are made when they are first needed, so that importing costs nothing. */
export const DEFAULT_POLICY: Policy = withMemory({
  settings: deepFreeze(mergeSettings({})),
  get rules(): readonly PolicyRule[] {
    defaultRules ??= deepFreeze(enforced());
    return defaultRules;
  },
});

/** A policy's index of rules, made when it is first asked for; that of a policy which was copied field by field is made anew each time, slowly. */
export function indexOf(policy: Policy): RuleIndex {
  const { memory } = policy as Partial<IndexedPolicy>;
  if (memory === undefined) return compileRules(policy.rules, PROVIDERS);
  memory.index ??= compileRules(policy.rules, PROVIDERS);
  return memory.index;
}
