/** Actions as patches: one cell write for each cell that changes, by account. */
import type { Action } from './action.js';
import { cleanPatch } from './clean-patch.js';
import { CLEARED, EMPTY_HEALTH, type Hold, type HoldKind } from './health.js';
import { mergeHealth, patchOf } from './merge-health.js';
import type { CellWrite, HealthPatch } from './patch.js';

type ActionOf<T extends Action['type']> = Extract<Action, { readonly type: T }>;
type Clear = ActionOf<'clear_error' | 'clear_holds' | 'clear_model_rate_limit' | 'clear_strikes'>;

/** The tuple of the next generation: it is above all evidence of the generation that it clears, and below all of its own. */
function clearedHold(generation: number): Hold {
  return { generation: generation + 1, credentialRevision: -1, until: 0, rule: CLEARED, kind: 'temporary', detail: '' };
}

function clears(action: Clear): readonly CellWrite[] {
  switch (action.type) {
    case 'clear_error': {
      const { kind: key, generation } = action;
      return [
        {
          cell: 'errors',
          key,
          value: { generation: generation + 1, credentialRevision: -1, at: 0, rule: CLEARED, message: '', link: null },
        },
      ];
    }
    case 'clear_holds':
      return action.holds.map(({ cell, generation }) => ({ cell, value: clearedHold(generation) }));
    case 'clear_model_rate_limit':
      return [{ cell: 'modelRateLimits', key: action.model, value: clearedHold(action.generation) }];
    case 'clear_strikes':
      return [{ cell: 'strikes', key: action.kind, value: { generation: action.generation + 1, evidence: new Map() } }];
    default:
      return action satisfies never;
  }
}

interface HoldFacts {
  readonly generation: number;
  readonly credentialRevision?: number;
  readonly until: number;
  readonly rule: string;
  readonly kind: HoldKind;
  readonly detail: string;
}

function holdOf({ generation, credentialRevision = -1, until, rule, kind, detail }: HoldFacts): Hold {
  return { generation, credentialRevision, until, rule, kind, detail };
}

function errorWrite({ kind: key, generation, credentialRevision, at, rule, message, link }: ActionOf<'set_error'>): CellWrite {
  return { cell: 'errors', key, value: { generation, credentialRevision, at, rule, message, link } };
}

function windowWrites({ window, status, observedAt }: ActionOf<'update_session_window'>): readonly CellWrite[] {
  const statusWrite: CellWrite = { cell: 'sessionWindow.status', value: { observedAt, status } };
  if (window === null) return [statusWrite];
  const { start, end, source } = window;
  if (source === 'predicted') return [statusWrite, { cell: 'sessionWindow.predicted', value: { start } }];
  return [statusWrite, { cell: 'sessionWindow.header', value: { observedAt, end } }];
}

function strikeWrite({ kind: key, generation, evidenceId, at }: ActionOf<'add_strike'>): CellWrite {
  return { cell: 'strikes', key, value: { generation, evidence: new Map([[evidenceId, at]]) } };
}

function writesOf(action: Action): readonly CellWrite[] {
  switch (action.type) {
    case 'set_error':
      return [errorWrite(action)];
    case 'set_rate_limited':
      return [{ cell: 'rateLimit', value: holdOf(action) }];
    case 'set_overloaded':
      return [{ cell: 'overload', value: holdOf(action) }];
    case 'set_temp_unschedulable':
      return [{ cell: action.cell, value: holdOf(action) }];
    case 'set_model_rate_limit':
      return [{ cell: 'modelRateLimits', key: action.model, value: holdOf(action) }];
    case 'clear_error':
    case 'clear_holds':
    case 'clear_model_rate_limit':
    case 'clear_strikes':
      return clears(action);
    case 'update_session_window':
      return windowWrites(action);
    case 'record_usage':
      return Object.entries(action.samples).map(([key, value]) => ({ cell: 'usage', key, value }));
    case 'add_strike':
      return [strikeWrite(action)];
    case 'request_refresh':
      return [{ cell: 'refreshRequestedFor', value: action.credentialRevision }];
    case 'invalidate_token':
      return [];
    default:
      action satisfies never;
      return [];
  }
}

/** One write a cell: writes to the same cell are joined, which is what a store would do with them one after another. */
function joined(writes: readonly CellWrite[]): HealthPatch {
  return writes.length < 2 ? writes : patchOf(mergeHealth(EMPTY_HEALTH, writes));
}

/**
 * The patches of some actions, by account id, in the order in which the accounts are first named. A batch is itself a patch: its parts may be
 * applied in any order, together or one by one. Numbers are brought within their bounds and texts cleaned; what has not the form of its cell,
 * such as a model name that may not be a key, is left out. `invalidate_token` is the one action that is no patch. Total, pure.
 *
 * @example toPatches(recover(account)).get(account.id)
 */
export function toPatches(actions: readonly Action[]): ReadonlyMap<string, HealthPatch> {
  const writes = new Map<string, CellWrite[]>();
  for (const action of actions) {
    const own = cleanPatch(writesOf(action));
    if (own.length === 0) continue;
    const known = writes.get(action.accountId);
    if (known === undefined) writes.set(action.accountId, own);
    else known.push(...own);
  }
  return new Map([...writes].map(([accountId, list]) => [accountId, joined(list)]));
}
