import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Account } from '../../src/core/account.js';
import { accountStatus } from '../../src/core/account-status.js';
import { type AccountHealth, ERROR_KINDS, type Hold } from '../../src/core/health.js';
import { nextEligibleAt } from '../../src/core/next-eligible-at.js';
import { schedulability } from '../../src/core/schedulability.js';
import { SAMPLE_LIFETIME_MS } from '../../src/core/scheduling-threshold.js';
import { HOUR_MS, SESSION_WINDOW_MS } from '../../src/core/time.js';
import { describeAccount } from '../../src/view/describe-account.js';
import { account, NOW, policyOf } from '../support/accounts.js';

const RUNS = Number(process.env.FC_RUNS ?? 3_000);
const POLICY = policyOf({ schedulingThresholdPercent: { anthropic: 90, openai: 80 } });

/** Instants that often meet: a few milliseconds, and whole hours. */
const instant: fc.Arbitrary<number> = fc.oneof(
  fc.integer({ min: -3, max: 3 }).map((step) => NOW + step),
  fc.integer({ min: -9, max: 9 }).map((hours) => NOW + hours * HOUR_MS),
);

const KINDS = ['quota', 'overload', 'unavailable', 'temporary', 'credits'] as const;
const holdArbitrary: fc.Arbitrary<Hold> = fc.record({
  generation: fc.constant(0),
  credentialRevision: fc.integer({ min: -1, max: 2 }),
  until: fc.oneof({ weight: 1, arbitrary: fc.constant(0) }, { weight: 9, arbitrary: instant }),
  rule: fc.constantFrom('rule_a', 'rule_b'),
  kind: fc.constantFrom(...KINDS),
  detail: fc.constant(''),
});
const rarely = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | null> =>
  fc.oneof({ weight: 4, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: value });

const MODELS = [
  'claude-opus-4-6',
  'claude-opus',
  'claude-fable-5',
  'gemini-3-pro',
  'gpt-image-1',
  '__proto__',
  'AICredits',
  'alias',
] as const;
const KEYS = [...MODELS, 'antigravity:gemini', 'openai:image_generation'] as const;
const WINDOWS = ['5h', '7d', '30d', '7d_oi', '7d_opus', 'other'] as const;

const errorArbitrary = fc.record({
  generation: fc.constant(0),
  credentialRevision: fc.integer({ min: -1, max: 2 }),
  at: fc.constantFrom(0, NOW),
  rule: fc.constant('rule_e'),
  message: fc.constant(''),
  link: fc.constant(null),
});
const sampleArbitrary = fc.record({
  utilization: fc.option(fc.constantFrom(0, 0.5, 0.8, 0.9, 1.02), { freq: 5 }),
  resetAt: fc.option(instant, { freq: 5 }),
  sampledAt: instant,
});

const mapOf = <K, V>(key: fc.Arbitrary<K>, value: fc.Arbitrary<V>, maxLength: number): fc.Arbitrary<ReadonlyMap<K, V>> =>
  fc.uniqueArray(fc.tuple(key, value), { maxLength, selector: ([one]) => one }).map((entries) => new Map(entries));

const healthArbitrary: fc.Arbitrary<Partial<AccountHealth>> = fc.record({
  errors: fc.oneof(
    { weight: 6, arbitrary: fc.constant(new Map()) },
    { weight: 1, arbitrary: mapOf(fc.constantFrom(...ERROR_KINDS), errorArbitrary, 3) },
  ),
  rateLimit: rarely(holdArbitrary),
  overload: rarely(holdArbitrary),
  temporary: rarely(holdArbitrary),
  authentication: rarely(holdArbitrary),
  modelRateLimits: mapOf(fc.constantFrom<string[]>(...KEYS), holdArbitrary, 4),
  sessionWindow: fc.record({
    header: fc.option(fc.record({ observedAt: instant, end: instant })),
    status: fc.constant(null),
    predicted: fc.option(fc.record({ start: instant })),
  }),
  usage: mapOf(fc.constantFrom<string[]>(...WINDOWS), sampleArbitrary, 3),
});

const settingsArbitrary = fc.record({
  enabled: fc.integer({ min: 0, max: 7 }).map((die) => die > 0),
  expiresAt: rarely(instant),
  pauseOnExpiry: fc.boolean(),
  allowOverages: fc.boolean(),
  modelMapping: fc.constantFrom({}, { alias: 'claude-opus-4-6' }),
  schedulingThresholdPercent: fc.constantFrom(null, 50, 100),
});

const plain: fc.Arbitrary<Account> = fc
  .record({
    platform: fc.constantFrom('anthropic', 'openai', 'antigravity', 'other'),
    credential: fc.record({ revision: fc.constantFrom(null, 0, 1), expiresAt: fc.constant(null), refreshable: fc.boolean() }),
    settings: settingsArbitrary,
    health: healthArbitrary,
  })
  .map((facts) => account(facts));

