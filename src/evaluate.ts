/** The main job: an exchange goes in, a decision comes out. */
import { type Consideration, firstMatch, verdictOf } from './core/classify-reading.js';
import { decideFailure, isSampled } from './core/decide.js';
import { decideSuccess, hasSomethingToClear, NOTHING_NEW } from './core/decide-success.js';
import type { Decision } from './core/decision.js';
import { NOTHING } from './core/decision-context.js';
import { answerOf, type Exchange, type UpstreamResponse } from './core/exchange.js';
import { normalizeHeaders } from './core/headers.js';
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

/** The plain case of nearly all requests: nothing asked for, nothing new. Allocates nothing where the headers are a plain object. */
function isNothingNew(exchange: Exchange, response: UpstreamResponse, provider: Provider): boolean {
  const { account, purpose } = exchange;
  if (purpose !== undefined && purpose !== 'request') return false;
  if (response.body !== undefined && response.body !== null && !isHealthyBody(response.body)) return false;
  if (hasSomethingToClear(exchange)) return false;
  const headers = normalizeHeaders(response.headers);
  return provider.isUnchanged(headers, exchange) || account.parent !== null || !provider.hasWindows(headers);
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
  if (answer !== null && isSuccess(normalizeStatus(answer.status)) && isNothingNew(exchange, answer, provider)) return NOTHING_NEW;
  const reading = startReading(exchange, provider, policy.settings);
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
