/** Actions as patches: one cell write for each cell that changes, by account. */
import type { Action } from './action.js';
import { CLEARED, EMPTY_HEALTH, type Hold, type HoldKind } from './health.js';
import { mergeHealth, patchOf } from './merge-health.js';
import type { CellWrite, HealthPatch } from './patch.js';
import { cleanText } from './text.js';
import { clampInstant } from './time.js';

/** The tuple of the next generation: it is above all evidence of the generation that it clears, and below all of its own. */
function clearedHold(generation: number): Hold {
  return { generation: generation + 1, credentialRevision: -1, until: 0, rule: CLEARED, kind: 'temporary', detail: '' };
}

interface HoldAction {
  readonly generation: number;
  readonly credentialRevision?: number;
  readonly until: number;
  readonly rule: string;
  readonly kind: HoldKind;
  readonly detail: string;
}

function holdOf({ generation, credentialRevision = -1, until, rule, kind, detail }: HoldAction): Hold {
  return { generation, credentialRevision, until: clampInstant(until), rule, kind, detail: cleanText(detail) };
}

function windowWrites({ window, status, observedAt }: Extract<Action, { readonly type: 'update_session_window' }>): readonly CellWrite[] {
  const writes: CellWrite[] = [{ cell: 'sessionWindow.status', value: { observedAt, status } }];
  if (window === null) return writes;
  const { start, end, source } = window;
  if (source === 'header') writes.push({ cell: 'sessionWindow.header', value: { observedAt, end: clampInstant(end) } });
  else writes.push({ cell: 'sessionWindow.predicted', value: { start: clampInstant(start) } });
  return writes;
}

function errorWrite(action: Extract<Action, { readonly type: 'set_error' }>): CellWrite {
  const { kind, generation, credentialRevision, at, rule, message, link } = action;
  return {
    cell: 'errors',
    key: kind,
    value: { generation, credentialRevision, at: clampInstant(at), rule, message: cleanText(message), link },
  };
}

function writesOf(action: Action): readonly CellWrite[] {
  switch (action.type) {
    case 'set_error':
      return [errorWrite(action)];
    case 'clear_error':
      return [
        {
          cell: 'errors',
          key: action.kind,
          value: { generation: action.generation + 1, credentialRevision: -1, at: 0, rule: CLEARED, message: '', link: null },
        },
      ];
    case 'set_rate_limited':
      return [{ cell: 'rateLimit', value: holdOf(action) }];
    case 'set_overloaded':
      return [{ cell: 'overload', value: holdOf(action) }];
    case 'set_temp_unschedulable':
      return [{ cell: action.cell, value: holdOf(action) }];
    case 'set_model_rate_limit':
      return [{ cell: 'modelRateLimits', key: action.model, value: holdOf(action) }];
    case 'clear_model_rate_limit':
      return [{ cell: 'modelRateLimits', key: action.model, value: clearedHold(action.generation) }];
    case 'clear_holds':
      return action.holds.map(({ cell, generation }) => ({ cell, value: clearedHold(generation) }));
    case 'update_session_window':
      return windowWrites(action);
    case 'record_usage':
      return Object.entries(action.samples).map(([key, value]) => ({ cell: 'usage', key, value }));
    case 'add_strike':
      return [
        {
          cell: 'strikes',
          key: action.kind,
          value: { generation: action.generation, evidence: new Map([[action.evidenceId, action.at]]) },
        },
      ];
    case 'clear_strikes':
      return [{ cell: 'strikes', key: action.kind, value: { generation: action.generation + 1, evidence: new Map() } }];
    case 'request_refresh':
      return [{ cell: 'refreshRequestedFor', value: action.credentialRevision }];
    case 'invalidate_token':
      return [];
    default:
      return action satisfies never;
  }
}

/** One write a cell: writes to the same cell are joined, which is what a store would do with them one after another. */
function joined(writes: readonly CellWrite[]): HealthPatch {
  return writes.length < 2 ? writes : patchOf(mergeHealth(EMPTY_HEALTH, writes));
}

/**
 * The patches of some actions, by account id, in the order in which the accounts are first named. A batch is itself a patch: its parts may be applied in any order, together or
 * one by one. `invalidate_token` is the one action that is no patch. Total, pure.
 */
export function toPatches(actions: readonly Action[]): ReadonlyMap<string, HealthPatch> {
  const writes = new Map<string, CellWrite[]>();
  for (const action of actions) {
    const own = writesOf(action);
    if (own.length === 0) continue;
    const known = writes.get(action.accountId);
    if (known === undefined) writes.set(action.accountId, [...own]);
    else known.push(...own);
  }
  return new Map([...writes].map(([accountId, list]) => [accountId, joined(list)]));
}
