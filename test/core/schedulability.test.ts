import { describe, expect, it } from 'vitest';
import { type Blocker, schedulability } from '../../src/core/schedulability.js';
import { HOUR_MS } from '../../src/core/time.js';
import { type AccountFacts, account, accountError, hold, NOW, policyOf, sample } from '../support/accounts.js';

const IN_1H = NOW + HOUR_MS;
const IN_2H = NOW + 2 * HOUR_MS;

const limits = (...entries: readonly (readonly [string, ReturnType<typeof hold>])[]): AccountFacts => ({
  health: { modelRateLimits: new Map(entries) },
});
const spent = (until: number = IN_2H): ReturnType<typeof hold> => hold(until, { kind: 'quota' });
const overages = (facts: AccountFacts, platform: string = 'antigravity'): AccountFacts => ({
  ...facts,
  platform,
  settings: { allowOverages: true },
});

interface Row {
  readonly title: string;
  readonly facts: AccountFacts;
  readonly model?: string;
  /** cell, key, until, exit of each blocker; or how it may serve. */
  readonly expected: 'quota' | 'credits' | readonly (readonly [cell: string, key: string | null, until: number | null, exit: string])[];
}

const OWN: readonly Row[] = [
  { title: 'a healthy account', facts: {}, expected: 'quota' },
  { title: 'switched off', facts: { settings: { enabled: false } }, expected: [['settings.enabled', null, null, 'operator']] },
  {
    title: 'its subscription has ended',
    facts: { settings: { expiresAt: NOW } },
    expected: [['settings.expiresAt', null, null, 'operator']],
  },
  { title: 'its subscription ends in a moment', facts: { settings: { expiresAt: NOW + 1 } }, expected: 'quota' },
  {
    title: 'its subscription has ended, and it does not pause',
    facts: { settings: { expiresAt: NOW, pauseOnExpiry: false } },
    expected: 'quota',
  },
  {
    title: 'an error',
    facts: { health: { errors: new Map([['billing', accountError()]]) } },
    expected: [['errors', 'billing', null, 'operator']],
  },
  {
    title: 'a cleared error',
    facts: { health: { errors: new Map([['billing', accountError({ at: 0, rule: 'cleared' })]]) } },
    expected: 'quota',
  },
  {
    title: 'an error about this credential revision',
    facts: {
      credential: { revision: 3, expiresAt: null, refreshable: true },
      health: { errors: new Map([['credential', accountError({ credentialRevision: 3 })]]) },
    },
    expected: [['errors', 'credential', null, 'operator']],
  },
  {
    title: 'an error about an earlier credential revision',
    facts: {
      credential: { revision: 4, expiresAt: null, refreshable: true },
      health: { errors: new Map([['credential', accountError({ credentialRevision: 3 })]]) },
    },
    expected: 'quota',
  },
  { title: 'rate limited', facts: { health: { rateLimit: hold(IN_1H) } }, expected: [['rateLimit', null, IN_1H, 'time']] },
  { title: 'rate limited until now', facts: { health: { rateLimit: hold(NOW) } }, expected: 'quota' },
  {
    title: 'rate limited for a millisecond',
    facts: { health: { rateLimit: hold(NOW + 1) } },
    expected: [['rateLimit', null, NOW + 1, 'time']],
  },
  { title: 'overloaded', facts: { health: { overload: hold(IN_1H) } }, expected: [['overload', null, IN_1H, 'time']] },
  { title: 'overloaded until now', facts: { health: { overload: hold(NOW) } }, expected: 'quota' },
  { title: 'held for a while', facts: { health: { temporary: hold(IN_1H) } }, expected: [['temporary', null, IN_1H, 'time']] },
  { title: 'held until now', facts: { health: { temporary: hold(NOW) } }, expected: 'quota' },
  {
    title: 'its credential was refused',
    facts: { health: { authentication: hold(IN_1H, { credentialRevision: 0 }) } },
    expected: [['authentication', null, IN_1H, 'refresh']],
  },
  {
    title: 'its credential was refused and cannot be refreshed',
    facts: {
      credential: { revision: 0, expiresAt: null, refreshable: false },
      health: { authentication: hold(IN_1H, { credentialRevision: 0 }) },
    },
    expected: [['authentication', null, IN_1H, 'time']],
  },
  {
    title: 'an earlier credential was refused',
    facts: {
      credential: { revision: 1, expiresAt: null, refreshable: true },
      health: { authentication: hold(IN_1H, { credentialRevision: 0 }) },
    },
    expected: 'quota',
  },
  {
    title: 'a later credential than we know was refused',
    facts: {
      credential: { revision: 1, expiresAt: null, refreshable: true },
      health: { authentication: hold(IN_1H, { credentialRevision: 2 }) },
    },
    expected: [['authentication', null, IN_1H, 'refresh']],
  },
  {
    title: 'a cleared hold',
    facts: { health: { rateLimit: hold(0, { generation: 1, rule: 'cleared' }) } },
    expected: 'quota',
  },
  {
    title: 'an absurd end that an old version stored',
    facts: { health: { rateLimit: hold(Number.MAX_SAFE_INTEGER) } },
    expected: [['rateLimit', null, 4_102_444_800_000, 'time']],
  },
];

