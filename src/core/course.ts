/** What becomes of the request: answer it, send it again, or take another account. */
import type { Action } from './action.js';
import type { Disposition, VerdictKind } from './decision.js';
import type { DecisionContext } from './decision-context.js';
import { CREDITS_KEY } from './health.js';
import { MIN_HOLD_MS, statedDelayMs } from './until.js';

/** What the client is told when no account is left: never an upstream's own 401 or 403. */
export const EXHAUSTED_STATUS: Readonly<Record<VerdictKind, number>> = {
  ok: 200,
  rate_limited: 429,
  quota_exhausted: 429,
  credits_exhausted: 429,
  overloaded: 503,
  unauthenticated: 503,
  billing: 503,
  verification_required: 503,
  violation: 503,
  forbidden: 503,
  model_unavailable: 404,
  invalid_request: 400,
  blocked_egress: 503,
  upstream_error: 502,
  transport: 502,
  unknown: 502,
};

/** A stated wait below this is waited for with the same account: milliseconds, exclusive. */
export const SHORT_WAIT_MS = { antigravity: 7_000, others: 1_000 } as const;
/** How often a request is sent to an account whose upstream has no capacity for its model. */
export const CAPACITY_ATTEMPTS = 3;
/** How long to wait for capacity. */
export const CAPACITY_WAIT_MS = 1_000;

const RESPOND: Disposition = Object.freeze({ type: 'respond' });

function respond(status: number | undefined): Disposition {
  return status === undefined ? RESPOND : { type: 'respond', status };
}

function failOver({ verdict, until }: DecisionContext): Disposition {
  return { type: 'fail_over', otherwise: { status: EXHAUSTED_STATUS[verdict.kind], retryAt: until } };
}

/** The wait that is short enough to keep the account; null: none is stated, or it is longer. */
function shortWait({ rule, signal }: DecisionContext): number | null {
  const { effect } = rule.then;
  if (effect.type !== 'limit' || effect.until !== 'stated') return null;
  const delay = statedDelayMs(signal);
  if (delay === null) return null;
  if (signal.platform === 'antigravity') return delay < SHORT_WAIT_MS.antigravity ? Math.max(Math.ceil(delay), MIN_HOLD_MS) : null;
  // "Retry after 0" is not true, so it is a second, and a second is not short.
  return delay > 0 && delay < SHORT_WAIT_MS.others ? Math.ceil(delay) : null;
}

/** Whether the spent quota may be paid for with credits: switched on, not used up, not tried yet. */
export function maySpendCredits({ account, exchange, rule, signal }: DecisionContext): boolean {
  const { effect } = rule.then;
  if (effect.type !== 'limit' || effect.kind !== 'quota' || rule.then.kind !== 'quota_exhausted') return false;
  if (signal.platform !== 'antigravity' || !account.settings.allowOverages || signal.withCredits) return false;
  const marked = account.health.modelRateLimits.get(CREDITS_KEY);
  return exchange.credits !== 'insufficient' && (marked === undefined || marked.until <= signal.receivedAt);
}

/** Turns what would change into what changes only if the retry is not made. */
function retry(context: DecisionContext, delayMs: number, withCredits: boolean): Disposition {
  const otherwise: readonly Action[] = context.actions;
  context.actions = [];
  return { type: 'retry', delayMs, withCredits, otherwise };
}

function retryOf(context: DecisionContext): Disposition | null {
  const { exchange, rule, signal } = context;
  const attempt = exchange.attempt ?? 1;
  if (maySpendCredits(context)) return retry(context, 0, true);
  if (rule.then.course === 'retry_once' && attempt < 2) return retry(context, 0, signal.withCredits);
  if (rule.then.course === 'retry_capacity' && attempt < CAPACITY_ATTEMPTS) return retry(context, CAPACITY_WAIT_MS, signal.withCredits);
  const wait = attempt < 2 ? shortWait(context) : null;
  return wait === null ? null : retry(context, wait, signal.withCredits);
}

/**
 * The disposition of a decision whose effect was applied. After the first byte to the client, and for exchanges that are no client's request, only `respond`. A retry takes
 * the actions with it: they come back if it fails.
 */
export function chooseCourse(context: DecisionContext): Disposition {
  const { exchange, rule, signal, verdict } = context;
  const { course, status } = rule.then;
  if (signal.phase === 'mid_stream' || signal.purpose !== 'request') return RESPOND;
  if (course === 'respond') return respond(status);
  if (course === 'fail_over_once' && exchange.previous?.verdict.rule === verdict.rule) return RESPOND;
  return retryOf(context) ?? failOver(context);
}
