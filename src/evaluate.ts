/** The main job: an exchange goes in, a decision comes out. */
import { type Consideration, firstMatch, verdictOf } from './core/classify-reading.js';
import { decideFailure, isSampled } from './core/decide.js';
import { decideSuccess, hasSomethingToClear, NOTHING_NEW } from './core/decide-success.js';
import type { Decision } from './core/decision.js';
import { NOTHING } from './core/decision-context.js';
import { answerOf, type Exchange, type UpstreamResponse } from './core/exchange.js';
import { type NormalHeaders, normalizeHeaders } from './core/headers.js';
import { isHealthyBody } from './core/healthy-body.js';
import type { Policy } from './core/policy.js';
import type { Provider } from './core/provider.js';
import { ensureLimits, ensureWindows, headersOf, readInnerError } from './core/read-on-demand.js';
import { isRead, NEED, normalizeStatus, type Reading, startReading } from './core/reading.js';
import type { PolicyRule } from './core/rule.js';
import { isSuccess } from './core/status-kind.js';
import { DEFAULT_POLICY, indexOf } from './define-policy.js';
import { providerOf } from './rule-table.js';

/** What no rule covers, because a policy switched the last ones off: nothing is known, and nothing changes. */
export const NO_RULE: PolicyRule = {
  id: 'no_rule',
  status: 'any',
  when: {},
  then: { kind: 'by_status', scope: 'request', exit: 'none', effect: { type: 'none' }, course: 'respond' },
  mode: 'enforce',
};

/** Whether nothing was asked for but an answer, and the snapshot has nothing that a success clears: the case of nearly all requests. */
function isPlain(exchange: Exchange, { body }: UpstreamResponse): boolean {
  const { purpose } = exchange;
  if (purpose !== undefined && purpose !== 'request') return false;
  return (body === undefined || body === null || isHealthyBody(body)) && !hasSomethingToClear(exchange);
}

/** The headers of a successful answer; null: it is plain, and nothing of it is new. Allocates nothing where the headers are a plain object. */
function newsOf(exchange: Exchange, response: UpstreamResponse, provider: Provider): NormalHeaders | null {
  const headers = normalizeHeaders(response.headers);
  if (!isPlain(exchange, response)) return headers;
  return provider.isUnchanged(headers, exchange) || exchange.account.parent !== null || !provider.hasWindows(headers) ? null : headers;
}

function failure(exchange: Exchange, reading: Reading, rule: PolicyRule): Decision {
  const { draft: signal, events, settings } = reading;
  if (!isRead(reading, NEED.windows) && isSampled(rule, signal) && reading.provider.hasWindows(headersOf(reading))) ensureWindows(reading);
  const verdict = verdictOf(rule, signal);
  return decideFailure({ exchange, account: exchange.account, signal, verdict, rule, settings, actions: NOTHING, events, until: null });
}

/** `evaluate`, which tells `consider` of each rule that is asked. The only code path of `evaluate` and `explain`. */
export function evaluateWith(exchange: Exchange, policy: Policy, consider?: (one: Consideration) => void): Decision {
  const answer = answerOf(exchange.response);
  const provider = providerOf(exchange.account.platform);
  const mayBeOld = answer !== null && isSuccess(normalizeStatus(answer.status));
  const headers = mayBeOld ? newsOf(exchange, answer, provider) : null;
  if (mayBeOld && headers === null) return NOTHING_NEW;
  const reading = startReading(exchange, provider, policy.settings);
  reading.headers = headers;
  if (!isSuccess(reading.draft.status) || readInnerError(reading)) {
    return failure(exchange, reading, firstMatch(indexOf(policy), reading, consider)?.rule ?? NO_RULE);
  }
  // The rest of the headers says when a session ends only where the window's own header does not.
  if (ensureWindows(reading)?.sessionEnd === null) ensureLimits(reading);
  const decision = decideSuccess(exchange, reading.draft);
  return decision.actions.length === 0 && reading.draft.purpose === 'request' ? NOTHING_NEW : decision;
}

/**
 * Decides what an exchange means for its account: what happened, at which scope, by which rule, what becomes of the request, and which fields change.
 * Pure and total: whatever an upstream sends, it returns a decision.
 *
 * @example
 * const { verdict, disposition, actions } = evaluate({ account, model, response: { status, headers, body }, receivedAt });
 */
export function evaluate(exchange: Exchange, policy: Policy = DEFAULT_POLICY): Decision {
  return evaluateWith(exchange, policy);
}
