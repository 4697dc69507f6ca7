import { describe, expect, it, vi } from 'vitest';
import { createMemoryRepository, createMemorySettings, createMemoryTokenCache } from '../../src/adapters/memory.js';
import type { Account } from '../../src/core/account.js';
import { healthToJson } from '../../src/core/health-json.js';
import { schedulability } from '../../src/core/schedulability.js';
import { createEngine } from '../../src/create-engine.js';
import { definePolicy } from '../../src/define-policy.js';
import { loadSettings, saveOverloadSettings } from '../../src/shell/settings.js';
import { account, NOW } from '../support/accounts.js';

const HEADERS = { 'content-type': 'application/json', date: new Date(NOW).toUTCString() };

const overloaded = { status: 529, headers: HEADERS, body: '{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}' };
const unauthorized = {
  status: 401,
  headers: HEADERS,
  body: '{"type":"error","error":{"type":"authentication_error","message":"invalid bearer token"}}',
};
const disabled = {
  status: 400,
  headers: HEADERS,
  body: '{"type":"error","error":{"type":"invalid_request_error","message":"This organization has been disabled."}}',
};

describe('createEngine, over a memory repository', () => {
  it('a 529 holds the account as long as the stored settings say, and another worker sees it (behaviour 4.6)', async () => {
    const health = createMemoryRepository();
    const store = createMemorySettings();
    let policy = definePolicy({ settings: await loadSettings(store, {}) });
    const engine = createEngine({ health, policy: () => policy });
    const holdMs = async (one: Account): Promise<number> => {
      const { saved } = engine.observe({ account: one, model: 'm', response: overloaded, receivedAt: NOW });
      return ((await saved).health.get(one.id)?.overload?.until ?? NOW) - NOW;
    };
    expect(await holdMs(account())).toBe(10 * 60_000);
    await saveOverloadSettings(store, { enabled: true, cooldownMinutes: 15 });
    policy = definePolicy({ settings: await loadSettings(store, {}) });
    expect(await holdMs(account({ id: 'a2' }))).toBe(15 * 60_000);
    await saveOverloadSettings(store, { enabled: false, cooldownMinutes: 15 });
    policy = definePolicy({ settings: await loadSettings(store, {}) });
    const off = engine.observe({ account: account({ id: 'a3' }), model: 'm', response: overloaded, receivedAt: NOW });
    expect(off.decision.events.map(({ code }) => code)).toEqual(['overload_ignored']);
    expect((await off.saved).health.size).toBe(0);
    const seen = (await health.load(['a1'])).get('a1');
    expect(schedulability(account(seen === undefined ? {} : { health: seen }), { model: 'm', now: NOW }).schedulable).toBe(false);
  });

  it('a 401 of a stale snapshot writes no credential, and a token that was rotated meanwhile stays (fault F1)', async () => {
    const health = createMemoryRepository();
    const tokens = createMemoryTokenCache();
    const stale = account({ credential: { revision: 3, expiresAt: null, refreshable: true } });
    const engine = createEngine({ health, tokens });
    tokens.set('a1', { token: 'rotated', credentialRevision: 4, until: null });
    const { decision, saved } = engine.observe({ account: stale, model: 'm', response: unauthorized, receivedAt: NOW });
    expect(decision.actions.map(({ type }) => type)).toEqual(['invalidate_token', 'set_temp_unschedulable', 'request_refresh']);
    const after = (await saved).health.get('a1');
    expect(tokens.get('a1', NOW)?.token).toBe('rotated');
    expect(after?.refreshRequestedFor).toBe(3);
    expect(Object.keys(healthToJson(after ?? stale.health))).toEqual(['authentication', 'refreshRequestedFor']);
    const rotated = account({
      credential: { revision: 4, expiresAt: null, refreshable: true },
      ...(after === undefined ? {} : { health: after }),
    });
    expect(schedulability(rotated, { model: 'm', now: NOW }).schedulable).toBe(true);
  });

  it('a shadow account: its 401 is written to the parent', async () => {
    const health = createMemoryRepository();
    const shadow = account({ id: 'shadow', parent: account({ id: 'parent' }) });
    const { saved } = createEngine({ health }).observe({ account: shadow, model: 'm', response: unauthorized, receivedAt: NOW });
    expect([...(await saved).health.keys()]).toEqual(['parent']);
  });

  it('an error that an operator lifts stays lifted, also by the recovery of all that is stored (lesson 43)', async () => {
    const health = createMemoryRepository();
    const engine = createEngine({ health });
    const failed = await engine.observe({ account: account(), model: 'm', response: disabled, receivedAt: NOW }).saved;
    const broken = account({ health: failed.health.get('a1') ?? {} });
    expect(schedulability(broken, { model: 'm', now: NOW }).schedulable).toBe(false);
    const lifted = await engine.recover(broken);
    const healed = account({ health: lifted.health.get('a1') ?? {} });
    expect(schedulability(healed, { model: 'm', now: NOW }).schedulable).toBe(true);
    const late = await engine.observe({ account: account(), model: 'm', response: disabled, receivedAt: NOW + 1 }).saved;
    expect(late.voided.map(({ type }) => type)).toEqual(['set_error']);
    expect(late.health.get('a1')).toBe(lifted.health.get('a1'));
  });

  it('a reason with NUL and half a character is stored as clean text (fault F40)', async () => {
    const body = JSON.stringify({ error: { type: 'invalid_request_error', message: 'This organization has been disabled.\u0000\ud800' } });
    const { saved } = createEngine({ health: createMemoryRepository() }).observe({
      account: account(),
      model: 'm',
      response: { ...disabled, body },
      receivedAt: NOW,
    });
    const message = [...((await saved).health.get('a1')?.errors.values() ?? [])][0]?.message ?? '';
    expect(message).toContain('organization has been disabled');
    expect(message).not.toContain('\u0000');
    expect(message).not.toContain('\ud800');
  });

  it('an unchanged success asks nothing of the store', async () => {
    const store = createMemoryRepository();
    const patch = vi.fn(store.patch);
    const health = { ...store, patch };
    const engine = createEngine({ health });
    const { decision, saved } = engine.observe({
      account: account(),
      model: 'm',
      response: { status: 200, headers: HEADERS },
      receivedAt: NOW,
    });
    expect([decision.verdict.kind, (await saved).failed, patch.mock.calls.length]).toEqual(['ok', [], 0]);
  });
});
