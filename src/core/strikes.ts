/** Strikes: failures that only count together. One burst is one strike. */
import type { Account } from './account.js';
import { act, type DecisionContext } from './decision-context.js';
import type { EpochMs } from './time.js';

const LONGEST_RULE_PART = 48;

/**
 * Adds a piece of evidence: the rule, and the end of the hold that the snapshot showed. Failures of one burst saw the same snapshot and so are one piece.
 * Returns its id.
 */
export function addStrike(context: DecisionContext, kind: string, shownUntil: EpochMs): string {
  const { account, rule, signal } = context;
  const evidenceId = `${rule.id.slice(0, LONGEST_RULE_PART)}:${shownUntil}`;
  const generation = account.health.strikes.get(kind)?.generation ?? 0;
  act(context, { type: 'add_strike', accountId: account.id, kind, at: signal.receivedAt, evidenceId, generation });
  return evidenceId;
}

/** How many other pieces of evidence of a kind the snapshot has since an instant. Total, pure. */
export function strikesWithin(
  account: Account,
  kind: string,
  { since, except }: { readonly since: EpochMs; readonly except: string },
): number {
  const strikes = account.health.strikes.get(kind);
  if (strikes === undefined) return 0;
  let count = 0;
  for (const [id, at] of strikes.evidence) if (id !== except && at > since) count += 1;
  return count;
}
