/** Accounts of every kind. */
import fc from 'fast-check';
import type { Account, AccountType, Platform } from '../core/account.js';
import { defineAccount } from '../core/define-account.js';
import { ARBITRARY_ACCOUNT_IDS, plainRecord } from './action-arbitraries.js';
import { healthArbitrary } from './health-arbitraries.js';
import { instantArbitrary } from './number-arbitraries.js';

/** A platform: those that the library knows, and another. */
export const platformArbitrary: fc.Arbitrary<Platform> = fc.constantFrom('anthropic', 'openai', 'gemini', 'antigravity', 'elsewhere');

/** A type of account: those that the library knows, and another. */
export const accountTypeArbitrary: fc.Arbitrary<AccountType> = fc.constantFrom('oauth', 'setup_token', 'api_key', 'other');

const facts = {
  platform: platformArbitrary,
  type: accountTypeArbitrary,
  credential: fc.record({
    revision: fc.constantFrom(null, 0, 1, 2),
    expiresAt: fc.option(instantArbitrary),
    refreshable: fc.boolean(),
  }),
  settings: fc.record({
    enabled: fc.boolean(),
    poolMode: fc.boolean(),
    allowOverages: fc.boolean(),
    modelMapping: fc.constantFrom({}, { alias: 'claude-opus-4-6' }, plainRecord(new Map([['__proto__', 'gemini-3-pro']]))),
  }),
  health: healthArbitrary,
};

const parents: fc.Arbitrary<Account> = fc.record({ id: fc.constant('parent'), ...facts }).map(defineAccount);

/** An account, one in four a shadow with a parent. */
export const accountArbitrary: fc.Arbitrary<Account> = fc
  .record({ id: fc.constantFrom(...ARBITRARY_ACCOUNT_IDS), ...facts, parent: fc.option(parents, { freq: 4 }) })
  .map(defineAccount);
