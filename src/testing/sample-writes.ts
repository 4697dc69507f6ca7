/** Writes in a line each, for tests of stores. */
import { type AccountError, CLEARED, HOLD_CELLS, type Hold, type HoldCell, type StrikeSet, type UsageSample } from '../core/health.js';
import type { CellWrite, HealthPatch } from '../core/patch.js';
import { ARBITRARY_NOW } from './number-arbitraries.js';

/** Where a hold is: one of the account's cells, or a model. */
export type HoldPlace = { readonly cell: HoldCell } | { readonly model: string };

/** The account's hold cells and a model. */
export const HOLD_PLACES: readonly HoldPlace[] = [...HOLD_CELLS.map((cell) => ({ cell })), { model: 'gemini-3-pro' }];

/** A quota hold for so many minutes, but for what the test says. */
export function sampleHold(minutes: number, facts: Partial<Hold> = {}): Hold {
  const until = ARBITRARY_NOW + minutes * 60_000;
  return { generation: 0, credentialRevision: -1, until, rule: 'rule', kind: 'quota', detail: '', ...facts };
}

/** A hold of this generation, cleared. */
export function clearedHold(generation: number): Hold {
  return { generation, credentialRevision: -1, until: 0, rule: CLEARED, kind: 'temporary', detail: '' };
}

/** A write of a hold. */
export function holdWrite(place: HoldPlace, value: Hold): CellWrite {
  return 'cell' in place ? { cell: place.cell, value } : { cell: 'modelRateLimits', key: place.model, value };
}

/** A model's limit, for so many minutes. */
export function modelWrite(model: string, minutes: number): CellWrite {
  return holdWrite({ model }, sampleHold(minutes));
}

/** An error, but for what the test says. */
export function sampleError(facts: Partial<AccountError> = {}): AccountError {
  return { generation: 0, credentialRevision: -1, at: ARBITRARY_NOW, rule: 'rule', message: 'a message', link: null, ...facts };
}

/** Pieces of evidence, each `id` to the second that it was seen at. */
export function strikeWrite(kind: string, seconds: Readonly<Record<string, number>>, generation: number = 0): CellWrite {
  const evidence = new Map(Object.entries(seconds).map(([id, second]) => [id, ARBITRARY_NOW + second * 1_000]));
  const value: StrikeSet = { generation, evidence };
  return { cell: 'strikes', key: kind, value };
}

/** A sample of the window `5h`. */
export function usageWrite(value: UsageSample): CellWrite {
  return { cell: 'usage', key: '5h', value };
}

/** One write as a patch. */
export function patchWith(...writes: readonly CellWrite[]): HealthPatch {
  return writes;
}
