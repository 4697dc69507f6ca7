import type { Action, Disposition, EpochMs } from 'poolwarden';
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
      return disposition.withCredits ? 'retry, credits' : `retry in ${formatLength(disposition.delayMs)}`;
    case 'fail_over':
      return 'fail over';
    default:
      return disposition satisfies never;
  }
}

function describeSession(action: Extract<Action, { type: 'update_session_window' }>, now: EpochMs): Change {
  return { what: `5h: ${action.status}`, until: action.window === null ? '' : formatLength(action.window.end - now) };
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
      return action.model === 'AICredits' ? 'AI credits used up' : `model ${action.model}`;
    default:
      return action satisfies never;
  }
}

/** One change in a few words. A hold says for how long from `now`; `≤`: or until the credential is refreshed. */
export function describeAction(action: Action, now: EpochMs): Change {
  switch (action.type) {
    case 'set_error':
      return { what: `error: ${action.kind}`, until: PERSON };
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
      return { what: `usage ${Object.keys(action.samples).join(', ')}`, until: '' };
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
