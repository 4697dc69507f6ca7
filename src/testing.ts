/** `poolwarden/testing`: what repositories have to keep, as tests for any runner, and arbitraries for fast-check. */
export { accountArbitrary, accountTypeArbitrary, platformArbitrary } from './testing/account-arbitraries.js';
export { ARBITRARY_ACCOUNT_IDS, absurdActionArbitrary, actionArbitrary } from './testing/action-arbitraries.js';
export {
  accountErrorArbitrary,
  holdArbitrary,
  strikeSetArbitrary,
  usageSampleArbitrary,
} from './testing/cell-arbitraries.js';
export type { ContractNeed, ContractOptions, ContractTest, MakeFixture, StoreFixture } from './testing/contract-test.js';
export { ContractViolationError, type Mismatch } from './testing/contract-violation.js';
export { credentialRepositoryContract } from './testing/credential-contract.js';
export type { CredentialFixture, Durability } from './testing/credential-fixture.js';
export { exchangeArbitrary } from './testing/exchange-arbitraries.js';
export { cellWriteArbitrary, healthArbitrary, healthPatchArbitrary } from './testing/health-arbitraries.js';
export { healthRepositoryContract } from './testing/health-contract.js';
export type { HealthFixture } from './testing/health-fixture.js';
export { hostileTextArbitrary } from './testing/hostile-text.js';
export { HOSTILE_MODEL_KEYS, modelKeyArbitrary, modelNameArbitrary } from './testing/name-arbitraries.js';
export { ARBITRARY_NOW, absurdNumberArbitrary, instantArbitrary } from './testing/number-arbitraries.js';
export { settingsRepositoryContract } from './testing/settings-contract.js';
export { tokenCacheContract } from './testing/token-cache-contract.js';
