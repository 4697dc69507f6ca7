import { type Action, CREDITS_KEY, type Disposition, type EpochMs } from 'poolwarden';
import type { Placed } from './answer.js';
import { formatLength } from './length.js';

/** One change in a few words, and for how long. */
export interface Change {
  readonly what: string;
  readonly until: string;
}

const PERSON = 'a person';

/** What becomes of the request, in a few words. */
export function describeDisposition(disposition: Disposition): string {
  switch (disposition.type) {
    case 'respond':
      return disposition.status === undefined ? 'respond' : `respond ${disposition.status}`;
    case 'retry':
      return disposition.withCredits ? 'retry, credits' : `retry, ${formatLength(disposition.delayMs)}`;
    case 'fail_over':
      return 'fail over';
    default:
      return disposition satisfies never;
  }
}

function describeSession(action: Extract<Action, { type: 'update_session_window' }>, now: EpochMs): Change {
  return { what: `5h: ${action.status}`, until: action.window === null ? '' : formatLength(action.window.end - now) };
}

/** The windows of which something is known; an empty sample only marks that a new window began. */
function sampledWindows({ samples }: Extract<Action, { type: 'record_usage' }>): readonly string[] {
  return Object.keys(samples).filter((name) => samples[name]?.utilization !== null);
}

/** What a hold is about. */
function heldBy(action: Extract<Action, { readonly until: EpochMs }>): string {
  switch (action.type) {
    case 'set_rate_limited':
      return 'account limited';
    case 'set_overloaded':
      return 'account overloaded';
    case 'set_temp_unschedulable':
      return action.cell === 'authentication' ? 'credential held' : 'account paused';
    case 'set_model_rate_limit':
      return action.model === CREDITS_KEY ? 'AI credits used up' : 'model held';
    default:
      return action satisfies never;
  }
}

/** What keeps the account from serving comes first, then what is asked of others, then what is merely recorded. */
const WEIGHT: Readonly<Record<Action['type'], number>> = {
  set_error: 0,
  set_rate_limited: 0,
  set_overloaded: 0,
  set_temp_unschedulable: 0,
  set_model_rate_limit: 0,
  clear_error: 1,
  clear_holds: 1,
  clear_model_rate_limit: 1,
  request_refresh: 1,
  invalidate_token: 1,
  update_session_window: 2,
  record_usage: 2,
  add_strike: 2,
  clear_strikes: 2,
};

/** Sorts actions by what matters most. */
export function byWeight(a: Action, b: Action): number {
  return WEIGHT[a.type] - WEIGHT[b.type];
}

/** One change in a few words, and a second line for a model that is not the one asked for. A hold says for how long. */
export function describeAction(action: Action, placed: Placed): readonly Change[] {
  const change = changeOf(action, placed.receivedAt);
  if (action.type !== 'set_model_rate_limit' || action.model === CREDITS_KEY || action.model === placed.model) return [change];
  return [change, { what: `  ${action.model}`, until: '' }];
}

/** `≤`: or until the credential is refreshed. */
function changeOf(action: Action, now: EpochMs): Change {
  switch (action.type) {
    case 'set_error':
      return { what: `error ${action.kind}`, until: PERSON };
    case 'set_rate_limited':
    case 'set_overloaded':
    case 'set_model_rate_limit':
      return { what: heldBy(action), until: formatLength(action.until - now) };
    case 'set_temp_unschedulable':
      return { what: heldBy(action), until: `${action.cell === 'authentication' ? '≤ ' : ''}${formatLength(action.until - now)}` };
    case 'clear_error':
      return { what: `error cleared: ${action.kind}`, until: '' };
    case 'clear_model_rate_limit':
      return { what: `free: ${action.model}`, until: '' };
    case 'clear_holds':
      return { what: `free: ${action.holds.map(({ cell }) => cell).join(', ')}`, until: '' };
    case 'update_session_window':
      return describeSession(action, now);
    case 'record_usage':
      return { what: `usage ${sampledWindows(action).join(', ')}`, until: '' };
    case 'add_strike':
      return { what: `strike: ${action.kind}`, until: '' };
    case 'clear_strikes':
      return { what: `strikes cleared: ${action.kind}`, until: '' };
    case 'request_refresh':
      return { what: 'refresh requested', until: '' };
    case 'invalidate_token':
      return { what: 'token dropped', until: '' };
    default:
      return action satisfies never;
  }
}
