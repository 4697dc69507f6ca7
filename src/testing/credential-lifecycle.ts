/** Rules: what operators do, what can be read, and that secrets stay where they are. */
import type { CredentialValue, NextCredentials } from '../refresh/ports.js';
import { needed, newAccount, newAccounts } from './contract-test.js';
import { mismatch } from './contract-violation.js';
import type { CredentialFixture, CredentialRule } from './credential-fixture.js';
import { begin, credentialsWith, expectStored, givenAccount, tokensOf } from './credential-support.js';
import { errorText, outcomeOf } from './error-text.js';
import { canonicalJson, expectKind, expectSame } from './expect-same.js';
import { ARBITRARY_NOW } from './number-arbitraries.js';

async function revisions(fixture: CredentialFixture): Promise<void> {
  const accountId = await newAccount(fixture);
  const first = await fixture.repository.replace(accountId, tokensOf('first'));
  if (fixture.newAccountId === undefined) expectSame(first.revision, 0, 'revision 0 of a new account');
  for (const name of ['second', 'third']) {
    const before = await fixture.repository.read(accountId);
    const { revision } = await fixture.repository.replace(accountId, tokensOf(name));
    expectSame(revision, (before?.revision ?? -1) + 1, 'the next revision');
    await expectStored({ repository: fixture.repository, accountId, revision }, tokensOf(name));
  }
}

async function replacing(fixture: CredentialFixture): Promise<void> {
  const subject = await givenAccount(fixture);
  const { repository, accountId, revision } = subject;
  await begin(subject, 'n1');
  const next = { ...subject, ...(await repository.replace(accountId, tokensOf('operator'))) };
  const lost = await repository.commit(accountId, revision, 'n1', tokensOf('late'));
  expectSame(lost, { kind: 'conflict', revision: next.revision, same: false }, 'a commit from before the operator');
  expectSame(await repository.condemn(accountId, next.revision, 'n1', 'revoked'), false, 'no condemnation by an attempt from before');
  await expectStored(next, tokensOf('operator'));
  const granted = expectKind(await begin(next, 'n2'), 'granted', 'an attempt at the revision of the operator');
  expectSame(granted.orphan, false, 'no doubt about what an operator gave');
  await repository.condemn(accountId, next.revision, 'n2', 'revoked');
  const last = { ...next, ...(await repository.replace(accountId, tokensOf('again'))) };
  expectKind(await begin(last, 'n3'), 'granted', 'an attempt after an operator lifted a condemnation');
}

async function removing(fixture: CredentialFixture): Promise<void> {
  const subject = await givenAccount(fixture);
  const { repository, accountId, revision } = subject;
  await begin(subject, 'n1');
  await repository.remove(accountId);
  await repository.remove(accountId);
  await repository.remove(await newAccount(fixture));
  expectSame(await repository.read(accountId), null, 'nothing to read');
  expectSame((await repository.references([accountId])).size, 0, 'no facts');
  expectKind(await begin(subject, 'n2'), 'missing', 'an attempt');
  expectKind(await repository.commit(accountId, revision, 'n1', tokensOf('late')), 'missing', 'a commit');
  expectSame(await repository.promoteAlternate(accountId, revision, 'n1'), null, 'nothing to promote');
  expectSame(await repository.condemn(accountId, revision, 'n1', 'revoked'), false, 'nothing to condemn');
  await repository.release(accountId, 'n1');
  expectSame(await repository.read(accountId), null, 'nothing to read after all of them');
  const again = await repository.replace(accountId, tokensOf('new'));
  expectSame(again.revision, revision + 1, 'the revision after the last one, though the account was removed');
  const granted = expectKind(await begin({ ...subject, ...again }, 'n3'), 'granted', 'an attempt');
  expectSame(granted.orphan, false, 'no doubt about a new account');
}

/** Refresh tokens, and whether one can refresh with them. */
const REFRESHABLE: readonly (readonly [value: CredentialValue | undefined, refreshable: boolean])[] = [
  ['token', true],
  [' token ', true],
  ['', false],
  ['  ', false],
  ['\t\n', false],
  [null, false],
  [7, false],
  [undefined, false],
];