/** An account that spends credits, with spent quotas only. */
const spending: fc.Arbitrary<Account> = fc
  .record({ one: plain, spent: mapOf(fc.constantFrom<string[]>(...KEYS), holdArbitrary, 6) })
  .map(({ one, spent }) => ({
    ...one,
    platform: 'antigravity',
    settings: { ...one.settings, allowOverages: true },
    health: { ...one.health, modelRateLimits: new Map([...spent].map(([key, hold]) => [key, { ...hold, kind: 'quota' }])) },
  }));

const accountArbitrary: fc.Arbitrary<Account> = fc.oneof(
  { weight: 4, arbitrary: plain },
  { weight: 3, arbitrary: spending },
  { weight: 1, arbitrary: fc.tuple(plain, plain).map(([shadow, parent]) => ({ ...shadow, id: 'shadow', parent })) },
);
const model: fc.Arbitrary<string | null> = fc.constantFrom(null, ...MODELS);

/** Counts situations, and fails if one was never reached. */
function reached(...situations: readonly string[]): { readonly note: (situation: string) => void; readonly check: () => void } {
  const counts = new Map(situations.map((situation) => [situation, 0]));
  return {
    note: (situation) => void counts.set(situation, (counts.get(situation) ?? 0) + 1),
    check: () =>
      expect(
        [...counts].filter(([, count]) => count < RUNS / 1_000),
        'situations that were hardly reached',
      ).toEqual([]),
  };
}

const neverExpires = (one: Account): Account => ({
  ...one,
  parent: one.parent === null ? null : neverExpires(one.parent),
  settings: { ...one.settings, expiresAt: null },
});

/** Every instant at which something about an account may change. */
function instantsOf({ settings, health, parent }: Account): readonly number[] {
  const holds = [health.rateLimit, health.overload, health.temporary, health.authentication, ...health.modelRateLimits.values()];
  const samples = [...health.usage.values()].flatMap(({ resetAt, sampledAt }) => [resetAt ?? 0, sampledAt + SAMPLE_LIFETIME_MS]);
  const { header, predicted } = health.sessionWindow;
  return [
    ...holds.map((hold) => hold?.until ?? 0),
    ...samples,
    header?.end ?? 0,
    (predicted?.start ?? 0) + SESSION_WINDOW_MS,
    settings.expiresAt ?? 0,
    ...(parent === null ? [] : instantsOf(parent)),
  ];
}

const reversed = <K, V>(map: ReadonlyMap<K, V>): ReadonlyMap<K, V> => new Map([...map].reverse());

const inOtherOrder = (one: Account): Account => ({
  ...one,
  parent: one.parent === null ? null : inOtherOrder(one.parent),
  health: {
    ...one.health,
    errors: reversed(one.health.errors),
    modelRateLimits: reversed(one.health.modelRateLimits),
    usage: reversed(one.health.usage),
  },
});

const withRevision = (one: Account, revision: number): Account => ({
  ...one,
  parent: one.parent === null ? null : withRevision(one.parent, revision),
  credential: { ...one.credential, revision },
});

