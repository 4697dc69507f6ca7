/** Rules made fast: an index by platform and status, and for each rule its checks and what it needs. */
import type { Platform } from './account.js';
import { type Check, compileChecks, passes, shareSearch } from './condition.js';
import type { Provider } from './provider.js';
import { ensureBody, ensureBodyLimits } from './read-on-demand.js';
import { NEED, type Reading } from './reading.js';
import type { Effect, PolicyRule, Rule, UntilSource } from './rule.js';
import { statedEnd } from './until.js';

/** A rule with its checks. */
export interface CompiledRule {
  readonly rule: PolicyRule;
  readonly checks: readonly Check[];
  /** The outcome carries the upstream's message, so the body has to be read. */
  readonly needsMessage: boolean;
  /** Whether a check or the outcome may read the body. */
  readonly needsBody: boolean;
}

/** The rules that may apply, in order. */
export type Slot = readonly CompiledRule[];

/** All rules, by platform and status. */
export interface RuleIndex {
  readonly byId: ReadonlyMap<string, CompiledRule>;
  /** The rules of a status of a platform. */
  readonly slot: (platform: Platform, status: number) => Slot;
  /** The same without those that facts known beforehand rule out: the account's type, its modes, the purpose. */
  readonly slotFor: (reading: Reading) => Slot;
}

/** What has to be read for an end; `fallback`, `daily` and lengths need nothing. */
const NEED_OF_SOURCE = {
  windows: NEED.windows,
  family: NEED.limits,
  aggregate: NEED.limits,
  stated: NEED.limits,
  date: NEED.bodyLimits,
} as const;

function isStatedByHeaders({ draft }: Reading): boolean {
  return draft.limits !== null && draft.limits.retryAfterMs !== null && statedEnd('stated', draft) !== null;
}

/** The rule's own source must state an end; `fallback` and lengths always do. */
function untilCheck(source: UntilSource): Check | null {
  if (source === 'fallback' || source === 'daily' || typeof source === 'number') return null;
  return {
    name: 'until',
    need: NEED_OF_SOURCE[source],
    passes: (reading) => {
      // A stated Retry-After makes the body's own words needless.
      if (source === 'stated' && !isStatedByHeaders(reading)) ensureBodyLimits(reading);
      return statedEnd(source, reading.draft) !== null;
    },
  };
}

const NEEDS_MESSAGE: Readonly<Record<Effect['type'], boolean>> = {
  none: false,
  error: true,
  limit: false,
  pause: true,
  authentication: true,
  overload: false,
  strikes: true,
  temporary_rule: true,
  credits: false,
};

function compileRule(rule: PolicyRule): CompiledRule {
  const { effect } = rule.then;
  const until = effect.type === 'limit' ? untilCheck(effect.until) : null;
  const checks = until === null ? compileChecks(rule) : [...compileChecks(rule), until];
  const needsMessage = NEEDS_MESSAGE[effect.type];
  const reads = checks.some(({ need }) => (need & NEED.body) !== 0);
  const statesInBody = effect.type === 'limit' && (effect.until === 'stated' || effect.until === 'date');
  return { rule, checks, needsMessage, needsBody: needsMessage || reads || statesInBody };
}

function appliesTo(rule: Rule, platform: Platform): boolean {
  if (rule.exceptPlatform?.includes(platform) === true) return false;
  return rule.platform === undefined || rule.platform.includes(platform);
}

function coversStatus(rule: Rule, status: number): boolean {
  if (rule.status === 'any') return true;
  return rule.status.some((one) => (typeof one === 'number' ? one === status : status >= one[0] && status <= one[1]));
}

/** A slot, and what is left of it for a plain exchange of each type of account. */
interface NarrowSlot {
  readonly all: () => Slot;
  readonly plain: (type: string) => Slot;
}

function slotOf(rules: readonly CompiledRule[]): Slot {
  const share = shareSearch(rules.map(({ rule }) => rule));
  return rules.map((one) => ({ ...one, checks: one.checks.map(share) }));
}

/** A client's request of an account without modes of its own: nearly every exchange. */
function isPlain({ account, draft }: Reading): boolean {
  if (draft.purpose !== 'request' || draft.errorCodes !== 'off' || draft.poolMode || draft.withCredits) return false;
  return account !== null && account.settings.temporaryRules.length === 0;
}

/** Whether a plain exchange of a type of account may match a rule at all. */
function mayMatchPlain({ rule }: CompiledRule, type: string): boolean {
  const { when } = rule;
  if (rule.type !== undefined && !rule.type.includes(type)) return false;
  if (when.poolMode === true || when.withCredits === true || when.temporaryRule === true) return false;
  return when.purpose?.includes('request') !== false && when.errorCodes?.includes('off') !== false;
}

