/** Rules: how credentials move on. */
import { handlesOf } from './contract-test.js';
import { mismatch } from './contract-violation.js';
import type { CredentialFixture, CredentialRule } from './credential-fixture.js';
import { begin, beginAndExpire, expectStored, givenAccount, refreshed, type Subject, tokensOf } from './credential-support.js';
import { expectKind, expectSame } from './expect-same.js';
import { pause } from './wait-until.js';

const WRITERS = 8;
const CHAIN = 24;

function commit({ repository, accountId, revision }: Subject, nonce: string, name: string) {
  return repository.commit(accountId, revision, nonce, tokensOf(name));
}

async function storing(fixture: CredentialFixture): Promise<void> {
  const subject = await givenAccount(fixture);
  await begin(subject, 'n1');
  const next = { credentials: { access_token: 'only' }, expiresAt: null };
  const { repository, accountId, revision } = subject;
  const committed = expectKind(await repository.commit(accountId, revision, 'n1', next), 'committed', 'a commit');
  expectSame(committed.revision, revision + 1, 'the next revision');
  await expectStored({ ...subject, revision: revision + 1 }, next);
  expectKind(await begin({ ...subject, revision: revision + 1 }, 'n2'), 'granted', 'an attempt at the next revision');
}

async function lateOwner(fixture: CredentialFixture): Promise<void> {
  const subject = await givenAccount(fixture);
  await beginAndExpire(fixture, subject, 'n1');
  expectKind(await begin(subject, 'n2'), 'granted', 'an attempt after one whose time is over');
  expectKind(await commit(subject, 'n1', 'late'), 'committed', 'the commit of the one whose time is over');
  await expectStored({ ...subject, revision: subject.revision + 1 }, tokensOf('late'));
  const conflict = expectKind(await commit(subject, 'n2', 'other'), 'conflict', 'the commit of the other');
  expectSame(
    conflict,
    { kind: 'conflict', revision: subject.revision + 1, same: false },
    'the revision that is stored, of another attempt',
  );
  await expectStored({ ...subject, revision: subject.revision + 1 }, tokensOf('late'));
}

async function lostAnswer(fixture: CredentialFixture): Promise<void> {
  const subject = await givenAccount(fixture);
  const next = await refreshed(subject, 'second');
  const again = await commit(subject, 'nonce-second', 'second');
  expectSame(again, { kind: 'conflict', revision: next.revision, same: true }, 'a repeated commit');
  const stranger = await commit(subject, 'n2', 'other');
  expectSame(stranger, { kind: 'conflict', revision: next.revision, same: false }, 'the commit of another attempt');
  await expectStored(next, tokensOf('second'));
}

async function racing(fixture: CredentialFixture): Promise<void> {
  const handles = await handlesOf(fixture, 4);
  const subject = await givenAccount(fixture);
  const names = Array.from({ length: WRITERS }, (_, index) => `writer-${index}`);
  const results = await Promise.all(
    names.map((name, index) => commit({ ...subject, repository: handles[index % 4] ?? subject.repository }, name, name)),
  );
  const winners = names.filter((_, index) => results[index]?.kind === 'committed');
  const [winner] = winners;
  if (winner === undefined || winners.length > 1) throw mismatch(`1 of ${WRITERS} committed`, `${winners.length}`);
  await expectStored({ ...subject, revision: subject.revision + 1 }, tokensOf(winner));
  for (const result of results) {
    if (result.kind !== 'committed') expectSame(result, { kind: 'conflict', revision: subject.revision + 1, same: false }, 'all others');
  }
}

async function goneRevisions(fixture: CredentialFixture): Promise<void> {
  const first = await givenAccount(fixture);
  const subject = await refreshed(first, 'second');
  for (const revision of [first.revision, subject.revision + 1]) {
    const result = expectKind(await commit({ ...subject, revision }, 'n9', 'stranger'), 'conflict', `a commit at ${revision}`);
    expectSame(result.revision, subject.revision, 'the revision that is stored');
  }
  await expectStored(subject, tokensOf('second'));
}

interface Link {
  readonly revision: number;
  readonly parent: unknown;
  readonly token: string;
}

