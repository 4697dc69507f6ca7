/** All that an effect may look at, and what it adds to. Lives as long as one `decide`. */
import type { Account } from './account.js';
import type { Action } from './action.js';
import type { EventCode, PolicyEvent, Verdict } from './decision.js';
import type { Exchange } from './exchange.js';
import type { PolicySettings } from './policy.js';
import type { PolicyRule } from './rule.js';
import type { Signal } from './signal.js';
import type { EpochMs } from './time.js';

/** A decision in the making. */
export interface DecisionContext {
  readonly exchange: Exchange;
  readonly account: Account;
  readonly signal: Signal;
  readonly verdict: Verdict;
  readonly rule: PolicyRule;
  readonly settings: PolicySettings;
  /** What changes. */
  actions: readonly Action[];
  events: readonly PolicyEvent[];
  /** When the hold of this decision ends; null where there is none. */
  until: EpochMs | null;
}

/** No action yet, and no event. */
export const NOTHING: readonly never[] = [];

/** Adds an action. Most decisions have one to three, and a list written out is the cheapest. */
export function act(context: DecisionContext, action: Action): void {
  const { actions } = context;
  const first = actions[0];
  const second = actions[1];
  if (first === undefined) context.actions = [action];
  else if (second === undefined) context.actions = [first, action];
  else context.actions = actions.length === 2 ? [first, second, action] : [...actions, action];
}

/** Adds an event. */
export function report(context: DecisionContext, code: EventCode, detail: string): void {
  const level = code === 'upstream_error' || code === 'organization_affected' ? 'info' : 'warn';
  const event: PolicyEvent = { code, level, accountId: context.account.id, detail };
  context.events = context.events.length === 0 ? [event] : [...context.events, event];
}

/** `title` and the upstream's message, or `missing`. A plain text is not a message, but for a 403, where anything helps. */
export function textOf({ signal }: DecisionContext, title: string, missing: string): string {
  const isMessage = signal.body === 'json' || (signal.status === 403 && signal.body === 'text');
  const text = isMessage && signal.message !== null ? title + signal.message : missing;
  return text.includes('{status}') ? text.replace('{status}', String(signal.status)) : text;
}
