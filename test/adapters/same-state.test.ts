/** The same history leaves the same state in every store. */
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createMemoryCredentials } from '../../src/adapters/memory.js';
import { EMPTY_HEALTH } from '../../src/core/health.js';
import { healthToJson } from '../../src/core/health-json.js';
import { mergeHealth } from '../../src/core/merge-health.js';
import type { HealthPatch } from '../../src/core/patch.js';
import type { CredentialRepository, NextCredentials } from '../../src/refresh/ports.js';
import type { HealthRepository } from '../../src/shell/ports.js';
import { canonicalJson } from '../../src/testing/expect-same.js';
import { healthPatchArbitrary } from '../../src/testing.js';
import { openCas, openMemory, openPg, openPglite, openPostgresJs, openRedis, type Store } from './contract-stores.js';
import { openMapped } from './mapped/support.js';
import { describeRedis } from './redis/support.js';

const SEQUENCES = Number(process.env.FC_RUNS ?? 25);
const HISTORIES = Number(process.env.FC_RUNS ?? 60);

interface Opened {
  readonly health: HealthRepository;
  readonly credentials: CredentialRepository | null;
  readonly newAccountId: () => Promise<string>;
  readonly close: () => Promise<void>;
}

function openedFrom(store: Store): Opened {
  return {
    health: store.health().repository,
    credentials: store.credentials?.().repository ?? null,
    newAccountId: async () => crypto.randomUUID(),
    close: store.close,
  };
}

async function openMappedStore(): Promise<Opened> {
  const { repository, addRow, close } = await openMapped();
  return { health: repository, credentials: null, newAccountId: () => addRow(), close };
}

await describeRedis('all stores', ({ connection, drivers }) => {
  const stores = new Map<string, Opened>();
  const redisOf = (name: string): Store => {
    const driver = drivers.find((one) => one.name === name);
    if (driver === undefined) throw new Error('no such driver');
    return openRedis(driver, connection.prefix);
  };

  beforeAll(async () => {
    stores.set('memory', openedFrom(openMemory()));
    stores.set('compare and swap', openedFrom(openCas()));
    stores.set('pg', openedFrom(await openPg()));
    stores.set('postgres.js', openedFrom(await openPostgresJs()));
    stores.set('PGlite', openedFrom(await openPglite()));
    stores.set('mapped', await openMappedStore());
    stores.set('ioredis', openedFrom(redisOf('ioredis')));
    stores.set('node-redis', openedFrom(redisOf('node-redis')));
  }, 60_000);
  afterAll(() => Promise.all([...stores.values()].map(({ close }) => close())));

  it(`have the same health after ${SEQUENCES} random sequences of up to 50 patches, each store in an order of its own (F27, F28)`, {
    timeout: 240_000,
  }, async () => {
    const sequences = fc.array(healthPatchArbitrary, { minLength: 1, maxLength: 50, size: 'max' });
    let longest = 0;
    await fc.assert(
      fc.asyncProperty(sequences, fc.infiniteStream(fc.nat()), async (patches, dice) => {
        longest = Math.max(longest, patches.length);
        const orders = new Map([...stores.keys()].map((name) => [name, shuffled(patches, dice)]));
        const texts = await Promise.all([...stores].map(async ([name, store]) => [name, await textAfter(store, orders.get(name) ?? [])]));
        const expected = JSON.stringify(healthToJson(patches.reduce(mergeHealth, EMPTY_HEALTH)));
        expect(texts).toEqual([...stores.keys()].map((name) => [name, expected]));
      }),
      { numRuns: SEQUENCES },
    );
    expect(longest).toBeGreaterThan(40);
  });

  it(`answer alike in ${HISTORIES} random histories of credentials`, { timeout: 240_000 }, async () => {
    const seen = new Map<string, number>();
    await fc.assert(
      fc.asyncProperty(histories, async (history) => {
        const lines = await Promise.all(
          [...stores.values()].flatMap(({ credentials }) => (credentials === null ? [] : [play(credentials, history)])),
        );
        const expected = await play(createMemoryCredentials(), history);
        for (const line of expected) {
          const kind = line.replace(/ .*/, '');
          seen.set(kind, (seen.get(kind) ?? 0) + 1);
        }
        for (const line of lines) expect(line).toEqual(expected);
      }),
      { numRuns: HISTORIES },
    );
    const kinds = ['granted', 'orphan', 'busy', 'stale', 'condemned', 'missing', 'committed', 'conflict', 'same', 'promoted', 'condemns'];
    expect(kinds.filter((kind) => (seen.get(kind) ?? 0) < HISTORIES / 20)).toEqual([]);
  });
});

