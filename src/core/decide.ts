/** From a verdict to a decision: the rule's effect, what the headers said, and what becomes of the request. */
import type { Action } from './action.js';
import { chooseCourse } from './course.js';
import type { Decision, Verdict } from './decision.js';
import { act, type DecisionContext, report } from './decision-context.js';
import { applyEffect, isDurable, markCredits } from './effects.js';
import { governingWindow } from './governing-window.js';
import { observeWindows } from './observe-windows.js';
import { NO_LIMITS } from './provider.js';
import type { PolicyRule } from './rule.js';
import type { Signal } from './signal.js';

type Filter = (action: Action, verdict: Verdict, signal: Signal) => boolean;

function isObservation({ type }: Action): boolean {
  return type === 'record_usage' || type === 'update_session_window';
}

/** What an exchange that is no client's request may change. */
const MAY_CHANGE: Readonly<Record<Exclude<Signal['purpose'], 'request'>, Filter>> = {
  usage: ({ type }) => type === 'record_usage',
  probe: (action) => !isDurable(action),
  connection_test: (action, { resetAt }, { status }) => isObservation(action) || status === 401 || (status === 429 && resetAt !== null),
};

/** The 5-hour window's status: its header's, or `rejected` where the limit is that window's and the header is missing. */
function sessionStatus({ signal }: DecisionContext): string | null {
  const { limits } = signal;
  if (limits === null || limits.sessionStatus !== null) return limits?.sessionStatus ?? null;
  const isRejected = governingWindow(limits)?.name === '5h' || (limits.aggregateStatus === 'rejected' && limits.claim === 'five_hour');
  return isRejected && limits.sessionEnd !== null ? 'rejected' : null;
}

/** Whether the account is limited already, and for longer than this answer says: then the window is known better than this answer knows it. */
function isOutlasted({ account, until }: DecisionContext): boolean {
  const stored = account.health.rateLimit;
  return stored !== null && until !== null && stored.until > until;
}

/** Whether usage is sampled: on every answer of the upstream's own, unless the account wants hands off. */
export function isSampled({ then }: PolicyRule, { errorCodes, poolMode }: Signal): boolean {
  return then.scope !== 'network' && errorCodes !== 'unlisted' && !poolMode;
}

/** A 429 speaks of the session window; any other failure only shows how much of the windows is used. */
function observe(context: DecisionContext): void {
  const { account, rule, signal } = context;
  if (signal.limits === null || signal.limits === NO_LIMITS || !isSampled(rule, signal)) return;
  const isAboutWindow = signal.status === 429 && signal.purpose !== 'usage' && !isOutlasted(context);
  const observed = observeWindows(signal, account, isAboutWindow ? sessionStatus(context) : null);
  for (const action of observed) act(context, action);
}

/** Whether an action says what an earlier one said of the same model, and reaches as far. */
function repeats(action: Action, earlier: Action): boolean {
  if (action.type !== 'set_model_rate_limit' || earlier.type !== 'set_model_rate_limit') return false;
  return action.accountId === earlier.accountId && action.model === earlier.model && action.until >= earlier.until;
}

/** The actions of the retry that this answer ends without success, but for those that its own actions repeat: a quota that is met again is one hold. */
function addPrevious(context: DecisionContext): void {
  const before = context.exchange.previous?.disposition;
  if (before?.type !== 'retry' || before.otherwise.length === 0) return;
  const { actions } = context;
  const left = before.otherwise.filter((earlier) => !actions.some((action) => repeats(action, earlier)));
  context.actions = [...left, ...actions];
}

function addCredits(context: DecisionContext): void {
  const { account, exchange, rule, signal } = context;
  if (signal.platform !== 'antigravity' || !account.settings.allowOverages || rule.then.effect.type === 'credits') return;
  const isTooLow = exchange.credits === 'insufficient' && rule.then.kind === 'quota_exhausted';
  if (isTooLow || (signal.withCredits && signal.creditsExhausted)) markCredits(context);
}

function addEvents(context: DecisionContext): void {
  const { account, signal, verdict } = context;
  if (verdict.kind === 'upstream_error') report(context, 'upstream_error', `status ${signal.status}`);
  if (verdict.scope === 'organization' && account.organizationId !== null) {
    report(context, 'organization_affected', `${verdict.rule}: ${account.organizationId}`);
  }
}

function filtered(context: DecisionContext): readonly Action[] {
  const { purpose } = context.signal;
  if (purpose === 'request' || context.actions.length === 0) return context.actions;
  const mayChange = MAY_CHANGE[purpose];
  return context.actions.filter((action) => mayChange(action, context.verdict, context.signal));
}

/** Decides about a failed exchange, out of what is known of it. Total. */
export function decideFailure(context: DecisionContext): Decision {
  applyEffect(context);
  addCredits(context);
  addPrevious(context);
  const disposition = chooseCourse(context);
  observe(context);
  addEvents(context);
  return { verdict: context.verdict, disposition, actions: filtered(context), events: context.events };
}
