import { describe, expect, it } from 'vitest';
import { DEFAULT_SETTINGS, type PolicySettings, SETTING_RANGES } from '../src/core/policy.js';
import { PolicyError } from '../src/core/policy-error.js';
import type { Outcome, Rule, RuleOverride } from '../src/core/rule.js';
import { DEFAULT_POLICY, type DeepPartial, definePolicy, type PolicyOverrides } from '../src/define-policy.js';
import { evaluate } from '../src/evaluate.js';
import { BUILT_IN_RULES } from '../src/rule-table.js';
import { answered, given, MINUTE, NOW, says } from './support/exchanges.js';
import { checkRow, error, invalidated, modelLimited, paused, type Row, refreshRequested, refused, testRows } from './support/rows.js';
import { ALL_ROWS } from './tables/rows/all.js';

const NOTHING: Outcome = { kind: 'unknown', scope: 'request', exit: 'none', effect: { type: 'none' }, course: 'respond' };
const OWN: Rule & { readonly before: string } = { id: 'own', before: 'rate_limited', status: [429], when: {}, then: NOTHING };

function issuesOf(overrides: PolicyOverrides): PolicyError['issues'] {
  try {
    definePolicy(overrides);
  } catch (thrown) {
    if (thrown instanceof PolicyError) return thrown.issues;
    throw thrown;
  }
  return [];
}

/** What a caller without types may pass. */
const loosely = (overrides: unknown): PolicyOverrides => overrides as PolicyOverrides;
const paths = (overrides: unknown): readonly string[] => issuesOf(loosely(overrides)).map(({ path }) => path);

describe('definePolicy', () => {
  it('without anything is the default', () => {
    expect(definePolicy()).toEqual(DEFAULT_POLICY);
    expect(DEFAULT_POLICY.settings).toEqual(DEFAULT_SETTINGS);
    expect(DEFAULT_POLICY.rules.map(({ mode: _mode, ...rule }) => rule)).toEqual(BUILT_IN_RULES);
    expect(DEFAULT_POLICY.rules.every(({ mode }) => mode === 'enforce')).toBe(true);
  });

  it('is frozen, to the last condition', () => {
    const policy = definePolicy({ settings: { overload: { cooldownMinutes: 3 } } });
    const isFrozen = (value: unknown): boolean =>
      typeof value !== 'object' || value === null || (Object.isFrozen(value) && Object.values(value).every(isFrozen));
    expect(isFrozen(policy)).toBe(true);
  });

  it('leaves its input alone', () => {
    const overrides = { settings: { overload: { cooldownMinutes: 3 } }, rules: [{ ...OWN }] };
    const before = structuredClone(overrides);
    definePolicy(overrides);
    expect(overrides).toEqual(before);
  });

  it('prints, compares and copies as settings and rules', () => {
    expect(Object.keys(DEFAULT_POLICY)).toEqual(['settings', 'rules']);
    const copy = { ...DEFAULT_POLICY };
    for (const { exchange, policy } of ALL_ROWS.filter((_, at) => at % 25 === 0)) {
      if (policy === undefined) expect(evaluate(exchange, copy)).toEqual(evaluate(exchange));
    }
  });

  it('keeps what is not given', () => {
    const { settings } = definePolicy({ settings: { overload: { cooldownMinutes: 3 }, verificationHosts: ['id.example.com'] } });
    expect(settings.overload).toEqual({ enabled: true, cooldownMinutes: 3 });
    expect(settings.verificationHosts).toEqual([...DEFAULT_SETTINGS.verificationHosts, 'id.example.com']);
    expect(settings.rateLimitFallback).toEqual(DEFAULT_SETTINGS.rateLimitFallback);
  });
});

/** A settings object with one number of it set. */
function withNumber(path: string, value: unknown): DeepPartial<PolicySettings> {
  const [first, second] = path.split('.');
  if (first === 'schedulingThresholdPercent') return { schedulingThresholdPercent: { openai: value } } as DeepPartial<PolicySettings>;
  return (second === undefined ? { [path]: value } : { [first ?? '']: { [second]: value } }) as DeepPartial<PolicySettings>;
}

