/** Whether an account can pay with AI credits. */
import { CREDIT_TYPE } from '../core/credits.js';
import type { Exchange } from '../core/exchange.js';
import type { UsageInfo } from '../core/usage-info.js';

/** What a request needs where the upstream states no minimum. */
const DEFAULT_MINIMUM = 5;

/** Whether the balance of Google's AI credits covers what one request needs at least (5 where no minimum is stated). The first entry of that type counts. Total, pure. */
export function hasEnoughCredits(info: UsageInfo): boolean {
  const credits = info.credits.find(({ type }) => type === CREDIT_TYPE);
  return credits !== undefined && credits.amount >= (credits.minimum > 0 ? credits.minimum : DEFAULT_MINIMUM);
}

/** The balance as an exchange takes it (`Exchange.credits`): `unknown` without an answer and for a degraded one, so that an error of the endpoint keeps nobody from paying. Total, pure. */
export function creditBalance(info: UsageInfo | null): NonNullable<Exchange['credits']> {
  if (info === null || info.errorCode !== null || info.error !== null) return 'unknown';
  return hasEnoughCredits(info) ? 'available' : 'insufficient';
}
