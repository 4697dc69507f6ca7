/** The faults and bad inputs that a gateway meets, each with the behaviour that is required of it. */
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { createMemoryRepository } from '../src/adapters/memory.js';
import type { Account } from '../src/core/account.js';
import type { Action } from '../src/core/action.js';
import { defineAccount } from '../src/core/define-account.js';
import type { Exchange, HeadersLike } from '../src/core/exchange.js';
import { type AccountHealth, EMPTY_HEALTH, type Hold } from '../src/core/health.js';
import { healthFromJson, healthToJson } from '../src/core/health-json.js';
import { joinHealth, mergeHealth } from '../src/core/merge-health.js';
import { PolicyError } from '../src/core/policy-error.js';
import { recover } from '../src/core/recover.js';
import { createRedactor } from '../src/core/redact.js';
import { schedulability } from '../src/core/schedulability.js';
import { currentSessionWindow } from '../src/core/session-window.js';
import { toPatches } from '../src/core/to-patches.js';
import { checkLink } from '../src/core/verification-link.js';
import { definePolicy } from '../src/define-policy.js';
import { evaluate } from '../src/evaluate.js';
import { redactDecision } from '../src/shell/redact-decision.js';
import {
  answered,
  anthropicError,
  DAY,
  errorInfo,
  given,
  HOUR,
  MINUTE,
  NOW,
  quotaFailure,
  retryInfo,
  rpc,
  SECOND,
  says,
  seconds,
  unified,
} from './support/exchanges.js';
import { actionsOf, hostileObjects, texts } from './support/hostile.js';

/** Numbers whose tests ran. */
const tested = new Set<number>();

/** The faults that this file answers for. */
const FAULTS: readonly number[] = [
  24,
  25,
  ...Array.from({ length: 13 }, (_, at) => 29 + at),
  ...Array.from({ length: 43 }, (_, at) => 47 + at),
  95,
  96,
];

function fault(number: number, sentence: string, test: () => void | Promise<void>): void {
  describe(`F${number}`, () => {
    it(sentence, async () => {
      await test();
      tested.add(number);
    });
  });
}

const OPENAI = given('openai', 'api_key');
const CLAUDE = given('anthropic', 'oauth');
const GEMINI = given('gemini', 'api_key');
const ANTIGRAVITY = given('antigravity', 'oauth');
const OTHER = given('elsewhere', 'api_key');
/** The settings' seconds after a 429 that states no reset. */
const FALLBACK_MS = 5 * SECOND;

/** What an exchange does to the account. */
function applied(exchange: Exchange, health: AccountHealth = exchange.account.health): AccountHealth {
  return mergeHealth(health, toPatches(evaluate(exchange).actions).get(exchange.account.id) ?? []);
}

const withHealth = (one: Account, health: AccountHealth): Account => ({ ...one, health });

/** How long the account, or its model, is held for an answer; null: not at all. */
function heldFor(exchange: Exchange): number | null {
  const ends = actionsOf(evaluate(exchange)).flatMap((action) => ('until' in action ? [action.until - exchange.receivedAt] : []));
  return ends.length === 0 ? null : Math.max(...ends);
}

/** How long a Retry-After holds an account of a platform without rules of its own. */
const retryAfter = (value: string, more: Readonly<Record<string, string>> = {}): number | null =>
  heldFor(answered(OTHER, 429, { headers: { 'retry-after': value, ...more } }));

const kindsOf = (actions: readonly Action[]): readonly string[] =>
  actions.flatMap((action) => (action.type === 'set_error' ? [action.kind] : []));
const errors = (exchange: Exchange): readonly string[] => kindsOf(actionsOf(evaluate(exchange)));
const rule = (exchange: Exchange): string => evaluate(exchange).verdict.rule;

const rateHold = (until: number, facts: Partial<Hold> = {}): AccountHealth => ({
  ...EMPTY_HEALTH,
  rateLimit: { generation: 0, credentialRevision: -1, until, rule: 'r', kind: 'quota', detail: '', ...facts },
});

fault(24, 'an account that is called invalid_grant is an account like any other', () => {
  const named = defineAccount({ id: 'invalid_grant', platform: 'openai', type: 'api_key' });
  const plain = defineAccount({ id: 'plain', platform: 'openai', type: 'api_key' });
  for (const status of [200, 400, 401, 403, 429, 500]) {
    const [a, b] = [named, plain].map((one) =>
      JSON.stringify(evaluate(answered(one, status, { body: says('no') }))).replaceAll(one.id, '?'),
    );
    expect(a).toBe(b);
  }
});

fault(25, 'a description that speaks of invalid_grant does not outweigh the code server_error', () => {
  for (const one of [OPENAI, CLAUDE, GEMINI, ANTIGRAVITY]) {
    const body = { error: 'server_error', error_description: 'upstream said invalid_grant' };
    for (const status of [400, 500, 503]) expect(errors(answered(one, status, { body }))).toEqual([]);
  }
});

