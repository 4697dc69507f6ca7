/** Credential repositories that look right. Each breaks the rule that it is named with. */
import { createMemoryCredentials } from '../../src/adapters/memory.js';
import type { CredentialRepository, NextCredentials, StoredCredentials } from '../../src/refresh/ports.js';
import type { CredentialFixture } from '../../src/testing.js';
import type { Wrong } from './wrong-health.js';

/** A clock that the test moves, so that nothing is waited for. */
function onOwnClock(change: (right: CredentialRepository) => Partial<CredentialRepository>): () => CredentialFixture {
  return () => {
    let now = 1_000;
    const right = createMemoryCredentials({ now: () => now });
    return {
      repository: { ...right, ...change(right) },
      wait(durationMs) {
        now += durationMs;
      },
    };
  };
}

/** The right repository in memory, as a fixture. */
export const rightCredentials: () => CredentialFixture = onOwnClock(() => ({}));

type Read = CredentialRepository['read'];

async function revisionOf(read: Read, accountId: string): Promise<number> {
  return (await read(accountId))?.revision ?? 0;
}

/** Alternates that a repository of the test's own keeps, since the right one keeps them rightly. */
function ownAlternates(
  keep: (kept: readonly NextCredentials[], next: NextCredentials) => readonly NextCredentials[],
): (right: CredentialRepository) => Partial<CredentialRepository> {
  return ({ commit, condemn }) => {
    const all = new Map<string, readonly NextCredentials[]>();
    return {
      async keepAlternate(accountId, _parentRevision, next) {
        all.set(accountId, keep(all.get(accountId) ?? [], next));
      },
      async promoteAlternate(accountId, revision, nonce) {
        const kept = all.get(accountId) ?? [];
        const newest = kept.at(-1);
        if (newest === undefined) return null;
        all.set(accountId, kept.slice(0, -1));
        const result = await commit(accountId, revision, nonce, newest);
        return result.kind === 'committed' ? { revision: result.revision } : null;
      },
      condemn: async (accountId, revision, nonce, code) =>
        (all.get(accountId) ?? []).length === 0 && condemn(accountId, revision, nonce, code),
    };
  };
}

const same = (a: NextCredentials, b: NextCredentials): boolean => JSON.stringify(a) === JSON.stringify(b);

/** After a removal, the same id is another row, so that nothing of the first is known. */
function removedRow({ read, references, begin, commit, replace, remove }: CredentialRepository): Partial<CredentialRepository> {
  const removals = new Map<string, number>();
  const rowOf = (accountId: string): string => `${accountId} ${removals.get(accountId) ?? 0}`;
  return {
    read: (accountId) => read(rowOf(accountId)),
    references: (accountIds) => references(accountIds.map(rowOf)),
    begin: (accountId, revision, attempt) => begin(rowOf(accountId), revision, attempt),
    commit: (accountId, revision, nonce, next) => commit(rowOf(accountId), revision, nonce, next),
    replace: (accountId, next) => replace(rowOf(accountId), next),
    async remove(accountId) {
      await remove(rowOf(accountId));
      removals.set(accountId, (removals.get(accountId) ?? 0) + 1);
    },
  };
}

