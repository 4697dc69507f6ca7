/** The contract of caches of access tokens. */
import type { AccessTokenCache, CachedAccessToken } from '../refresh/ports.js';
import {
  type ContractTest,
  contractTests,
  handlesOf,
  type MakeFixture,
  newAccount,
  type Rule,
  type StoreFixture,
} from './contract-test.js';
import { expectSame } from './expect-same.js';

type CacheFixture = StoreFixture<AccessTokenCache>;

const HOUR_MS = 3_600_000;

/** A cache may forget by its own clock, so the instants are around the present. */
const present = (): number => Date.now();

function token(credentialRevision: number, until: number | null = null): CachedAccessToken {
  return { token: `token-${credentialRevision}`, credentialRevision, until };
}

async function holding(fixture: CacheFixture): Promise<void> {
  const [first, second] = await handlesOf(fixture, 2);
  const [accountId, other, now] = [await newAccount(fixture), await newAccount(fixture), present()];
  const odd = { token: 'ya29.é模型😀\'"\\', credentialRevision: 3, until: now + HOUR_MS };
  expectSame(await first?.get(accountId, now), null, 'no token that was never cached');
  await first?.set(accountId, odd);
  expectSame(await first?.get(accountId, now), odd, 'the token');
  expectSame(await second?.get(accountId, now), odd, 'the token, to every process');
  expectSame(await first?.get(other, now), null, 'nothing of another account');
}

async function ending(fixture: CacheFixture): Promise<void> {
  const { repository } = fixture;
  const [accountId, now] = [await newAccount(fixture), present()];
  const until = now + HOUR_MS;
  await repository.set(accountId, token(1, until));
  expectSame(await repository.get(accountId, until - 1), token(1, until), 'the token until its end');
  expectSame(await repository.get(accountId, until), null, 'no token from its end on');
  await repository.set(accountId, token(2));
  expectSame(await repository.get(accountId, now + HOUR_MS), token(2), 'a token whose end is not known');
}

async function newest(fixture: CacheFixture): Promise<void> {
  const { repository } = fixture;
  const [accountId, now] = [await newAccount(fixture), present()];
  await repository.set(accountId, token(10));
  await repository.set(accountId, token(9));
  expectSame(await repository.get(accountId, now), token(10), 'the token of the newest revision');
  await repository.set(accountId, { ...token(10), token: 'another' });
  expectSame(await repository.get(accountId, now), { ...token(10), token: 'another' }, 'the later token of one revision');
  await repository.set(accountId, token(11));
  expectSame(await repository.get(accountId, now), token(11), 'the token of the next revision');
}

async function invalidating(fixture: CacheFixture): Promise<void> {
  const { repository } = fixture;
  const now = present();
  const cases = [
    { cached: 10, invalidated: 9, stays: true },
    { cached: 10, invalidated: 10, stays: false },
    { cached: 9, invalidated: 10, stays: false },
  ];
  for (const { cached, invalidated, stays } of cases) {
    const [accountId, other] = [await newAccount(fixture), await newAccount(fixture)];
    await repository.set(accountId, token(cached));
    await repository.set(other, token(cached));
    await repository.invalidate(accountId, invalidated);
    await repository.invalidate(accountId, invalidated);
    expectSame(await repository.get(accountId, now), stays ? token(cached) : null, `revision ${cached} after ${invalidated} was dropped`);
    expectSame(await repository.get(other, now), token(cached), 'the token of another account');
    await repository.set(accountId, token(Math.min(cached, invalidated)));
    expectSame(await repository.get(accountId, now), stays ? token(cached) : null, `revision ${invalidated}, brought back late`);
    await repository.set(accountId, token(11));
    expectSame(await repository.get(accountId, now), token(11), 'the token of a newer revision, afterwards');
  }
  await repository.invalidate(await newAccount(fixture), 3);
}

async function racing(fixture: CacheFixture): Promise<void> {
  const handles = await handlesOf(fixture, 4);
  const accountId = await newAccount(fixture);
  const revisions = Array.from({ length: 20 }, (_, index) => ((index * 7) % 20) + 1);
  await Promise.all(revisions.map((revision, index) => handles[index % 4]?.set(accountId, token(revision))));
  expectSame(await fixture.repository.get(accountId, present()), token(20), 'the newest of tokens that came at once');
}

const RULES: readonly Rule<CacheFixture>[] = [
  { name: 'a token is cached for its account, and for every process', holds: holding },
  { name: 'a token is not given out from its end on', holds: ending },
  { name: 'a token of an older revision never replaces a newer one', holds: newest },
  { name: 'invalidating drops this revision and older ones, and no newer one', holds: invalidating },
  { name: 'of tokens at once the newest stays', holds: racing },
];

/** What every cache of access tokens has to keep, as tests for any runner. */
export function tokenCacheContract(make: MakeFixture<CacheFixture>): readonly ContractTest[] {
  return contractTests(RULES, make);
}