async function references(fixture: CredentialFixture): Promise<void> {
  const accountIds = await newAccounts(fixture, REFRESHABLE.length);
  for (const [index, [token]] of REFRESHABLE.entries()) {
    const credentials = { access_token: 'a-secret', ...(token === undefined ? {} : { refresh_token: token }) };
    await fixture.repository.replace(accountIds[index] ?? '', { credentials, expiresAt: index === 0 ? null : ARBITRARY_NOW + index });
  }
  const unknown = await newAccount(fixture);
  const found = await fixture.repository.references([unknown, ...accountIds, ...accountIds.slice(0, 1)]);
  expectSame(found.has(unknown), false, 'nothing of an account without credentials');
  for (const [index, [token, refreshable]] of REFRESHABLE.entries()) {
    const reference = found.get(accountIds[index] ?? '');
    const stored = await fixture.repository.read(accountIds[index] ?? '');
    const expected = { revision: stored?.revision, expiresAt: index === 0 ? null : ARBITRARY_NOW + index, refreshable };
    expectSame(reference, expected, `the facts for the refresh token ${canonicalJson(token)}`);
  }
  expectSame((await fixture.repository.references([])).size, 0, 'nothing where nothing is asked for');
}

const ODD: readonly NextCredentials[] = [
  {
    credentials: credentialsWith([
      ['access_token', 'x'.repeat(65_536)],
      ['refresh_token', '1//0g-é模型😀\'"\\$1%{}'],
    ]),
    expiresAt: 0,
  },
  {
    credentials: credentialsWith([
      ['__proto__', 'own'],
      ['constructor', null],
      ['', ''],
      ['a.b', [1, -0.5, true, false, null, { 'c"d': ['e'] }]],
    ]),
    expiresAt: 4_102_444_800_000,
  },
  { credentials: {}, expiresAt: null },
];

async function exactly(fixture: CredentialFixture): Promise<void> {
  const subject = await givenAccount(fixture);
  let { revision } = subject;
  for (const next of ODD) {
    ({ revision } = await fixture.repository.replace(subject.accountId, next));
    await expectStored({ ...subject, revision }, next);
  }
}

const SECRET = 'a-secret-that-nobody-may-see';

/** Texts that not every store can hold. */
const UNSTORABLE: readonly string[] = [`${SECRET}\0`, `${SECRET}\ud800`];

async function refusing(fixture: CredentialFixture): Promise<void> {
  for (const token of UNSTORABLE) {
    const subject = await givenAccount(fixture);
    const next = { credentials: { access_token: token, refresh_token: token }, expiresAt: null };
    const outcome = await outcomeOf(() => fixture.repository.replace(subject.accountId, next));
    if (outcome.kind === 'rejected') expectNoSecret(outcome.error);
    else await expectStored({ ...subject, ...outcome.value }, next);
  }
}

function expectNoSecret(error: unknown): void {
  if (errorText(error).includes(SECRET)) throw mismatch('an error without secrets', 'one that quotes a secret');
}

async function unreachable(fixture: CredentialFixture): Promise<void> {
  const repository = await needed(fixture.unreachable, 'unreachable')();
  const next = { credentials: { access_token: SECRET, refresh_token: SECRET }, expiresAt: null };
  const calls: Readonly<Record<string, () => Promise<unknown>>> = {
    read: () => repository.read('a'),
    references: () => repository.references(['a']),
    begin: () => repository.begin('a', 0, { nonce: 'n', ttlMs: 1_000 }),
    commit: () => repository.commit('a', 0, 'n', next),
    keepAlternate: () => repository.keepAlternate('a', 0, next),
    promoteAlternate: () => repository.promoteAlternate('a', 0, 'n'),
    condemn: () => repository.condemn('a', 0, 'n', 'revoked'),
    release: () => repository.release('a', 'n'),
    replace: () => repository.replace('a', next),
    remove: () => repository.remove('a'),
  };
  for (const [name, call] of Object.entries(calls)) {
    const outcome = await outcomeOf(call);
    if (outcome.kind === 'answered') throw mismatch(`a rejection of ${name}`, canonicalJson(outcome.value));
    expectNoSecret(outcome.error);
  }
}

async function durable(fixture: CredentialFixture): Promise<void> {
  const durability = await needed(fixture.durability?.bind(fixture), 'durability')();
  if (durability.kind === 'not_durable') throw mismatch('a durable store', durability.problems.join('; '));
  if (durability.kind === 'unknown') throw mismatch('a durable store', 'one that does not tell');
}

/** What operators do, what can be read, and that secrets stay where they are. */
export const LIFECYCLE_RULES: readonly CredentialRule[] = [
  { name: 'an operator gives a new account revision 0, and each next one follows', holds: revisions },
  { name: 'an operator ends what was under way, and lifts a condemnation', holds: replacing },
  { name: 'a removed account is missing, and its revision never restarts', holds: removing },
  { name: 'references tell facts: a blank refresh token is none', holds: references },
  { name: 'credentials are kept exactly, whatever they hold', holds: exactly },
  { name: 'what a store cannot hold is refused without quoting it', holds: refusing },
  { name: 'a store that does not answer rejects, and quotes no secret', needs: 'unreachable', holds: unreachable },
  { name: 'the store says that it keeps what it acknowledged', needs: 'durable', holds: durable },
];
