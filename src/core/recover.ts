/** The way back by a person: an operator, or a passed connection test. */
import type { Account } from './account.js';
import type { Action } from './action.js';
import { HOLD_CELLS, type HoldCell } from './health.js';
import { modelKeys } from './model-keys.js';

function clearErrors({ id, health }: Account): readonly Action[] {
  return [...health.errors]
    .filter(([, error]) => error.at > 0)
    .map(([kind, { generation }]) => ({ type: 'clear_error', accountId: id, kind, generation }));
}

function clearHolds({ id, health }: Account): readonly Action[] {
  const holds = HOLD_CELLS.flatMap((cell): { cell: HoldCell; generation: number }[] => {
    const hold = health[cell];
    return hold === null || hold.until === 0 ? [] : [{ cell, generation: hold.generation }];
  });
  return holds.length === 0 ? [] : [{ type: 'clear_holds', accountId: id, holds }];
}

/** A test that named a model proves only that model, where limits count by model: an OpenAI API key's. */
function clearModels(account: Account, model: string | undefined): readonly Action[] {
  const { id, platform, type, health } = account;
  const proved = model !== undefined && platform === 'openai' && type === 'api_key' ? modelKeys(account, model) : null;
  return [...health.modelRateLimits]
    .filter(([key, hold]) => hold.until > 0 && (proved === null || proved.includes(key)))
    .map(([key, { generation }]) => ({ type: 'clear_model_rate_limit', accountId: id, model: key, generation }));
}

function clearStrikes({ id, health }: Account): readonly Action[] {
  return [...health.strikes]
    .filter(([, { evidence }]) => evidence.size > 0)
    .map(([kind, { generation }]) => ({ type: 'clear_strikes', accountId: id, kind, generation }));
}

/**
 * Clears what the snapshot has: errors, holds, model limits (with the credits), strikes. Each clear names the generation it saw, so that
 * anything newer stays. `model` is the name that a connection test asked for. It acts on the account itself, not on its parent. Nothing set: no
 * actions. Total, pure.
 */
export function recover(account: Account, { model }: { readonly model?: string } = {}): readonly Action[] {
  return [...clearErrors(account), ...clearHolds(account), ...clearModels(account, model), ...clearStrikes(account)];
}