fault(29, 'a shorter cooldown after a longer one leaves the longer one', () => {
  const long = applied(answered(OTHER, 429, { headers: { 'retry-after': '3600' } }));
  const fresh = applied(answered(OTHER, 429, { headers: { 'retry-after': '10' } }));
  expect(joinHealth(long, fresh).rateLimit?.until).toBe(NOW + HOUR);
  expect(joinHealth(fresh, long).rateLimit?.until).toBe(NOW + HOUR);
});

fault(30, 'of two holds with one end and different reasons the same one wins everywhere', () => {
  const [a, b] = [rateHold(NOW + 1, { rule: 'a' }), rateHold(NOW + 1, { rule: 'b' })];
  expect(joinHealth(a, b)).toEqual(joinHealth(b, a));
  const [c, d] = [rateHold(NOW + 1, { detail: 'c' }), rateHold(NOW + 1, { detail: 'd' })];
  expect(joinHealth(c, d)).toEqual(joinHealth(d, c));
});

/** An account whose limit of generation 0 was cleared by an operator. */
const limited = withHealth(OTHER, applied(answered(OTHER, 429, { headers: { 'retry-after': '600' } })));
const cleared = mergeHealth(limited.health, toPatches(recover(limited)).get(limited.id) ?? []);
const isFree = (health: AccountHealth): boolean => schedulability(withHealth(OTHER, health), { model: null, now: NOW }).schedulable;

fault(31, 'a slow old 429 does not undo a clear', () => {
  expect([isFree(limited.health), isFree(cleared)]).toEqual([false, true]);
  const late = toPatches(evaluate(answered(limited, 429, { headers: { 'retry-after': '7000' } })).actions).get(limited.id) ?? [];
  expect(late).not.toEqual([]);
  expect(isFree(mergeHealth(cleared, late))).toBe(true);
});

fault(32, 'after a clear a new and shorter 429 counts', () => {
  const again = applied(answered(withHealth(OTHER, cleared), 429, { headers: { 'retry-after': '20' } }));
  expect(again.rateLimit?.until).toBe(NOW + 20 * SECOND);
  expect(isFree(again)).toBe(false);
});

const allowed = {
  'content-type': 'application/json',
  ...unified({ '5h-status': 'allowed', '5h-utilization': '0.1', '5h-reset': seconds(NOW + HOUR) }),
};

fault(33, 'a slow success does not lift a 429 that it had not seen', () => {
  const success = evaluate(answered(CLAUDE, 200, { headers: allowed })).actions;
  const fresh = applied(
    answered(CLAUDE, 429, { headers: { 'content-type': 'x', ...unified({ '5h-status': 'rejected', '5h-reset': seconds(NOW + HOUR) }) } }),
  );
  const after = mergeHealth(fresh, toPatches(success).get(CLAUDE.id) ?? []);
  expect(after.rateLimit).toEqual(fresh.rateLimit);
  const seen = evaluate(answered(withHealth(CLAUDE, fresh), 200, { headers: allowed })).actions;
  expect(mergeHealth(fresh, toPatches(seen).get(CLAUDE.id) ?? []).rateLimit?.until).toBe(0);
});

fault(34, 'a clear of nothing does nothing, and a second clear nothing more', () => {
  expect(recover(OTHER)).toEqual([]);
  const patch = toPatches(recover(limited)).get(limited.id) ?? [];
  expect(mergeHealth(mergeHealth(limited.health, patch), patch)).toEqual(cleared);
  expect(recover(withHealth(OTHER, cleared))).toEqual([]);
});

fault(35, 'a patch for an account that the store does not have creates it', async () => {
  const store = createMemoryRepository();
  const patch = toPatches(evaluate(answered(OTHER, 429, { headers: { 'retry-after': '60' } })).actions).get(OTHER.id) ?? [];
  expect((await store.patch(OTHER.id, patch)).rateLimit?.until).toBe(NOW + MINUTE);
  expect((await store.load([OTHER.id])).get(OTHER.id)?.rateLimit?.until).toBe(NOW + MINUTE);
});

fault(36, 'no patch has a null value', () => {
  for (const one of [OPENAI, CLAUDE, GEMINI, ANTIGRAVITY, OTHER]) {
    for (const status of [200, 400, 401, 402, 403, 404, 429, 500, 529]) {
      const { actions } = evaluate(answered(one, status, { headers: allowed, body: says('no') }));
      for (const patch of toPatches(actions).values()) for (const { value } of patch) expect(value ?? null).not.toBeNull();
    }
  }
});

const ODD_NAMES = ['a.b', 'a,b', '{}', '{a,b}', "'", '"', '$', '$.x', ':', '*', '%', '\\', 'a b', ' ', 'é', '日本', '👍'] as const;

