/** What is allowed in a policy and yet looks like a mistake. */
import type { Platform } from './core/account.js';
import type { Policy } from './core/policy.js';
import type { Condition, PolicyRule } from './core/rule.js';

/** Something that looks like a mistake. */
export interface PolicyIssue {
  readonly code: 'shadowed_rule' | 'unreachable_rule' | 'no_exit' | 'broad_keyword' | 'durable_prose' | 'shadow_forever';
  readonly rule: string;
  readonly message: string;
}

/** Shorter words occur by chance. */
const SHORTEST_KEYWORD = 5;
const WORDS: readonly (keyof Condition)[] = ['phrases', 'anywhere', 'message'];

function isCoveredList<T>(outer: readonly T[] | undefined, inner: readonly T[] | undefined): boolean {
  return outer === undefined || inner?.every((value) => outer.includes(value)) === true;
}

function covers(platforms: Pick<PolicyRule, 'platform' | 'exceptPlatform'>, platform: Platform): boolean {
  return platforms.exceptPlatform?.includes(platform) !== true && platforms.platform?.includes(platform) !== false;
}

function coversPlatforms(outer: PolicyRule, inner: PolicyRule): boolean {
  const named = inner.platform ?? ['anthropic', 'openai', 'gemini', 'antigravity', 'another'];
  return named.filter((platform) => covers(inner, platform)).every((platform) => covers(outer, platform));
}

function statusesOf({ status }: PolicyRule): readonly number[] {
  if (status === 'any') return Array.from({ length: 600 }, (_, at) => at);
  return status.flatMap((one) => (typeof one === 'number' ? [one] : Array.from({ length: one[1] - one[0] + 1 }, (_, at) => one[0] + at)));
}

function coversStatuses(outer: PolicyRule, inner: PolicyRule): boolean {
  if (outer.status === 'any') return true;
  const covered = new Set(statusesOf(outer));
  return statusesOf(inner).every((status) => covered.has(status));
}

/** A source of an end that an answer may fail to state: such a rule lets others through. */
function mayStateNothing({ then }: PolicyRule): boolean {
  return (
    then.effect.type === 'limit' && !['fallback', 'daily'].includes(String(then.effect.until)) && typeof then.effect.until !== 'number'
  );
}

/** Whether the earlier rule matches whenever the later one does. Only what is plain to see: equal or missing conditions. */
function hides(earlier: PolicyRule, later: PolicyRule): boolean {
  if (earlier.mode !== 'enforce' || later.mode === 'off' || mayStateNothing(earlier)) return false;
  if (!coversPlatforms(earlier, later) || !coversStatuses(earlier, later) || !isCoveredList(earlier.type, later.type)) return false;
  return Object.entries(earlier.when).every(
    ([name, value]) => JSON.stringify(value) === JSON.stringify(later.when[name as keyof Condition]) && typeof value !== 'function',
  );
}

function hiddenRules(rules: readonly PolicyRule[]): readonly PolicyIssue[] {
  return rules.flatMap((rule, at): PolicyIssue[] => {
    const hider = rules.slice(0, at).find((earlier) => hides(earlier, rule));
    return hider === undefined
      ? []
      : [{ code: 'shadowed_rule', rule: rule.id, message: `${hider.id} decides first, whenever this rule would` }];
  });
}

function isErrorStatus(status: number): boolean {
  return status === 0 || (status >= 400 && status <= 999);
}

function issuesOf(rule: PolicyRule): readonly PolicyIssue[] {
  const issues: PolicyIssue[] = [];
  const add = (code: PolicyIssue['code'], message: string): void => void issues.push({ code, rule: rule.id, message });
  const { effect, exit } = rule.then;
  if (rule.status !== 'any' && !statusesOf(rule).some(isErrorStatus))
    add('unreachable_rule', 'rules are only asked about failures: status 400 and above, or 0');
  if (rule.mode === 'shadow') add('shadow_forever', 'in shadow mode it only reports');
  if (effect.type !== 'none' && exit === 'none')
    add('no_exit', `an effect of type ${effect.type} needs an exit: time, refresh, probe or operator`);
  const words = WORDS.flatMap((name) => (rule.when[name] as readonly string[] | undefined) ?? []);
  for (const word of words.filter(({ length }) => length < SHORTEST_KEYWORD && rule.when.message === undefined))
    add('broad_keyword', `${JSON.stringify(word)} occurs by chance`);
  if (effect.type === 'error' && (rule.when.anywhere !== undefined || rule.when.anywhereToo !== undefined))
    add('durable_prose', 'words that a caller may have written take the account out: use `phrases`');
  return issues;
}

/**
 * Lists what is allowed in a policy and yet looks like a mistake: rules that another one always hides, rules about statuses that never come, effects without a way back,
 * words so short that they occur by chance, and errors on words that a caller may have written. Total, pure; the default policy has none.
 */
export function lintPolicy(policy: Policy): readonly PolicyIssue[] {
  const active = policy.rules.filter(({ mode }) => mode !== 'off');
  return [...hiddenRules(active), ...active.flatMap(issuesOf)];
}