const MODELS: readonly Row[] = [
  { title: 'the model is limited', facts: limits(['m', spent()]), model: 'm', expected: [['modelRateLimits', 'm', IN_2H, 'time']] },
  { title: 'the model was limited until now', facts: limits(['m', spent(NOW)]), model: 'm', expected: 'quota' },
  { title: 'another model is limited', facts: limits(['n', spent()]), model: 'm', expected: 'quota' },
  { title: 'no model is asked for', facts: limits(['m', spent()]), expected: 'quota' },
  {
    title: "the upstream's name for the model is limited",
    facts: { ...limits(['m', spent()]), settings: { modelMapping: { alias: 'm' } } },
    model: 'alias',
    expected: [['modelRateLimits', 'm', IN_2H, 'time']],
  },
  {
    title: 'the name before the mapping is no key',
    facts: { ...limits(['alias', spent()]), settings: { modelMapping: { alias: 'm' } } },
    model: 'alias',
    expected: 'quota',
  },
  {
    title: 'model and family are limited',
    facts: limits(['claude-opus', spent(IN_1H)], ['claude-opus-4-6', spent()]),
    model: 'claude-opus-4-6',
    expected: [
      ['modelRateLimits', 'claude-opus-4-6', IN_2H, 'time'],
      ['modelRateLimits', 'claude-opus', IN_1H, 'time'],
    ],
  },
  {
    title: 'fable',
    facts: limits(['claude-fable-5', spent()]),
    model: 'claude-fable-5-20260101',
    expected: [['modelRateLimits', 'claude-fable-5', IN_2H, 'time']],
  },
  { title: 'fable is limited, opus is not', facts: limits(['claude-fable-5', spent()]), model: 'claude-opus-4-6', expected: 'quota' },
  {
    title: 'all gemini models of antigravity',
    facts: { ...limits(['antigravity:gemini', spent()]), platform: 'antigravity' },
    model: 'gemini-3-flash',
    expected: [['modelRateLimits', 'antigravity:gemini', IN_2H, 'time']],
  },
  {
    title: 'images of openai',
    facts: { ...limits(['openai:image_generation', spent()]), platform: 'openai' },
    model: 'gpt-image-1',
    expected: [['modelRateLimits', 'openai:image_generation', IN_2H, 'time']],
  },
  { title: 'a model called like a member of every object', facts: limits(['m', spent()]), model: 'constructor', expected: 'quota' },
  {
    title: '__proto__ is limited',
    facts: limits(['__proto__', spent()]),
    model: '__proto__',
    expected: [['modelRateLimits', '__proto__', IN_2H, 'time']],
  },
];

const credits = (until: number): readonly ['AICredits', ReturnType<typeof hold>] => ['AICredits', hold(until, { kind: 'credits' })];