fault(37, 'every model name is one key, however it is written; one that is empty or endless is none', () => {
  let one = OPENAI;
  for (const model of [...ODD_NAMES, '', 'm'.repeat(10_000)])
    one = withHealth(one, applied(answered(one, 429, { model, headers: { 'retry-after': '60' } })));
  expect([...one.health.modelRateLimits.keys()]).toEqual([...ODD_NAMES]);
  expect(healthFromJson(JSON.parse(JSON.stringify(healthToJson(one.health))))).toEqual(one.health);
  expect(evaluate(answered(OPENAI, 429, { model: '', headers: { 'retry-after': '60' } })).events).toMatchObject([
    { code: 'model_key_refused' },
  ]);
});

fault(38, 'names of what every object has are ordinary models', () => {
  for (const model of ['__proto__', 'constructor', 'toString', 'hasOwnProperty']) {
    const health = applied(answered(OPENAI, 429, { model, headers: { 'retry-after': '60' } }));
    const stored = healthFromJson(JSON.parse(JSON.stringify(healthToJson(health))));
    expect([...stored.modelRateLimits.keys()]).toEqual([model]);
    expect(schedulability(withHealth(OPENAI, stored), { model, now: NOW }).schedulable).toBe(false);
    expect(schedulability(withHealth(OPENAI, stored), { model: 'other', now: NOW }).schedulable).toBe(true);
    expect(schedulability(OPENAI, { model, now: NOW }).schedulable).toBe(true);
  }
});

fault(39, '100,000 model names of one caller leave 512 limits and an event', () => {
  let one = OPENAI;
  let refused = 0;
  for (let at = 0; at < 600; at += 1) {
    const { actions, events } = evaluate(answered(one, 429, { model: `m${at}`, headers: { 'retry-after': '60' } }));
    refused += events.filter(({ code }) => code === 'model_key_refused').length;
    one = withHealth(one, mergeHealth(one.health, toPatches(actions).get(one.id) ?? []));
  }
  expect([one.health.modelRateLimits.size, refused]).toEqual([512, 88]);
  for (let at = 600; at < 100_000; at += 1)
    expect(evaluate(answered(one, 429, { model: `m${at}`, headers: { 'retry-after': '60' } })).actions).toEqual([]);
  expect(evaluate(answered(one, 429, { model: 'm5', headers: { 'retry-after': '600' } })).actions).toMatchObject([{ model: 'm5' }]);
});

fault(40, 'NUL and half characters in a reason become text that any store takes', () => {
  const { actions } = evaluate(answered(OPENAI, 402, { body: says('no\u0000money\ud800 left\udc00') }));
  expect(actions).toMatchObject([{ type: 'set_error', message: 'Payment required (402): nomoney\ufffd left\ufffd' }]);
});

fault(41, 'cooldowns that a store lost are learned again from the next answer', () => {
  const headers = { 'retry-after': '60' };
  const before = applied(answered(OTHER, 429, { headers }));
  const lost = withHealth(OTHER, EMPTY_HEALTH);
  expect(isFree(lost.health)).toBe(true);
  expect(applied(answered(lost, 429, { headers }))).toEqual(before);
});

fault(47, 'a Retry-After that is no finite number is absent', () => {
  for (const value of ['1e400', 'Infinity', 'NaN', '-Infinity', '9'.repeat(400)]) expect(retryAfter(value)).toBe(FALLBACK_MS);
  fc.assert(
    fc.property(fc.string(), (value) => {
      const held = retryAfter(value) ?? 0;
      expect(held >= SECOND && held <= 8 * DAY && Number.isInteger(held)).toBe(true);
    }),
    { numRuns: 500 },
  );
});

fault(48, 'a Retry-After of 0 is a second, a negative one is absent', () => {
  expect([retryAfter('0'), retryAfter('-5'), retryAfter('0.2')]).toEqual([SECOND, FALLBACK_MS, SECOND]);
});

fault(49, 'a Retry-After in another notation is absent, but for outer blanks', () => {
  for (const value of ['120abc', '0x10', '１２', '1_000', '+5', '1 2', '5s', '']) expect(retryAfter(value)).toBe(FALLBACK_MS);
  expect(retryAfter(' 12 ')).toBe(12 * SECOND);
});

fault(50, 'a Retry-After date that is past, in the year 9999 or without a zone is absent', () => {
  for (const value of [
    new Date(NOW - HOUR).toUTCString(),
    'Fri, 31 Dec 9999 23:59:59 GMT',
    'Mon, 02 Mar 2026 11:00:00',
    '2026-03-02T11:00:00',
  ]) {
    expect(retryAfter(value)).toBe(FALLBACK_MS);
  }
  expect(retryAfter(new Date(NOW + MINUTE).toUTCString())).toBe(MINUTE);
});

fault(51, 'of several values of one header the most careful valid one counts', () => {
  expect(retryAfter('5, 9999')).toBe(9_999 * SECOND);
  expect(retryAfter('9999, x, 5')).toBe(9_999 * SECOND);
  const forms: readonly HeadersLike[] = [
    { 'retry-after': ['5', '99'] },
    [
      ['Retry-After', '5'],
      ['retry-after', '99'],
    ],
    new Headers([
      ['retry-after', '5'],
      ['retry-after', '99'],
    ]),
  ];
  for (const headers of forms) expect(heldFor(answered(OTHER, 429, { headers }))).toBe(99 * SECOND);
});

