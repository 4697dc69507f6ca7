/** Accounts with credentials, and comparing what a store says of them. */
import type { BeginResult, CredentialRepository, Credentials, NextCredentials, StoredCredentials } from '../refresh/ports.js';
import { newAccount } from './contract-test.js';
import type { CredentialFixture } from './credential-fixture.js';
import { expectKind, expectSame } from './expect-same.js';
import { ARBITRARY_NOW } from './number-arbitraries.js';
import { pause } from './wait-until.js';

/** Longer than any test lasts. */
const LONG_MS = 60_000;
const LEASE_MS = 100;

/** An account whose credentials are stored at this revision. */
export interface Subject {
  readonly repository: CredentialRepository;
  readonly accountId: string;
  readonly revision: number;
}

/** Credentials that tell whose they are. */
export function tokensOf(name: string): NextCredentials {
  return {
    credentials: { access_token: `access-${name}`, refresh_token: `refresh-${name}`, project_id: 'project' },
    expiresAt: ARBITRARY_NOW + name.length,
  };
}

/** A new account with the tokens `first`. */
export async function givenAccount(fixture: CredentialFixture): Promise<Subject> {
  const accountId = await newAccount(fixture);
  const { revision } = await fixture.repository.replace(accountId, tokensOf('first'));
  return { repository: fixture.repository, accountId, revision };
}

/** Begins an attempt that outlasts the test. */
export function begin({ repository, accountId, revision }: Subject, nonce: string): Promise<BeginResult> {
  return repository.begin(accountId, revision, { nonce, ttlMs: LONG_MS });
}

/** Begins an attempt, and waits until its time is over. */
export async function beginAndExpire(
  fixture: CredentialFixture,
  { repository, accountId, revision }: Subject,
  nonce: string,
): Promise<void> {
  const { leaseMs = LEASE_MS, wait = pause } = fixture;
  expectKind(await repository.begin(accountId, revision, { nonce, ttlMs: leaseMs }), 'granted', 'an attempt');
  // A little more: clocks tick in whole milliseconds, and timers may be early.
  await wait(leaseMs + LEASE_MS / 2);
}

/** Begins an attempt and commits these tokens with it: the account at its next revision. */
export async function refreshed(subject: Subject, name: string): Promise<Subject> {
  const nonce = `nonce-${name}`;
  expectKind(await begin(subject, nonce), 'granted', 'an attempt');
  const committed = await subject.repository.commit(subject.accountId, subject.revision, nonce, tokensOf(name));
  return { ...subject, revision: expectKind(committed, 'committed', 'a commit').revision };
}

/** Throws where the account's credentials are others, or of another revision. */
export async function expectStored({ repository, accountId, revision }: Subject, next: NextCredentials): Promise<void> {
  const expected: StoredCredentials = { revision, ...next };
  expectSame(await repository.read(accountId), expected, 'the credentials');
}

/** An object of credentials with these own names, also `__proto__`. */
export function credentialsWith(entries: readonly (readonly [string, Credentials[string]])[]): Credentials {
  return Object.fromEntries(entries);
}