describe('the ranges of settings', () => {
  it.each(Object.entries(SETTING_RANGES))('%s', (path, { min, max }) => {
    const full = path === 'schedulingThresholdPercent' ? `settings.${path}.openai` : `settings.${path}`;
    for (const value of [min, max]) expect(issuesOf({ settings: withNumber(path, value) })).toEqual([]);
    for (const value of [min - 1, max + 1, min + 0.5, Number.NaN, Number.POSITIVE_INFINITY, String(min)]) {
      expect(issuesOf({ settings: withNumber(path, value) })).toEqual([
        { path: full, message: `must be a whole number from ${min} to ${max}` },
      ]);
    }
  });

  it.each(['overload', 'rateLimitFallback'] as const)('%s.enabled', (name) => {
    expect(issuesOf({ settings: { [name]: { enabled: false } } })).toEqual([]);
    expect(issuesOf(loosely({ settings: { [name]: { enabled: 'yes' } } }))).toEqual([
      { path: `settings.${name}.enabled`, message: 'must be true or false' },
    ]);
  });

  it.each(['https://a.com', 'A.com', 'a.com?x=1', '', 'a b.com', 7])('a verification host is no %o', (host) => {
    expect(paths({ settings: { verificationHosts: [host] } })).toEqual([
      `settings.verificationHosts.${DEFAULT_SETTINGS.verificationHosts.length}`,
    ]);
  });
});

describe('wrong rules', () => {
  it.each([
    ['an id that does not exist', { id: 'nobody', mode: 'off' }, ['rules.0.id']],
    ['a mode that does not exist', { id: 'rate_limited', mode: 'maybe' }, ['rules.0.mode']],
    ['an outcome without its parts', { id: 'rate_limited', then: { kind: 'ok' } }, ['rules.0.then']],
    ['a place that does not exist', { ...OWN, before: 'nobody' }, ['rules.0.before']],
    ['an id that is taken', { ...OWN, id: 'rate_limited' }, ['rules.0.id']],
    ['an id with blanks', { ...OWN, id: 'my rule' }, ['rules.0.id']],
    ['an id of 65 characters', { ...OWN, id: 'x'.repeat(65) }, ['rules.0.id']],
    ['no status', { ...OWN, status: [] }, ['rules.0.status']],
    ['a condition that does not exist', { ...OWN, when: { weather: 'fine', phrases: ['x'] } }, ['rules.0.when.weather']],
    ['conditions that are none', { ...OWN, when: null }, ['rules.0.when']],
    ['a new outcome without its parts', { ...OWN, then: {} }, ['rules.0.then']],
    ['several at once', { ...OWN, id: '', status: 'all', when: { a: 1 } }, ['rules.0.when.a', 'rules.0.id', 'rules.0.status']],
  ])('%s', (_, rule, expected) => expect(paths({ rules: [rule] })).toEqual(expected));

  it('all issues come together, of settings and rules', () => {
    const overrides = {
      settings: { oauth401CooldownMinutes: 0, overload: { cooldownMinutes: 121 } },
      rules: [
        { id: 'a', mode: 'off' },
        { id: 'b', mode: 'off' },
      ],
    };
    expect(paths(overrides)).toEqual(['settings.oauth401CooldownMinutes', 'settings.overload.cooldownMinutes', 'rules.0.id', 'rules.1.id']);
  });

  it('is a PolicyError with a stable code and a message that names every place', () => {
    const define = (): unknown => definePolicy(loosely({ settings: { oauth401CooldownMinutes: 0 }, rules: [{ id: 'a', mode: 'off' }] }));
    expect(define).toThrow(PolicyError);
    expect(define).toThrow(
      'invalid_policy: settings.oauth401CooldownMinutes: must be a whole number from 1 to 1440; rules.0.id: there is no rule "a"',
    );
    expect(define).toThrow(expect.objectContaining({ code: 'invalid_policy', name: 'PolicyError' }));
  });
});

const changed = (...rules: readonly RuleOverride[]) => definePolicy({ rules });
const forbidden = answered(given('gemini', 'api_key'), 403, { body: says('No access') });