const sessionReset = (value: string): number | null =>
  heldFor(answered(CLAUDE, 429, { headers: { 'content-type': 'x', ...unified({ '5h-status': 'rejected', '5h-reset': value }) } }));

fault(52, 'a reset of 13 digits is in milliseconds, one of 16 is absent', () => {
  const at = Math.floor((NOW + HOUR) / SECOND) * SECOND;
  expect([sessionReset(String(at / SECOND)), sessionReset(String(at))]).toEqual([at - NOW, at - NOW]);
  expect(sessionReset(String(at * 1_000))).toBe(FALLBACK_MS);
});

fault(53, 'a reset that is just over gets the short default', () => {
  expect(sessionReset(seconds(NOW - 2 * SECOND))).toBe(FALLBACK_MS);
});

fault(54, 'a reset in ten years is absent, so that the next weaker source decides, and an event says so', () => {
  const headers = { 'content-type': 'x', ...unified({ '5h-status': 'rejected', '5h-reset': seconds(NOW + 3_650 * DAY) }) };
  expect(heldFor(answered(CLAUDE, 429, { headers }))).toBe(FALLBACK_MS);
  expect(heldFor(answered(CLAUDE, 429, { headers: { ...headers, 'retry-after': '90' } }))).toBe(90 * SECOND);
  expect(evaluate(answered(CLAUDE, 429, { headers })).events).toMatchObject([{ code: 'reset_out_of_bounds' }]);
});

fault(55, 'a 429 holds although the 5-hour window is allowed, and the window is updated by itself', () => {
  const { actions } = evaluate(answered(CLAUDE, 429, { headers: { ...allowed, 'retry-after': '60' } }));
  expect(actions).toContainEqual(expect.objectContaining({ type: 'set_rate_limited', until: NOW + MINUTE }));
  expect(actions).toContainEqual(expect.objectContaining({ type: 'update_session_window', status: 'allowed' }));
});

fault(56, 'an observed session window outweighs a guess that would end later', () => {
  const observed = mergeHealth(EMPTY_HEALTH, [{ cell: 'sessionWindow.header', value: { observedAt: NOW, end: NOW + HOUR } }]);
  const both = mergeHealth(observed, [{ cell: 'sessionWindow.predicted', value: { start: NOW } }]);
  expect(currentSessionWindow(both, NOW)).toMatchObject({ end: NOW + HOUR, source: 'header' });
});

fault(57, 'a utilization is kept as a fraction from 0 to 100, and anything else is absent', () => {
  const used = (value: string): unknown => {
    const headers = { 'content-type': 'x', ...unified({ '5h-status': 'allowed', '5h-utilization': value }) };
    const [sample] = evaluate(answered(CLAUDE, 200, { headers })).actions.flatMap((action) =>
      action.type === 'record_usage' ? [action.samples['5h']] : [],
    );
    return sample?.utilization;
  };
  expect(['0.85', '1.7', '1.02', '100'].map(used)).toEqual([0.85, 1.7, 1.02, 100]);
  expect(['-0.1', '85%', '101', '1e2', 'NaN', '', '0,5'].map(used)).toEqual(Array.from({ length: 7 }));
});

fault(58, 'a local clock that is 2 hours off holds as long as the upstream says, if that tells its time', () => {
  for (const off of [2 * HOUR, -2 * HOUR]) {
    const upstream = NOW - off;
    const at = Math.floor((upstream + HOUR) / SECOND) * SECOND;
    const headers = { date: new Date(upstream).toUTCString(), ...unified({ '5h-status': 'rejected', '5h-reset': seconds(at) }) };
    expect(Math.abs((heldFor(answered(CLAUDE, 429, { headers })) ?? 0) - HOUR)).toBeLessThanOrEqual(SECOND);
    const { date: _, ...undated } = headers;
    expect(Math.abs((heldFor(answered(CLAUDE, 429, { headers: { 'content-type': 'x', ...undated } })) ?? 0) - HOUR)).toBeLessThanOrEqual(
      2 * HOUR,
    );
  }
});

fault(59, 'a clock that goes backwards extends a hold and makes no negative length', () => {
  const health = applied(answered(OTHER, 429, { headers: { 'retry-after': '60' } }));
  for (const now of [NOW, NOW - MINUTE, NOW - DAY])
    expect(schedulability(withHealth(OTHER, health), { model: null, now }).schedulable).toBe(false);
  const earlier = answered(withHealth(OTHER, health), 429, { receivedAt: NOW - HOUR, headers: { 'retry-after': '60' } });
  expect(applied(earlier).rateLimit?.until).toBe(NOW + MINUTE);
  const { disposition } = evaluate(answered(OTHER, 429, { receivedAt: NOW - DAY, sentAt: NOW, headers: { 'retry-after': '60' } }));
  expect(disposition).toMatchObject({ otherwise: { retryAt: NOW - DAY + MINUTE } });
});