/** The checks that a plain exchange of a type of account passes without being asked. */
const KNOWN_WHERE_PLAIN: readonly Check['name'][] = ['type', 'purpose', 'errorCodes'];

function narrowed(rule: CompiledRule): CompiledRule {
  return { ...rule, checks: rule.checks.filter(({ name }) => !KNOWN_WHERE_PLAIN.includes(name)) };
}

/** Something made when it is first asked for, and then remembered: the answer is the same as without the memory, only sooner. */
function lazily<T>(make: () => T): () => T {
  let made: T | null = null;
  return () => {
    made ??= make();
    return made;
  };
}

function narrowSlot(rules: readonly CompiledRule[]): NarrowSlot {
  const made: { readonly type: string; readonly slot: Slot }[] = [];
  const plain = (type: string): Slot => {
    // Of three or four: faster than a Map.
    for (const one of made) if (one.type === type) return one.slot;
    const slot = slotOf(rules.filter((rule) => mayMatchPlain(rule, type)).map(narrowed));
    // Types are outside text: an endless supply of them must not fill the memory.
    if (made.length < MAX_TYPES) made.push({ type, slot });
    return slot;
  };
  return { all: lazily(() => slotOf(rules)), plain };
}

const MAX_TYPES = 16;
const NO_RULES: NarrowSlot = narrowSlot([]);

/** Statuses at which the set of rules may change: between two of them it is the same. */
function statusBorders(rules: readonly Rule[]): readonly number[] {
  const borders = new Set([0, 1, 100, 400, 500, 600]);
  for (const rule of rules) {
    if (rule.status === 'any') continue;
    for (const one of rule.status) {
      borders.add(typeof one === 'number' ? one : one[0]);
      borders.add((typeof one === 'number' ? one : one[1]) + 1);
    }
  }
  return [...borders].sort((a, b) => a - b);
}

const STATUSES = 1000;

function segmentTable(borders: readonly number[]): Uint8Array {
  const table = new Uint8Array(STATUSES);
  for (const border of borders.slice(1)) {
    for (let status = border; status < STATUSES; status += 1) table[status] = (table[status] ?? 0) + 1;
  }
  return table;
}

/** The slots of each known platform, and those that all others share. */
function columnsOf(
  rules: readonly CompiledRule[],
  platforms: ReadonlySet<Platform>,
): (platform: Platform) => readonly (() => NarrowSlot)[] {
  const borders = statusBorders(rules.map(({ rule }) => rule));
  const columnOf = (platform: Platform): readonly (() => NarrowSlot)[] =>
    borders.map((status) => lazily(() => narrowSlot(rules.filter(({ rule }) => appliesTo(rule, platform) && coversStatus(rule, status)))));
  const columns = [...platforms].map((platform) => ({ platform, column: columnOf(platform) }));
  const others = columnOf('');
  return (platform) => {
    for (const one of columns) if (one.platform === platform) return one.column;
    return others;
  };
}

/** Compiles a table of rules. `providers` are the platforms that are known by name; all others share one column. */
export function compileRules(rules: readonly PolicyRule[], providers: readonly Provider[]): RuleIndex {
  const compiled = rules.map(compileRule);
  const active = compiled.filter(({ rule }) => rule.mode !== 'off');
  const segments = segmentTable(statusBorders(active.map(({ rule }) => rule)));
  const columns = columnsOf(
    active,
    new Set([...providers.map(({ platform }) => platform), ...rules.flatMap((rule) => rule.platform ?? [])]),
  );
  const find = (platform: Platform, status: number): NarrowSlot => columns(platform)[segments[status] ?? 0]?.() ?? NO_RULES;
  return {
    byId: new Map(compiled.map((one) => [one.rule.id, one])),
    slot: (platform, status) => find(platform, status).all(),
    slotFor: (reading) => {
      const slot = find(reading.draft.platform, reading.draft.status);
      return isPlain(reading) ? slot.plain(reading.draft.type) : slot.all();
    },
  };
}

/** The first check of a rule that a reading fails; null: the rule matches. An exception in a rule's own test is a failed check. */
export function failedCheck({ checks, rule }: CompiledRule, reading: Reading): Check['name'] | null {
  for (const check of checks) {
    try {
      if (!passes(check, reading)) return check.name;
    } catch (error) {
      reading.events = [...reading.events, ruleFailed(rule.id, reading.account?.id ?? '', error)];
      return check.name;
    }
  }
  return null;
}

function ruleFailed(id: string, accountId: string, error: unknown): Reading['events'][number] {
  const why = error instanceof Error ? error.name : typeof error;
  return { code: 'rule_failed', level: 'warn', accountId, detail: `rule ${id}: ${why}` };
}

/** Reads what the outcome of a rule that matched needs. */
export function readForOutcome({ needsMessage }: CompiledRule, reading: Reading): void {
  if (needsMessage) ensureBody(reading);
}
