/** The join: health and a patch, the greater of both in every cell. What every repository has to match. */
import type { AccountHealth, SessionWindowCells } from './health.js';
import { joinStrikes } from './join-strikes.js';
import { compareErrors, compareHolds, compareSamples, compareSessionHeaders, compareSessionStatuses, type Order } from './order.js';
import type { CellWrite, HealthPatch } from './patch.js';

function greater<T>(current: T | null | undefined, value: T, compare: (a: T, b: T) => Order): T {
  return current === null || current === undefined || compare(value, current) > 0 ? value : current;
}

function withEntry<K, V>(map: ReadonlyMap<K, V>, key: K, value: V): ReadonlyMap<K, V> {
  return map.get(key) === value ? map : new Map(map).set(key, value);
}

function predictedJoin(
  current: SessionWindowCells['predicted'],
  value: NonNullable<SessionWindowCells['predicted']>,
): SessionWindowCells['predicted'] {
  return greater(current, value, (a, b) => a.start - b.start);
}

function withSession(health: AccountHealth, change: Partial<SessionWindowCells>): AccountHealth {
  const sessionWindow = { ...health.sessionWindow, ...change };
  const { header, status, predicted } = health.sessionWindow;
  const isSame = sessionWindow.header === header && sessionWindow.status === status && sessionWindow.predicted === predicted;
  return isSame ? health : { ...health, sessionWindow };
}

function withCell<K extends keyof AccountHealth>(health: AccountHealth, cell: K, value: AccountHealth[K]): AccountHealth {
  return health[cell] === value ? health : { ...health, [cell]: value };
}

function mergeCell(health: AccountHealth, write: CellWrite): AccountHealth {
  switch (write.cell) {
    case 'rateLimit':
    case 'overload':
    case 'temporary':
    case 'authentication':
      return withCell(health, write.cell, greater(health[write.cell], write.value, compareHolds));
    case 'modelRateLimits': {
      const hold = greater(health.modelRateLimits.get(write.key), write.value, compareHolds);
      return withCell(health, 'modelRateLimits', withEntry(health.modelRateLimits, write.key, hold));
    }
    case 'errors':
      return withCell(
        health,
        'errors',
        withEntry(health.errors, write.key, greater(health.errors.get(write.key), write.value, compareErrors)),
      );
    case 'sessionWindow.header':
      return withSession(health, { header: greater(health.sessionWindow.header, write.value, compareSessionHeaders) });
    case 'sessionWindow.status':
      return withSession(health, { status: greater(health.sessionWindow.status, write.value, compareSessionStatuses) });
    case 'sessionWindow.predicted':
      return withSession(health, { predicted: predictedJoin(health.sessionWindow.predicted, write.value) });
    case 'usage':
      return withCell(
        health,
        'usage',
        withEntry(health.usage, write.key, greater(health.usage.get(write.key), write.value, compareSamples)),
      );
    case 'strikes': {
      const current = health.strikes.get(write.key);
      return withCell(
        health,
        'strikes',
        withEntry(health.strikes, write.key, current === undefined ? write.value : joinStrikes(current, write.value)),
      );
    }
    case 'refreshRequestedFor':
      return withCell(health, 'refreshRequestedFor', Math.max(health.refreshRequestedFor, write.value));
    default:
      return write satisfies never;
  }
}

/**
 * Joins a patch into health. Idempotent, commutative and associative: patches may come twice, late and in any order. Cells that the patch does not name stay, also those that this
 * version does not know. Returns the same object where nothing changes. Total, pure.
 */
export function mergeHealth(health: AccountHealth, patch: HealthPatch): AccountHealth {
  return patch.reduce(mergeCell, health);
}

/** All cells of a health as one patch: joined into nothing they give it back. */
export function patchOf(health: AccountHealth): HealthPatch {
  const { header, status, predicted } = health.sessionWindow;
  const holds = (['rateLimit', 'overload', 'temporary', 'authentication'] as const).flatMap((cell): CellWrite[] => {
    const value = health[cell];
    return value === null ? [] : [{ cell, value }];
  });
  return [
    ...holds,
    ...[...health.errors].map(([key, value]): CellWrite => ({ cell: 'errors', key, value })),
    ...[...health.modelRateLimits].map(([key, value]): CellWrite => ({ cell: 'modelRateLimits', key, value })),
    ...(header === null ? [] : [{ cell: 'sessionWindow.header', value: header } as const]),
    ...(status === null ? [] : [{ cell: 'sessionWindow.status', value: status } as const]),
    ...(predicted === null ? [] : [{ cell: 'sessionWindow.predicted', value: predicted } as const]),
    ...[...health.usage].map(([key, value]): CellWrite => ({ cell: 'usage', key, value })),
    ...[...health.strikes].map(([key, value]): CellWrite => ({ cell: 'strikes', key, value })),
    ...(health.refreshRequestedFor < 0 ? [] : [{ cell: 'refreshRequestedFor', value: health.refreshRequestedFor } as const]),
  ];
}

/** Joins two healths, cell by cell. Unknown cells of both are kept; where both have one, the first's. Total, pure. */
export function joinHealth(a: AccountHealth, b: AccountHealth): AccountHealth {
  const joined = mergeHealth(a, patchOf(b));
  const added = [...b.unknown].filter(([key]) => !a.unknown.has(key));
  return added.length === 0 ? joined : { ...joined, unknown: new Map([...a.unknown, ...added]) };
}