const daily = rpc('RESOURCE_EXHAUSTED', 'You exceeded your current quota.', [quotaFailure('GenerateRequestsPerDayPerProjectPerModel')]);
const midnightAfter = (iso: string): string => {
  const receivedAt = Date.parse(iso);
  const [end] = evaluate(answered(GEMINI, 429, { receivedAt, body: daily })).actions.flatMap((action) =>
    'until' in action ? [action.until] : [],
  );
  return new Date(end ?? 0).toISOString();
};

fault(60, 'a daily quota ends at the next midnight in California on days of 23 and 25 hours, leap days and at the end of a year', () => {
  expect(midnightAfter('2026-03-08T09:00:00Z')).toBe('2026-03-09T07:00:00.000Z');
  expect(midnightAfter('2026-11-01T07:30:00Z')).toBe('2026-11-02T08:00:00.000Z');
  expect(midnightAfter('2028-02-29T07:59:59Z')).toBe('2028-02-29T08:00:00.000Z');
  expect(midnightAfter('2028-02-29T08:00:00Z')).toBe('2028-03-01T08:00:00.000Z');
  expect(midnightAfter('2026-12-31T23:00:00Z')).toBe('2027-01-01T08:00:00.000Z');
});

fault(61, 'the time zone of the process changes nothing (all tests of time run again under three zones)', () => {
  const zone = process.env.TZ;
  try {
    const decisions = ['UTC', 'Asia/Kolkata', 'America/St_Johns', 'Pacific/Apia'].map((name) => {
      process.env.TZ = name;
      return [
        midnightAfter('2026-07-01T12:00:00Z'),
        evaluate(answered(CLAUDE, 200, { headers: { 'content-type': 'x', ...unified({ '5h-status': 'allowed' }) } })),
      ];
    });
    for (const decision of decisions) expect(decision).toEqual(decisions[0]);
  } finally {
    process.env.TZ = zone;
  }
});

fault(62, 'without time zone data a daily quota holds for 24 hours, and an event says so', async () => {
  vi.resetModules();
  vi.stubGlobal('Intl', {
    ...Intl,
    DateTimeFormat: (): never => {
      throw new RangeError('no such zone');
    },
  });
  try {
    const bare = await import('../src/evaluate.js');
    const { actions, events } = bare.evaluate(answered(GEMINI, 429, { body: daily }));
    expect(actions).toMatchObject([{ type: 'set_model_rate_limit', until: NOW + DAY }]);
    expect(events).toMatchObject([{ code: 'time_zone_missing' }]);
  } finally {
    vi.unstubAllGlobals();
    vi.resetModules();
  }
});

fault(63, 'of an endless body the first 64 KiB decide', () => {
  const endless = `{"error":{"message":"${'x'.repeat(100_000_000)}`;
  expect(evaluate(answered(OPENAI, 401, { body: endless }))).toEqual(evaluate(answered(OPENAI, 401, { body: endless.slice(0, 70_000) })));
});

fault(64, 'JSON that is endlessly deep or wide is decided about like any other', () => {
  const deep = `${'{"error":'.repeat(7_000)}1${'}'.repeat(7_000)}`;
  const wide = `{${Array.from({ length: 8_000 }, (_, at) => `"${at}":0`).join(',')}}`;
  for (const body of [deep, wide, '['.repeat(1_000_000), `{${'"a":1,'.repeat(1_000_000)}`]) {
    for (const status of [200, 400, 401, 403, 429, 500])
      expect(JSON.stringify(evaluate(answered(OPENAI, status, { body }))).length).toBeLessThan(20_000);
  }
});

fault(65, 'bytes that are no UTF-8 text are decided about softly', () => {
  const utf16 = new Uint8Array([
    0xff,
    0xfe,
    ...[...'{"error":{"code":"insufficient_quota"}}'].flatMap((letter) => [letter.charCodeAt(0), 0]),
  ]);
  const gzip = new Uint8Array([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 0xab, 0xe6]);
  const bom = new TextEncoder().encode('\ufeff{"error":{"code":"insufficient_quota","message":"no"}}');
  for (const body of [utf16, gzip, new Uint8Array([0xc3, 0x28, 0xa0])]) expect(errors(answered(OPENAI, 429, { body }))).toEqual([]);
  expect(errors(answered(OPENAI, 429, { body: bom }))).toEqual(['billing']);
});

const PAGE = '<!DOCTYPE html><html><head><title>Attention Required! | Cloudflare</title></head></html>';

fault(66, 'a page instead of a 403 is not the account', () => {
  for (const one of [OPENAI, CLAUDE, GEMINI, ANTIGRAVITY, OTHER]) {
    const decision = evaluate(answered(one, 403, { body: PAGE }));
    expect(decision).toMatchObject({
      verdict: { kind: 'blocked_egress', scope: 'network' },
      disposition: { type: 'fail_over' },
      actions: [],
    });
  }
});

