/** The three stages of `evaluate`, for hosts that want one of them by itself. */
import { firstMatch, verdictOf } from './core/classify-reading.js';
import { decideFailure } from './core/decide.js';
import { decideSuccess, okVerdict } from './core/decide-success.js';
import type { Decision, Verdict } from './core/decision.js';
import { NOTHING } from './core/decision-context.js';
import type { Exchange } from './core/exchange.js';
import type { Policy } from './core/policy.js';
import { ensureBodyLimits, ensureLimits, ensureTemporaryRule, readInnerError } from './core/read-on-demand.js';
import { readingOfSignal, startReading } from './core/reading.js';
import type { Signal } from './core/signal.js';
import { isSuccess } from './core/status-kind.js';
import { DEFAULT_POLICY, indexOf } from './define-policy.js';
import { NO_RULE } from './evaluate.js';
import { providerOf } from './rule-table.js';

/** Reads all there is to read of an exchange, without judging it. Total, pure. */
export function readSignal(exchange: Exchange): Signal {
  const reading = startReading(exchange, providerOf(exchange.account.platform), DEFAULT_POLICY.settings);
  readInnerError(reading);
  ensureLimits(reading);
  if (!isSuccess(reading.draft.status)) {
    ensureBodyLimits(reading);
    ensureTemporaryRule(reading);
  }
  return reading.draft;
}

/** The verdict of a policy on a signal. Total, pure. */
export function classify(signal: Signal, policy: Policy = DEFAULT_POLICY): Verdict {
  if (isSuccess(signal.status)) return okVerdict(signal);
  const match = firstMatch(indexOf(policy), readingOfSignal(signal, providerOf(signal.platform), policy.settings));
  return verdictOf(match?.rule ?? NO_RULE, signal);
}

/** The decision that a verdict makes about the account of an exchange. Total, pure. */
export function decide(verdict: Verdict, exchange: Exchange, policy: Policy = DEFAULT_POLICY): Decision {
  const signal = verdict.signal ?? readSignal(exchange);
  if (verdict.kind === 'ok') return decideSuccess(exchange, signal);
  const rule = indexOf(policy).byId.get(verdict.rule)?.rule ?? NO_RULE;
  const { account } = exchange;
  return decideFailure({
    exchange,
    account,
    rule,
    settings: policy.settings,
    signal,
    verdict,
    actions: NOTHING,
    events: NOTHING,
    until: null,
  });
}
