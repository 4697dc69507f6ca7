/** A patch made safe before it is compared: what is stored is what is ordered. */
import { keyOf } from './cell-names.js';
import type { CellWrite, HealthPatch } from './patch.js';
import { readCell } from './read-cell.js';

/** The writes, as a new list, with their numbers within bounds and their texts clean; what has not the form of its cell is left out. Total on plain data, pure, idempotent. */
export function cleanPatch(patch: HealthPatch): CellWrite[] {
  return patch.flatMap((write): readonly CellWrite[] => {
    const clean = readCell(write.cell, keyOf(write), write.value);
    return clean === null ? [] : [clean];
  });
}