fault(67, 'a page instead of a 401 is no verdict', () => {
  for (const one of [OPENAI, CLAUDE, GEMINI, ANTIGRAVITY, OTHER]) expect(evaluate(answered(one, 401, { body: PAGE })).actions).toEqual([]);
});

fault(68, 'a 401 that says that a model is not supported does not touch the account', () => {
  for (const one of [OPENAI, CLAUDE, GEMINI, ANTIGRAVITY]) {
    const decision = evaluate(answered(one, 401, { body: says('The model some-model is not supported') }));
    expect(decision).toMatchObject({ verdict: { kind: 'model_unavailable', scope: 'request' }, actions: [] });
  }
});

fault(69, 'a 400 that repeats a prompt about a credit balance is the request\u2019s', () => {
  for (const echo of ["'Your credit balance is too low'", '"credit balance"', '`credit balance`']) {
    const exchange = answered(CLAUDE, 400, { body: anthropicError('invalid_request_error', `messages.0.content: unexpected ${echo}`) });
    expect(evaluate(exchange)).toMatchObject({ verdict: { kind: 'invalid_request', scope: 'request' }, actions: [] });
  }
});

fault(70, 'a 400 that says that the credit balance is too low is a matter of billing, and can be cleared', () => {
  const body = anthropicError('invalid_request_error', 'Your credit balance is too low to access the Anthropic API.');
  const exchange = answered(CLAUDE, 400, { body });
  expect(evaluate(exchange)).toMatchObject({
    verdict: { kind: 'billing', exit: 'operator' },
    actions: [{ type: 'set_error', kind: 'billing' }],
  });
  const broke = withHealth(CLAUDE, applied(exchange));
  expect(schedulability(broke, { model: null, now: NOW }).schedulable).toBe(false);
  const paid = mergeHealth(broke.health, toPatches(recover(broke)).get(broke.id) ?? []);
  expect(schedulability(withHealth(CLAUDE, paid), { model: null, now: NOW }).schedulable).toBe(true);
});

fault(71, 'a disabled organization counts in the message, not in what a user wrote', () => {
  const ask = (message: string): readonly string[] =>
    errors(answered(CLAUDE, 400, { body: anthropicError('invalid_request_error', message) }));
  expect(ask('This organization has been disabled.')).toEqual(['organization']);
  expect(ask('Cannot read "organization has been disabled"')).toEqual([]);
});

fault(72, 'a structured reason outweighs words, and words of both kinds mean the less severe', () => {
  const words = 'Verify your account. Violation of the Terms of Service.';
  const ask = (reason: string): string | undefined =>
    errors(answered(ANTIGRAVITY, 403, { body: rpc('PERMISSION_DENIED', words, [errorInfo(reason)]) }))[0];
  expect([ask('VALIDATION_REQUIRED'), ask('TOS_VIOLATION'), ask('OTHER')]).toEqual(['verification', 'violation', 'verification']);
});

fault(73, 'a 403 that was cut off makes nothing durable', () => {
  const whole = JSON.stringify(rpc('PERMISSION_DENIED', 'Terms of Service', [errorInfo('TOS_VIOLATION')]));
  expect(errors(answered(ANTIGRAVITY, 403, { body: whole }))).toEqual(['violation']);
  for (let length = 1; length < whole.length; length += 1) {
    const decision = evaluate(answered(ANTIGRAVITY, 403, { body: whole.slice(0, length) }));
    expect(kindsOf(decision.actions)).toEqual([]);
  }
});

fault(74, 'a status that is none is decided about too', () => {
  const statuses: readonly unknown[] = [418, 0, 999, Number.NaN, -1, 1e9, null, undefined, {}, '', 'x', 100, 302];
  for (const status of statuses) expect(evaluate(answered(OPENAI, status as number, { body: says('no') })).actions).toEqual([]);
  expect(rule(answered(OPENAI, '429' as unknown as number))).toBe(rule(answered(OPENAI, 429)));
});

fault(75, 'a 529 with the overload cooldown switched off is an event and no hold', () => {
  const policy = definePolicy({ settings: { overload: { enabled: false } } });
  expect(evaluate(answered(CLAUDE, 529), policy)).toMatchObject({ actions: [], events: [{ code: 'overload_ignored' }] });
  expect(heldFor(answered(CLAUDE, 529))).toBe(10 * MINUTE);
});

fault(76, 'a stream of status 200 with an error frame is what the frame says', () => {
  const frame = `event: error\ndata: ${JSON.stringify(anthropicError('overloaded_error', 'Overloaded'))}\n\n`;
  const start = 'event: message_start\ndata: {"type":"message_start"}\n\n';
  for (const body of [frame, start + frame]) {
    expect(evaluate(answered(CLAUDE, 200, { body })).verdict).toMatchObject({ kind: 'overloaded', rule: 'overloaded_529' });
  }
  expect(evaluate(answered(CLAUDE, 200, { body: start })).verdict.kind).toBe('ok');
});

