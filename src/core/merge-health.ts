/** The join: health and a patch, the greater of both in every cell. What every repository has to match. */
import { type AccountHealth, HOLD_CELLS, type SessionWindowCells } from './health.js';
import { joinStrikes } from './join-strikes.js';
import { joinUnknown } from './join-unknown.js';
import { keepSame } from './keep-same.js';
import {
  compareErrors,
  compareHolds,
  comparePredictions,
  compareSamples,
  compareSessionHeaders,
  compareSessionStatuses,
  type Order,
} from './order.js';
import type { CellWrite, HealthPatch } from './patch.js';

/** Two values of one cell, joined; the first itself where the second adds nothing. */
type Join<V> = (current: V, value: V) => V;

function greaterBy<V>(compare: (a: V, b: V) => Order): Join<V> {
  return (current, value) => (compare(value, current) > 0 ? value : current);
}

const joinHolds = greaterBy(compareHolds);
const joinErrors = greaterBy(compareErrors);
const joinSamples = greaterBy(compareSamples);

type WriteTo<C extends CellWrite['cell']> = CellWrite & { readonly cell: C };

function writesTo<C extends CellWrite['cell']>(patch: HealthPatch, cell: C): readonly WriteTo<C>[] {
  return patch.filter((write): write is WriteTo<C> => write.cell === cell);
}

function joinValue<V>(current: V | null, writes: readonly { readonly value: V }[], join: Join<V>): V | null {
  return writes.reduce<V | null>((known, { value }) => (known === null ? value : join(known, value)), current);
}

function joinEntries<K, V>(
  current: ReadonlyMap<K, V>,
  writes: readonly { readonly key: K; readonly value: V }[],
  join: Join<V>,
): ReadonlyMap<K, V> {
  let changed: Map<K, V> | null = null;
  for (const { key, value } of writes) {
    const known = (changed ?? current).get(key);
    const joined = known === undefined ? value : join(known, value);
    if (joined === known) continue;
    changed ??= new Map(current);
    changed.set(key, joined);
  }
  return changed ?? current;
}

function joinSession(current: SessionWindowCells, patch: HealthPatch): SessionWindowCells {
  const joined: SessionWindowCells = {
    header: joinValue(current.header, writesTo(patch, 'sessionWindow.header'), greaterBy(compareSessionHeaders)),
    status: joinValue(current.status, writesTo(patch, 'sessionWindow.status'), greaterBy(compareSessionStatuses)),
    predicted: joinValue(current.predicted, writesTo(patch, 'sessionWindow.predicted'), greaterBy(comparePredictions)),
  };
  return keepSame(joined, current);
}

/**
 * Joins a patch into health. Idempotent, commutative and associative: patches may come twice, late and in any order. Cells that the patch does
 * not name stay, also those that this version does not know; a write to a cell that it does not know changes nothing. Returns the same object
 * where nothing changes, and shares what did not. Total, pure.
 *
 * @example mergeHealth(account.health, toPatches(decision.actions).get(account.id) ?? [])
 */
export function mergeHealth(health: AccountHealth, patch: HealthPatch): AccountHealth {
  const joined: AccountHealth = {
    errors: joinEntries(health.errors, writesTo(patch, 'errors'), joinErrors),
    rateLimit: joinValue(health.rateLimit, writesTo(patch, 'rateLimit'), joinHolds),
    overload: joinValue(health.overload, writesTo(patch, 'overload'), joinHolds),
    temporary: joinValue(health.temporary, writesTo(patch, 'temporary'), joinHolds),
    authentication: joinValue(health.authentication, writesTo(patch, 'authentication'), joinHolds),
    modelRateLimits: joinEntries(health.modelRateLimits, writesTo(patch, 'modelRateLimits'), joinHolds),
    sessionWindow: joinSession(health.sessionWindow, patch),
    usage: joinEntries(health.usage, writesTo(patch, 'usage'), joinSamples),
    strikes: joinEntries(health.strikes, writesTo(patch, 'strikes'), joinStrikes),
    refreshRequestedFor: writesTo(patch, 'refreshRequestedFor').reduce(
      (known, { value }) => Math.max(known, value),
      health.refreshRequestedFor,
    ),
    unknown: health.unknown,
  };
  return keepSame(joined, health);
}

/** All known cells of a health as one patch: joined into nothing they give it back. Total, pure. */
export function patchOf(health: AccountHealth): HealthPatch {
  const { header, status, predicted } = health.sessionWindow;
  const holds = HOLD_CELLS.flatMap((cell): CellWrite[] => {
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

/** Joins two healths, cell by cell: `mergeHealth` with all cells of the second. Total, pure. */
export function joinHealth(a: AccountHealth, b: AccountHealth): AccountHealth {
  const joined = mergeHealth(a, patchOf(b));
  return keepSame({ ...joined, unknown: joinUnknown(joined.unknown, b.unknown) }, joined);
}
