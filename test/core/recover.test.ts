import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Account } from '../../src/core/account.js';
import type { Action } from '../../src/core/action.js';
import { type AccountHealth, CREDITS_KEY } from '../../src/core/health.js';
import { mergeHealth } from '../../src/core/merge-health.js';
import { recover } from '../../src/core/recover.js';
import { schedulability } from '../../src/core/schedulability.js';
import { toPatches } from '../../src/core/to-patches.js';
import { account, accountError, hold, NOW } from '../support/accounts.js';
import { accounts } from '../support/arbitraries.js';
import { reached, runs } from '../support/hostile.js';

const HEALTH: Partial<AccountHealth> = {
  errors: new Map([
    ['billing', accountError({ generation: 2 })],
    ['credential', accountError({ credentialRevision: 0 })],
    ['violation', accountError({ at: 0 })],
  ]),
  rateLimit: hold(NOW - 1, { generation: 3 }),
  overload: hold(0, { generation: 1 }),
  authentication: hold(NOW, { credentialRevision: 0 }),
  modelRateLimits: new Map([
    ['m', hold(NOW, { generation: 5 })],
    ['n', hold(NOW)],
    [CREDITS_KEY, hold(NOW, { kind: 'credits' })],
    ['gone', hold(0, { generation: 1 })],
  ]),
  strikes: new Map([
    ['forbidden', { generation: 4, evidence: new Map([['r:0', NOW]]) }],
    ['undated_rate_limit', { generation: 1, evidence: new Map() }],
  ]),
};

const clearModel = (model: string, generation: number): Action => ({ type: 'clear_model_rate_limit', accountId: 'a1', model, generation });
const REST: readonly Action[] = [
  { type: 'clear_error', accountId: 'a1', kind: 'billing', generation: 2 },
  { type: 'clear_error', accountId: 'a1', kind: 'credential', generation: 0 },
  {
    type: 'clear_holds',
    accountId: 'a1',
    holds: [
      { cell: 'rateLimit', generation: 3 },
      { cell: 'authentication', generation: 0 },
    ],
  },
];
const STRIKES: Action = { type: 'clear_strikes', accountId: 'a1', kind: 'forbidden', generation: 4 };
const ALL_MODELS = [clearModel('m', 5), clearModel('n', 0), clearModel(CREDITS_KEY, 0)];

const openai = (type: string, modelMapping: Readonly<Record<string, string>> = {}): Account =>
  account({ platform: 'openai', type, settings: { modelMapping }, health: HEALTH });

const ROWS: readonly { readonly name: string; readonly of: Account; readonly model?: string; readonly models: readonly Action[] }[] = [
  { name: 'everything that is set, with the generations that were seen', of: account({ health: HEALTH }), models: ALL_MODELS },
  { name: 'all models where counting by model is not known', of: account({ health: HEALTH }), model: 'm', models: ALL_MODELS },
  { name: 'all models of an OpenAI login', of: openai('oauth'), model: 'm', models: ALL_MODELS },
  { name: 'only the model that an OpenAI key was tested with (8.6)', of: openai('api_key'), model: 'm', models: [clearModel('m', 5)] },
  { name: 'that model under its upstream name', of: openai('api_key', { alias: 'n' }), model: 'alias', models: [clearModel('n', 0)] },
  { name: 'no model where the tested one has no limit', of: openai('api_key'), model: 'other', models: [] },
  { name: 'all models of an OpenAI key where no model was named', of: openai('api_key'), models: ALL_MODELS },
];

describe('recover clears', () => {
  it.each(ROWS)('$name', ({ of, model, models }) => {
    expect(recover(of, model === undefined ? {} : { model })).toEqual([...REST, ...models, STRIKES]);
  });

  it('nothing where nothing is set', () => {
    expect(recover(account())).toEqual([]);
    expect(recover(account({ health: { rateLimit: hold(0, { generation: 1 }) } }))).toEqual([]);
  });

  it('its own account, not the parent of a shadow', () => {
    const parent = account({ id: 'parent', health: HEALTH });
    expect(recover(account({ id: 'shadow', parent }))).toEqual([]);
  });

  it('5.5: the credits are one of the model limits; the others stay where only they are cleared', () => {
    const patch = toPatches([clearModel(CREDITS_KEY, 0)]).get('a1') ?? [];
    const { modelRateLimits } = mergeHealth(account({ health: HEALTH }).health, patch);
    expect(modelRateLimits.get(CREDITS_KEY)).toMatchObject({ until: 0, generation: 1 });
    expect(modelRateLimits.get('m')).toBe(HEALTH.modelRateLimits?.get('m'));
  });

  it('all that the machine holds, once: a second time there is nothing left', () => {
    const { note, check } = reached('was blocked', 'had nothing');
    fc.assert(
      fc.property(accounts, (one) => {
        const own = { ...one, parent: null, settings: { ...one.settings, enabled: true } };
        const actions = recover(own);
        if (actions.length === 0) note('had nothing');
        const request = { model: 'claude-opus-4-6', now: NOW };
        if (!schedulability(own, request).schedulable) note('was blocked');
        const healed = { ...own, health: mergeHealth(own.health, toPatches(actions).get(own.id) ?? []) };
        expect(schedulability(healed, request).schedulable).toBe(true);
        expect(recover(healed)).toEqual([]);
      }),
      { numRuns: runs(1_000) },
    );
    check();
  });
});
