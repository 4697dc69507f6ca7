/** Conditions compiled to checks: cheap ones first, and none that reads more than it needs. */
import { governingWindow } from './governing-window.js';
import { ownWords, wordsOf } from './own-words.js';
import { ensure, ensureTemporaryRule } from './read-on-demand.js';
import { NEED, type Reading } from './reading.js';
import type { Condition, Rule } from './rule.js';
import type { LimitFacts, Signal } from './signal.js';

/** One condition of a rule, ready to run. */
export interface Check {
  readonly name: keyof Condition | 'type' | 'until';
  /** Bits of `NEED`. */
  readonly need: number;
  readonly passes: (reading: Reading) => boolean;
}

type Compilers = {
  readonly [K in keyof Condition]-?: { readonly need: number; readonly compile: (value: NonNullable<Condition[K]>) => Check['passes'] };
};

function oneOf<T>(values: readonly T[], read: (draft: Signal) => T | null): Check['passes'] {
  const [only] = values;
  if (values.length === 1) return ({ draft }) => read(draft) === only;
  return ({ draft }) => {
    const value = read(draft);
    return value !== null && values.includes(value);
  };
}

function equals<T>(value: T, read: (draft: Signal) => T): Check['passes'] {
  return ({ draft }) => read(draft) === value;
}

/** Whether a text is one of some texts, case aside. The exact comparison comes first: upstreams nearly always send one spelling. */
function isOneOf(text: string | null, values: readonly string[], lower: readonly string[]): boolean {
  if (text === null) return false;
  return values.includes(text) || lower.includes(text.toLowerCase());
}

function texts(values: readonly string[], read: (draft: Signal) => string | null): Check['passes'] {
  const lower = values.map((value) => value.toLowerCase());
  return ({ draft }) => isOneOf(read(draft), values, lower);
}

function compileCode(values: readonly string[]): Check['passes'] {
  const lower = values.map((value) => value.toLowerCase());
  return ({ draft }) => isOneOf(draft.code, values, lower) || isOneOf(draft.errorType, values, lower);
}

function compileErrorType(values: readonly string[]): Check['passes'] {
  const lower = values.map((value) => value.toLowerCase());
  const orNone = values.includes('none');
  return ({ draft }) => (draft.errorType === null ? orNone : isOneOf(draft.errorType, values, lower));
}

function compileAggregate(values: readonly string[]): Check['passes'] {
  return ({ draft }) => values.includes(draft.limits?.aggregateStatus?.toLowerCase() ?? 'absent');
}

