import * as fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { createMemoryCredentials } from '../../src/adapters/memory.js';
import { GUARDS } from '../faults-runs/explore-guards.js';
import {
  type ExploreFigures,
  exploreFoundingBug,
  exploreScenarios,
  exploreWithoutGuards,
  type GuardFigures,
  SHORT,
} from '../faults-runs/explore-refresh.js';
import { NEW_ROW, ROW_OPERATIONS, type Row, replace } from '../faults-runs/explore-row.js';
import { credentialsOf, tokenOf } from '../faults-runs/explore-world.js';

const RUNS = Number(process.env.FC_RUNS ?? 500);

describe('the shipped reducer, in every world of two processes with two refreshes each', () => {
  let figures: ExploreFigures;
  beforeAll(() => {
    figures = exploreScenarios(SHORT);
  }, 120_000);

  it('rolls nothing back, loses no rotation, burns no family and condemns nobody falsely (F2, F3, F5, F6, F7, F8, F10, F18, F21)', () => {
    expect(figures.violations).toEqual([]);
    expect(figures.isComplete).toBe(true);
    expect(figures.states).toBeGreaterThan(50_000);
  });

  it('reaches every step and every fault', () => {
    const rare = [...figures.reached].filter(([, count]) => count < 50);
    expect(rare).toEqual([]);
    const steps = ['begin', 'post', 'commit', 'keep_alternate', 'read', 'promote_alternate', 'condemn'];
    const ways = steps
      .flatMap((step) => [step, `${step} not done`])
      .concat(steps.filter((step) => step !== 'read').map((step) => `${step} unanswered`));
    const others = [
      'begins',
      'begin late',
      'wait',
      'release',
      'release behind',
      'release behind, not done',
      'time passes',
      'pause of ',
      'crashes',
      'a person signs in',
      'the user takes all tokens back',
    ];
    expect([...ways, ...others].filter((name) => !figures.reached.has(name))).toEqual([]);
  });

  it('condemns nobody at all where no process dies, pauses or loses an answer, and nobody takes tokens back', () => {
    expect(figures.condemned.get('outage')).toBe(0);
    for (const name of ['crash', 'pause', 'revocation', 'sign-in']) expect(figures.condemned.get(name), name).toBeGreaterThan(0);
  });

  it('condemns nobody after a crash or a lost answer where the server still takes the token before (F10, F20)', () => {
    const condemned = (server: string): number | undefined =>
      figures.scenarios.find((found) => found.scenario === 'crash' && found.server === server)?.exploration.condemned;
    expect([condemned('grace'), condemned('last_wins')]).toEqual([0, 0]);
    expect(condemned('simple')).toBeGreaterThan(0);
  });
});

describe('the protocol without one of its guards', () => {
  let found: ReadonlyMap<string, GuardFigures>;
  beforeAll(() => {
    found = new Map(exploreWithoutGuards().map((one) => [one.name, one]));
  }, 120_000);

  it.each(GUARDS.filter(({ finds }) => finds !== null))('fails where it is not so that $name: $finds', ({ name, finds }) => {
    expect(found.get(name)?.finds).toBe(finds);
  });

  it.each(GUARDS.filter(({ finds }) => finds === null))(
    'is safe in this model where it is not so that $name: nothing is claimed of it',
    ({ name }) => {
      expect(found.get(name)).toMatchObject({ finds: null });
      expect(found.get(name)?.states).toBeGreaterThan(1_000);
    },
  );

  it('sees the founding bug: a 401 handler that writes back what it saw when its request began (F1)', () => {
    const { violation, trace } = exploreFoundingBug();
    expect(violation).toBe('ROLLBACK');
    expect(trace.at(-1)).toBe('a stale snapshot is written');
  });
});

const TTL_MS = 1_000;
/** `revision` is what the caller believes: the row's, or one beside it. */
type Operation = readonly [name: string, revision: number, nonce: string, token: number];
const operation: fc.Arbitrary<Operation> = fc.tuple(
  fc.constantFrom('begin', 'begin', 'commit', 'keep', 'keep', 'promote', 'promote', 'condemn', 'release', 'replace', 'wait'),
  fc.constantFrom(0, 0, 0, 0, -1, -2, -2, 1),
  fc.constantFrom('n1', 'n1', 'n1', 'n2'),
  fc.integer({ min: 1, max: 4 }),
);

