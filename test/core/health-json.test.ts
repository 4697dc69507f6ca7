import { describe, expect, it } from 'vitest';
import { type AccountHealth, EMPTY_HEALTH } from '../../src/core/health.js';
import { healthFromJson, healthToJson } from '../../src/core/health-json.js';
import { joinHealth, mergeHealth } from '../../src/core/merge-health.js';
import { recover } from '../../src/core/recover.js';
import { MAX_INSTANT } from '../../src/core/time.js';
import { toPatches } from '../../src/core/to-patches.js';
import { account, accountError, hold, NOW, sample } from '../support/accounts.js';

const HEALTH: AccountHealth = {
  errors: new Map([['billing', accountError()]]),
  rateLimit: hold(NOW),
  overload: null,
  temporary: null,
  authentication: hold(NOW, { credentialRevision: 2 }),
  modelRateLimits: new Map([
    ['b', hold(NOW)],
    ['__proto__', hold(NOW + 1)],
  ]),
  sessionWindow: { header: { observedAt: 1, end: 2 }, status: null, predicted: null },
  usage: new Map([['5h', sample(0.5, null)]]),
  strikes: new Map([['forbidden', { generation: 1, evidence: new Map([['r:0', NOW]]) }]]),
  refreshRequestedFor: 0,
  unknown: new Map<string, unknown>([
    ['zeta', null],
    ['quotaScopes', [['x', { until: NOW }]]],
  ]),
};

describe('healthToJson', () => {
  it('writes plain objects and pairs, sorted, without what is empty', () => {
    expect(JSON.parse(JSON.stringify(healthToJson(HEALTH)))).toEqual({
      errors: [['billing', accountError()]],
      rateLimit: hold(NOW),
      authentication: hold(NOW, { credentialRevision: 2 }),
      modelRateLimits: [
        ['__proto__', hold(NOW + 1)],
        ['b', hold(NOW)],
      ],
      sessionWindow: { header: { observedAt: 1, end: 2 } },
      usage: [['5h', sample(0.5, null)]],
      strikes: [['forbidden', { generation: 1, evidence: [['r:0', NOW]] }]],
      refreshRequestedFor: 0,
      quotaScopes: [['x', { until: NOW }]],
      zeta: null,
    });
    expect(healthToJson(EMPTY_HEALTH)).toEqual({});
  });

  it('gives healths that say the same the same text', () => {
    const other = joinHealth({ ...HEALTH, modelRateLimits: new Map([...HEALTH.modelRateLimits].reverse()) }, HEALTH);
    expect(JSON.stringify(healthToJson(other))).toBe(JSON.stringify(healthToJson(HEALTH)));
  });
});

