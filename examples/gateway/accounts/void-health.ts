/** Health outlives its account: stores only join, and never delete. What was found out about a removed account must not hold the next one of its id. */
import {
  type AccountHealth,
  type Action,
  EMPTY_HEALTH,
  type EpochMs,
  ERROR_KINDS,
  type HealthRepository,
  type HoldCell,
  toPatches,
  type UsageSample,
} from 'poolwarden';

const HOLD_CELLS: readonly HoldCell[] = ['rateLimit', 'overload', 'temporary', 'authentication'];

/** A sample that knows nothing, above the one that is known. */
function unknownUse({ sampledAt }: UsageSample, now: EpochMs): UsageSample {
  return { utilization: null, resetAt: null, sampledAt: Math.max(now, sampledAt + 1) };
}

/**
 * Errors and holds get their next generation, also those that nobody has written yet: the answer to a request that another process had under way carries the generation of before, whenever it is judged. Only a
 * model's limit that was never there can still come late, and it ends by itself.
 */
function clears(accountId: string, { errors, modelRateLimits, strikes, ...health }: AccountHealth): readonly Action[] {
  return [
    ...ERROR_KINDS.map((kind): Action => ({ type: 'clear_error', accountId, kind, generation: errors.get(kind)?.generation ?? 0 })),
    { type: 'clear_holds', accountId, holds: HOLD_CELLS.map((cell) => ({ cell, generation: health[cell]?.generation ?? 0 })) },
    ...[...modelRateLimits].map(([model, { generation }]): Action => ({ type: 'clear_model_rate_limit', accountId, model, generation })),
    ...[...strikes].map(([kind, { generation }]): Action => ({ type: 'clear_strikes', accountId, kind, generation })),
  ];
}

/** Makes void what is stored of an account, and what is still to come of it. Rejects as the store does. */
export async function voidHealth(accountId: string, repository: Pick<HealthRepository, 'load' | 'patch'>): Promise<void> {
  const health = (await repository.load([accountId])).get(accountId) ?? EMPTY_HEALTH;
  const now = Date.now();
  const samples = Object.fromEntries([...health.usage].map(([window, sample]) => [window, unknownUse(sample, now)]));
  const actions: readonly Action[] = [...clears(accountId, health), { type: 'record_usage', accountId, samples }];
  for (const [id, patch] of toPatches(actions)) await repository.patch(id, patch);
}
