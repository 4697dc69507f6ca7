/** A successful answer: what it says of windows, and what it proves to be over. */
import type { Account } from './account.js';
import type { Action } from './action.js';
import { isHoldActive } from './active.js';
import type { Decision, Disposition, Verdict } from './decision.js';
import type { Exchange } from './exchange.js';
import { CREDITS_KEY, HOLD_CELLS, type HoldCell } from './health.js';
import { observeWindows } from './observe-windows.js';
import { recover } from './recover.js';
import type { Signal, WindowReading } from './signal.js';
import type { EpochMs } from './time.js';

const RESPOND: Disposition = Object.freeze({ type: 'respond' });
const NONE: readonly never[] = Object.freeze([]);

/** The rule id of every successful answer. */
export const OK_RULE = 'ok';

/** The verdict on a successful answer. Total, pure. */
export function okVerdict(signal: Signal | null): Verdict {
  const resetAt = signal?.limits?.sessionEnd ?? null;
  return { kind: 'ok', scope: 'request', rule: OK_RULE, message: null, resetAt, exit: 'none', signal };
}

/** The one shared decision "ok, nothing new": compare with it by identity to skip all further work. */
export const NOTHING_NEW: Decision = Object.freeze({
  verdict: Object.freeze(okVerdict(null)),
  disposition: RESPOND,
  actions: NONE,
  events: NONE,
});

/** The holds that a request's own answer proves to be over. */
const LIMITS: readonly HoldCell[] = ['rateLimit', 'overload'];
/** The strike kind that a success resets. */
const RESET_BY_SUCCESS = 'forbidden';

/** Whether a plain success has something to clear in the snapshot. Allocates nothing. */
export function hasSomethingToClear(exchange: Exchange): boolean {
  if (exchange.withCredits === true) return true;
  const { strikes } = exchange.account.health;
  return strikes.size > 0 && (strikes.get(RESET_BY_SUCCESS)?.evidence.size ?? 0) > 0;
}

function clearHolds({ id, health }: Account, cells: readonly HoldCell[], now: EpochMs): readonly Action[] {
  let holds: readonly { readonly cell: HoldCell; readonly generation: number }[] = NONE;
  for (const cell of cells) {
    const hold = health[cell];
    if (hold !== null && isHoldActive(hold, null, now)) holds = [...holds, { cell, generation: hold.generation }];
  }
  return holds.length === 0 ? NONE : [{ type: 'clear_holds', accountId: id, holds }];
}

function clearModel({ id, health }: Account, model: string | null): readonly Action[] {
  const hold = model === null ? undefined : health.modelRateLimits.get(model);
  if (model === null || hold === undefined || hold.until === 0) return NONE;
  return [{ type: 'clear_model_rate_limit', accountId: id, model, generation: hold.generation }];
}

function clearStrikes({ id, health }: Account): readonly Action[] {
  const strikes = health.strikes.get(RESET_BY_SUCCESS);
  if (strikes === undefined || strikes.evidence.size === 0) return NONE;
  return [{ type: 'clear_strikes', accountId: id, kind: RESET_BY_SUCCESS, generation: strikes.generation }];
}

const isExhausted = ({ exhausted }: WindowReading): boolean => exhausted;

/** `allowed`, and no window of this answer rejected or used up: the limit that the account was selected under is over. */
function provesRecovery({ limits }: Signal): boolean {
  return limits?.sessionStatus === 'allowed' && !limits.windows.some(isExhausted);
}

/** What a success proves to be over. A request proves its window; a probe, the holds it was sent under; a connection test, everything. */
function proofs(exchange: Exchange, signal: Signal): readonly Action[] {
  const { account } = exchange;
  if (signal.phase !== 'complete' || signal.purpose === 'usage') return NONE;
  if (signal.purpose === 'connection_test') return recover(account, signal.model === null ? {} : { model: signal.model });
  const strikes = clearStrikes(account);
  const credits = signal.withCredits ? clearModel(account, CREDITS_KEY) : NONE;
  if (signal.purpose === 'probe') {
    return [...clearHolds(account, HOLD_CELLS, signal.receivedAt), ...clearModel(account, signal.model), ...credits, ...strikes];
  }
  const holds = provesRecovery(signal) ? clearHolds(account, LIMITS, signal.receivedAt) : NONE;
  return holds.length + credits.length + strikes.length === 0 ? NONE : [...holds, ...credits, ...strikes];
}

/** Decides about a successful exchange whose headers were read. Total, pure. */
export function decideSuccess(exchange: Exchange, signal: Signal): Decision {
  // A usage endpoint's answer is no request of the account: only its samples count.
  const status = signal.purpose === 'usage' ? null : (signal.limits?.sessionStatus ?? null);
  const seen = observeWindows(signal, exchange.account, status);
  const proved = proofs(exchange, signal);
  const actions = proved.length === 0 ? seen : [...seen, ...proved];
  return { verdict: okVerdict(signal), disposition: RESPOND, actions, events: NONE };
}