/** Phrases as one case-insensitive alternation: one pass, however many there are. Words are quoted, so that they are only ever text. */
function alternation(phrases: readonly string[]): RegExp {
  return new RegExp(phrases.map((phrase) => phrase.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('|'), 'i');
}

/** The words of an upstream's own sentence, without the model's name: a caller chose that. */
function proseOf(reading: Reading): string {
  reading.prose ??= ownWords(reading.message ?? reading.draft.message ?? '', reading.model);
  return reading.prose;
}

/** Phrases, in the upstream's own words. */
function compilePhrases(phrases: readonly string[]): Check['passes'] {
  const pattern = alternation(phrases);
  return (reading) => reading.draft.message !== null && pattern.test(proseOf(reading));
}

const PLAIN = /^[ -~]*$/;
const BLANKS = / {2}/;

/** Printable ASCII without double blanks is its own normal form, but for the case. */
function isNormal(text: string): boolean {
  return PLAIN.test(text) && !BLANKS.test(text);
}

/** Puts one question before all checks of phrases of a slot: whether the message may have any of their phrases. One pass spares all the others. */
export function shareSearch(rules: readonly Rule[]): (check: Check) => Check {
  const phrases = [...new Set(rules.flatMap(({ when }) => when.phrases ?? []))];
  const pattern = alternation(phrases);
  const mayPass = (reading: Reading): boolean => {
    const { message } = reading.draft;
    reading.mayHavePhrase ??= message !== null && (pattern.test(message) || !isNormal(message));
    return reading.mayHavePhrase;
  };
  return (check) => (check.name === 'phrases' ? { ...check, passes: (reading) => mayPass(reading) && check.passes(reading) } : check);
}

/** Type, code and message, with blanks for what joins the words of a code. A model's name may hide words of the message, or be some of them: so with it and without. */
function allWordsOf({ draft, message, model }: Reading): string {
  const said = message ?? draft.message ?? '';
  const words = wordsOf(said, null);
  const others = model !== null && said.includes(model) ? wordsOf(said, model) : '';
  return `${draft.errorType ?? ''} ${draft.code ?? ''} ${words} ${others}`.toLowerCase().replace(/[_-]/g, ' ');
}

function compileAnywhere(words: readonly string[]): Check['passes'] {
  const pattern = alternation(words);
  return (reading) => {
    reading.words ??= allWordsOf(reading);
    return pattern.test(reading.words);
  };
}

function compileMessage(messages: readonly string[]): Check['passes'] {
  const lower = messages.map((message) => message.toLowerCase());
  return ({ draft }) => draft.message !== null && lower.includes(draft.message.trim().toLowerCase());
}

function isExhausted(names: readonly string[]): Check['passes'] {
  return oneOf(names, ({ limits }) => governingWindow(limits)?.name ?? null);
}

const NO_WINDOWS: LimitFacts['windows'] = [];

function isFamilyExhausted(names: readonly string[]): Check['passes'] {
  return ({ draft }) => {
    for (const window of draft.limits?.windows ?? NO_WINDOWS) if (window.exhausted && names.includes(window.name)) return true;
    return false;
  };
}

/** Every condition, in the order in which they are checked: what costs nothing first. */
const COMPILERS: Compilers = {
  purpose: { need: NEED.nothing, compile: (values) => oneOf(values, (draft) => draft.purpose) },
  failure: { need: NEED.nothing, compile: (values) => oneOf(values, (draft) => draft.failure) },
  errorCodes: { need: NEED.nothing, compile: (values) => oneOf(values, (draft) => draft.errorCodes) },
  poolMode: { need: NEED.nothing, compile: (value) => equals(value, (draft) => draft.poolMode) },
  withCredits: { need: NEED.nothing, compile: (value) => equals(value, (draft) => draft.withCredits) },
  refreshable: { need: NEED.nothing, compile: (value) => equals(value, (draft) => draft.refreshable) },
  modelKnown: { need: NEED.nothing, compile: (value) => equals(value, (draft) => draft.model !== null) },
  authenticationSeen: { need: NEED.nothing, compile: (value) => equals(value, (draft) => draft.authenticationSeen) },
  exhausted: { need: NEED.windows, compile: isExhausted },
  family: { need: NEED.limits, compile: isFamilyExhausted },
  aggregate: { need: NEED.limits, compile: compileAggregate },
  body: { need: NEED.body, compile: (values) => oneOf(values, (draft) => draft.body) },
  code: { need: NEED.body, compile: compileCode },
  reason: { need: NEED.body, compile: (values) => texts(values, (draft) => draft.reason) },
  errorType: { need: NEED.body, compile: compileErrorType },
  detail: { need: NEED.body, compile: (values) => oneOf(values, (draft) => draft.detail) },
  forbidden: { need: NEED.body, compile: (values) => oneOf(values, (draft) => draft.forbidden) },
  creditsExhausted: { need: NEED.body, compile: (value) => equals(value, (draft) => draft.creditsExhausted) },
  message: { need: NEED.body, compile: compileMessage },
  phrases: { need: NEED.body, compile: compilePhrases },
  anywhere: { need: NEED.body, compile: compileAnywhere },
  anywhereToo: { need: NEED.body, compile: compileAnywhere },
  perDay: { need: NEED.bodyLimits, compile: (value) => equals(value, (draft) => draft.bodyLimits?.perDay ?? false) },
  namesModel: { need: NEED.bodyLimits, compile: (value) => equals(value, (draft) => draft.bodyLimits?.namesModel ?? false) },
  temporaryRule: { need: NEED.rawBody, compile: (value) => (reading) => ensureTemporaryRule(reading) >= 0 === value },
  test: { need: NEED.body, compile: (test) => (reading) => test(reading.draft) },
};

/** Reads what a check needs, and runs it. */
export function passes(check: Check, reading: Reading): boolean {
  ensure(reading, check.need);
  return check.passes(reading);
}

function checkOf<K extends keyof Condition>(name: K, when: Condition): Check | null {
  const value = when[name];
  if (value === undefined) return null;
  const { need, compile } = COMPILERS[name];
  return { name, need, passes: (compile as (value: unknown) => Check['passes'])(value) };
}

/** The checks of a rule, in the order in which they run. */
export function compileChecks(rule: Rule): readonly Check[] {
  const checks: Check[] = [];
  const types = rule.type;
  if (types !== undefined) checks.push({ name: 'type', need: NEED.nothing, passes: ({ draft }) => types.includes(draft.type) });
  for (const name of CONDITION_NAMES) {
    const check = checkOf(name, rule.when);
    if (check !== null) checks.push(check);
  }
  return checks;
}

/** The names of all conditions, in the order in which they are checked. */
export const CONDITION_NAMES: readonly (keyof Condition)[] = Object.keys(COMPILERS) as (keyof Condition)[];