const CREDITS: readonly Row[] = [
  { title: 'credits pass a spent quota', facts: overages(limits(['m', spent()])), model: 'm', expected: 'credits' },
  { title: 'credits are not needed', facts: overages({}), model: 'm', expected: 'quota' },
  {
    title: 'credits are not allowed',
    facts: { ...limits(['m', spent()]), platform: 'antigravity' },
    model: 'm',
    expected: [['modelRateLimits', 'm', IN_2H, 'time']],
  },
  {
    title: 'another platform has none',
    facts: overages(limits(['m', spent()]), 'gemini'),
    model: 'm',
    expected: [['modelRateLimits', 'm', IN_2H, 'time']],
  },
  {
    title: 'credits are used up for longer',
    facts: overages(limits(['m', spent(IN_1H)], credits(IN_2H))),
    model: 'm',
    expected: [['modelRateLimits', 'm', IN_1H, 'time']],
  },
  {
    title: 'credits come back before the quota',
    facts: overages(limits(['m', spent(IN_2H)], credits(IN_1H))),
    model: 'm',
    expected: [['modelRateLimits', 'm', IN_1H, 'time']],
  },
  { title: 'credits came back now', facts: overages(limits(['m', spent()], credits(NOW))), model: 'm', expected: 'credits' },
  { title: 'used-up credits alone block nothing', facts: overages(limits(credits(IN_2H))), model: 'm', expected: 'quota' },
  { title: 'not even a model with their name', facts: overages(limits(credits(IN_2H))), model: 'AICredits', expected: 'quota' },
  ...(['overload', 'unavailable', 'temporary'] as const).map((kind) => ({
    title: `credits do not pass a limit of kind ${kind}`,
    facts: overages(limits(['m', hold(IN_2H, { kind })])),
    model: 'm',
    expected: [['modelRateLimits', 'm', IN_2H, 'time']] as const,
  })),
  {
    title: "credits do not pass the account's rate limit",
    facts: {
      platform: 'antigravity',
      settings: { allowOverages: true },
      health: { rateLimit: spent(), modelRateLimits: new Map([['m', spent()]]) },
    },
    model: 'm',
    expected: [['rateLimit', null, IN_2H, 'time']],
  },
  {
    title: 'one limit passes, the other does not',
    facts: overages(limits(['gemini-3-pro', spent()], ['antigravity:gemini', hold(IN_1H, { kind: 'temporary' })])),
    model: 'gemini-3-pro',
    expected: [['modelRateLimits', 'antigravity:gemini', IN_1H, 'time']],
  },
];

const shadowOf = (facts: AccountFacts, own: AccountFacts = {}): AccountFacts => ({
  ...own,
  id: 'shadow',
  parent: account({ ...facts, id: 'parent' }),
});

const SHADOWS: readonly Row[] = [
  { title: 'a healthy parent', facts: shadowOf({}), expected: 'quota' },
  {
    title: 'the parent is switched off',
    facts: shadowOf({ settings: { enabled: false } }),
    expected: [['settings.enabled', null, null, 'operator']],
  },
  {
    title: "the parent's subscription has ended",
    facts: shadowOf({ settings: { expiresAt: NOW } }),
    expected: [['settings.expiresAt', null, null, 'operator']],
  },
  {
    title: 'the parent has an error',
    facts: shadowOf({ health: { errors: new Map([['violation', accountError()]]) } }),
    expected: [['errors', 'violation', null, 'operator']],
  },
  {
    title: "the parent's credential was refused",
    facts: shadowOf({ health: { authentication: hold(IN_1H, { credentialRevision: 0 }) } }),
    expected: [['authentication', null, IN_1H, 'refresh']],
  },
  {
    title: "the parent's credential was refused, and rotated since",
    facts: shadowOf({
      credential: { revision: 1, expiresAt: null, refreshable: true },
      health: { authentication: hold(IN_1H, { credentialRevision: 0 }) },
    }),
    expected: 'quota',
  },
  {
    title: 'the parent is held for a while',
    facts: shadowOf({ health: { temporary: hold(IN_1H) } }),
    expected: [['temporary', null, IN_1H, 'time']],
  },
  { title: "the parent's rate limit does not matter", facts: shadowOf({ health: { rateLimit: hold(IN_1H) } }), expected: 'quota' },
  { title: "the parent's overload does not matter", facts: shadowOf({ health: { overload: hold(IN_1H) } }), expected: 'quota' },
  { title: "the parent's model limits do not matter", facts: shadowOf(limits(['m', spent()])), model: 'm', expected: 'quota' },
  {
    title: "a shadow's own cells are bound to the parent's credential",
    facts: shadowOf(
      { credential: { revision: 5, expiresAt: null, refreshable: true } },
      { health: { authentication: hold(IN_1H, { credentialRevision: 4 }) } },
    ),
    expected: 'quota',
  },
  {
    title: "its own limit and its parent's hold",
    facts: shadowOf({ health: { temporary: hold(IN_2H) } }, { health: { rateLimit: hold(IN_1H) } }),
    expected: [
      ['rateLimit', null, IN_1H, 'time'],
      ['temporary', null, IN_2H, 'time'],
    ],
  },
];

const brief = ({ cell, key, until, exit }: Blocker): readonly [string, string | null, number | null, string] => [cell, key, until, exit];

