/** Rules: what loading and patching answer. */

import fc from 'fast-check';
import { EMPTY_HEALTH } from '../core/health.js';
import { newAccount, newAccounts } from './contract-test.js';
import { mismatch } from './contract-violation.js';
import { healthPatchArbitrary } from './health-arbitraries.js';
import { expectHealth, loadOne, patchAll, referenceHealth } from './health-expectations.js';
import type { HealthFixture, HealthRule } from './health-fixture.js';
import { checkProperty, type PropertyOptions } from './property.js';
import { modelWrite } from './sample-writes.js';

const PATCHED = 40;
const NEVER_PATCHED = 1_000;

async function neverPatched(fixture: HealthFixture): Promise<void> {
  const accountId = await newAccount(fixture);
  expectHealth(await loadOne(fixture.repository, accountId), EMPTY_HEALTH, 'no cell');
}

async function emptyPatch(fixture: HealthFixture): Promise<void> {
  const { repository } = fixture;
  const accountId = await newAccount(fixture);
  const patch = [modelWrite('gemini-3-pro', 1)];
  expectHealth(await repository.patch(accountId, []), EMPTY_HEALTH, 'an answer without cells');
  await repository.patch(accountId, patch);
  expectHealth(await repository.patch(accountId, []), referenceHealth([patch]), 'an answer with what is stored');
  expectHealth(await loadOne(repository, accountId), referenceHealth([patch]), 'what was stored before');
}

async function manyAccounts(fixture: HealthFixture): Promise<void> {
  const { repository } = fixture;
  const accountIds = await newAccounts(fixture, PATCHED);
  const patchOf = (index: number) => [modelWrite(`model-${index}`, index + 1)];
  await Promise.all(accountIds.map((accountId, index) => repository.patch(accountId, patchOf(index))));
  const others = Array.from({ length: NEVER_PATCHED }, () => crypto.randomUUID());
  const loaded = await repository.load([...others.slice(1), ...accountIds, ...accountIds.slice(0, 3), ...others.slice(0, 1)]);
  for (const [index, accountId] of accountIds.entries()) {
    expectHealth(loaded.get(accountId) ?? EMPTY_HEALTH, referenceHealth([patchOf(index)]), `account ${index} of ${PATCHED} with its model`);
  }
  const asked = new Set([...accountIds, ...others]);
  const strangers = [...loaded.keys()].filter((accountId) => !asked.has(accountId));
  if (strangers.length > 0) throw mismatch('accounts that were asked for', strangers.join(', '));
  for (const other of others) expectHealth(loaded.get(other) ?? EMPTY_HEALTH, EMPTY_HEALTH, 'no cell of an unknown account');
  const none = await repository.load([]);
  if (none.size > 0) throw mismatch('no account where none is asked for', `${none.size}`);
}

async function postImage(fixture: HealthFixture, options: PropertyOptions): Promise<void> {
  const cases = fc.record({ history: fc.array(healthPatchArbitrary, { maxLength: 3 }), patch: healthPatchArbitrary });
  const situations = ['adds to what is stored', 'adds nothing to what is stored'];
  await checkProperty(
    { cases, situations },
    async ({ history, patch }, note) => {
      const accountId = await newAccount(fixture);
      await patchAll(fixture.repository, accountId, history);
      const before = referenceHealth(history);
      const after = referenceHealth([patch], before);
      if (before !== EMPTY_HEALTH && after !== before) note('adds to what is stored');
      if (after === before && patch.length > 0) note('adds nothing to what is stored');
      expectHealth(await fixture.repository.patch(accountId, patch), after, 'all of the health, as it is after the write');
    },
    options,
  );
}

async function unchanged(fixture: HealthFixture): Promise<void> {
  const { repository } = fixture;
  const accountId = await newAccount(fixture);
  const patched = await repository.patch(accountId, [modelWrite('a', 1)]);
  const loaded = await loadOne(repository, accountId);
  await repository.patch(accountId, [modelWrite('a', 2), modelWrite('b', 1)]);
  const expected = referenceHealth([[modelWrite('a', 1)]]);
  expectHealth(patched, expected, 'the answer to the first patch as it was given');
  expectHealth(loaded, expected, 'the loaded health as it was given');
}

/** What loading and patching answer. */
export const READING_RULES: readonly HealthRule[] = [
  { name: 'an account that was never patched is absent or empty', holds: neverPatched },
  { name: 'an empty patch changes nothing and answers with what is stored', holds: emptyPatch },
  { name: 'load answers for many accounts at once, also unknown and repeated ones', holds: manyAccounts },
  { name: 'patch answers with the whole health as it is after the write', holds: postImage },
  { name: 'health that was given out does not change', holds: unchanged },
];
