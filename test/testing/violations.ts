/** Running contract tests, and collecting what they say. */
import { type ContractTest, ContractViolationError } from '../../src/testing.js';

/** What each test that fails says, by its name. Anything but a violation is thrown. */
export async function violationsOf(tests: readonly ContractTest[]): Promise<ReadonlyMap<string, ContractViolationError>> {
  const found = new Map<string, ContractViolationError>();
  for (const { name, run } of tests) {
    try {
      await run();
    } catch (error) {
      if (!(error instanceof ContractViolationError)) throw error;
      found.set(name, error);
    }
  }
  return found;
}
