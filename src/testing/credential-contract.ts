/** The contract of credential repositories. */
import { type ContractTest, contractTests, type MakeFixture } from './contract-test.js';
import { ALTERNATE_RULES } from './credential-alternates.js';
import { ATTEMPT_RULES } from './credential-attempts.js';
import { COMMIT_RULES } from './credential-commits.js';
import type { CredentialFixture } from './credential-fixture.js';
import { LIFECYCLE_RULES } from './credential-lifecycle.js';

/**
 * What every credential repository has to keep, as tests for any runner. On a store that keeps them all no rotation is lost to a race between processes. The test that needs `durable` asks the
 * store about itself: a store that forgets what it acknowledged loses rotations in a crash, however well it keeps the other rules.
 *
 * @example for (const { name, run } of credentialRepositoryContract(() => ({ repository: createMyCredentials() }))) test(name, run);
 */
export function credentialRepositoryContract(make: MakeFixture<CredentialFixture>): readonly ContractTest[] {
  return contractTests([ATTEMPT_RULES, COMMIT_RULES, ALTERNATE_RULES, LIFECYCLE_RULES].flat(), make);
}
