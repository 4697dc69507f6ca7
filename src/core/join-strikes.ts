/** Strikes as a join: the union of two sets of evidence, of which the newest are kept. */
import { MAX_STRIKES, type StrikeSet } from './health.js';
import { compareText } from './order.js';
import type { EpochMs } from './time.js';

type Evidence = readonly [id: string, at: EpochMs];

function newestFirst([idA, atA]: Evidence, [idB, atB]: Evidence): number {
  return atB - atA || compareText(idB, idA);
}

/** The newest 16 pieces of evidence, newest first; of the same instant the greater id first. Each id once. Total, pure. */
export function newestEvidence(evidence: Iterable<Evidence>): ReadonlyMap<string, EpochMs> {
  return new Map([...evidence].sort(newestFirst).slice(0, MAX_STRIKES));
}

function isSame(a: StrikeSet, b: StrikeSet): boolean {
  return a.evidence.size === b.evidence.size && [...a.evidence].every(([id, at]) => b.evidence.get(id) === at);
}

/**
 * The higher generation; within one, the union by evidence id with the latest instant of each, of which the newest 16 stay. Returns `a` itself
 * where `b` adds nothing. Total, pure.
 */
export function joinStrikes(a: StrikeSet, b: StrikeSet): StrikeSet {
  if (a.generation !== b.generation) return a.generation > b.generation ? a : b;
  const union = new Map(a.evidence);
  for (const [id, at] of b.evidence) union.set(id, Math.max(at, union.get(id) ?? 0));
  const joined: StrikeSet = { generation: a.generation, evidence: newestEvidence(union) };
  return isSame(joined, a) ? a : joined;
}