/** Every wrong repository. */
export const WRONG_CREDENTIALS: readonly Wrong<CredentialFixture>[] = [
  {
    name: 'an attempt that keeps nobody out',
    breaks: 'begin gives the credentials as they are, and keeps others out',
    make: onOwnClock(({ begin }) => ({ begin: (accountId, revision, { nonce }) => begin(accountId, revision, { nonce, ttlMs: 0 }) })),
  },
  {
    name: 'a commit that makes an account',
    breaks: 'an account without credentials is missing',
    make: onOwnClock(({ read, commit, replace }) => ({
      async commit(accountId, revision, nonce, next) {
        if ((await read(accountId)) !== null) return commit(accountId, revision, nonce, next);
        return { kind: 'committed', ...(await replace(accountId, next)) };
      },
    })),
  },
  {
    name: 'a commit without a look at the revision',
    breaks: 'a commit at a revision that is not there changes nothing',
    make: onOwnClock(({ read, commit }) => ({
      commit: async (accountId, _revision, nonce, next) => commit(accountId, await revisionOf(read, accountId), nonce, next),
    })),
  },
  {
    name: 'a commit that is refused when its time is over',
    breaks: 'commit counts by revision, also when the time of its attempt is over',
    make: onOwnClock(({ begin, commit }) => {
      const owners = new Map<string, string>();
      return {
        async begin(accountId, revision, attempt) {
          const result = await begin(accountId, revision, attempt);
          if (result.kind === 'granted') owners.set(accountId, attempt.nonce);
          return result;
        },
        async commit(accountId, revision, nonce, next) {
          if ((owners.get(accountId) ?? nonce) !== nonce) return { kind: 'conflict', revision, same: false };
          return commit(accountId, revision, nonce, next);
        },
      };
    }),
  },
  {
    name: 'an attempt that is looked for and then taken',
    breaks: 'of many who begin at once exactly one is granted',
    make: onOwnClock(({ read, begin }) => {
      const taken = new Set<string>();
      return {
        async begin(accountId, revision, attempt) {
          const key = `${accountId} ${revision}`;
          if (taken.has(key)) return begin(accountId, revision, attempt);
          const stored = await read(accountId);
          taken.add(key);
          await begin(accountId, revision, attempt);
          return stored === null ? { kind: 'missing' } : { kind: 'granted', orphan: false, ...stored };
        },
      };
    }),
  },
  {
    name: 'a commit that is looked for and then written',
    breaks: 'of many who commit at one revision exactly one is stored',
    make: onOwnClock(({ read, replace }) => ({
      async commit(accountId, revision, _nonce, next) {
        const stored = await read(accountId);
        if (stored?.revision !== revision) return { kind: 'conflict', revision: stored?.revision ?? 0, same: false };
        return { kind: 'committed', ...(await replace(accountId, next)) };
      },
    })),
  },
  {
    name: 'answers of a snapshot',
    breaks: 'many who refresh at once make one unbroken chain',
    make: onOwnClock(({ read, begin }) => {
      const seen = new Map<string, StoredCredentials | null>();
      return {
        async begin(accountId, revision, attempt) {
          if (!seen.has(accountId)) seen.set(accountId, await read(accountId));
          const result = await begin(accountId, revision, attempt);
          return result.kind === 'granted' ? { ...result, credentials: seen.get(accountId)?.credentials ?? {} } : result;
        },
      };
    }),
  },
  {
    name: 'a busy answer to everybody for ever',
    breaks: 'an attempt whose time is over makes room, and leaves a doubt',
    make: onOwnClock(({ begin }) => ({
      begin: (accountId, revision, { nonce }) => begin(accountId, revision, { nonce, ttlMs: 50_000 }),
    })),
  },
  {
    name: 'no doubt after an attempt that ended without a word',
    breaks: 'an attempt whose time is over makes room, and leaves a doubt',
    make: onOwnClock(({ begin }) => ({
      async begin(accountId, revision, attempt) {
        const result = await begin(accountId, revision, attempt);
        return result.kind === 'granted' ? { ...result, orphan: false } : result;
      },
    })),
  },
  {
    name: 'a doubt that is forgotten when an attempt is given back',
    breaks: 'a doubt stays until the revision moves on',
    make: onOwnClock(({ begin, release }) => {
      const given = new Set<string>();
      return {
        async begin(accountId, revision, attempt) {
          const result = await begin(accountId, revision, attempt);
          return result.kind === 'granted' && given.has(accountId) ? { ...result, orphan: false } : result;
        },
        async release(accountId, nonce) {
          given.add(accountId);
          await release(accountId, nonce);
        },
      };
    }),
  },
  {
    name: 'an attempt that anybody gives back',
    breaks: 'only its owner gives an attempt back, and then no doubt stays',
    make: onOwnClock(({ begin, release }) => {
      const owners = new Map<string, string>();
      return {
        async begin(accountId, revision, attempt) {
          const result = await begin(accountId, revision, attempt);
          if (result.kind === 'granted') owners.set(accountId, attempt.nonce);
          return result;
        },
        release: (accountId, nonce) => release(accountId, owners.get(accountId) ?? nonce),
      };
    }),
  },
  {
    name: 'one attempt for all accounts',
    breaks: 'attempts of one account block no other',
    make: onOwnClock(({ begin }) => {
      let isTaken = false;
      return {
        async begin(accountId, revision, attempt) {
          if (isTaken) return { kind: 'busy', remainingMs: 1 };
          isTaken = true;
          return begin(accountId, revision, attempt);
        },
      };
    }),
  },
  {
    name: 'new credentials merged into the old ones',
    breaks: 'commit stores the next revision as a set, and ends the attempt',
    make: onOwnClock(({ read, commit }) => ({
      async commit(accountId, revision, nonce, { credentials, expiresAt }) {
        const stored = await read(accountId);
        return commit(accountId, revision, nonce, { credentials: { ...stored?.credentials, ...credentials }, expiresAt });
      },
    })),
  },
  {
    name: 'a repeated commit that is told as a stranger',
    breaks: 'a commit whose answer was lost is told apart from the commit of another',
    make: onOwnClock(({ commit }) => ({
      async commit(accountId, revision, nonce, next) {
        const result = await commit(accountId, revision, nonce, next);
        return result.kind === 'conflict' ? { ...result, same: false } : result;
      },
    })),
  },
  {
    name: 'an attempt at any revision',
    breaks: 'an attempt at another revision is stale, and blocks nobody',
    make: onOwnClock(({ read, begin }) => ({
      begin: async (accountId, _revision, attempt) => begin(accountId, await revisionOf(read, accountId), attempt),
    })),
  },
  {
    name: 'a condemnation that nobody hears of',
    breaks: 'a condemned revision is not begun again, and says why',
    make: onOwnClock(({ release }) => ({
      async condemn(accountId, _revision, nonce) {
        await release(accountId, nonce);
        return true;
      },
    })),
  },
  {
    name: 'a condemnation by anybody',
    breaks: 'only the attempt condemns, and only its own revision',
    make: onOwnClock(({ read }) => ({
      condemn: async (accountId, revision) => (await read(accountId))?.revision === revision,
    })),
  },
  {
    name: 'a condemnation of the account and not of the revision',
    breaks: 'the next revision voids a condemnation',
    make: onOwnClock(({ begin, condemn }) => {
      const condemned = new Set<string>();
      return {
        async condemn(accountId, revision, nonce, code) {
          const result = await condemn(accountId, revision, nonce, code);
          if (result) condemned.add(accountId);
          return result;
        },
        begin: async (accountId, revision, attempt) =>
          condemned.has(accountId) ? { kind: 'condemned', code: 'revoked' } : begin(accountId, revision, attempt),
      };
    }),
  },
  {
    name: 'answers that lost a race are thrown away',
    breaks: 'an answer that lost the race can become the next revision',
    make: onOwnClock(() => ({ keepAlternate: async () => undefined })),
  },
  { name: 'a list of answers', breaks: 'the same answer is kept once', make: onOwnClock(ownAlternates((kept, next) => [...kept, next])) },
  {
    name: 'answers without a bound',
    breaks: 'two answers are kept, and the newest comes first',
    make: onOwnClock(ownAlternates((kept, next) => (kept.some((one) => same(one, next)) ? kept : [...kept, next]))),
  },
  {
    name: 'the oldest answer first',
    breaks: 'two answers are kept, and the newest comes first',
    make: onOwnClock(ownAlternates((kept, next) => (kept.some((one) => same(one, next)) ? kept : [next, ...kept].slice(0, 2)))),
  },
  {
    name: 'a condemnation that an answer does not lift',
    breaks: 'an answer that comes after a condemnation voids it',
    make: onOwnClock(({ begin, condemn }) => {
      const condemned = new Set<string>();
      return {
        async condemn(accountId, revision, nonce, code) {
          const result = await condemn(accountId, revision, nonce, code);
          if (result) condemned.add(`${accountId} ${revision}`);
          return result;
        },
        begin: async (accountId, revision, attempt) =>
          condemned.has(`${accountId} ${revision}`) ? { kind: 'condemned', code: 'revoked' } : begin(accountId, revision, attempt),
      };
    }),
  },
  {
    name: 'answers that outlive an operator',
    breaks: 'an operator drops answers from before, also late ones',
    make: onOwnClock(ownAlternates((kept, next) => (kept.some((one) => same(one, next)) ? kept : [...kept, next].slice(-2)))),
  },
  {
    name: 'answers that outlive a commit',
    breaks: 'a commit drops answers of earlier revisions, and no others',
    make: onOwnClock(ownAlternates((kept, next) => (kept.some((one) => same(one, next)) ? kept : [...kept, next].slice(-2)))),
  },
  {
    name: 'answers of accounts that are gone',
    breaks: 'answers of a missing account are dropped',
    make: onOwnClock(ownAlternates((kept, next) => (kept.some((one) => same(one, next)) ? kept : [...kept, next].slice(-2)))),
  },
  {
    name: 'a promotion by anybody',
    breaks: 'only the attempt promotes, and only at its own revision',
    make: onOwnClock(ownAlternates((kept, next) => (kept.some((one) => same(one, next)) ? kept : [...kept, next].slice(-2)))),
  },
  {
    name: 'a condemnation in spite of answers',
    breaks: 'nothing is condemned while an answer is left',
    make: onOwnClock(({ promoteAlternate }) => ({
      async condemn(accountId, revision, nonce) {
        await promoteAlternate(accountId, revision, nonce);
        return true;
      },
    })),
  },
  { name: 'a removed row', breaks: 'a removed account is missing, and its revision never restarts', make: onOwnClock(removedRow) },
  {
    name: 'an operator who starts anew',
    breaks: 'an operator gives a new account revision 0, and each next one follows',
    make: onOwnClock(({ replace }) => ({
      async replace(accountId, next) {
        await replace(accountId, next);
        return { revision: 0 };
      },
    })),
  },
  {
    name: 'an operator who leaves an attempt alone',
    breaks: 'an operator ends what was under way, and lifts a condemnation',
    make: onOwnClock(({ read, replace, commit }) => ({
      async replace(accountId, next) {
        const stored = await read(accountId);
        if (stored === null) return replace(accountId, next);
        await commit(accountId, stored.revision, 'n1', next);
        return { revision: stored.revision + 1 };
      },
    })),
  },
  {
    name: 'blank refresh tokens that count',
    breaks: 'references tell facts: a blank refresh token is none',
    make: onOwnClock(({ read, references }) => ({
      async references(accountIds) {
        const found = await references(accountIds);
        const stored = await Promise.all([...found.keys()].map(async (id) => [id, (await read(id))?.credentials.refresh_token] as const));
        const tokens = new Map(stored);
        return new Map([...found].map(([id, facts]) => [id, { ...facts, refreshable: typeof tokens.get(id) === 'string' }]));
      },
    })),
  },
  {
    name: 'an object that forgets odd names',
    breaks: 'credentials are kept exactly, whatever they hold',
    make: onOwnClock(({ replace }) => ({
      async replace(accountId, { credentials, expiresAt }) {
        const copy: Record<string, NextCredentials['credentials'][string]> = {};
        for (const [name, value] of Object.entries(credentials)) copy[name] = value;
        return replace(accountId, { credentials: copy, expiresAt });
      },
    })),
  },
  {
    name: 'an error that quotes what it refuses',
    breaks: 'what a store cannot hold is refused without quoting it',
    make: onOwnClock(({ replace }) => ({
      async replace(accountId, next) {
        const text = JSON.stringify(next);
        if (!/\\u0000|\\ud800/.test(text)) return replace(accountId, next);
        throw Object.assign(new Error('invalid text'), { cause: { parameters: [accountId, text] } });
      },
    })),
  },
  {
    name: 'a store that is down, and quotes its statements',
    breaks: 'a store that does not answer rejects, and quotes no secret',
    make: () => {
      const reject = async (...parameters: readonly unknown[]): Promise<never> => {
        const error = new Error('no connection');
        Object.defineProperty(error, 'parameters', { value: parameters, enumerable: false });
        throw error;
      };
      const down: CredentialRepository = {
        read: reject,
        references: reject,
        begin: reject,
        commit: reject,
        keepAlternate: reject,
        promoteAlternate: reject,
        condemn: reject,
        release: reject,
        replace: reject,
        remove: reject,
      };
      return { ...rightCredentials(), unreachable: () => down };
    },
  },
  {
    name: 'a store that is down, and answers as if it were not',
    breaks: 'a store that does not answer rejects, and quotes no secret',
    make: () => ({ ...rightCredentials(), unreachable: () => rightCredentials().repository }),
  },
  {
    name: 'a store that forgets in a crash',
    breaks: 'the store says that it keeps what it acknowledged',
    make: () => ({ ...rightCredentials(), durability: () => ({ kind: 'not_durable', problems: ['the log is off'] }) }),
  },
  {
    name: 'a store that does not tell',
    breaks: 'the store says that it keeps what it acknowledged',
    make: () => ({ ...rightCredentials(), durability: () => ({ kind: 'unknown' }) }),
  },
];