fault(77, 'invisible, wide and foreign letters neither hide a phrase nor make one', () => {
  const ask = (message: string): readonly string[] =>
    errors(answered(CLAUDE, 400, { body: anthropicError('invalid_request_error', message) }));
  for (const message of ['Your credit\u200b balance is low', 'Your credit\u00a0balance', 'Your ｃｒｅｄｉｔ balance', 'CREDİT BALANCE'])
    expect(ask(message)).toEqual(['billing']);
  for (const message of ['cr\u00e9dit balance', 'cred\u0131t balance', 'creditbalance', `${'\u0130'.repeat(5_000)}credit balance`])
    expect(ask(message)).toEqual([]);
});

fault(78, 'of doubled keys the last counts, and the hidden one does no harm', () => {
  const hidden = '{"error":{"code":"insufficient_quota"},"error":{"code":"rate_limit_exceeded","message":"slow down"}}';
  expect(evaluate(answered(OPENAI, 429, { body: hidden }))).toMatchObject({ verdict: { kind: 'rate_limited' } });
  expect(errors(answered(OPENAI, 429, { body: hidden }))).toEqual([]);
});

const offered = (link: string): unknown =>
  evaluate(
    answered(ANTIGRAVITY, 403, { body: rpc('PERMISSION_DENIED', 'no', [errorInfo('VALIDATION_REQUIRED', { validation_url: link })]) }),
  ).verdict.signal?.link;

fault(79, 'a link that is not https is dropped', () => {
  for (const link of [
    'javascript:alert(1)',
    'data:text/html,x',
    'http://accounts.google.com/x',
    '//accounts.google.com/x',
    'accounts.google.com',
  ])
    expect(offered(link)).toBeNull();
});

fault(80, 'a link that only looks like one of ours is dropped, or not trusted', () => {
  const dropped = [
    'https://accounts.google.com@evil.example/',
    'https://accounts.google.com\\@evil.example/',
    'https://accounts.google.com:8443/',
    'https://accounts.goo\tgle.com/',
    'https://accounts.goo\ngle.com/',
  ];
  for (const link of dropped) expect(offered(link)).toBeNull();
  for (const link of ['https://accounts.google.com.evil.example/', 'https://accounts.google.com./', 'https://аccounts.google.com/']) {
    expect(offered(link)).not.toHaveProperty('trusted', true);
  }
  expect(offered('https://accounts.google.com/signin/continue?x=1')).toEqual({
    url: 'https://accounts.google.com/signin/continue?x=1',
    trusted: true,
  });
});

fault(81, 'a link of ours that leads on to another host is not trusted', () => {
  for (const rest of [
    'Logout?continue=https%3A%2F%2Fevil.example',
    'Logout?continue=https://evil.example',
    'x?u=%252F%252Fevil.example',
    'x#//evil.example',
  ]) {
    expect(checkLink(`https://accounts.google.com/${rest}`)?.trusted ?? false).toBe(false);
  }
});

fault(82, 'a link with a mark of direction, or endless, is dropped', () => {
  expect(offered('https://accounts.google.com/\u202emoc.live')).toBeNull();
  expect(offered(`https://accounts.google.com/${'x'.repeat(10_000)}`)).toBeNull();
});

fault(83, 'keys, tokens, cookies and addresses that an upstream repeats are redacted everywhere', () => {
  const secrets = [
    'sk-ant-api03-AbCdEf0123456789xyz',
    'Bearer abcDEF0123456789',
    '1//0gAbCdEfGhIjKl',
    'cookie: sid=AbCdEf0123456789',
    'https://x.example/v1?key=AbCdEf0123456789',
    'jane.doe@example.com',
  ];
  for (const secret of secrets) {
    for (const status of [400, 401, 402, 403, 429]) {
      for (const body of [
        says(`refused: ${secret}`),
        `refused: ${secret}`,
        { detail: secret },
        { error: { code: secret, type: secret } },
      ]) {
        const all = JSON.stringify(evaluate(answered(OPENAI, status, { body })));
        for (const part of ['AbCdEf', 'abcDEF', 'jane.doe']) expect(all).not.toContain(part);
      }
    }
  }
});

fault(84, 'a secret that the host names is found split, escaped and in base64', () => {
  const secret = 'opaque/secret"value+0123456789';
  const redact = createRedactor([secret]);
  const forms = [
    `${secret.slice(0, 9)}\n${secret.slice(9)}`,
    JSON.stringify(secret),
    btoa(secret),
    btoa(`user:${secret}`),
    encodeURIComponent(secret),
  ];
  for (const form of forms) {
    const decision = redactDecision(evaluate(answered(OPENAI, 402, { body: says(`refused: ${form}`) })), redact);
    const [message] = decision.actions.flatMap((action) => (action.type === 'set_error' ? [action.message] : []));
    expect(message).toContain('refused: ');
    expect(message).toContain('[redacted]');
    for (const part of [secret.slice(0, 8), form.slice(2, 10), form.slice(-12, -4)]) expect(message).not.toContain(part);
  }
});