describe('schedulability', () => {
  it('I26: later instants never block more, but for the end of a subscription', () => {
    const { note, check } = reached('blocked, then free', 'free, then free', 'free, then expired', 'via credits');
    fc.assert(
      fc.property(accountArbitrary, model, instant, instant, (one, name, first, second) => {
        const [early, late] = first <= second ? [first, second] : [second, first];
        const lasting = neverExpires(one);
        const before = schedulability(lasting, { model: name, now: early }, POLICY);
        const after = schedulability(lasting, { model: name, now: late }, POLICY);
        if (before.schedulable) expect(after.schedulable).toBe(true);
        if (early < late) note(`${before.schedulable ? 'free' : 'blocked'}, then ${after.schedulable ? 'free' : 'blocked'}`);
        if (before.schedulable && before.via === 'credits') note('via credits');
        const really = [early, late].map((now) => schedulability(one, { model: name, now }, POLICY).schedulable);
        if (really[0] === true && really[1] === false) note('free, then expired');
      }),
      { numRuns: RUNS },
    );
    check();
  });

  it('until is exact: blocked a millisecond before, free at it', () => {
    const cells = ['rateLimit', 'overload', 'temporary', 'authentication', 'modelRateLimits', 'usage'];
    const { note, check } = reached(...cells, 'needs a person', 'shadow', 'free', 'credits come back');
    fc.assert(
      fc.property(accountArbitrary, model, instant, (one, name, now) => {
        const answer = schedulability(one, { model: name, now }, POLICY);
        if (answer.schedulable) return note('free');
        if (answer.until === null) {
          note('needs a person');
          for (const later of instantsOf(one).filter((at) => at >= now)) {
            expect(schedulability(one, { model: name, now: later }, POLICY).schedulable).toBe(false);
          }
          return;
        }
        const { until } = answer;
        expect(until).toBeGreaterThan(now);
        expect(until).toBe(Math.max(...answer.blockers.map((blocker) => blocker.until ?? Number.NaN)));
        expect(schedulability(one, { model: name, now: until - 1 }, POLICY).schedulable).toBe(false);
        const then = schedulability(one, { model: name, now: until }, POLICY);
        expect(then.schedulable).toBe(true);
        if (then.schedulable && then.via === 'credits') note('credits come back');
        for (const blocker of answer.blockers) if (blocker.until === until) note(blocker.cell);
        if (one.parent !== null) note('shadow');
      }),
      { numRuns: RUNS },
    );
    check();
  });

  it('does not depend on the order in which cells were written, and changes nothing', () => {
    const { note, check } = reached('several blockers');
    fc.assert(
      fc.property(accountArbitrary, model, instant, (one, name, now) => {
        const before = JSON.stringify(one, (_, value) => (value instanceof Map ? [...value] : value));
        const answer = schedulability(one, { model: name, now }, POLICY);
        expect(schedulability(inOtherOrder(one), { model: name, now }, POLICY)).toEqual(answer);
        expect(schedulability(one, { model: name, now }, POLICY)).toEqual(answer);
        expect(JSON.stringify(one, (_, value) => (value instanceof Map ? [...value] : value))).toBe(before);
        if (!answer.schedulable && answer.blockers.length > 1) note('several blockers');
      }),
      { numRuns: RUNS },
    );
    check();
  });

  it('I7: what speaks of a credential blocks no more once that has been rotated', () => {
    const { note, check } = reached('was blocked by its credential');
    const isCredential = ({ cell, key }: { readonly cell: string; readonly key: string | null }): boolean =>
      cell === 'authentication' || (cell === 'errors' && key === 'credential');
    fc.assert(
      fc.property(accountArbitrary, model, instant, (one, name, now) => {
        const bound = { ...one.health, errors: new Map([...one.health.errors].filter(([, error]) => error.credentialRevision >= 0)) };
        const authentication = bound.authentication === null ? null : { ...bound.authentication, credentialRevision: 1 };
        const refused: Account = { ...one, parent: null, health: { ...bound, authentication } };
        const before = schedulability(withRevision(refused, 0), { model: name, now }, POLICY);
        const after = schedulability(withRevision(refused, 3), { model: name, now }, POLICY);
        expect(after.schedulable ? [] : after.blockers.filter(isCredential)).toEqual([]);
        if (!before.schedulable && before.blockers.some(isCredential)) note('was blocked by its credential');
      }),
      { numRuns: RUNS },
    );
    check();
  });
});

describe('nextEligibleAt', () => {
  it('is the earliest instant that trying them all finds', () => {
    const { note, check } = reached('now', 'later', 'never');
    fc.assert(
      fc.property(fc.array(accountArbitrary, { maxLength: 4 }), model, instant, (accounts, name, now) => {
        const free = (at: number): boolean => accounts.some((one) => schedulability(one, { model: name, now: at }, POLICY).schedulable);
        const instants = [now, ...accounts.flatMap(instantsOf)].filter((at) => at >= now).sort((a, b) => a - b);
        const earliest = instants.find(free) ?? null;
        expect(nextEligibleAt(accounts, { model: name, now }, POLICY)).toBe(earliest);
        note(earliest === null ? 'never' : earliest === now ? 'now' : 'later');
      }),
      { numRuns: RUNS },
    );
    check();
  });
});

describe('accountStatus and describeAccount', () => {
  it('agree with schedulability, and every dated badge goes with the clock', () => {
    const { note, check } = reached(
      'active',
      'error',
      'rate_limited',
      'overloaded',
      'temp_unschedulable',
      'disabled',
      'expired',
      'dated badge',
    );
    fc.assert(
      fc.property(accountArbitrary, instant, (one, now) => {
        const status = accountStatus(one, now, POLICY);
        const view = describeAccount(one, { now, policy: POLICY });
        expect(status === 'active').toBe(schedulability(one, { model: null, now }, POLICY).schedulable);
        expect(view.status).toBe(status);
        note(status);
        for (const { kind, label, until, accountId } of view.badges) {
          if (until === null) continue;
          note('dated badge');
          expect(until).toBeGreaterThan(now);
          const then = describeAccount(one, { now: until, policy: POLICY }).badges;
          expect(then.filter((badge) => badge.kind === kind && badge.label === label && badge.accountId === accountId)).toEqual([]);
        }
      }),
      { numRuns: RUNS },
    );
    check();
  });
});
