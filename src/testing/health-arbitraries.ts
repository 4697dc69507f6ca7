/** Health and patches of it. Keys, generations and instants come from small sets, so that writes often meet in one cell. */
import fc from 'fast-check';
import type { AccountHealth, SessionWindowCells } from '../core/health.js';
import type { CellWrite, HealthPatch } from '../core/patch.js';
import {
  accountErrorArbitrary,
  errorKindArbitrary,
  holdArbitrary,
  holdCellArbitrary,
  sessionHeaderArbitrary,
  sessionPredictionArbitrary,
  sessionStatusArbitrary,
  strikeSetArbitrary,
  usageSampleArbitrary,
} from './cell-arbitraries.js';
import { modelKeyArbitrary, strikeKindArbitrary, windowNameArbitrary } from './name-arbitraries.js';
import { revisionArbitrary } from './number-arbitraries.js';

/** One cell and a value of it, as it is stored. */
export const cellWriteArbitrary: fc.Arbitrary<CellWrite> = fc.oneof(
  fc.record({ cell: holdCellArbitrary, value: holdArbitrary }),
  fc.record({ cell: fc.constant('modelRateLimits'), key: modelKeyArbitrary, value: holdArbitrary }),
  fc.record({ cell: fc.constant('errors'), key: errorKindArbitrary, value: accountErrorArbitrary }),
  fc.record({ cell: fc.constant('sessionWindow.header'), value: sessionHeaderArbitrary }),
  fc.record({ cell: fc.constant('sessionWindow.status'), value: sessionStatusArbitrary }),
  fc.record({ cell: fc.constant('sessionWindow.predicted'), value: sessionPredictionArbitrary }),
  fc.record({ cell: fc.constant('usage'), key: windowNameArbitrary, value: usageSampleArbitrary }),
  fc.record({ cell: fc.constant('strikes'), key: strikeKindArbitrary, value: strikeSetArbitrary }),
  fc.record({ cell: fc.constant('refreshRequestedFor'), value: fc.integer({ min: 0, max: 3 }) }),
);

/** Up to six writes, also to the same cell. */
export const healthPatchArbitrary: fc.Arbitrary<HealthPatch> = fc.array(cellWriteArbitrary, { maxLength: 6 });

/** A map of at most so many entries. */
export function mapArbitrary<K, V>(keys: fc.Arbitrary<K>, values: fc.Arbitrary<V>, maxSize: number): fc.Arbitrary<ReadonlyMap<K, V>> {
  return fc.uniqueArray(fc.tuple(keys, values), { maxLength: maxSize, selector: ([key]) => key }).map((entries) => new Map(entries));
}

/** Cells of a newer version of the library. */
export const unknownCellsArbitrary: fc.Arbitrary<ReadonlyMap<string, unknown>> = mapArbitrary(
  fc.constantFrom('quotaScopes', 'zeta', '__proto__', 'constructor'),
  fc.jsonValue({ maxDepth: 2 }),
  2,
);

const maybe = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.option(value, { freq: 2 });

const sessionWindows: fc.Arbitrary<SessionWindowCells> = fc.record({
  header: maybe(sessionHeaderArbitrary),
  status: maybe(sessionStatusArbitrary),
  predicted: maybe(sessionPredictionArbitrary),
});

/** Health as it is stored. */
export const healthArbitrary: fc.Arbitrary<AccountHealth> = fc.record({
  errors: mapArbitrary(errorKindArbitrary, accountErrorArbitrary, 3),
  rateLimit: maybe(holdArbitrary),
  overload: maybe(holdArbitrary),
  temporary: maybe(holdArbitrary),
  authentication: maybe(holdArbitrary),
  modelRateLimits: mapArbitrary(modelKeyArbitrary, holdArbitrary, 4),
  sessionWindow: sessionWindows,
  usage: mapArbitrary(windowNameArbitrary, usageSampleArbitrary, 3),
  strikes: mapArbitrary(strikeKindArbitrary, strikeSetArbitrary, 2),
  refreshRequestedFor: revisionArbitrary,
  unknown: unknownCellsArbitrary,
});
