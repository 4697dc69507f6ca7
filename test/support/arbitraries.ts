/** The arbitraries of `poolwarden/testing`, by the short names that the tests use. */
export { accountArbitrary as accounts } from '../../src/testing/account-arbitraries.js';
export {
  ARBITRARY_ACCOUNT_IDS as ACCOUNT_IDS,
  absurdActionArbitrary as absurdActions,
  actionArbitrary as actions,
  plainRecord,
} from '../../src/testing/action-arbitraries.js';
export {
  accountErrorArbitrary as errors,
  holdArbitrary as holds,
  strikeSetArbitrary as strikeSets,
  usageSampleArbitrary as samples,
} from '../../src/testing/cell-arbitraries.js';
export {
  cellWriteArbitrary as writes,
  healthArbitrary as healths,
  healthPatchArbitrary as patches,
  unknownCellsArbitrary as unknownCells,
} from '../../src/testing/health-arbitraries.js';
export { modelKeyArbitrary as modelKeys, modelNameArbitrary as modelNames } from '../../src/testing/name-arbitraries.js';
export { absurdNumberArbitrary as absurdNumbers, instantArbitrary as instants } from '../../src/testing/number-arbitraries.js';
