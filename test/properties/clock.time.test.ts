import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Account } from '../../src/core/account.js';
import type { Decision } from '../../src/core/decision.js';
import type { Exchange } from '../../src/core/exchange.js';
import { isObject } from '../../src/core/json.js';
import { evaluate } from '../../src/evaluate.js';
import { account, accountError, hold, NOW, sample } from '../support/accounts.js';
import { actionsOf, reached, runs } from '../support/hostile.js';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

type Decide = (exchange: Exchange) => Decision;

function finds<T>(arbitrary: fc.Arbitrary<T>, holds: (value: T) => boolean): boolean {
  return fc.check(fc.property(arbitrary, holds), { numRuns: 5_000, endOnFailure: true }).failed;
}

/** An exchange of which every instant is told from one. */
type Scene = (base: number) => Exchange;

const inSeconds = (at: number): string => String(Math.floor(at / SECOND));

function knownHealth(base: number): Account['health'] {
  const facts = {
    errors: new Map([['billing' as const, accountError({ at: base - MINUTE })]]),
    rateLimit: hold(base + 3 * SECOND),
    temporary: hold(base - HOUR),
    sessionWindow: {
      header: { observedAt: base - MINUTE, end: base + HOUR },
      status: { observedAt: base - MINUTE, status: 'allowed' },
      predicted: null,
    },
    usage: new Map([['5h', sample(0.4, base + HOUR, base - 2 * MINUTE)]]),
    strikes: new Map([['forbidden', { generation: 0, evidence: new Map([['earlier', base - HOUR]]) }]]),
  };
  return account({ health: facts }).health;
}

const statuses = [200, 400, 401, 402, 403, 404, 429, 500, 503, 529] as const;
const scenes: fc.Arbitrary<Scene> = fc
  .record({
    platform: fc.constantFrom('anthropic', 'openai', 'gemini', 'antigravity', 'elsewhere'),
    type: fc.constantFrom('oauth', 'setup_token', 'api_key'),
    status: fc.constantFrom(...statuses),
    known: fc.boolean(),
    ahead: fc.integer({ min: -HOUR, max: 9 * DAY }),
    skew: fc.constantFrom(null, 0, 2 * HOUR, -3 * HOUR),
    source: fc.constantFrom('none', 'unified', 'codex', 'retry_seconds', 'retry_date', 'resets_at', 'timestamp', 'words', 'bucket'),
    used: fc.constantFrom('0.5', '1.01'),
  })
  .map(({ known, ahead, skew, source, used, ...rest }) => (base) => {
    const at = base + ahead;
    const headers: Record<string, string> = { 'content-type': 'application/json' };
    if (skew !== null) headers.date = new Date(base + skew).toUTCString();
    if (source === 'unified') {
      headers['anthropic-ratelimit-unified-5h-status'] = 'rejected';
      headers['anthropic-ratelimit-unified-5h-utilization'] = used;
      headers['anthropic-ratelimit-unified-5h-reset'] = inSeconds(at);
      headers['anthropic-ratelimit-unified-7d-utilization'] = used;
      headers['anthropic-ratelimit-unified-7d-reset'] = inSeconds(at + DAY);
    }
    if (source === 'codex') {
      headers['x-codex-primary-used-percent'] = '100';
      headers['x-codex-primary-window-minutes'] = '10080';
      headers['x-codex-primary-reset-at'] = inSeconds(at);
    }
    if (source === 'retry_seconds') headers['retry-after'] = '77';
    if (source === 'retry_date') headers['retry-after'] = new Date(at).toUTCString();
    if (source === 'bucket') {
      headers['anthropic-ratelimit-requests-remaining'] = '0';
      headers['anthropic-ratelimit-requests-reset'] = new Date(at).toISOString();
    }
    const error: Record<string, unknown> = { type: 'usage_limit_reached', code: 'usage_limit_reached', message: 'The limit was reached.' };
    if (source === 'resets_at') error.resets_at = Math.floor(at / SECOND);
    if (source === 'timestamp')
      error.details = [{ reason: 'QUOTA_EXHAUSTED', metadata: { quotaResetTimeStamp: new Date(at).toISOString() } }];
    if (source === 'words')
      Object.assign(error, {
        type: 'invalid_request_error',
        message: `You will regain access on ${new Date(at).toISOString().slice(0, 16).replace('T', ' at ')} UTC.`,
      });
    return {
      account: account({ platform: rest.platform, type: rest.type, ...(known ? { health: knownHealth(base) } : {}) }),
      model: 'some-model',
      receivedAt: base,
      response: { status: rest.status, headers, body: rest.status === 200 ? '{}' : JSON.stringify({ error }) },
    };
  });