fault(85, 'line breaks and terminal escapes never reach a log', () => {
  for (const [, text] of texts(evaluate(answered(OPENAI, 402, { body: says('a\r\nlevel=error b\u001b[31m c\u2028d\u0085e\u009bf') })))) {
    expect(text).not.toMatch(/[\p{Cc}\u2028\u2029]|\[31m/u);
  }
});

fault(86, 'a cut does not split a character', () => {
  for (let length = 440; length < 520; length += 1) {
    for (const [, text] of texts(evaluate(answered(OPENAI, 402, { body: says(`${'x'.repeat(length)}😀😀`) })))) {
      expect(text).not.toMatch(/\p{Cs}/u);
      expect(new TextEncoder().encode(text).length).toBeLessThanOrEqual(512);
    }
  }
});

fault(87, 'texts made to keep a pattern busy are decided about at once (test/properties/linear.speed.test.ts measures it)', () => {
  const rules = new Set<string>();
  for (const text of ['eyJ'.repeat(30_000), 'a'.repeat(100_000), ' '.repeat(50_000), '@a.'.repeat(20_000), 'key='.repeat(15_000)]) {
    for (const body of [text, says(text.slice(0, 60_000))])
      for (const one of [OPENAI, CLAUDE, ANTIGRAVITY]) rules.add(evaluate(answered(one, 403, { body })).verdict.rule);
  }
  expect([...rules].sort()).toEqual(['access_forbidden', 'blocked_egress_empty_403', 'openai_403_strikes']);
});

fault(88, 'headers and bodies that throw when they are looked at are no headers, and a broken body', () => {
  for (const hostile of hostileObjects()) {
    for (const status of [200, 400, 401, 403, 404, 429, 500, 529]) {
      for (const one of [OPENAI, CLAUDE, GEMINI, ANTIGRAVITY]) {
        const response = { status, headers: hostile as HeadersLike, body: hostile };
        expect(evaluate({ account: one, model: 'm', receivedAt: NOW, response })).toHaveProperty('verdict.kind');
      }
    }
  }
});

fault(89, 'an input that is frozen or shared is not written to', () => {
  const headers = Object.freeze({ ...allowed });
  const body = Object.freeze({ error: Object.freeze({ message: 'no', details: Object.freeze([Object.freeze(retryInfo('3s'))]) }) });
  for (const one of [OPENAI, CLAUDE, GEMINI, ANTIGRAVITY]) {
    for (const status of [200, 401, 403, 429]) {
      const exchange = Object.freeze({
        account: Object.freeze(one),
        model: 'm',
        receivedAt: NOW,
        response: Object.freeze({ status, headers, body }),
      });
      const before = JSON.stringify([exchange, healthToJson(one.health)]);
      evaluate(exchange);
      expect(JSON.stringify([exchange, healthToJson(one.health)])).toBe(before);
    }
  }
});

fault(95, 'a policy or an account that makes no sense is refused when it is made, not when it is used', () => {
  const values: readonly unknown[] = [0, -1, Number.NaN, Number.POSITIVE_INFINITY, 10 * 365 * 24 * 60, 1.5, '10', {}];
  for (const value of values as readonly number[]) {
    expect(() => definePolicy({ settings: { overload: { cooldownMinutes: value } } })).toThrow(PolicyError);
    expect(() => definePolicy({ settings: { rateLimitFallback: { cooldownSeconds: value } } })).toThrow(PolicyError);
    expect(() => definePolicy({ settings: { forbiddenStrikes: { threshold: value } } })).toThrow(PolicyError);
    expect(() => definePolicy({ settings: { oauth401CooldownMinutes: value } })).toThrow(PolicyError);
  }
  expect(() => defineAccount({ id: '', platform: 'openai', type: 'api_key' })).toThrow(PolicyError);
});

fault(96, 'a rule of the host that throws is "no match", and an event says so', () => {
  const policy = definePolicy({
    rules: [
      {
        id: 'mine',
        before: 'invalid_request',
        status: [400],
        when: {
          test: () => {
            throw new Error('mine');
          },
        },
        then: {
          kind: 'violation',
          scope: 'account',
          exit: 'operator',
          effect: { type: 'error', kind: 'violation', title: '', missing: '' },
          course: 'fail_over',
        },
      },
    ],
  });
  const decision = evaluate(answered(OPENAI, 400, { body: says('no') }), policy);
  expect(decision).toMatchObject({ verdict: { rule: 'invalid_request' }, actions: [], events: [{ code: 'rule_failed' }] });
});

it('every fault of the list has a test that ran', () => {
  expect([...tested].sort((a, b) => a - b)).toEqual(FAULTS);
});