function shuffled<T>(list: readonly T[], dice: IterableIterator<number>): readonly T[] {
  return list
    .map((value) => ({ value, roll: dice.next().value ?? 0 }))
    .sort((a, b) => a.roll - b.roll)
    .map(({ value }) => value);
}

async function textAfter({ health, newAccountId }: Opened, patches: readonly HealthPatch[]): Promise<string> {
  const accountId = await newAccountId();
  for (const patch of patches) await health.patch(accountId, patch);
  return JSON.stringify(healthToJson((await health.load([accountId])).get(accountId) ?? EMPTY_HEALTH));
}

/** One call. Revisions are told from the one that is stored, so that most calls mean something. */
interface Step {
  readonly call: Exclude<keyof CredentialRepository, 'read' | 'references'>;
  readonly behind: number;
  readonly nonce: string;
  readonly token: string;
  readonly isShort: boolean;
}

function steps(often: readonly Step['call'][]): fc.Arbitrary<Step> {
  return fc.record({
    call: fc.oneof(
      { weight: 10, arbitrary: fc.constant('begin' as const) },
      { weight: 10, arbitrary: fc.constantFrom(...often) },
      { weight: 1, arbitrary: fc.constantFrom('keepAlternate', 'release', 'replace', 'replace', 'remove') },
    ),
    behind: fc.constantFrom(0, 0, 0, 0, 1, -1),
    nonce: fc.constantFrom('n1', 'n1', 'n1', 'n2'),
    token: fc.constantFrom('a', 'b', 'c'),
    isShort: fc.constantFrom(true, false, false),
  });
}

/** An answer that is kept forbids condemning, so some histories are about the one and some about the other. */
const histories: fc.Arbitrary<readonly Step[]> = fc.oneof(
  ...[
    steps(['commit', 'condemn', 'release']),
    steps(['commit', 'keepAlternate', 'keepAlternate', 'promoteAlternate', 'promoteAlternate']),
  ].map((step) => fc.array(step, { minLength: 5, maxLength: 40, size: 'max' })),
);

const tokens = (token: string): NextCredentials => ({ credentials: { refresh_token: token }, expiresAt: token === 'a' ? null : 5 });

/** What one call answers, as a line; how long others have to wait is the clock's and not the history's. */
async function take(repository: CredentialRepository, accountId: string, step: Step & { readonly revision: number }): Promise<string> {
  const { call, nonce, token, isShort } = step;
  // A refresh token is only ever asked with at a revision that was there.
  const revision = Math.max(0, step.revision - step.behind);
  switch (call) {
    case 'begin': {
      const result = await repository.begin(accountId, revision, { nonce, ttlMs: isShort ? 0 : 600_000 });
      const kind = result.kind === 'granted' && result.orphan ? 'orphan' : result.kind;
      return `${kind} ${canonicalJson(result.kind === 'busy' ? null : result)}`;
    }
    case 'commit': {
      const result = await repository.commit(accountId, revision, nonce, tokens(token));
      return `${result.kind === 'conflict' && result.same ? 'same' : result.kind} ${canonicalJson(result)}`;
    }
    case 'keepAlternate':
      await repository.keepAlternate(accountId, revision, tokens(token));
      return 'kept';
    case 'promoteAlternate': {
      const result = await repository.promoteAlternate(accountId, revision, nonce);
      return result === null ? 'none' : `promoted ${result.revision}`;
    }
    case 'condemn':
      return (await repository.condemn(accountId, revision, nonce, token === 'a' ? 'revoked' : 'lost_rotation')) ? 'condemns' : 'does_not';
    case 'release':
      await repository.release(accountId, nonce);
      return 'released';
    case 'replace':
      return `replaced ${(await repository.replace(accountId, tokens(token))).revision}`;
    case 'remove':
      await repository.remove(accountId);
      return 'removed';
    default:
      return call satisfies never;
  }
}

/** A history on a new account: what each call answered, and what was stored afterwards. */
async function play(repository: CredentialRepository, history: readonly Step[]): Promise<readonly string[]> {
  const accountId = crypto.randomUUID();
  let { revision } = await repository.replace(accountId, tokens('first'));
  const lines: string[] = [];
  for (const step of history) {
    const line = await take(repository, accountId, { ...step, revision });
    const stored = await repository.read(accountId);
    const [facts] = (await repository.references([accountId])).values();
    revision = stored?.revision ?? revision;
    lines.push(
      `${line} | ${stored?.revision} ${String(stored?.credentials.refresh_token)} ${stored?.expiresAt} ${facts?.revision} ${facts?.refreshable}`,
    );
  }
  return lines;
}