/** Refreshes until the chain is long enough. Each token says which one it was redeemed from. */
async function extendChain(subject: Subject, worker: number, links: Link[]): Promise<void> {
  for (let round = 0; links.length < CHAIN && round < 50 * CHAIN; round += 1) {
    const { repository, accountId } = subject;
    const seen = await repository.read(accountId);
    const nonce = `${worker}-${round}`;
    const begun = await repository.begin(accountId, seen?.revision ?? 0, { nonce, ttlMs: 60_000 });
    if (begun.kind !== 'granted') {
      await pause(1);
      continue;
    }
    const token = `token-${nonce}`;
    const next = { credentials: { refresh_token: token }, expiresAt: null };
    const committed = expectKind(await repository.commit(accountId, begun.revision, nonce, next), 'committed', 'the commit of an attempt');
    links.push({ revision: committed.revision, parent: begun.credentials.refresh_token, token });
  }
}

async function chain(fixture: CredentialFixture): Promise<void> {
  const handles = await handlesOf(fixture, 4);
  const subject = await givenAccount(fixture);
  const links: Link[] = [];
  await Promise.all(handles.map((repository, worker) => extendChain({ ...subject, repository }, worker, links)));
  if (links.length < CHAIN) throw mismatch(`${CHAIN} commits`, `${links.length}`);
  let before = { revision: subject.revision, token: 'refresh-first' };
  for (const link of links.toSorted((a, b) => a.revision - b.revision)) {
    const expected = { revision: before.revision + 1, parent: before.token, token: link.token };
    expectSame(link, expected, 'a chain in which each token was redeemed from the one before');
    before = link;
  }
  await expectStored({ ...subject, revision: before.revision }, { credentials: { refresh_token: before.token }, expiresAt: null });
}

async function condemning(fixture: CredentialFixture): Promise<void> {
  for (const code of ['revoked', 'lost_rotation'] as const) {
    const subject = await givenAccount(fixture);
    const { repository, accountId, revision } = subject;
    await begin(subject, 'n1');
    expectSame(await repository.condemn(accountId, revision, 'n1', code), true, 'the owner condemns its revision');
    expectSame(await begin(subject, 'n2'), { kind: 'condemned', code }, 'an attempt at a condemned revision');
    expectSame(await repository.condemn(accountId, revision, 'n1', code), false, 'nothing is left to condemn');
    await expectStored(subject, tokensOf('first'));
  }
}

async function notCondemning(fixture: CredentialFixture): Promise<void> {
  const first = await givenAccount(fixture);
  const { repository, accountId } = first;
  expectSame(await repository.condemn(accountId, first.revision, 'n1', 'revoked'), false, 'nobody condemns without an attempt');
  await begin(first, 'n1');
  expectSame(await repository.condemn(accountId, first.revision, 'n2', 'revoked'), false, 'a stranger does not condemn');
  expectSame(await repository.condemn(accountId, first.revision + 1, 'n1', 'revoked'), false, 'nor does one at another revision');
  expectKind(await commit(first, 'n1', 'second'), 'committed', 'a commit after them');
  expectSame(await repository.condemn(accountId, first.revision, 'n1', 'revoked'), false, 'nor one whose revision is gone');
  expectKind(await begin({ ...first, revision: first.revision + 1 }, 'n3'), 'granted', 'an attempt after all of them');
}

async function voiding(fixture: CredentialFixture): Promise<void> {
  const subject = await givenAccount(fixture);
  await begin(subject, 'n1');
  await subject.repository.condemn(subject.accountId, subject.revision, 'n1', 'revoked');
  const committed = expectKind(await commit(subject, 'n0', 'late'), 'committed', 'a late commit at a condemned revision');
  expectKind(await begin({ ...subject, ...committed }, 'n2'), 'granted', 'an attempt at the revision after a condemned one');
}

/** How credentials move on. */
export const COMMIT_RULES: readonly CredentialRule[] = [
  { name: 'commit stores the next revision as a set, and ends the attempt', holds: storing },
  { name: 'commit counts by revision, also when the time of its attempt is over', holds: lateOwner },
  { name: 'a commit whose answer was lost is told apart from the commit of another', holds: lostAnswer },
  { name: 'of many who commit at one revision exactly one is stored', holds: racing },
  { name: 'a commit at a revision that is not there changes nothing', holds: goneRevisions },
  { name: 'many who refresh at once make one unbroken chain', holds: chain },
  { name: 'a condemned revision is not begun again, and says why', holds: condemning },
  { name: 'only the attempt condemns, and only its own revision', holds: notCondemning },
  { name: 'the next revision voids a condemnation', holds: voiding },
];
