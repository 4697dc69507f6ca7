import type { Condition, Effect, Outcome, Rule } from '../../src/core/rule.js';
import { RULE_NOTES } from '../../src/rule-notes.js';
import { code } from './markdown-table.js';

/** Conditions in words; `*` is the place of the values. */
const CONDITIONS: Readonly<Record<keyof Condition, string>> = {
  purpose: 'purpose is *',
  failure: 'no answer: *',
  errorCodes: 'custom error codes: *',
  poolMode: 'pool mode: *',
  withCredits: 'sent with credits: *',
  refreshable: 'credential can be refreshed: *',
  modelKnown: 'model known: *',
  exhausted: 'exhausted window: *',
  family: 'exhausted model-family window: *',
  aggregate: 'aggregate status: *',
  body: 'body is *',
  errorType: 'error type: *',
  code: 'error code: *',
  reason: 'reason: *',
  detail: 'detail is *',
  message: 'message is *',
  phrases: 'message says *',
  anywhere: 'anywhere *',
  anywhereToo: 'and anywhere *',
  perDay: 'per-day quota: *',
  namesModel: 'quota names a model: *',
  temporaryRule: 'a temporary rule matches: *',
  authenticationSeen: 'this revision was held before: *',
  forbidden: '403 says *',
  creditsExhausted: 'credits used up: *',
  test: 'and its own test',
};

/** What the request becomes, in words. */
const COURSES: Readonly<Record<Outcome['course'], string>> = {
  respond: 'give the answer',
  fail_over: 'fail over',
  fail_over_once: 'fail over once',
  retry_once: 'retry once, then fail over',
  retry_capacity: 'retry up to three times, then fail over',
};

/** Where an end comes from, in words. */
const UNTIL: Readonly<Record<string, string>> = {
  windows: 'the reset of the governing window',
  family: 'the reset of the model-family window, else the aggregate, else Retry-After',
  aggregate: 'the aggregate reset',
  stated: 'the stated reset',
  date: 'the stated date',
  daily: 'midnight Pacific',
  fallback: 'the fallback seconds of the settings',
};

function valueInWords(value: unknown): string {
  if (value === true) return 'yes';
  if (value === false) return 'no';
  return Array.isArray(value) ? value.map((item) => code(String(item))).join(', ') : code(String(value));
}

function conditionInWords(when: Condition): string {
  const parts = Object.entries(when).map(([name, value]) =>
    (CONDITIONS[name as keyof Condition] ?? `${name}: *`).replace('*', () => valueInWords(value)),
  );
  return parts.length === 0 ? 'always' : parts.join('; ');
}

function untilInWords(until: string | number): string {
  return typeof until === 'number' ? `${until} min` : `until ${UNTIL[until] ?? until}`;
}

function titleInWords(title: string): string {
  return title.trim().replace(/:$/, '');
}

function limitInWords(effect: Extract<Effect, { type: 'limit' }>): string {
  const onModel = effect.key === undefined ? 'the model' : code(effect.key);
  const target = effect.on === 'account' ? 'the account' : onModel;
  const wider = effect.on === 'model' && effect.key === undefined ? ' (unknown: of the account)' : '';
  return `hold of ${target}${wider}, ${code(effect.kind)}, ${untilInWords(effect.until)}`;
}

function effectInWords(effect: Effect): string {
  switch (effect.type) {
    case 'none':
      return 'nothing';
    case 'error':
      return `error ${code(effect.kind)}, “${titleInWords(effect.title)}”${effect.invalidate === true ? '; token invalidated' : ''}`;
    case 'limit':
      return limitInWords(effect);
    case 'pause':
      return `temporary hold, ${effect.minutes} min`;
    case 'authentication':
      return 'hold bound to the credential; token invalidated, refresh requested';
    case 'overload':
      return 'overload hold of the settings';
    case 'strikes':
      return `temporary hold; at the strikes of the settings, error ${code(effect.kind)}`;
    case 'temporary_rule':
      return "the account's temporary rule";
    case 'credits':
      return 'AI credits marked as used up, 5 h';
    default:
      return effect satisfies never;
  }
}

function whoInWords(rule: Rule): string {
  const platform =
    rule.platform?.join(', ') ?? (rule.exceptPlatform === undefined ? 'all' : `all except ${rule.exceptPlatform.join(', ')}`);
  return rule.type === undefined ? platform : `${platform} (${rule.type.join(', ')})`;
}

function rangeInWords(from: number, to: number): string {
  if (from !== to) return `${from}–${to}`;
  return from === 0 ? 'none' : String(from);
}

function statusInWords(status: Rule['status']): string {
  if (status === 'any') return 'any';
  return status.map((item) => (typeof item === 'number' ? rangeInWords(item, item) : rangeInWords(...item))).join(', ');
}

/** The columns of the table of rules. */
export const RULE_COLUMNS: readonly string[] = [
  '#',
  'rule',
  'platform',
  'status',
  'when',
  'verdict, scope',
  'account',
  'request',
  'way back',
];

/** One rule as the cells of its row; `index` from 0. */
export function ruleCells(rule: Rule, index: number): readonly string[] {
  const { then } = rule;
  const kind = then.kind === 'by_status' ? 'by status' : code(then.kind);
  const request = then.status === undefined ? COURSES[then.course] : `${COURSES[then.course]}, as ${then.status}`;
  return [
    String(index + 1),
    `${code(rule.id)}<br>${RULE_NOTES.get(rule.id) ?? ''}`,
    whoInWords(rule),
    statusInWords(rule.status),
    conditionInWords(rule.when),
    `${kind}, ${then.scope}`,
    effectInWords(then.effect),
    request,
    then.exit,
  ];
}
