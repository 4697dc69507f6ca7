import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Action } from '../../src/core/action.js';
import type { Decision } from '../../src/core/decision.js';
import type { Exchange } from '../../src/core/exchange.js';
import { isObject } from '../../src/core/json.js';
import type { CellWrite } from '../../src/core/patch.js';
import { toPatches } from '../../src/core/to-patches.js';
import { evaluate } from '../../src/evaluate.js';
import { classify, decide, readSignal } from '../../src/stages.js';
import { NOW } from '../support/accounts.js';
import { actionsOf, CHANGING, exchanges, reached, real, runs, texts } from '../support/hostile.js';

const CELLS: Readonly<Record<CellWrite['cell'], readonly string[]>> = {
  rateLimit: ['generation', 'credentialRevision', 'until', 'rule', 'kind', 'detail'],
  overload: ['generation', 'credentialRevision', 'until', 'rule', 'kind', 'detail'],
  temporary: ['generation', 'credentialRevision', 'until', 'rule', 'kind', 'detail'],
  authentication: ['generation', 'credentialRevision', 'until', 'rule', 'kind', 'detail'],
  modelRateLimits: ['generation', 'credentialRevision', 'until', 'rule', 'kind', 'detail'],
  errors: ['generation', 'credentialRevision', 'at', 'rule', 'message', 'link'],
  'sessionWindow.header': ['observedAt', 'end'],
  'sessionWindow.status': ['observedAt', 'status'],
  'sessionWindow.predicted': ['start'],
  usage: ['utilization', 'resetAt', 'sampledAt'],
  strikes: ['generation', 'evidence'],
  refreshRequestedFor: [],
};
const ACTION_FIELDS = new Set(
  'type accountId kind message link rule at generation credentialRevision until detail cell model holds window status observedAt samples evidenceId'.split(
    ' ',
  ),
);
const PATHS = ['nothing new', 'success with news', 'respond', 'retry', 'fail_over'];

function pathOf({ verdict, disposition, actions }: Decision): string {
  if (verdict.signal === null) return 'nothing new';
  return verdict.kind === 'ok' && actions.length > 0 ? 'success with news' : disposition.type;
}

/** Asserts that each end of a hold is a finite instant after `now` and far below what a store takes. */
function checkInstants(action: Action, now: number): boolean {
  if (!('until' in action)) return false;
  expect(Number.isInteger(action.until)).toBe(true);
  expect(action.until).toBeGreaterThan(now);
  expect(action.until).toBeLessThanOrEqual(now + 32 * 86_400_000);
  return true;
}

const UNCLEAN = /[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/u;
/** A model's name is data: any character that may be stored. */
const UNCLEAN_NAME = /[\p{Cc}\p{Cs}]/u;
const LONGEST: Readonly<Record<string, number>> = { url: 2_048, model: 1_024 };
const encoder = new TextEncoder();

function isClean([field, text]: readonly [field: string, text: string]): boolean {
  const unclean = field === 'model' ? UNCLEAN_NAME : UNCLEAN;
  return !unclean.test(text) && encoder.encode(text).length <= (LONGEST[field] ?? 512);
}

describe('every decision, whatever the upstream sends', () => {
  it('I20: is made, without an exception, for any status, headers, body and account', () => {
    const { note, check } = reached(...PATHS, 'set_error', 'model_key_refused', 'broken', 'html', 'text', 'json', 'empty', 'unread');
    fc.assert(
      fc.property(exchanges, (recipe) => {
        const exchange = real(recipe);
        const decision = evaluate(exchange);
        note(pathOf(decision));
        note(decision.verdict.signal?.body ?? '');
        for (const { type } of actionsOf(decision)) note(type);
        for (const { code } of decision.events) note(code);
        expect(JSON.parse(JSON.stringify(decision))).toEqual(decision);
      }),
      { numRuns: runs(20_000) },
    );
    check();
  });

  it('I20: so are the three stages by themselves', () => {
    const { note, check } = reached('rate_limited', 'unauthenticated', 'ok', 'unknown');
    fc.assert(
      fc.property(exchanges, (recipe) => {
        const exchange = real(recipe);
        const verdict = classify(readSignal(exchange));
        note(verdict.kind);
        expect(decide(verdict, exchange).verdict).toEqual(verdict);
      }),
      { numRuns: runs(3_000) },
    );
    check();
  });

  it('I1: carries health cells and nothing else', () => {
    const { note, check } = reached(...Object.keys(CELLS), 'retry');
    fc.assert(
      fc.property(exchanges, (recipe) => {
        const exchange = real(recipe);
        const decision = evaluate(exchange);
        if (decision.disposition.type === 'retry') note('retry');
        const actions = actionsOf(decision);
        expect(actions.flatMap((action) => Object.keys(action)).filter((field) => !ACTION_FIELDS.has(field))).toEqual([]);
        const own = [exchange.account.id, exchange.account.parent?.id];
        for (const [accountId, patch] of toPatches(actions)) {
          expect(own).toContain(accountId);
          for (const { cell, value } of patch) {
            note(cell);
            expect(value).not.toBeNull();
            const fields = isObject(value) ? Object.keys(value) : [];
            expect(fields.filter((field) => !CELLS[cell].includes(field))).toEqual([]);
          }
        }
      }),
      { numRuns: runs(10_000) },
    );
    check();
  });

  it('I24: what is not durable ends, and ends in the future', () => {
    const { note, check } = reached(
      'set_rate_limited',
      'set_model_rate_limit',
      'set_temp_unschedulable',
      'set_overloaded',
      'retry',
      'retryAt',
    );
    fc.assert(
      fc.property(exchanges, (recipe) => {
        const exchange = real(recipe);
        const decision = evaluate(exchange);
        for (const action of actionsOf(decision)) if (checkInstants(action, exchange.receivedAt)) note(action.type);
        const { disposition, verdict } = decision;
        if (disposition.type === 'retry') {
          note('retry');
          expect(disposition.delayMs).toBeGreaterThanOrEqual(0);
          expect(disposition.delayMs).toBeLessThanOrEqual(7_000);
        }
        if (disposition.type === 'fail_over' && disposition.otherwise.retryAt !== null) {
          note('retryAt');
          expect(disposition.otherwise.retryAt).toBeGreaterThan(exchange.receivedAt);
        }
        if (verdict.kind !== 'ok' && verdict.resetAt !== null) expect(verdict.resetAt).toBeGreaterThan(exchange.receivedAt);
      }),
      { numRuns: runs(10_000) },
    );
    check();
  });

  it('I30: holds only texts of one clean line of at most 512 bytes', () => {
    const { note, check } = reached('message', 'detail', 'code', 'reason', 'errorType', 'url', 'model', 'claim', 'sessionStatus');
    fc.assert(
      fc.property(exchanges, (recipe) => {
        const all = texts(evaluate(real(recipe)));
        for (const [field] of all) note(field);
        expect(all.filter((one) => !isClean(one))).toEqual([]);
      }),
      { numRuns: runs(10_000) },
    );
    check();
  });
});

/** Freezes plain data, and makes Maps throw when they are written to. Objects that are hostile themselves are left alone. */
function freeze(value: unknown): void {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value) || ArrayBuffer.isView(value)) return;
  if (value instanceof Map) {
    const refuse = (): never => {
      throw new Error('an input was written to');
    };
    Object.assign(value, { set: refuse, delete: refuse, clear: refuse });
    for (const inner of value.values()) freeze(inner);
    return;
  }
  Object.freeze(value);
  for (const inner of Object.values(value)) freeze(inner);
}