/** What chance hits seldom: answers that are kept too late, and after a verdict. */
const EXAMPLES: [Operation[]][] = [
  [
    [
      ['commit', 0, 'n1', 1],
      ['commit', 0, 'n1', 2],
      ['keep', -2, 'n1', 3],
    ],
  ],
  [
    [
      ['commit', 0, 'n1', 1],
      ['begin', 0, 'n1', 1],
      ['condemn', 0, 'n1', 1],
      ['keep', -1, 'n1', 2],
    ],
  ],
];

/** What is asked in the end: whether an attempt is granted, and which alternates are left. */
const PROBES: readonly Operation[] = [
  ['wait', 0, 'n1', 1],
  ['begin', 0, 'n1', 1],
  ['promote', 0, 'n1', 1],
  ['begin', 0, 'n1', 1],
  ['promote', 0, 'n1', 1],
];

/** The row of the model after an operation, and what it answers. */
function inModel(row: Row, [name, revision, nonce, token]: Operation): readonly [Row, unknown] {
  const { begin, commit, keepAlternate, promoteAlternate, condemn, release } = ROW_OPERATIONS;
  if (name === 'begin') {
    const { row: next, answer } = begin(row, revision, nonce);
    return [next, answer.kind === 'granted' ? ['granted', next.orphan, next.token] : answer.kind];
  }
  if (name === 'commit') {
    const { row: next, answer } = commit(row, revision, { nonce, token });
    return [next, answer.kind === 'conflict' ? [answer.same, next.revision] : next.revision];
  }
  if (name === 'keep') return [keepAlternate(row, revision, token), 'kept'];
  if (name === 'promote') return [promoteAlternate(row, revision, nonce).row, promoteAlternate(row, revision, nonce).answer];
  if (name === 'condemn')
    return [condemn(row, revision, { nonce, code: 'revoked' }).row, condemn(row, revision, { nonce, code: 'revoked' }).answer];
  if (name === 'release') return [release(row, nonce), 'released'];
  if (name === 'replace') return [replace(row, token), row.revision + 1];
  return [row.attempt === null ? row : { ...row, attempt: { ...row.attempt, isOver: true } }, 'waited'];
}

/** The same of the memory repository. */
async function inMemory(store: ReturnType<typeof createMemoryCredentials>, [name, revision, nonce, token]: Operation): Promise<unknown> {
  const next = { credentials: credentialsOf(token), expiresAt: null };
  if (name === 'begin') {
    const result = await store.begin('a', revision, { nonce, ttlMs: TTL_MS });
    return result.kind === 'granted' ? ['granted', result.orphan, tokenOf(result.credentials)] : result.kind;
  }
  if (name === 'commit') {
    const result = await store.commit('a', revision, nonce, next);
    if (result.kind === 'missing') return 'missing';
    return result.kind === 'conflict' ? [result.same, result.revision] : result.revision;
  }
  if (name === 'keep') return store.keepAlternate('a', revision, next).then(() => 'kept');
  if (name === 'promote') return (await store.promoteAlternate('a', revision, nonce))?.revision ?? null;
  if (name === 'condemn') return store.condemn('a', revision, nonce, 'revoked');
  if (name === 'release') return store.release('a', nonce).then(() => 'released');
  return name === 'replace' ? (await store.replace('a', next)).revision : 'waited';
}

describe('the repository of the model', () => {
  it('property: answers as the memory repository does', async () => {
    const reached = new Map<string, number>();
    await fc.assert(
      fc.asyncProperty(fc.array(operation, { maxLength: 25 }), async (operations) => {
        let now = 0;
        const store = createMemoryCredentials({ now: () => now });
        await store.replace('a', { credentials: credentialsOf(0), expiresAt: null });
        let row: Row = NEW_ROW;
        for (const [name, beside, ...rest] of [...operations, ...PROBES]) {
          const one: Operation = [name, Math.max(0, row.revision + beside), ...rest];
          if (one[0] === 'wait') now += TTL_MS;
          const [next, answer] = inModel(row, one);
          const changed = next === row ? `${one[0]} refused` : one[0];
          reached.set(changed, (reached.get(changed) ?? 0) + 1);
          expect(await inMemory(store, one), one.join(' ')).toEqual(answer);
          row = next;
          const stored = await store.read('a');
          expect([stored?.revision, tokenOf(stored?.credentials ?? {})]).toEqual([row.revision, row.token]);
        }
      }),
      { numRuns: RUNS, examples: EXAMPLES },
    );
    for (const name of ['begin', 'begin refused', 'commit', 'commit refused', 'keep', 'keep refused', 'promote', 'condemn', 'release']) {
      expect(reached.get(name) ?? 0, name).toBeGreaterThan(RUNS / 50);
    }
  });
});