describe('healthFromJson', () => {
  it('gives back what was written, by way of text', () => {
    expect(healthFromJson(JSON.parse(JSON.stringify(healthToJson(HEALTH))))).toEqual(HEALTH);
  });

  it.each([
    ['pairs', [['m', { until: NOW }]]],
    ['a plain object', { m: { until: NOW } }],
    ['a Map', new Map([['m', { until: NOW }]])],
  ])('takes dictionaries as %s', (_, modelRateLimits) => {
    const expected = hold(NOW, { rule: 'given', kind: 'temporary' });
    expect(healthFromJson({ modelRateLimits }).modelRateLimits).toEqual(new Map([['m', expected]]));
  });

  it.each([null, undefined, 7, 'text', [], [['errors', []]], () => 1])('reads %j as empty health', (json) => {
    expect(healthFromJson(json)).toEqual(EMPTY_HEALTH);
  });

  it.each<readonly [string, unknown]>([
    ['errors', { unheard_of: accountError(), billing: 'x', violation: { message: 'no instant' } }],
    ['errors', [['billing'], 'billing', [7, accountError()], null]],
    ['rateLimit', { until: 'tomorrow' }],
    ['rateLimit', { until: NOW, generation: 'one' }],
    ['overload', [NOW]],
    [
      'modelRateLimits',
      [
        ['', hold(NOW)],
        ['a\0', hold(NOW)],
        ['x'.repeat(257), hold(NOW)],
        ['m', null],
      ],
    ],
    ['sessionWindow', { header: { end: NOW }, status: { observedAt: NOW, status: 'NOT ASCII É' }, predicted: [] }],
    ['sessionWindow', 'allowed'],
    ['usage', { UPPER: sample(0.5, NOW), '5h': { utilization: 0.5 } }],
    ['strikes', { forbidden: { generation: Number.NaN } }],
    ['refreshRequestedFor', 'all'],
  ])('drops what is malformed in %s', (cell, value) => {
    expect(healthFromJson({ [cell]: value })).toEqual(EMPTY_HEALTH);
  });

  it('does not read what is inherited', () => {
    expect(healthFromJson(Object.create({ rateLimit: hold(NOW) }))).toEqual(EMPTY_HEALTH);
  });

  it.each([
    ['until', { until: 1e300 }, { until: MAX_INSTANT }],
    ['until', { until: -1 }, { until: 0 }],
    ['generation', { generation: 1e12 }, { generation: 2 ** 31 - 1 }],
    ['generation', { generation: -3.5 }, { generation: 0 }],
    ['credentialRevision', { credentialRevision: -9 }, { credentialRevision: -1 }],
    ['kind', { kind: 'new_kind' }, { kind: 'temporary' }],
    ['rule', { rule: 'Not an identifier' }, { rule: 'given' }],
    ['detail', { detail: 'a\0\nb' }, { detail: 'a b' }],
    ['detail', { detail: 7 }, { detail: '' }],
  ])('brings %s within its bounds: %j', (_, change, expected) => {
    expect(healthFromJson({ rateLimit: { ...hold(NOW), ...change } }).rateLimit).toEqual({ ...hold(NOW), ...expected });
  });

  it('F44: an absurd end that an old version stored is clamped, and an operator can clear it', () => {
    const health = healthFromJson(JSON.parse('{"rateLimit":{"until":1e400,"rule":"r"},"temporary":{"until":1e300,"rule":"r"}}'));
    expect(health.temporary?.until).toBe(MAX_INSTANT);
    const patch = toPatches(recover(account({ health }))).get('a1') ?? [];
    expect(mergeHealth(health, patch)).toMatchObject({ rateLimit: { until: 0, generation: 1 }, temporary: { until: 0, generation: 1 } });
  });

  it.each<readonly [unknown, number | null]>([
    [0.57, 0.57],
    [0.123456, 0.1234],
    [1.02, 1.02],
    [101, null],
    [-0.1, null],
    [Number.NaN, null],
    ['0.5', null],
  ])('reads a utilization of %j as %j', (utilization, expected) => {
    expect(healthFromJson({ usage: { '5h': { ...sample(0, null), utilization } } }).usage.get('5h')?.utilization).toBe(expected);
  });

  it('keeps the newest 16 pieces of evidence, under names only', () => {
    const evidence = [...Array.from({ length: 20 }, (_, index) => [`r:${index}`, index]), ['NOT A NAME', 99], ['r:x', 'never']];
    const set = healthFromJson({ strikes: { forbidden: { evidence } } }).strikes.get('forbidden');
    expect([...(set?.evidence.values() ?? [])]).toEqual(Array.from({ length: 16 }, (_, index) => 19 - index));
  });

  const url = 'https://accounts.google.com/v';
  it.each<readonly [unknown, unknown]>([
    [
      { url, trusted: true },
      { url, trusted: true },
    ],
    [
      { url, trusted: false },
      { url, trusted: false },
    ],
    [{ url }, { url, trusted: true }],
    [{ url: 'https://elsewhere.example/v' }, { url: 'https://elsewhere.example/v', trusted: false }],
    [
      { url: 'https://hosts.example/v', trusted: true },
      { url: 'https://hosts.example/v', trusted: true },
    ],
    [{ url: 'javascript:alert(1)', trusted: true }, null],
    [{ url: `https://${'x'.repeat(3_000)}`, trusted: true }, null],
    ['https://accounts.google.com/v', null],
  ])('reads the link %j as %j', (link, expected) => {
    expect(healthFromJson({ errors: { verification: { ...accountError(), link } } }).errors.get('verification')?.link).toEqual(expected);
  });

  it('F46: keeps cells of a newer version, also null and empty ones, and never as known ones', () => {
    const json = JSON.parse('{"quotaScopes":[["x",1]],"empty":[],"none":null,"__proto__":{"until":1},"refreshRequestedFor":3}');
    const health = healthFromJson(json);
    expect([...health.unknown.keys()].sort()).toEqual(['__proto__', 'empty', 'none', 'quotaScopes']);
    expect(JSON.stringify(healthToJson(healthFromJson(health)))).toBe(JSON.stringify(healthToJson(health)));
    expect(healthFromJson({ unknown: new Map([['rateLimit', 1]]) })).toEqual(EMPTY_HEALTH);
  });
});
