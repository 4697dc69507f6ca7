import { describe, expect, it } from 'vitest';
import { type AccountInput, defineAccount } from '../../src/core/define-account.js';
import { EMPTY_HEALTH } from '../../src/core/health.js';
import type { HealthInput } from '../../src/core/health-input.js';
import { healthToJson } from '../../src/core/health-json.js';
import { PolicyError } from '../../src/core/policy-error.js';
import { SESSION_WINDOW_MS } from '../../src/core/time.js';
import { accountError, hold, NOW, sample } from '../support/accounts.js';

const NAMES = { id: 'a1', platform: 'anthropic', type: 'oauth' } as const;
const define = (input: object): ReturnType<typeof defineAccount> => defineAccount({ ...NAMES, ...input } as AccountInput);

/** The paths of the issues that an input has. */
function issuesOf(input: unknown): readonly string[] {
  try {
    defineAccount(input as AccountInput);
    return [];
  } catch (error) {
    if (!(error instanceof PolicyError)) throw error;
    expect(error.code).toBe('invalid_account');
    return error.issues.map(({ path }) => path);
  }
}

describe('defineAccount', () => {
  it('fills in what is left out', () => {
    expect(defineAccount(NAMES)).toEqual({
      ...NAMES,
      parent: null,
      organizationId: null,
      credential: { revision: 0, expiresAt: null, refreshable: true },
      settings: {
        enabled: true,
        expiresAt: null,
        pauseOnExpiry: true,
        customErrorCodes: null,
        poolMode: false,
        temporaryRules: [],
        allowOverages: false,
        tier: null,
        modelMapping: {},
        schedulingThresholdPercent: null,
        priority: 0,
        weight: 1,
      },
      health: EMPTY_HEALTH,
    });
  });

  it.each([
    ['oauth', true],
    ['setup_token', false],
    ['api_key', false],
    ['elsewhere', false],
  ])('%s is refreshable by default: %s', (type, refreshable) => {
    expect(define({ type }).credential.refreshable).toBe(refreshable);
  });

  it('takes an undefined field as left out, and null as known to be absent', () => {
    const one = define({
      credential: { revision: null, expiresAt: undefined },
      settings: { tier: undefined, enabled: false },
      health: null,
    });
    expect(one.credential).toEqual({ revision: null, expiresAt: null, refreshable: true });
    expect(one.settings).toMatchObject({ tier: null, enabled: false });
    expect(one.health).toEqual(EMPTY_HEALTH);
  });

  it('reads an empty list of error codes as all of them', () => {
    expect(define({ settings: { customErrorCodes: [] } }).settings.customErrorCodes).toBe('all');
    expect(define({ settings: { customErrorCodes: [599] } }).settings.customErrorCodes).toEqual([599]);
  });

  it('leaves behind what an account does not have, so that no secret comes in', () => {
    const one = define({
      name: 'mine',
      credentials: { key: 's3cret' },
      credential: { revision: 1, accessToken: 's3cret', refresh_token: 's3cret' },
    });
    expect(JSON.stringify(one)).not.toContain('s3cret');
    expect(one.credential).toEqual({ revision: 1, expiresAt: null, refreshable: true });
  });

  it('freezes what it returns, and none of its input', () => {
    const rule = { statusCode: 503, keywords: ['busy'], durationMinutes: 5 };
    const input = { settings: { temporaryRules: [rule], modelMapping: { a: 'b' }, customErrorCodes: [500] } };
    const { settings, credential } = define(input);
    expect(
      [settings, credential, settings.temporaryRules, settings.temporaryRules[0]?.keywords, settings.modelMapping].every(Object.isFrozen),
    ).toBe(true);
    expect(Object.isFrozen(settings.customErrorCodes)).toBe(true);
    rule.keywords.push('later');
    input.settings.modelMapping.a = 'c';
    input.settings.customErrorCodes.push(501);
    expect(settings.temporaryRules[0]?.keywords).toEqual(['busy']);
    expect(settings.modelMapping).toEqual({ a: 'b' });
    expect(settings.customErrorCodes).toEqual([500]);
  });

  it('keeps a mapping of __proto__ as any other', () => {
    const { settings } = define({ settings: { modelMapping: JSON.parse('{"__proto__":"m"}') } });
    expect(Object.entries(settings.modelMapping)).toEqual([['__proto__', 'm']]);
    expect(Object.getPrototypeOf(settings.modelMapping)).toBe(Object.prototype);
  });

  const parent = defineAccount({ ...NAMES, id: 'parent' });
  const child = defineAccount({ ...NAMES, id: 'child', parent });

  it('takes a parent as it is', () => {
    expect(child.parent).toBe(parent);
  });

  const rule = { statusCode: 503, keywords: ['busy'], durationMinutes: 5 };
  it.each<readonly [path: string, input: object]>([
    ['id', { id: '' }],
    ['id', { id: 7 }],
    ['platform', { platform: 'x'.repeat(257) }],
    ['type', { type: null }],
    ['organizationId', { organizationId: 7 }],
    ['parent', { parent: 'parent' }],
    ['parent', { parent: { id: 'x' } }],
    ['parent', { parent: child }],
    ['parent', { id: 'parent', parent }],
    ['credential.revision', { credential: { revision: -1 } }],
    ['credential.revision', { credential: { revision: 1.5 } }],
    ['credential.revision', { credential: { revision: 2 ** 31 } }],
    ['credential.revision', { credential: { revision: '1' } }],
    ['credential.expiresAt', { credential: { expiresAt: '2026-01-01' } }],
    ['credential.refreshable', { credential: { refreshable: 'yes' } }],
    ['settings.enabled', { settings: { enabled: 1 } }],
    ['settings.expiresAt', { settings: { expiresAt: 1.5 } }],
    ['settings.customErrorCodes', { settings: { customErrorCodes: [99] } }],
    ['settings.customErrorCodes', { settings: { customErrorCodes: 'some' } }],
    ['settings.temporaryRules', { settings: { temporaryRules: [{ ...rule, statusCode: 0 }] } }],
    ['settings.temporaryRules', { settings: { temporaryRules: [{ ...rule, keywords: [] }] } }],
    ['settings.temporaryRules', { settings: { temporaryRules: [{ ...rule, keywords: [' '] }] } }],
    ['settings.temporaryRules', { settings: { temporaryRules: [{ ...rule, durationMinutes: 0 }] } }],
    ['settings.temporaryRules', { settings: { temporaryRules: [{ ...rule, durationMinutes: Number.POSITIVE_INFINITY }] } }],
    ['settings.tier', { settings: { tier: 7 } }],
    ['settings.modelMapping', { settings: { modelMapping: { a: 7 } } }],
    ['settings.schedulingThresholdPercent', { settings: { schedulingThresholdPercent: 0 } }],
    ['settings.priority', { settings: { priority: Number.NaN } }],
    ['settings.weight', { settings: { weight: -1 } }],
    ['settings.maxConcurrency', { settings: { maxConcurrency: 3 } }],
    ['settings.toString', { settings: { toString: 3 } }],
    ['health', { health: 'fine' }],
    ['health', { health: [] }],
  ])('refuses %s: %j', (path, input) => {
    expect(issuesOf({ ...NAMES, ...input })).toEqual([path]);
  });

  it('lists everything that is wrong', () => {
    const input = { id: '', platform: '', type: '', credential: { revision: -1 }, settings: { enabled: 'no', weight: -1 } };
    expect(issuesOf(input)).toEqual(['id', 'platform', 'type', 'credential.revision', 'settings.enabled', 'settings.weight']);
  });

  it.each([null, undefined, 'a1', []])('refuses %j', (input) => {
    expect(issuesOf(input)).toEqual(['']);
  });
});

