import { explain } from 'poolwarden';
import type { Judged, Outcome } from './judge-answers.js';

function answerRecord({ placed, exchange, decision }: Judged, withReasons: boolean): object {
  const { kind, scope, rule, message, resetAt, exit } = decision.verdict;
  return {
    type: 'answer',
    id: placed.answer.id,
    accountId: exchange.account.id,
    platform: placed.platform,
    accountType: placed.accountType,
    model: placed.model,
    receivedAt: placed.receivedAt,
    status: placed.answer.status,
    verdict: { kind, scope, rule, message, resetAt, exit },
    disposition: decision.disposition,
    actions: decision.actions,
    events: decision.events,
    ...(withReasons ? { considered: explain(exchange).considered } : {}),
  };
}

/** One JSON text a line: each answer in time order, then each account as it is afterwards. */
export function jsonLines({ judged, accounts, at }: Outcome, withReasons: boolean): readonly string[] {
  const records: readonly object[] = [
    ...judged.map((one) => answerRecord(one, withReasons)),
    ...accounts.map(({ accountId, ...view }) => ({ type: 'account', accountId, at, ...view })),
  ];
  return records.map((record) => JSON.stringify(record));
}
