/** What a signal is known to have, as bits: one question spares a rule that asks for what is not there all of its checks. */
import { governingWindow } from './governing-window.js';
import type { Condition } from './rule.js';
import type { LimitFacts, Signal } from './signal.js';

const FACT = {
  governingWindow: 1,
  exhaustedWindow: 2,
  aggregate: 4,
  html: 8,
  word: 16,
  errorType: 32,
  reason: 64,
  detail: 128,
  forbidden: 256,
  creditsExhausted: 512,
  message: 1024,
  perDay: 2048,
  namesModel: 4096,
  temporaryRule: 8192,
} as const;

function windowFacts(limits: LimitFacts): number {
  let facts = limits.aggregateStatus === null ? 0 : FACT.aggregate;
  if (limits.windows.length === 0) return facts;
  for (const { exhausted } of limits.windows) if (exhausted) facts |= FACT.exhaustedWindow;
  return governingWindow(limits) === null ? facts : facts | FACT.governingWindow;
}

function bodyFacts(signal: Signal): number {
  let facts = signal.body === 'html' ? FACT.html : 0;
  if (signal.errorType !== null) facts |= FACT.errorType | FACT.word;
  if (signal.code !== null) facts |= FACT.word;
  if (signal.reason !== null) facts |= FACT.reason;
  if (signal.detail !== null) facts |= FACT.detail;
  if (signal.message !== null) facts |= FACT.message;
  if (signal.forbidden !== null) facts |= FACT.forbidden;
  return signal.creditsExhausted ? facts | FACT.creditsExhausted : facts;
}

/** The facts of a signal as far as it was read. Total, pure. */
export function factsOf(signal: Signal): number {
  let facts = signal.temporaryRule >= 0 ? FACT.temporaryRule : 0;
  if (signal.limits !== null) facts |= windowFacts(signal.limits);
  if (signal.body !== 'unread') facts |= bodyFacts(signal);
  if (signal.bodyLimits?.perDay === true) facts |= FACT.perDay;
  return signal.bodyLimits?.namesModel === true ? facts | FACT.namesModel : facts;
}

/** The fact without which a condition cannot hold, whatever its value; conditions that are not here may hold without any. */
const FACT_OF: Readonly<Partial<Record<keyof Condition, number>>> = {
  exhausted: FACT.governingWindow,
  family: FACT.exhaustedWindow,
  code: FACT.word,
  reason: FACT.reason,
  detail: FACT.detail,
  forbidden: FACT.forbidden,
  message: FACT.message,
  phrases: FACT.message,
};
/** The same for conditions on a truth, where that is wanted. */
const FACT_OF_TRUE: Readonly<Partial<Record<keyof Condition, number>>> = {
  creditsExhausted: FACT.creditsExhausted,
  perDay: FACT.perDay,
  namesModel: FACT.namesModel,
  temporaryRule: FACT.temporaryRule,
};

/** The fact without which this condition of a rule cannot hold; 0: none. Total, pure. */
export function factNeededBy(name: keyof Condition, when: Condition): number {
  if (name === 'aggregate') return when.aggregate?.includes('absent') === true ? 0 : FACT.aggregate;
  if (name === 'errorType') return when.errorType?.includes('none') === true ? 0 : FACT.errorType;
  if (name === 'body') return when.body?.length === 1 && when.body[0] === 'html' ? FACT.html : 0;
  return FACT_OF[name] ?? (when[name] === true ? (FACT_OF_TRUE[name] ?? 0) : 0);
}
