/** The contract of health repositories. */
import { type ContractOptions, type ContractTest, contractTests, type MakeFixture } from './contract-test.js';
import { CONCURRENCY_RULES } from './health-concurrency.js';
import type { HealthFixture } from './health-fixture.js';
import { JOIN_RULES } from './health-joins.js';
import { LAW_RULES } from './health-laws.js';
import { NAME_RULES } from './health-names.js';
import { OPTIONAL_RULES } from './health-optional.js';
import { READING_RULES } from './health-reading.js';

/**
 * What every health repository has to keep, as tests for any runner. Each makes a store with `make` and works on accounts of its own, so the stores may share one database. A store that keeps
 * them all may be used with the engine, by any number of processes.
 *
 * @example for (const { name, run } of healthRepositoryContract(() => ({ repository: createMyRepository() }))) test(name, run);
 */
export function healthRepositoryContract(make: MakeFixture<HealthFixture>, options: ContractOptions = {}): readonly ContractTest[] {
  const rules = [READING_RULES, JOIN_RULES, LAW_RULES, NAME_RULES, CONCURRENCY_RULES, OPTIONAL_RULES].flat();
  return contractTests(rules, make, options);
}
