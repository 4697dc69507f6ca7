/** Properties of stores: random cases, of which the interesting situations must have come up. */
import fc from 'fast-check';
import { ContractViolationError, mismatch, underRule } from './contract-violation.js';

/** How many cases to try, and which. */
export interface PropertyOptions {
  readonly runs: number;
  readonly seed?: number;
}

/** Counts a situation that a property is about. */
export type Note = (situation: string) => void;

/** Cases after which a situation that never came up is a fault of the suite, however few are tried in a round: the rarest comes up once in a hundred or two. */
const MAX_CASES = 10_000;

/**
 * Tries random cases, and goes on in further rounds until each situation has come up. Rejects with what the check threw, with the seed and the smallest case that shows it, or where a
 * situation does not come up.
 */
export async function checkProperty<T>(
  { cases, situations }: { readonly cases: fc.Arbitrary<T>; readonly situations: readonly string[] },
  check: (value: T, note: Note) => Promise<void>,
  { runs, seed }: PropertyOptions,
): Promise<void> {
  const missing = new Set(situations);
  const numRuns = Math.max(1, runs);
  const property = fc.asyncProperty(cases, (value) => check(value, (situation) => missing.delete(situation)));
  for (let round = 0; round === 0 || missing.size > 0; round += 1) {
    if (round * numRuns >= MAX_CASES) throw new Error(`the suite did not reach: ${[...missing].join(', ')}`);
    const parameters = seed === undefined ? { numRuns } : { numRuns, seed: seed + round };
    const details = await fc.check(property, parameters);
    if (details.failed) throw counterexample(details);
  }
}

function counterexample<T>(details: fc.RunDetailsFailureProperty<[T]> | fc.RunDetails<[T]>): ContractViolationError {
  const { expected, found } = underRule('', details.errorInstance);
  const said = mismatch(expected, `${found} (seed ${details.seed}, case ${fc.stringify(details.counterexample)})`);
  return new ContractViolationError('', said, { cause: details.errorInstance });
}
