import * as fc from 'fast-check';
import { createMemoryRepository, type MemoryRepository } from '../../src/adapters/memory.js';
import type { Action, SetAccountHold } from '../../src/core/action.js';
import type { Decision } from '../../src/core/decision.js';
import type { Exchange } from '../../src/core/exchange.js';
import { ERROR_KINDS, HOLD_CELLS } from '../../src/core/health.js';
import type { HealthPatch } from '../../src/core/patch.js';
import type { Policy } from '../../src/core/policy.js';
import { makeEngine } from '../../src/shell/engine.js';
import type { Engine, EngineDeps, HealthRepository } from '../../src/shell/ports.js';
import { account, NOW, policyOf } from '../support/accounts.js';

/** The default policy of these tests: told apart by its identity only. */
export const POLICY: Policy = policyOf({});

/** A decision that asks for these actions. */
export function decisionOf(actions: readonly Action[], facts: Partial<Decision> = {}): Decision {
  return {
    verdict: { kind: 'unknown', scope: 'account', rule: 'r', message: null, resetAt: null, exit: 'time', signal: null },
    disposition: { type: 'respond' },
    actions,
    events: [],
    ...facts,
  };
}

/** An exchange of which nothing matters. */
export function exchange(): Exchange {
  return { account: account(), model: null, response: { status: 200, headers: {} }, receivedAt: NOW };
}

/** An engine whose every decision asks for these actions. */
export function engineThatDecides(decision: Decision | (() => Decision), deps: Partial<EngineDeps> & Pick<EngineDeps, 'health'>): Engine {
  const evaluate = typeof decision === 'function' ? decision : () => decision;
  return makeEngine({ usageWriteIntervalMs: 0, ...deps }, { evaluate, defaultPolicy: POLICY });
}

export const holdUntil = (until: number, facts: Partial<SetAccountHold> = {}): Action => ({
  type: 'set_rate_limited',
  accountId: 'a1',
  until,
  rule: 'r',
  kind: 'quota',
  detail: 'limited',
  generation: 0,
  credentialRevision: -1,
  ...facts,
});

export const usageOf = (utilization: number, facts: { readonly accountId?: string; readonly sampledAt?: number } = {}): Action => ({
  type: 'record_usage',
  accountId: facts.accountId ?? 'a1',
  samples: { '5h': { utilization, resetAt: NOW + 3_600_000, sampledAt: facts.sampledAt ?? NOW } },
});

export const dropToken = (accountId: string, credentialRevision = 0): Action => ({
  type: 'invalidate_token',
  accountId,
  credentialRevision,
});

/** What a store does with a call. `unknown`: it writes, and then says that it failed. */
export type Outcome = 'ok' | 'rejects' | 'throws' | 'unknown';

export interface FaultyRepository extends HealthRepository {
  readonly store: MemoryRepository;
  readonly calls: readonly { readonly accountId: string; readonly patch: HealthPatch }[];
}

/** A repository in memory that fails as it is told. */
export function faultyRepository(
  outcomeOf: (call: { readonly accountId: string; readonly patch: HealthPatch; readonly index: number }) => Outcome,
): FaultyRepository {
  const store = createMemoryRepository();
  const calls: { accountId: string; patch: HealthPatch }[] = [];
  return {
    store,
    calls,
    load: store.load,
    patch(accountId, patch) {
      const outcome = outcomeOf({ accountId, patch, index: calls.push({ accountId, patch }) - 1 });
      if (outcome === 'throws') throw new Error(`down for ${accountId}`);
      if (outcome === 'rejects') return Promise.reject(new Error(`down for ${accountId}`));
      const written = store.patch(accountId, patch);
      return outcome === 'ok' ? written : written.then(() => Promise.reject(new Error(`no answer for ${accountId}`)));
    },
  };
}

const accountIds = fc.constantFrom('a1', 'a2', 'a3');
const generations = fc.nat({ max: 2 });
const instants = fc.integer({ min: 1, max: 6 }).map((step) => NOW + step * 1_000);
const models = fc.constantFrom('m', '__proto__', "o'brien{,}");
const holdFacts = {
  accountId: accountIds,
  until: instants,
  rule: fc.constantFrom('r1', 'r2'),
  kind: fc.constantFrom('quota' as const, 'temporary' as const),
  detail: fc.constantFrom('', 'd'),
  generation: generations,
};
const sampleArbitrary = fc.record({ utilization: fc.constantFrom(null, 0.1, 0.5, 1), resetAt: fc.option(instants), sampledAt: instants });

const kinds: readonly fc.Arbitrary<Action>[] = [
  fc.record({
    type: fc.constantFrom('set_rate_limited' as const, 'set_overloaded' as const),
    ...holdFacts,
    credentialRevision: fc.constant(-1 as const),
  }),
  fc.record({ type: fc.constant('set_model_rate_limit' as const), ...holdFacts, model: models }),
  fc.record({ type: fc.constant('clear_model_rate_limit' as const), accountId: accountIds, model: models, generation: generations }),
  fc.record({
    type: fc.constant('clear_holds' as const),
    accountId: accountIds,
    holds: fc.array(fc.record({ cell: fc.constantFrom(...HOLD_CELLS), generation: generations }), { minLength: 1, maxLength: 2 }),
  }),
  fc.record({
    type: fc.constant('set_error' as const),
    accountId: accountIds,
    kind: fc.constantFrom(...ERROR_KINDS),
    message: fc.constantFrom('no', 'never'),
    link: fc.constant(null),
    rule: fc.constantFrom('r1', 'r2'),
    at: instants,
    generation: generations,
    credentialRevision: fc.constant(-1),
  }),
  fc.record({
    type: fc.constant('record_usage' as const),
    accountId: accountIds,
    samples: fc.record({ '5h': sampleArbitrary, '7d': sampleArbitrary }),
  }),
  fc.record({
    type: fc.constant('add_strike' as const),
    accountId: accountIds,
    kind: fc.constant('forbidden'),
    at: instants,
    evidenceId: fc.constantFrom('e1', 'e2', 'e3'),
    generation: generations,
  }),
  fc.record({ type: fc.constant('request_refresh' as const), accountId: accountIds, credentialRevision: fc.nat({ max: 5 }) }),
  fc.record({ type: fc.constant('invalidate_token' as const), accountId: accountIds, credentialRevision: fc.nat({ max: 5 }) }),
];

/** Any action about one of three accounts. */
export const anyAction: fc.Arbitrary<Action> = fc.oneof(...kinds);
