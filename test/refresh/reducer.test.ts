import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PolicyError } from '../../src/core/policy-error.js';
import type { AttemptEffect } from '../../src/refresh/attempt-effect.js';
import type { AttemptEvent } from '../../src/refresh/attempt-event.js';
import { type AttemptStage, type AttemptState, newAttempt, pendingOf } from '../../src/refresh/attempt-state.js';
import type { RefreshOutcome } from '../../src/refresh/outcome.js';
import type { ExchangeResult, StoredCredentials } from '../../src/refresh/ports.js';
import { refreshReducer } from '../../src/refresh/reducer.js';
import { REFRESH_TIMING } from '../../src/refresh/timing.js';
import { answered, refused, rotated, STORED } from './support.js';

const RUNS = Number(process.env.FC_RUNS ?? 2_000);
const PLAN = { accountId: 'a', revision: 2, timing: REFRESH_TIMING };
const stored = (revision: number): StoredCredentials => ({ revision, credentials: STORED, expiresAt: null });
const begun = (result: Extract<AttemptEvent, { type: 'begun' }>['result'], elapsedMs = 0, isStopping = false): AttemptEvent => ({
  type: 'begun',
  result,
  elapsedMs,
  isStopping,
});
const posted = (result: ExchangeResult, elapsedMs = 0): AttemptEvent => ({ type: 'posted', result, elapsedMs });
const FAILED: AttemptEvent = { type: 'store_failed', error: 'down' };

/** The same answer several times: so often is it chosen. */
function often(event: AttemptEvent): readonly AttemptEvent[] {
  return Array.from({ length: 8 }, () => event);
}

/** Every answer that an effect can have. */
const ANSWERS: Readonly<Record<string, readonly AttemptEvent[]>> = {
  begin: [
    ...often(begun({ kind: 'granted', orphan: false, ...stored(2) })),
    begun({ kind: 'granted', orphan: true, ...stored(2) }),
    begun({ kind: 'granted', orphan: false, ...stored(2) }, REFRESH_TIMING.sendWithinMs),
    begun({ kind: 'granted', orphan: false, ...stored(2) }, 0, true),
    begun({ kind: 'granted', orphan: false, revision: 2, credentials: {}, expiresAt: null }),
    begun({ kind: 'busy', remainingMs: 5 }),
    begun({ kind: 'stale', revision: 3 }),
    begun({ kind: 'condemned', code: 'revoked' }),
    begun({ kind: 'missing' }),
    FAILED,
  ],
  post: [
    posted(rotated(1)),
    posted(rotated(1, { expires_in: 0 })),
    posted(answered(200, { refresh_token: 'r' })),
    posted(answered(200, '')),
    ...often(posted(refused('invalid_grant'))),
    posted(refused('access_denied')),
    posted(refused('invalid_client')),
    posted(answered(503, '')),
    posted({ kind: 'ambiguous', error: 'reset' }),
    posted({ kind: 'not_sent', error: 'refused' }),
    { type: 'overdue', elapsedMs: 25_000 },
  ],
  commit: [
    { type: 'committed', result: { kind: 'committed', revision: 3 } },
    { type: 'committed', result: { kind: 'conflict', revision: 3, same: true } },
    { type: 'committed', result: { kind: 'conflict', revision: 3, same: false } },
    { type: 'committed', result: { kind: 'missing' } },
    FAILED,
  ],
  keep_alternate: [{ type: 'alternate_kept' }, FAILED],
  read: [{ type: 'was_read', stored: stored(2) }, { type: 'was_read', stored: stored(3) }, { type: 'was_read', stored: null }, FAILED],
  promote_alternate: [{ type: 'promoted', revision: 3 }, { type: 'promoted', revision: null }, FAILED],
  condemn: [{ type: 'condemned', isDone: true }, { type: 'condemned', isDone: false }, FAILED],
  release: [{ type: 'released' }],
  wait: [{ type: 'waited' }],
};

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value))
    for (const inner of Object.values(Object.freeze(value))) deepFreeze(inner);
  return value;
}

const isAnswered = ({ type }: AttemptEffect): boolean => Object.hasOwn(ANSWERS, type);