const INSTANTS = new Set([
  'until',
  'at',
  'resetAt',
  'retryAt',
  'receivedAt',
  'date',
  'start',
  'end',
  'observedAt',
  'sampledAt',
  'holdUntil',
  'sessionEnd',
  'aggregateResetAt',
  'bucketResetAt',
]);

/** A decision with every instant later by `delta`. An id of evidence ends with the instant that the snapshot showed. */
function shifted(value: unknown, delta: number): unknown {
  if (Array.isArray(value)) return value.map((item) => shifted(item, delta));
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => {
      if (INSTANTS.has(key) && typeof inner === 'number' && inner > 0) return [key, inner + delta];
      if (key === 'evidenceId') return [key, String(inner).replace(/:(\d{13})$/, (_, at: string) => `:${Number(at) + delta}`)];
      if (typeof inner === 'string') return [key, inner.replace(/\d{4}-\d\d-\d\d at \d\d:\d\d/, 'a date')];
      return [key, shifted(inner, delta)];
    }),
  );
}

describe('I25: a decision has no favourite time', () => {
  it('all instants later by as much make a decision that is later by as much', () => {
    const { note, check } = reached(
      'set_rate_limited',
      'set_model_rate_limit',
      'set_temp_unschedulable',
      'set_overloaded',
      'set_error',
      'update_session_window',
      'record_usage',
      'clear_strikes',
      'add_strike',
      'skewed',
    );
    fc.assert(
      fc.property(scenes, fc.integer({ min: -20_000, max: 500_000 }), (scene, minutes) => {
        const delta = minutes * MINUTE;
        const [early, late] = [evaluate(scene(NOW)), evaluate(scene(NOW + delta))];
        for (const { type } of actionsOf(early)) note(type);
        if ((early.verdict.signal?.skewMs ?? 0) !== 0) note('skewed');
        expect(shifted(late, 0)).toEqual(shifted(early, delta));
      }),
      { numRuns: runs(4_000) },
    );
    check();
  });

  it('but for the guess of a session window, which begins with the hour of UTC', () => {
    const guess = (now: number): unknown =>
      evaluate({
        account: account(),
        model: null,
        receivedAt: now,
        response: { status: 200, headers: { 'content-type': 'x', 'anthropic-ratelimit-unified-5h-status': 'allowed' } },
      }).actions[0];
    const hour = Math.floor(NOW / HOUR) * HOUR;
    for (const minute of [0, 1, 30, 59])
      expect(guess(hour + minute * MINUTE)).toMatchObject({ window: { start: hour, end: hour + 5 * HOUR, source: 'predicted' } });
  });
});

interface Skewed {
  /** The upstream's clock when it answers. */
  readonly upstream: number;
  /** The local clock minus the upstream's. */
  readonly skew: number;
  /** The wait that the upstream means, in whole seconds. */
  readonly wait: number;
}

const skewed: fc.Arbitrary<Skewed> = fc.record({
  upstream: fc.integer({ min: 0, max: 400 * DAY }).map((later) => NOW + later),
  skew: fc.oneof(fc.integer({ min: -DAY + SECOND, max: DAY - SECOND }), fc.integer({ min: -6 * MINUTE, max: 6 * MINUTE }), fc.constant(0)),
  wait: fc.integer({ min: 600, max: 5 * 3600 }),
});

/** The wait that the engine sees, for a weekly window that ends so many seconds after the upstream answered. */
function seenWait(decide: Decide, { upstream, skew, wait }: Skewed, hasDate: boolean): number {
  const headers: Record<string, string> = {
    'content-type': 'application/json',
    'anthropic-ratelimit-unified-7d-status': 'rejected',
    'anthropic-ratelimit-unified-5h-status': 'allowed',
    'anthropic-ratelimit-unified-7d-reset': inSeconds(upstream + wait * SECOND),
  };
  if (hasDate) headers.date = new Date(upstream).toUTCString();
  const receivedAt = upstream + skew;
  const { actions } = decide({ account: account(), model: null, receivedAt, response: { status: 429, headers, body: '{}' } });
  const until = actions.flatMap((action) => (action.type === 'set_rate_limited' ? [action.until] : []))[0];
  return until === undefined ? Number.NaN : until - receivedAt;
}

/** What the clock of the process may be off without being corrected: smaller differences are the network's. */
const TOLERATED = 5 * MINUTE;

/** How far the wait may be off: a second of rounding, and the clock's own error where it is small or not known. */
function allowedError({ skew }: Skewed, hasDate: boolean): number {
  const isCorrected = hasDate && Math.abs(skew) >= TOLERATED + SECOND;
  return isCorrected ? SECOND : Math.max(Math.abs(skew), 5 * SECOND) + SECOND;
}

const isRight =
  (decide: Decide, hasDate: boolean) =>
  (facts: Skewed): boolean =>
    Math.abs(seenWait(decide, facts, hasDate) - facts.wait * SECOND) <= allowedError(facts, hasDate);