function frozen(exchange: Exchange): Exchange {
  freeze(exchange.account);
  Object.freeze(exchange);
  if (!('failure' in exchange.response)) {
    Object.freeze(exchange.response);
    for (const part of [exchange.response.body, exchange.response.headers]) {
      try {
        freeze(part);
      } catch {
        // A hostile object cannot be frozen.
      }
    }
  }
  return exchange;
}

/** Runs `act` where any look at the clock or at randomness throws. */
function withoutWorld<T>(act: () => T): T {
  const { now } = Date;
  const { random } = Math;
  const real = globalThis.Date;
  const refuse = (): never => {
    throw new Error('the core looked at the world');
  };
  Date.now = refuse;
  Math.random = refuse;
  const refused: unknown = new Proxy(real, {
    construct: (target, args) => (args.length === 0 ? refuse() : Reflect.construct(target, args)),
    apply: refuse,
  });
  globalThis.Date = refused as DateConstructor;
  try {
    return act();
  } finally {
    globalThis.Date = real;
    Date.now = now;
    Math.random = random;
  }
}

function isChanging({ response }: Exchange): boolean {
  return !('failure' in response) && isObject(response.body) && response.body.placeholder === CHANGING;
}

const plain = (value: unknown): string => JSON.stringify(value, (_, inner: unknown) => (inner instanceof Map ? [...inner] : inner));

describe('I19: a decision is a function of its input', () => {
  it('has no clock and no randomness, and gives the same answer twice', () => {
    const { note, check } = reached(...PATHS);
    fc.assert(
      fc.property(exchanges, (recipe) => {
        const exchange = real(recipe);
        const { account } = exchange;
        const before = plain(account);
        frozen(exchange);
        const [first, second] = withoutWorld(() => [evaluate(exchange), evaluate(exchange)]);
        note(pathOf(first));
        // An object that answers differently at each read is another input each time.
        if (!isChanging(recipe)) expect(second).toEqual(first);
        expect(plain(account)).toBe(before);
      }),
      { numRuns: runs(10_000) },
    );
    check();
  });

  it('the check would notice a clock, randomness and a write', () => {
    expect(() => withoutWorld(() => Date.now())).toThrow('looked at the world');
    expect(() => withoutWorld(() => new Date())).toThrow('looked at the world');
    expect(() => withoutWorld(() => Math.random())).toThrow('looked at the world');
    const map = new Map([['a', { b: 1 }]]);
    freeze(map);
    expect(() => map.set('b', { b: 2 })).toThrow('written to');
    expect(Date.now()).toBeGreaterThan(NOW - 1e12);
  });
});