/** Drives an attempt with answers chosen by number, and gives what the callers were told and the stages it went through. */
function drive(choices: readonly number[]): {
  readonly told: readonly RefreshOutcome[];
  readonly stages: readonly AttemptStage['type'][];
  readonly end: AttemptState;
} {
  let state = deepFreeze(newAttempt(PLAN));
  let event: AttemptEvent = { type: 'start', elapsedMs: 0 };
  const [told, stages]: [RefreshOutcome[], AttemptStage['type'][]] = [[], []];
  let underWay: readonly AttemptEffect[] = [];
  for (const choice of choices) {
    const step = deepFreeze(refreshReducer(state, deepFreeze(event)));
    expect(structuredClone(step)).toEqual(step);
    expect(refreshReducer(state, event)).toEqual(step);
    state = step.state;
    stages.push(state.stage.type);
    told.push(...step.effects.flatMap((effect) => (effect.type === 'done' ? [effect.outcome] : [])));
    underWay = event.type === 'overdue' ? underWay : step.effects.filter(isAnswered);
    expect(underWay.length).toBe(state.stage.type === 'ended' ? Math.min(underWay.length, 1) : 1);
    const effect = underWay[0];
    if (effect === undefined) break;
    const answers = ANSWERS[effect.type] ?? [];
    // A request is overdue only once.
    const possible = state.isTold ? answers.filter(({ type }) => type !== 'overdue') : answers;
    event = possible[choice % possible.length] ?? FAILED;
  }
  return { told, stages, end: state };
}

describe('refreshReducer', () => {
  it('property: tells the callers exactly once by its end, has one effect under way until then, is pure, and all of it is plain data', () => {
    const reached = new Set<string>();
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 100 }), { minLength: 40, maxLength: 40 }), (choices) => {
        const { told, stages, end } = drive(choices);
        for (const stage of stages) reached.add(stage);
        for (const { type } of told) reached.add(`told ${type}`);
        expect(told.length).toBeLessThanOrEqual(1);
        if (end.stage.type === 'ended') expect(told.length).toBe(1);
        expect(end.isTold).toBe(told.length === 1);
      }),
      { numRuns: RUNS },
    );
    const stages: readonly AttemptStage['type'][] = [
      'beginning',
      'posting',
      'committing',
      'keeping_alternate',
      'adopting',
      'checking',
      'promoting',
      'condemning',
      'contested',
      'releasing',
      'ended',
    ];
    const outcomes: readonly RefreshOutcome['type'][] = [
      'refreshed',
      'pending',
      'adopted',
      'busy',
      'condemned',
      'failed',
      'ambiguous',
      'unavailable',
      'missing',
      'aborted',
    ];
    expect([...stages, ...outcomes.map((type) => `told ${type}`)].filter((name) => !reached.has(name))).toEqual([]);
  });

  it('refuses an event that cannot happen, rather than guess', () => {
    const idle = newAttempt(PLAN);
    expect(() => refreshReducer(idle, { type: 'released' })).toThrow(PolicyError);
    const { state } = refreshReducer(idle, { type: 'start', elapsedMs: 0 });
    for (const event of [{ type: 'waited' }, { type: 'alternate_kept' }, { type: 'start', elapsedMs: 1 }, posted(rotated(1))] as const) {
      expect(() => refreshReducer(state, event)).toThrow(/refresh_event_unexpected/);
    }
  });

  it('says nothing secret when it refuses an event', () => {
    const { state } = refreshReducer(newAttempt(PLAN), { type: 'start', elapsedMs: 0 });
    expect(() => refreshReducer(state, posted(rotated(1)))).toThrow(/^(?!.*(?:rt-|at-)).*$/s);
  });

  it('has pending credentials exactly while a usable answer is not stored', () => {
    const start = refreshReducer(newAttempt(PLAN), { type: 'start', elapsedMs: 0 }).state;
    const posting = refreshReducer(start, begun({ kind: 'granted', orphan: false, ...stored(2) })).state;
    const committing = refreshReducer(posting, posted(rotated(1))).state;
    expect([pendingOf(start), pendingOf(posting)]).toEqual([null, null]);
    expect(pendingOf(committing)).toMatchObject({ revision: 3, credentials: { refresh_token: 'rt-1' } });
    expect(pendingOf(refreshReducer(committing, FAILED).state)).toMatchObject({ revision: 3 });
    expect(pendingOf(refreshReducer(posting, posted(answered(200, { refresh_token: 'r' }))).state)).toBeNull();
  });
});
