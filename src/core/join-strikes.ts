/** Strikes as a join: the union of two sets of evidence, of which the newest are kept. */
import { MAX_STRIKES, type StrikeSet } from './health.js';
import { compareText } from './order.js';
import type { EpochMs } from './time.js';

type Evidence = readonly [id: string, at: EpochMs];

function newestFirst([idA, atA]: Evidence, [idB, atB]: Evidence): number {
  return atB - atA || compareText(idB, idA);
}

function isSame(a: StrikeSet, b: StrikeSet): boolean {
  if (a.generation !== b.generation || a.evidence.size !== b.evidence.size) return false;
  return [...a.evidence].every(([id, at]) => b.evidence.get(id) === at);
}

/** The higher generation; within one, the union by evidence id with the latest instant of each, of which the newest 16 stay. Returns `a` itself where nothing changes. */
export function joinStrikes(a: StrikeSet, b: StrikeSet): StrikeSet {
  if (a.generation !== b.generation) return a.generation > b.generation ? a : b;
  const evidence = new Map(a.evidence);
  for (const [id, at] of b.evidence) evidence.set(id, Math.max(at, evidence.get(id) ?? 0));
  const joined: StrikeSet = { generation: a.generation, evidence: new Map([...evidence].sort(newestFirst).slice(0, MAX_STRIKES)) };
  return isSame(joined, a) ? a : joined;
}