const overrides: readonly Row[] = [
  {
    name: 'off: the next rule decides',
    exchange: answered(given('openai', 'api_key'), 403, { body: says('No access') }),
    policy: changed({ id: 'openai_403_strikes', mode: 'off' }),
    rule: 'access_forbidden',
    actions: [error('forbidden', 'Access forbidden (403): No access')],
    events: [],
  },
  {
    name: 'shadow: the next rule decides, and an event tells what would have',
    exchange: answered(given('openai', 'api_key'), 403, { body: says('No access') }),
    policy: changed({ id: 'openai_403_strikes', mode: 'shadow' }),
    rule: 'access_forbidden',
    actions: [error('forbidden', 'Access forbidden (403): No access')],
    events: ['shadow_rule'],
  },
  {
    name: 'every rule off: nothing is known, and nothing changes',
    exchange: forbidden,
    policy: changed(...BUILT_IN_RULES.map(({ id }): RuleOverride => ({ id, mode: 'off' }))),
    rule: 'no_rule',
    verdict: { kind: 'forbidden', scope: 'request' },
    actions: [],
    disposition: { type: 'respond' },
  },
  {
    name: 'another outcome',
    exchange: forbidden,
    policy: changed({
      id: 'access_forbidden',
      then: {
        kind: 'forbidden',
        scope: 'account',
        exit: 'time',
        effect: { type: 'pause', minutes: 2, title: 'Rest: ', missing: 'Rest' },
        course: 'fail_over',
      },
    }),
    rule: 'access_forbidden',
    actions: [paused(NOW + 2 * MINUTE, 'Rest: No access')],
  },
  {
    name: 'a new rule before another',
    exchange: answered(given('gemini', 'api_key'), 429, { body: says('Tokens of the week are used up') }),
    policy: changed({
      id: 'own_week',
      before: 'rate_limited',
      status: [429],
      when: { phrases: ['tokens of the week'] },
      then: {
        kind: 'quota_exhausted',
        scope: 'model',
        exit: 'time',
        effect: { type: 'limit', on: 'model', kind: 'quota', until: 60 },
        course: 'fail_over',
      },
    }),
    rule: 'own_week',
    verdict: { kind: 'quota_exhausted' },
    actions: [modelLimited('a-model', NOW + 60 * MINUTE)],
  },
  {
    name: 'a new rule does not disturb others',
    exchange: forbidden,
    policy: changed({ ...OWN }),
    rule: 'access_forbidden',
    actions: [error('forbidden', 'Access forbidden (403): No access')],
  },
  {
    name: 'a new rule for an unknown platform',
    exchange: answered(given('groq', 'api_key'), 400, { body: says('Organization restricted', { code: 'organization_restricted' }) }),
    policy: changed({
      id: 'groq_restricted',
      before: 'organization_disabled',
      platform: ['groq'],
      status: [400],
      when: { code: ['organization_restricted'] },
      then: {
        kind: 'violation',
        scope: 'organization',
        exit: 'operator',
        effect: { type: 'error', kind: 'organization', title: 'Restricted: ', missing: 'Restricted' },
        course: 'fail_over',
      },
    }),
    rule: 'groq_restricted',
    actions: [error('organization', 'Restricted: Organization restricted')],
  },
  {
    name: 'a test that fails with an exception is no match, and an event',
    exchange: answered(given('gemini', 'api_key'), 429, { body: says('Slow') }),
    policy: changed({
      ...OWN,
      when: {
        test: () => {
          throw new RangeError('no');
        },
      },
    }),
    rule: 'no_reset_time',
    actions: [{ type: 'add_strike' }, { type: 'set_rate_limited' }],
    events: ['rule_failed'],
  },
];

describe('changes to the table', () => testRows(overrides));

/** docs/policy.md: Antigravity's 401 as the other platforms' (what the original does today). */
const LIKE_THE_OTHERS: Rule & { readonly before: string } = {
  id: 'antigravity_401_refreshable',
  before: 'antigravity_401',
  platform: ['antigravity'],
  type: ['oauth'],
  status: [401],
  when: { refreshable: true },
  then: {
    kind: 'unauthenticated',
    scope: 'credential',
    exit: 'refresh',
    effect: { type: 'authentication', title: 'OAuth 401: ', missing: 'Authentication failed (401): invalid or expired credentials' },
    course: 'fail_over',
  },
};

describe("Antigravity's 401, replaced", () => {
  const policy = definePolicy({ rules: [LIKE_THE_OTHERS] });

  it('holds an account that can be refreshed', () =>
    checkRow({
      name: '',
      exchange: answered(given('antigravity', 'oauth'), 401, { body: says('No entry') }),
      policy,
      rule: 'antigravity_401_refreshable',
      actions: [invalidated, refused(NOW + 10 * MINUTE, 'OAuth 401: No entry'), refreshRequested],
    }));

  it('is held in any case, where only the outcome is replaced', () => {
    checkRow({
      name: '',
      exchange: answered(given('antigravity', 'oauth'), 401, { body: says('No entry') }),
      policy: definePolicy({ rules: [{ id: 'antigravity_401', then: LIKE_THE_OTHERS.then }] }),
      rule: 'antigravity_401',
      actions: [invalidated, refused(NOW + 10 * MINUTE, 'OAuth 401: No entry'), refreshRequested],
    });
  });

  it('is an error where nothing can be refreshed', () =>
    checkRow({
      name: '',
      exchange: answered(given('antigravity', 'oauth', { credential: { refreshable: false } }), 401, { body: says('No entry') }),
      policy,
      rule: 'antigravity_401',
      actions: [invalidated, error('credential', 'Authentication failed (401): No entry')],
    }));
});
