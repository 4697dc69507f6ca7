/** How much of a body is worth reading. */
import type { Account } from './core/account.js';
import type { CompiledRule } from './core/compile-rules.js';
import { passes } from './core/condition.js';
import type { UpstreamResponse } from './core/exchange.js';
import { normalizeHeaders, readHeader } from './core/headers.js';
import type { Policy } from './core/policy.js';
import { MAX_BODY_BYTES } from './core/read-body.js';
import { readImfFixdate } from './core/read-instant.js';
import { NEED, normalizeStatus, type Reading, startReading } from './core/reading.js';
import { isSuccess } from './core/status-kind.js';
import { hasTemporaryRule } from './core/temporary-rule.js';
import { DEFAULT_POLICY, indexOf } from './define-policy.js';
import { providerOf } from './rule-table.js';

/** Any name: whether a model is known changes which rules are asked, and with one the answer is the larger. */
const SOME_MODEL = 'model';

/** Whether a rule may match as far as status and headers tell. */
function holdsWithoutBody({ checks }: CompiledRule, reading: Reading): boolean {
  return checks.every((check) => check.name === 'until' || (check.need & NEED.body) !== 0 || passes(check, reading));
}

/**
 * Bytes of the body that a decision about this answer may want: 0 where status and headers decide, else a cap of 64 KiB. Reads no body. A caller that gives `evaluate`
 * that much gives it all it can use. Total, pure.
 */
export function bodyNeeded(
  response: Pick<UpstreamResponse, 'status' | 'headers'>,
  account: Account,
  policy: Policy = DEFAULT_POLICY,
): number {
  const status = normalizeStatus(response.status);
  if (isSuccess(status)) return 0;
  if (hasTemporaryRule(account.settings.temporaryRules, status)) return MAX_BODY_BYTES;
  // Without a clock of its own it judges resets by the upstream's, and where that is not told it asks for the body.
  const receivedAt = readImfFixdate(readHeader(normalizeHeaders(response.headers), 'date')) ?? 0;
  const exchange = { account, model: SOME_MODEL, response: { status, headers: response.headers, body: null }, receivedAt };
  const reading = startReading(exchange, providerOf(account.platform), policy.settings);
  for (const one of indexOf(policy).slotFor(reading)) {
    if (!holdsWithoutBody(one, reading)) continue;
    if (one.needsBody) return MAX_BODY_BYTES;
    if (one.rule.mode === 'enforce') return 0;
  }
  return 0;
}