describe.each([
  ['own state', OWN],
  ['models', MODELS],
  ['credits', CREDITS],
  ['shadows', SHADOWS],
])('schedulability: %s', (_, rows) => {
  it.each(rows)('$title', ({ facts, model = null, expected }) => {
    const answer = schedulability(account(facts), { model, now: NOW });
    if (typeof expected === 'string') expect(answer).toEqual({ schedulable: true, via: expected });
    else expect(answer.schedulable ? answer : answer.blockers.map(brief)).toEqual(expected);
  });
});

describe('schedulability', () => {
  const policy = policyOf({ schedulingThresholdPercent: { anthropic: 90 } });

  it('pauses at the threshold of the policy that is given', () => {
    const used = account({ health: { usage: new Map([['5h', sample(0.91, IN_1H)]]) } });
    expect(schedulability(used, { model: null, now: NOW })).toEqual({ schedulable: true, via: 'quota' });
    expect(schedulability(used, { model: null, now: NOW }, policy)).toEqual({
      schedulable: false,
      blockers: [{ cell: 'usage', key: '5h', until: IN_1H, rule: 'scheduling_threshold', exit: 'time', accountId: 'a1' }],
      until: IN_1H,
    });
  });

  it.each([
    ['7d_oi', 'claude-fable-5', false],
    ['7d_oi', 'claude-fable-5-mini', false],
    ['7d_oi', 'claude-opus-4-6', true],
    ['7d_oi', null, true],
    ['7d_opus', 'claude-opus-4-6', false],
    ['7d_opus', 'claude-sonnet-4-5', true],
    ['7d_sonnet', 'claude-sonnet-4-5', false],
    ['7d', null, false],
    ['7d', 'claude-opus-4-6', false],
  ])('the window %s at the threshold: model %s may be served: %s', (window, model, schedulable) => {
    const used = account({ health: { usage: new Map([[window, sample(0.91, IN_1H)]]) } });
    expect(schedulability(used, { model, now: NOW }, policy).schedulable).toBe(schedulable);
  });

  it("a parent's use of its own plan pauses no shadow", () => {
    const parent = account({ id: 'parent', health: { usage: new Map([['5h', sample(0.99, IN_1H)]]) } });
    expect(schedulability(account({ parent }), { model: null, now: NOW }, policy).schedulable).toBe(true);
  });

  it('is over when the last blocker is', () => {
    const held = account({ health: { rateLimit: hold(IN_1H), temporary: hold(IN_2H) } });
    expect(schedulability(held, { model: null, now: NOW })).toMatchObject({ schedulable: false, until: IN_2H });
  });

  it('is over only by a person if one blocker is', () => {
    const held = account({ settings: { enabled: false }, health: { temporary: hold(IN_2H) } });
    expect(schedulability(held, { model: null, now: NOW })).toMatchObject({ schedulable: false, until: null });
  });

  it.each([
    ['before the hold', IN_1H - 1, null],
    ['with the hold', IN_1H, null],
    ['after the hold', IN_1H + 1, IN_1H],
  ])('a subscription that ends %s', (_, expiresAt, until) => {
    const held = account({ settings: { expiresAt }, health: { rateLimit: hold(IN_1H) } });
    const answer = schedulability(held, { model: null, now: NOW });
    expect(answer).toMatchObject({ schedulable: false, until });
    const last = answer.schedulable ? undefined : answer.blockers.at(-1);
    if (until === null) expect(last).toMatchObject({ cell: 'settings.expiresAt', rule: 'expires_first', until: null, exit: 'operator' });
    else expect(last).toMatchObject({ cell: 'rateLimit' });
  });

  it('names the account that blocks, and the rule', () => {
    const parent = account({ id: 'parent', health: { temporary: hold(IN_1H, { rule: 'pause' }) } });
    const answer = schedulability(account({ id: 'shadow', parent, settings: { enabled: false } }), { model: null, now: NOW });
    expect(answer.schedulable ? [] : answer.blockers.map(({ accountId, rule }) => [accountId, rule])).toEqual([
      ['shadow', 'disabled'],
      ['parent', 'pause'],
    ]);
  });

  it('gives the errors in the order of their weight, whatever came first', () => {
    const errors = new Map([
      ['custom', accountError()],
      ['violation', accountError()],
      ['billing', accountError()],
    ] as const);
    const answer = schedulability(account({ health: { errors } }), { model: null, now: NOW });
    expect(answer.schedulable ? [] : answer.blockers.map(({ key }) => key)).toEqual(['violation', 'billing', 'custom']);
  });
});