describe('I27: waits do not depend on the local clock', () => {
  it('a Date header makes the wait right to a second', () => {
    const { note, check } = reached('far ahead', 'far behind', 'near');
    fc.assert(
      fc.property(skewed, (facts) => {
        note(facts.skew >= TOLERATED ? 'far ahead' : facts.skew <= -TOLERATED ? 'far behind' : 'near');
        expect(isRight(evaluate, true)(facts)).toBe(true);
      }),
      { numRuns: runs(4_000) },
    );
    check();
  });

  it('without one the wait is off by no more than the clock', () => {
    const { note, check } = reached('in the past', 'ahead');
    fc.assert(
      fc.property(skewed, (facts) => {
        note(facts.skew > facts.wait * SECOND ? 'in the past' : 'ahead');
        expect(isRight(evaluate, false)(facts)).toBe(true);
      }),
      { numRuns: runs(4_000) },
    );
    check();
  });

  it('a length of time is never off', () => {
    fc.assert(
      fc.property(skewed, fc.boolean(), ({ upstream, skew, wait }, hasDate) => {
        const headers = { 'retry-after': String(wait), ...(hasDate ? { date: new Date(upstream).toUTCString() } : {}) };
        const { actions } = evaluate({
          account: account({ platform: 'elsewhere' }),
          model: null,
          receivedAt: upstream + skew,
          response: { status: 429, headers },
        });
        expect(actions).toMatchObject([{ type: 'set_rate_limited', until: upstream + skew + wait * SECOND }]);
      }),
      { numRuns: runs(1_000) },
    );
  });

  it('but would with an engine that takes the upstream by its word', () => {
    const trusting: Decide = (exchange) => {
      const { response } = exchange;
      if ('failure' in response) return evaluate(exchange);
      const { date: _, ...headers } = response.headers as Record<string, string>;
      return evaluate({ ...exchange, response: { ...response, headers } });
    };
    expect(finds(skewed, isRight(trusting, true))).toBe(true);
  });
});

/** The rule of the United States: from the second Sunday of March to the first of November, each at 2:00, clocks in California are at UTC-7. */
function pacificOffset(instant: number): number {
  const year = new Date(instant).getUTCFullYear();
  const sunday = (month: number, nth: number): number => {
    const first = new Date(Date.UTC(year, month, 1)).getUTCDay();
    return Date.UTC(year, month, 1 + ((7 - first) % 7) + 7 * (nth - 1));
  };
  return instant >= sunday(2, 2) + 10 * HOUR && instant < sunday(10, 1) + 9 * HOUR ? -7 * HOUR : -8 * HOUR;
}

/** Found by walking: the first whole hour after `instant` at which a clock in California shows midnight. */
function midnightByWalking(instant: number): number {
  let hour = Math.floor(instant / HOUR) * HOUR + HOUR;
  while ((hour + pacificOffset(hour)) % DAY !== 0) hour += HOUR;
  return hour;
}

const DAILY = JSON.stringify({
  error: {
    code: 429,
    status: 'RESOURCE_EXHAUSTED',
    message: 'You exceeded your current quota.',
    details: [
      {
        '@type': 'type.googleapis.com/google.rpc.QuotaFailure',
        violations: [{ quotaId: 'GenerateRequestsPerDayPerProjectPerModel-FreeTier' }],
      },
    ],
  },
});

describe('I28: a daily quota ends at midnight in California', () => {
  it('for every instant from 2024 to 2036', () => {
    const { note, check } = reached('a day of 23 hours', 'a day of 25 hours', 'winter', 'summer');
    const from = Date.UTC(2024, 0, 1);
    const changes = Array.from({ length: 13 }, (_, year) => [Date.UTC(2024 + year, 2, 8), Date.UTC(2024 + year, 10, 1)]).flat();
    const instants = fc.oneof(
      fc.integer({ min: from, max: Date.UTC(2036, 11, 31) }),
      fc.tuple(fc.constantFrom(...changes), fc.integer({ min: 0, max: 8 * DAY })).map(([change, later]) => change + later),
    );
    fc.assert(
      fc.property(instants, (receivedAt) => {
        const expected = midnightByWalking(receivedAt);
        const day = expected - midnightByWalking(expected - 26 * HOUR);
        note(day === DAY ? (pacificOffset(receivedAt) === -7 * HOUR ? 'summer' : 'winter') : `a day of ${day / HOUR} hours`);
        const exchange = {
          account: account({ platform: 'gemini', type: 'api_key' }),
          model: 'gemini-3-pro',
          receivedAt,
          response: { status: 429, headers: {}, body: DAILY },
        };
        expect(evaluate(exchange).actions).toMatchObject([{ type: 'set_model_rate_limit', model: 'gemini-3-pro', until: expected }]);
      }),
      { numRuns: runs(4_000) },
    );
    check();
  });
});
