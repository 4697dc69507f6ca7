/** Rules: who may refresh, and for how long. */
import { handlesOf, newAccount } from './contract-test.js';
import { mismatch } from './contract-violation.js';
import type { CredentialFixture, CredentialRule } from './credential-fixture.js';
import { begin, beginAndExpire, givenAccount, refreshed, type Subject, tokensOf } from './credential-support.js';
import { expectKind, expectSame } from './expect-same.js';

const CALLERS = 20;
const ROUNDS = 5;
const TTL_MS = 60_000;

function expectRemaining(remainingMs: number): void {
  if (!(remainingMs > 0 && remainingMs <= TTL_MS)) throw mismatch(`more than 0 and at most ${TTL_MS} ms`, `${remainingMs}`);
}

async function granting(fixture: CredentialFixture): Promise<void> {
  const subject = await givenAccount(fixture);
  const granted = expectKind(await begin(subject, 'n1'), 'granted', 'the first who begins');
  expectSame(
    granted,
    { kind: 'granted', orphan: false, revision: subject.revision, ...tokensOf('first') },
    'the credentials, and no doubt',
  );
  for (const repository of await handlesOf(fixture, 2)) {
    expectRemaining(expectKind(await begin({ ...subject, repository }, 'n2'), 'busy', 'another').remainingMs);
  }
}

async function racing(fixture: CredentialFixture): Promise<void> {
  const handles = await handlesOf(fixture, 4);
  for (let round = 0; round < ROUNDS; round += 1) {
    const subject = await givenAccount(fixture);
    const callers = Array.from({ length: CALLERS }, (_, index) => ({ ...subject, repository: handles[index % 4] ?? subject.repository }));
    const results = await Promise.all(callers.map((caller, index) => begin(caller, `n${index}`)));
    const granted = results.filter(({ kind }) => kind === 'granted').length;
    if (granted !== 1) throw mismatch(`1 of ${CALLERS} granted`, `${granted}`);
    for (const result of results) if (result.kind !== 'granted') expectRemaining(expectKind(result, 'busy', 'all others').remainingMs);
  }
}

async function otherRevisions(fixture: CredentialFixture): Promise<void> {
  const subject = await refreshed(await givenAccount(fixture), 'second');
  const { revision } = subject;
  for (const other of [revision - 1, revision + 1]) {
    const result = expectKind(await begin({ ...subject, revision: other }, 'n1'), 'stale', `an attempt at ${other}`);
    expectSame(result.revision, revision, 'the revision that is stored');
  }
  expectKind(await begin(subject, 'n2'), 'granted', 'an attempt at the stored revision after stale ones');
}

async function missing(fixture: CredentialFixture): Promise<void> {
  const accountId = await newAccount(fixture);
  const nobody: Subject = { repository: fixture.repository, accountId, revision: 0 };
  expectKind(await begin(nobody, 'n1'), 'missing', 'an attempt without credentials');
  expectKind(await fixture.repository.commit(accountId, 0, 'n1', tokensOf('never')), 'missing', 'a commit without credentials');
  expectSame(await fixture.repository.read(accountId), null, 'no credentials');
}

async function expiring(fixture: CredentialFixture): Promise<void> {
  const subject = await givenAccount(fixture);
  await beginAndExpire(fixture, subject, 'n1');
  const granted = expectKind(await begin(subject, 'n2'), 'granted', 'an attempt after one whose time is over');
  expectSame(granted.orphan, true, 'a doubt about the token');
  await subject.repository.release(subject.accountId, 'n1');
  expectKind(await begin(subject, 'n3'), 'busy', 'an attempt after the first one was given back, late');
}

async function givingBack(fixture: CredentialFixture): Promise<void> {
  const subject = await givenAccount(fixture);
  const { repository, accountId } = subject;
  await begin(subject, 'n1');
  await repository.release(accountId, 'n2');
  expectKind(await begin(subject, 'n3'), 'busy', 'an attempt after a stranger gave it back');
  await repository.release(accountId, 'n1');
  await repository.release(accountId, 'n1');
  const granted = expectKind(await begin(subject, 'n4'), 'granted', 'an attempt after its owner gave it back');
  expectSame(granted.orphan, false, 'no doubt, since nothing was sent');
  await repository.release(await newAccount(fixture), 'n1');
}

async function doubting(fixture: CredentialFixture): Promise<void> {
  const subject = await givenAccount(fixture);
  const { repository, accountId } = subject;
  await beginAndExpire(fixture, subject, 'n1');
  for (const nonce of ['n2', 'n3']) {
    const granted = expectKind(await begin(subject, nonce), 'granted', 'an attempt');
    expectSame(granted.orphan, true, 'the doubt, as long as the revision stays');
    await repository.release(accountId, nonce);
  }
  const next = await refreshed(subject, 'second');
  expectSame(expectKind(await begin(next, 'n4'), 'granted', 'an attempt').orphan, false, 'no doubt about the next revision');
}

async function isolation(fixture: CredentialFixture): Promise<void> {
  const [one, other] = [await givenAccount(fixture), await givenAccount(fixture)];
  expectKind(await begin(one, 'n1'), 'granted', 'an attempt');
  expectKind(await begin(other, 'n1'), 'granted', 'an attempt of another account');
  await one.repository.release(one.accountId, 'n1');
  expectKind(await begin(other, 'n2'), 'busy', 'another account, as it was');
}

/** Who may refresh, and for how long. */
export const ATTEMPT_RULES: readonly CredentialRule[] = [
  { name: 'begin gives the credentials as they are, and keeps others out', holds: granting },
  { name: 'of many who begin at once exactly one is granted', holds: racing },
  { name: 'an attempt at another revision is stale, and blocks nobody', holds: otherRevisions },
  { name: 'an account without credentials is missing', holds: missing },
  { name: 'an attempt whose time is over makes room, and leaves a doubt', holds: expiring },
  { name: 'only its owner gives an attempt back, and then no doubt stays', holds: givingBack },
  { name: 'a doubt stays until the revision moves on', holds: doubting },
  { name: 'attempts of one account block no other', holds: isolation },
];
