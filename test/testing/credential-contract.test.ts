import { describe, expect, it } from 'vitest';
import type { CredentialRepository } from '../../src/refresh/ports.js';
import { type CredentialFixture, credentialRepositoryContract } from '../../src/testing.js';
import { violationsOf } from './violations.js';
import { rightCredentials, WRONG_CREDENTIALS } from './wrong-credentials.js';

function named(make: () => CredentialFixture, name: string) {
  return credentialRepositoryContract(make).filter((test) => test.name === name);
}

describe('a wrong repository breaks the rule that it is named with', () => {
  it.each(WRONG_CREDENTIALS)('$name', async ({ breaks, make }) => {
    const violation = (await violationsOf(named(make, breaks))).get(breaks);
    expect(violation?.rule).toBe(breaks);
    expect(violation?.message).toBe(`${breaks}: expected ${violation?.expected}, found ${violation?.found}`);
  });
});

function nothing(): CredentialFixture {
  const repository: CredentialRepository = {
    read: async () => null,
    references: async () => new Map(),
    begin: async () => ({ kind: 'missing' }),
    commit: async () => ({ kind: 'missing' }),
    keepAlternate: async () => undefined,
    promoteAlternate: async () => null,
    condemn: async () => false,
    release: async () => undefined,
    replace: async () => ({ revision: 0 }),
    remove: async () => undefined,
  };
  return { repository, unreachable: () => repository, durability: () => ({ kind: 'unknown' }) };
}

describe('the rules', () => {
  it('have names of their own', () => {
    const names = credentialRepositoryContract(nothing).map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(names.length).toBeGreaterThan(30);
  });

  it('each have a wrong repository that breaks them', () => {
    const broken = new Set(WRONG_CREDENTIALS.map(({ breaks }) => breaks));
    const names = credentialRepositoryContract(nothing).map(({ name }) => name);
    expect(names.filter((name) => !broken.has(name))).toEqual([]);
  });

  it('all notice a repository that does nothing, but for the one that holds of nothing', async () => {
    const violations = await violationsOf(credentialRepositoryContract(nothing));
    const silent = credentialRepositoryContract(nothing).filter(({ name }) => !violations.has(name));
    expect(silent.map(({ name }) => name)).toEqual(['an account without credentials is missing']);
  });

  it('are all kept by the repository in memory', async () => {
    const rules = credentialRepositoryContract(rightCredentials).filter(({ needs }) => needs === undefined);
    expect([...(await violationsOf(rules)).values()].map(({ message }) => message)).toEqual([]);
  });
});
