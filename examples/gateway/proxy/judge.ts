/** Tells the engine what came of an attempt, and everybody else what the engine said. */
import { type Decision, type Exchange, mergeHealth, NOTHING_NEW, type Phase, type Saved, toPatches } from 'poolwarden';
import type { Attempt, ProxyParts } from './trip.js';

/** What came, and how far. */
export interface Evidence {
  readonly response: Exchange['response'];
  readonly receivedAt: Exchange['receivedAt'];
  readonly phase: Phase;
}

function exchangeOf({ trip, account, number, withCredits, credentialRevision, sentAt, previous }: Attempt, evidence: Evidence): Exchange {
  return {
    account: account.account,
    model: trip.request.model,
    ...evidence,
    sentAt,
    requestId: trip.requestId,
    credentialRevision,
    withCredits,
    attempt: number,
    ...(previous === null ? {} : { previous }),
  };
}

/**
 * Takes a decision over at once, without waiting for the store: this process should not choose an account that it knows to be limited. It is a join, so what the store says later is joined too.
 */
function takeAtOnce({ directory }: ProxyParts, { actions }: Decision): void {
  const health = new Map<string, ReturnType<typeof mergeHealth>>();
  for (const [accountId, patch] of toPatches(actions)) {
    const known = directory.find(accountId);
    if (known !== undefined) health.set(accountId, mergeHealth(known.account.health, patch));
  }
  if (health.size > 0) directory.takeHealth(health);
}

/** Takes over what the store says, once it does. */
export function takeSaved({ directory, observe, now }: ProxyParts, saved: Promise<Saved>): void {
  void saved.then(({ health, failed }) => {
    if (health.size > 0) directory.takeHealth(health);
    for (const { action } of failed) {
      observe({ type: 'notice', at: now(), level: 'error', code: 'write_failed', detail: `${action.type} of ${action.accountId}` });
    }
  });
}

/** Judges an attempt: one decision, its writes behind it, one event. */
export function judge(parts: ProxyParts, attempt: Attempt, evidence: Evidence): Decision {
  const { trip, account, number, sentAt } = attempt;
  const exchange = exchangeOf(attempt, evidence);
  const { decision, saved } = parts.engine.observe(exchange);
  if (decision !== NOTHING_NEW && decision.actions.length > 0) {
    takeAtOnce(parts, decision);
    takeSaved(parts, saved);
  }
  const { response } = evidence;
  parts.observe({
    type: 'attempt',
    at: evidence.receivedAt,
    requestId: trip.requestId,
    protocol: trip.request.target.protocol,
    accountId: account.account.id,
    model: trip.request.model,
    status: 'failure' in response ? null : response.status,
    attempt: number,
    durationMs: parts.now() - sentAt,
    decision,
    exchange,
  });
  return decision;
}