describe('AccountInput.health', () => {
  const healthOf = (health: HealthInput): ReturnType<typeof defineAccount>['health'] => defineAccount({ ...NAMES, health }).health;
  const given = hold(NOW, { rule: 'given', kind: 'temporary' });

  it.each<readonly [HealthInput, object]>([
    [{ rateLimit: { until: NOW } }, { rateLimit: given }],
    [{ rateLimit: null }, {}],
    [{ overload: hold(NOW) }, { overload: hold(NOW) }],
    [{ modelRateLimits: { m: { until: NOW } } }, { modelRateLimits: new Map([['m', given]]) }],
    [{ modelRateLimits: new Map([['m', { until: NOW }]]) }, { modelRateLimits: new Map([['m', given]]) }],
    [{ modelRateLimits: [['__proto__', { until: NOW }]] }, { modelRateLimits: new Map([['__proto__', given]]) }],
    [{ errors: { billing: { at: NOW } } }, { errors: new Map([['billing', accountError({ at: NOW, rule: 'given', message: '' })]]) }],
    [{ usage: { '5h': sample(0.5, NOW) } }, { usage: new Map([['5h', sample(0.5, NOW)]]) }],
    [
      { strikes: { forbidden: { evidence: { 'r:0': NOW } } } },
      { strikes: new Map([['forbidden', { generation: 0, evidence: new Map([['r:0', NOW]]) }]]) },
    ],
    [{ refreshRequestedFor: 2 }, { refreshRequestedFor: 2 }],
  ])('%j', (health, expected) => {
    expect(healthOf(health)).toEqual({ ...EMPTY_HEALTH, ...expected });
  });

  const start = NOW - SESSION_WINDOW_MS;
  const status = { observedAt: start, status: 'allowed' };
  it.each<readonly [NonNullable<HealthInput['sessionWindow']>, object]>([
    [
      { start, end: NOW, status: 'allowed', source: 'header' },
      { header: { observedAt: start, end: NOW }, status, predicted: null },
    ],
    [
      { end: NOW, status: 'allowed' },
      { header: { observedAt: start, end: NOW }, status, predicted: null },
    ],
    [
      { start, end: NOW, source: 'predicted' },
      { header: null, status: null, predicted: { start } },
    ],
    [
      { start, status: null },
      { header: null, status: null, predicted: { start } },
    ],
    [{ start: null, end: null, status: null }, EMPTY_HEALTH.sessionWindow],
    [{ header: { observedAt: 1, end: NOW } }, { header: { observedAt: 1, end: NOW }, status: null, predicted: null }],
    [{ status }, { header: null, status, predicted: null }],
  ])('a session window as %j', (sessionWindow, expected) => {
    expect(healthOf({ sessionWindow }).sessionWindow).toEqual(expected);
  });

  it('takes health itself, and what healthToJson wrote', () => {
    const health = healthOf({ rateLimit: { until: NOW }, modelRateLimits: { m: { until: NOW } }, sessionWindow: { end: NOW } });
    expect(healthOf(health)).toEqual(health);
    expect(healthOf(JSON.parse(JSON.stringify(healthToJson(health))))).toEqual(health);
  });
});
