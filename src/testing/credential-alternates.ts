/** Rules: answers that lost a race. */
import { newAccount } from './contract-test.js';
import type { CredentialFixture, CredentialRule } from './credential-fixture.js';
import { begin, expectStored, givenAccount, refreshed, type Subject, tokensOf } from './credential-support.js';
import { expectKind, expectSame } from './expect-same.js';

/** An account that has moved on by one revision, with answers to the token of the one before. */
async function givenAlternates(fixture: CredentialFixture, names: readonly string[]): Promise<Subject> {
  const first = await givenAccount(fixture);
  const subject = await refreshed(first, 'winner');
  for (const name of names) await first.repository.keepAlternate(first.accountId, first.revision, tokensOf(name));
  return subject;
}

/** Begins an attempt and promotes with it: the account at the new revision, or null. */
async function promoted(subject: Subject, nonce: string): Promise<Subject | null> {
  expectKind(await begin(subject, nonce), 'granted', 'an attempt');
  const next = await subject.repository.promoteAlternate(subject.accountId, subject.revision, nonce);
  return next === null ? null : { ...subject, ...next };
}

async function expectNone(subject: Subject, what: string): Promise<void> {
  const next = await promoted(subject, 'n-none');
  expectSame(next?.revision ?? null, null, what);
  await subject.repository.release(subject.accountId, 'n-none');
}

/** Promotes one after another, and expects these, and then none. */
async function expectPromotions(subject: Subject, names: readonly string[]): Promise<void> {
  let current = subject;
  for (const [index, name] of names.entries()) {
    const next = await promoted(current, `n${index}`);
    expectSame(next?.revision, current.revision + 1, `${name} as the next revision`);
    if (next === null) return;
    current = next;
    await expectStored(current, tokensOf(name));
  }
  await expectNone(current, 'no more answers');
}

async function promoting(fixture: CredentialFixture): Promise<void> {
  await expectPromotions(await givenAlternates(fixture, ['loser']), ['loser']);
}

async function repeating(fixture: CredentialFixture): Promise<void> {
  await expectPromotions(await givenAlternates(fixture, ['loser', 'loser', 'loser']), ['loser']);
}

async function bounded(fixture: CredentialFixture): Promise<void> {
  await expectPromotions(await givenAlternates(fixture, ['oldest', 'middle', 'newest']), ['newest', 'middle']);
}

async function strangers(fixture: CredentialFixture): Promise<void> {
  const subject = await givenAlternates(fixture, ['loser']);
  const { repository, accountId, revision } = subject;
  expectSame(await repository.promoteAlternate(accountId, revision, 'n1'), null, 'nothing is promoted without an attempt');
  await begin(subject, 'n1');
  expectSame(await repository.promoteAlternate(accountId, revision, 'n2'), null, 'nothing is promoted by a stranger');
  expectSame(await repository.promoteAlternate(accountId, revision - 1, 'n1'), null, 'nor at another revision');
  await expectStored(subject, tokensOf('winner'));
  expectSame(await repository.promoteAlternate(accountId, revision, 'n1'), { revision: revision + 1 }, 'but by the owner of the attempt');
  const late = await repository.commit(accountId, revision, 'n1', tokensOf('late'));
  expectSame(
    late,
    { kind: 'conflict', revision: revision + 1, same: false },
    'a promotion that is not taken for the commit of its attempt',
  );
}

async function notCondemned(fixture: CredentialFixture): Promise<void> {
  const subject = await givenAlternates(fixture, ['loser']);
  const { repository, accountId, revision } = subject;
  await begin(subject, 'n1');
  expectSame(await repository.condemn(accountId, revision, 'n1', 'revoked'), false, 'no condemnation while an answer is left');
  const next = { ...subject, ...(await repository.promoteAlternate(accountId, revision, 'n1')) };
  await begin(next, 'n2');
  expectSame(await repository.condemn(accountId, next.revision, 'n2', 'revoked'), true, 'a condemnation when none is left');
}

async function lateAnswer(fixture: CredentialFixture): Promise<void> {
  const subject = await givenAlternates(fixture, []);
  const { repository, accountId, revision } = subject;
  await begin(subject, 'n1');
  expectSame(await repository.condemn(accountId, revision, 'n1', 'revoked'), true, 'a condemnation');
  await repository.keepAlternate(accountId, revision - 1, tokensOf('late'));
  await expectPromotions(subject, ['late']);
}

async function outlived(fixture: CredentialFixture): Promise<void> {
  const subject = await refreshed(await givenAlternates(fixture, ['loser']), 'later');
  await expectNone(subject, 'no answer that is older than a commit');
  const first = await givenAccount(fixture);
  await first.repository.keepAlternate(first.accountId, first.revision, tokensOf('early'));
  await expectPromotions(await refreshed(first, 'winner'), ['early']);
}

async function replaced(fixture: CredentialFixture): Promise<void> {
  const before = await givenAlternates(fixture, ['loser']);
  const { repository, accountId } = before;
  const subject = { ...before, ...(await repository.replace(accountId, tokensOf('operator'))) };
  await expectNone(subject, 'no answer from before an operator');
  await repository.keepAlternate(accountId, before.revision, tokensOf('late'));
  await expectNone(subject, 'nor one that comes late');
  const next = await refreshed(subject, 'winner');
  await repository.keepAlternate(accountId, subject.revision, tokensOf('own'));
  await expectPromotions(next, ['own']);
}

async function missing(fixture: CredentialFixture): Promise<void> {
  const { repository } = fixture;
  const accountId = await newAccount(fixture);
  await repository.keepAlternate(accountId, 0, tokensOf('nobody'));
  expectSame(await repository.read(accountId), null, 'no account from an answer');
  const before = await givenAlternates(fixture, ['loser']);
  await repository.remove(before.accountId);
  await repository.keepAlternate(before.accountId, before.revision, tokensOf('late'));
  const subject = { ...before, ...(await repository.replace(before.accountId, tokensOf('new'))) };
  await expectNone(subject, 'no answer from before the account was removed');
}

/** Answers that lost a race. */
export const ALTERNATE_RULES: readonly CredentialRule[] = [
  { name: 'an answer that lost the race can become the next revision', holds: promoting },
  { name: 'the same answer is kept once', holds: repeating },
  { name: 'two answers are kept, and the newest comes first', holds: bounded },
  { name: 'only the attempt promotes, and only at its own revision', holds: strangers },
  { name: 'nothing is condemned while an answer is left', holds: notCondemned },
  { name: 'an answer that comes after a condemnation voids it', holds: lateAnswer },
  { name: 'a commit drops answers of earlier revisions, and no others', holds: outlived },
  { name: 'an operator drops answers from before, also late ones', holds: replaced },
  { name: 'answers of a missing account are dropped', holds: missing },
];
