/** Hostile answers for properties: statuses, headers and bodies as no upstream should send them, and real captures that were damaged. */
import { Buffer } from 'node:buffer';
import { readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import fc from 'fast-check';
import { expect } from 'vitest';
import type { Account } from '../../src/core/account.js';
import type { Action } from '../../src/core/action.js';
import type { Decision } from '../../src/core/decision.js';
import type { Exchange, HeadersLike, UpstreamResponse } from '../../src/core/exchange.js';
import type { Hold } from '../../src/core/health.js';
import { isObject } from '../../src/core/json.js';
import { BUILT_IN_RULES } from '../../src/rule-table.js';
import { hostileText } from '../core/hostile-text.js';
import { account, accountError, hold, NOW, sample } from './accounts.js';

/** Runs of a property: FC_RUNS, else a number that keeps the whole suite short. */
export function runs(usual: number): number {
  return Number(process.env.FC_RUNS ?? usual);
}

/** Counts situations; `check` fails where one of them was never reached. */
export function reached(...situations: readonly string[]): { readonly note: (situation: string) => void; readonly check: () => void } {
  const counts = new Map(situations.map((situation) => [situation, 0]));
  return {
    note: (situation) => void counts.set(situation, (counts.get(situation) ?? 0) + 1),
    check: () =>
      expect(
        situations.filter((situation) => counts.get(situation) === 0),
        'situations that were never reached',
      ).toEqual([]),
  };
}

/** A real answer of `examples/captures`. */
export interface Capture {
  readonly id: string;
  readonly platform: string;
  readonly accountType: string;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

function isCapture(value: unknown): value is Capture {
  return isObject(value) && typeof value.status === 'number' && typeof value.body === 'string' && isObject(value.headers);
}

const FOLDER = resolve(import.meta.dirname, '../../examples/captures');

/** Every capture of the project. */
export const CAPTURES: readonly Capture[] = readdirSync(FOLDER)
  .filter((name) => name.endsWith('.json'))
  .flatMap((name): unknown => JSON.parse(readFileSync(resolve(FOLDER, name), 'utf8')))
  .filter(isCapture);

export const PLATFORMS = ['anthropic', 'openai', 'gemini', 'antigravity', 'elsewhere'] as const;
export const TYPES = ['oauth', 'setup_token', 'api_key'] as const;
export const STATUSES = [200, 400, 401, 402, 403, 404, 413, 422, 429, 500, 502, 503, 529] as const;

/** Every phrase and code that a rule looks for: what a caller would write to do harm. */
export const TELLING_WORDS: readonly string[] = [
  ...new Set(
    BUILT_IN_RULES.flatMap(({ when }) => [
      ...(when.phrases ?? []),
      ...(when.anywhere ?? []),
      ...(when.code ?? []),
      ...(when.reason ?? []),
      ...(when.message ?? []),
      ...(when.detail ?? []),
    ]),
  ),
];

const TELLING_JSON = ['insufficient_quota', 'deactivated_workspace', 'token_revoked', 'account_deactivated'].flatMap((code) => [
  JSON.stringify({ error: { code, message: 'your credit balance is too low' } }),
  JSON.stringify({ message: 'organization has been disabled', code }),
]);

/** Text that a caller might choose: words that rules look for, JSON that looks like an error, anything. */
export const callerText: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(...TELLING_WORDS),
  fc.constantFrom(...TELLING_JSON),
  fc
    .tuple(fc.constantFrom(...TELLING_WORDS), fc.constantFrom(' ', '\u200b', '\n', '. ', "' ", '" '), hostileText)
    .map((parts) => parts.join('')),
  fc.tuple(fc.constantFrom(...TELLING_WORDS), fc.integer({ min: 1, max: 900 })).map(([word, length]) => `${word} ${'x'.repeat(length)}`),
  fc.constantFrom(...TELLING_WORDS).map((word) => word.toUpperCase()),
  hostileText,
);

const junkStatus: fc.Arbitrary<number> = fc.oneof(
  fc.integer({ min: 100, max: 599 }),
  fc.constantFrom(0, 418, 999, -1, 1e9, Number.NaN, Number.POSITIVE_INFINITY, 429.5),
  fc.constantFrom<unknown>('429', '', null, undefined, {}, [], true).map((value) => value as number),
);

/** A status: mostly one that means something. */
export const status: fc.Arbitrary<number> = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...STATUSES) },
  { weight: 2, arbitrary: fc.constant(200) },
  { weight: 1, arbitrary: junkStatus },
);

const seconds = (ms: number): string => String(Math.floor(ms / 1000));
const headerNumber: fc.Arbitrary<string> = fc.oneof(
  fc.integer({ min: -90_000, max: 900_000 }).map((ahead) => seconds(NOW + ahead * 1000)),
  fc.integer({ min: -90_000, max: 900_000 }).map((ahead) => String(NOW + ahead * 1000)),
  fc.integer({ min: -5, max: 100_000 }).map(String),
  fc.double({ min: 0, max: 2, noNaN: true }).map((value) => value.toFixed(4)),
  fc.constantFrom(
    '',
    '0',
    '-5',
    '1e400',
    'Infinity',
    'NaN',
    '120abc',
    '0x10',
    '１２',
    ' 12 ',
    '1_000',
    '+5',
    '5, 9999',
    '1.7',
    '-0.1',
    '85%',
    '6m0s',
  ),
  fc.integer({ min: -100_000, max: 900_000 }).map((ahead) => new Date(NOW + ahead * 1000).toUTCString()),
  fc.integer({ min: -100_000, max: 900_000 }).map((ahead) => new Date(NOW + ahead * 1000).toISOString()),
);
const headerWord: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(
    'allowed',
    'allowed_warning',
    'rejected',
    'five_hour',
    'seven_day',
    'seven_day_opus',
    'seven_day_sonnet',
    'true',
    'Rejected',
  ),
  hostileText,
);

const UNIFIED = ['5h', '7d', '7d_oi', '7d_opus', '7d_sonnet'].flatMap((name) =>
  ['status', 'reset', 'utilization', 'surpassed-threshold'].map((field) => `anthropic-ratelimit-unified-${name}-${field}`),
);
const HEADER_NAMES = [
  ...UNIFIED,
  ...['status', 'reset', 'representative-claim'].map((field) => `anthropic-ratelimit-unified-${field}`),
  ...['requests', 'tokens'].flatMap((name) => [`anthropic-ratelimit-${name}-remaining`, `anthropic-ratelimit-${name}-reset`]),
  ...['primary', 'secondary'].flatMap((name) =>
    ['used-percent', 'window-minutes', 'reset-at', 'reset-after-seconds'].map((field) => `x-codex-${name}-${field}`),
  ),
  ...['requests', 'tokens'].flatMap((name) => [`x-ratelimit-remaining-${name}`, `x-ratelimit-reset-${name}`]),
  'retry-after',
  'retry-after-ms',
  'date',
  'content-type',
  '__proto__',
  'constructor',
  'get',
];

/** One header: a name that means something, with a value of its kind, another kind, or junk. */
export const header: fc.Arbitrary<readonly [string, string]> = fc.oneof(
  { weight: 6, arbitrary: fc.tuple(fc.constantFrom(...HEADER_NAMES), fc.oneof(headerNumber, headerWord)) },
  { weight: 1, arbitrary: fc.tuple(hostileText, hostileText) },
);

const statusWord = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom('allowed', 'allowed_warning', 'rejected') },
  { weight: 1, arbitrary: headerWord },
);
const resetAhead = fc.oneof(
  fc.integer({ min: 1, max: 20_000 }).map((ahead) => seconds(NOW + ahead * 1000)),
  headerNumber,
);

/** Enough unified windows to matter, so that success answers and limits are reached often. */
const unified: fc.Arbitrary<readonly (readonly [string, string])[]> = fc
  .record({
    word: statusWord,
    used: headerNumber,
    reset: fc.option(resetAhead, { freq: 3 }),
    week: headerNumber,
    all: statusWord,
    claim: headerWord,
  })
  .map(({ word, used, reset, week, all, claim }) => [
    ['anthropic-ratelimit-unified-5h-status', word],
    ['anthropic-ratelimit-unified-5h-utilization', used],
    ...(reset === null ? [] : [['anthropic-ratelimit-unified-5h-reset', reset] as const]),
    ['anthropic-ratelimit-unified-7d-utilization', week],
    ['anthropic-ratelimit-unified-7d-reset', reset ?? ''],
    ['anthropic-ratelimit-unified-status', all],
    ['anthropic-ratelimit-unified-reset', reset ?? ''],
    ['anthropic-ratelimit-unified-representative-claim', claim],
  ]);
const codex: fc.Arbitrary<readonly (readonly [string, string])[]> = fc
  .record({ used: headerNumber, minutes: fc.constantFrom('300', '10080', '43200', 'x'), reset: headerNumber })
  .map(({ used, minutes, reset }) => [
    ['x-codex-primary-used-percent', used],
    ['x-codex-primary-window-minutes', minutes],
    ['x-codex-primary-reset-at', reset],
  ]);

/** Headers as pairs. */
export const headerPairs: fc.Arbitrary<readonly (readonly [string, string])[]> = fc
  .tuple(fc.array(header, { maxLength: 8 }), fc.oneof(fc.constant([]), unified, codex))
  .map(([some, windows]) => [...windows, ...some]);

function plainHeaders(pairs: readonly (readonly [string, string])[]): Readonly<Record<string, string>> {
  const plain: Record<string, string> = Object.create(null);
  for (const [name, value] of pairs) plain[name] = value;
  return plain;
}

function getterOf(pairs: readonly (readonly [string, string])[]): HeadersLike {
  const map = new Map(pairs.map(([name, value]) => [name.toLowerCase(), value]));
  return { get: (name) => map.get(name) ?? null };
}

const thrower: ProxyHandler<object> = {
  get: () => {
    throw new Error('get');
  },
  has: () => {
    throw new Error('has');
  },
  ownKeys: () => {
    throw new Error('ownKeys');
  },
  getOwnPropertyDescriptor: () => {
    throw new Error('descriptor');
  },
  getPrototypeOf: () => {
    throw new Error('prototype');
  },
};

/** Objects that throw whatever is asked of them, in every position. Fresh ones at each call. */
export function hostileObjects(): readonly object[] {
  const getter = {
    get error(): unknown {
      throw new Error('getter');
    },
  };
  const inner = {
    error: {
      get message(): unknown {
        throw new Error('getter');
      },
    },
  };
  const changing = {
    reads: 0,
    get error(): unknown {
      this.reads += 1;
      return this.reads % 2 === 0 ? 'text' : { message: this.reads };
    },
  };
  const circular: Record<string, unknown> = { error: { message: 'Your credit balance is too low' } };
  circular.self = circular;
  const revoked = Proxy.revocable({}, {});
  revoked.revoke();
  const symbols = { [Symbol.iterator]: 1, [Symbol.toPrimitive]: () => 'x', error: Object.create(null) as object };
  return [
    changing,
    new Proxy({}, thrower),
    new Proxy([], thrower),
    getter,
    inner,
    circular,
    revoked.proxy,
    symbols,
    Object.create(null) as object,
  ];
}

/** The place among them of the one that answers differently each time it is read. */
export const CHANGING = 0;

/** Stands for one of `hostileObjects` until `real` puts it there: what runs a property must be able to look at its values. */
interface Placeholder {
  readonly placeholder: number;
}

const placeholder: fc.Arbitrary<object> = fc.nat({ max: hostileObjects().length - 1 }).map((at): Placeholder => ({ placeholder: at }));

function unfold<T>(value: T): T {
  if (!isObject(value) || !Object.hasOwn(value, 'placeholder')) return value;
  return hostileObjects()[Number(value.placeholder)] as T;
}

/** A generated exchange with its hostile objects in place. */
export function real(exchange: Exchange): Exchange {
  const { response } = exchange;
  if ('failure' in response) return exchange;
  return { ...exchange, response: { ...response, headers: unfold(response.headers), body: unfold(response.body ?? null) } };
}

/** Headers in every form that gateways hold them in, and forms that nobody should. */
export const headers: fc.Arbitrary<HeadersLike> = fc.oneof(
  { weight: 5, arbitrary: headerPairs.map(plainHeaders) },
  { weight: 2, arbitrary: headerPairs.map((pairs) => plainHeaders(pairs.map(([name, value]) => [name.toUpperCase(), value]))) },
  { weight: 2, arbitrary: headerPairs.map(getterOf) },
  { weight: 1, arbitrary: headerPairs },
  { weight: 1, arbitrary: headerPairs.map((pairs) => new Map(pairs)) },
  { weight: 1, arbitrary: headerPairs.map((pairs) => Object.fromEntries(pairs.map(([name, value]) => [name, [value, value]]))) },
  { weight: 1, arbitrary: headerPairs.map((pairs) => pairs.flat() as unknown as HeadersLike) },
  {
    weight: 1,
    arbitrary: fc.oneof(placeholder, fc.constantFrom<unknown>(null, undefined, 7, 'date: x')).map((value) => value as HeadersLike),
  },
);

/** An error in the envelopes of the providers, with any message. */
export function envelope(style: number, message: string, words: { readonly type?: string; readonly code?: string } = {}): unknown {
  const { type = 'invalid_request_error', code = null } = words;
  const styles: readonly unknown[] = [
    { type: 'error', error: { type, message }, request_id: 'req_1' },
    { error: { message, type, param: null, code } },
    { error: { code: 400, message, status: code ?? 'INVALID_ARGUMENT', details: [] } },
    { detail: message },
    { error: message, code },
    [{ error: { code: 403, message, status: 'PERMISSION_DENIED' } }],
    { message, type, code },
  ];
  return styles[style % styles.length];
}

const capture: fc.Arbitrary<Capture> = fc.constantFrom(...CAPTURES);

/** A text, damaged: cut, spliced with junk, with parts of another, or with doubled parts. */
export const damaged: fc.Arbitrary<string> = fc
  .record({ one: capture, other: capture, junk: hostileText, how: fc.nat({ max: 5 }), at: fc.double({ min: 0, max: 1, noNaN: true }) })
  .map(({ one, other, junk, how, at }) => {
    const place = Math.floor(one.body.length * at);
    const [head, tail] = [one.body.slice(0, place), one.body.slice(place)];
    if (how === 0) return head;
    if (how === 1) return head + junk + tail;
    if (how === 2) return head + other.body.slice(Math.floor(other.body.length * at));
    if (how === 3) return head + tail.slice(1 + junk.length);
    if (how === 4) return `${one.body}${junk}${one.body}`;
    return one.body;
  });

const verification: fc.Arbitrary<string> = fc
  .record({ reason: fc.constantFrom('VALIDATION_REQUIRED', 'TOS_VIOLATION', 'OTHER'), rest: hostileText, message: callerText })
  .map(({ reason, rest, message }) => {
    const metadata = { validation_url: `https://accounts.google.com/verify?x=${rest}` };
    return JSON.stringify({ error: { code: 403, status: 'PERMISSION_DENIED', message, details: [{ reason, metadata }] } });
  });

const jsonBody: fc.Arbitrary<string> = fc.oneof(
  { weight: 2, arbitrary: verification },
  fc.json({ maxDepth: 5 }),
  fc.tuple(fc.nat(), callerText).map(([style, message]) => JSON.stringify(envelope(style, message))),
  fc
    .record({ style: fc.nat(), message: hostileText, code: fc.constantFrom(...TELLING_WORDS) })
    .map(({ style, message, code }) => JSON.stringify(envelope(style, message, { code, type: code }))),
  fc.constantFrom(
    '['.repeat(30_000),
    '{"a":'.repeat(20_000),
    `{"error":${'{"error":'.repeat(100)}1${'}'.repeat(101)}`,
    '"\\"{\\"error\\":1}\\""',
  ),
);

/** A body of any kind: text, JSON, a damaged capture, an event stream, HTML, bytes, objects. */
export const body: fc.Arbitrary<UpstreamResponse['body']> = fc.oneof(
  { weight: 6, arbitrary: damaged },
  { weight: 5, arbitrary: jsonBody },
  { weight: 2, arbitrary: hostileText },
  { weight: 2, arbitrary: jsonBody.map((text) => `event: error\ndata: ${text}\n\n`) },
  { weight: 1, arbitrary: hostileText.map((text) => `<!DOCTYPE html><title>${text}</title>`) },
  { weight: 2, arbitrary: damaged.map((text) => new Uint8Array(Buffer.from(text))) },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 200 }) },
  { weight: 1, arbitrary: damaged.map((text) => new Uint8Array(Buffer.from(text, 'utf16le'))) },
  { weight: 2, arbitrary: fc.tuple(fc.nat(), callerText).map(([style, message]) => envelope(style, message) as object) },
  { weight: 1, arbitrary: fc.object({ maxDepth: 4, withNullPrototype: true, withMap: true, withBigInt: true, withDate: true }) },
  { weight: 2, arbitrary: fc.oneof(placeholder, fc.constantFrom(null, undefined)) },
  { weight: 1, arbitrary: fc.constantFrom<unknown>(7, true, Symbol('x'), () => 1).map((value) => value as string) },
);

/** Model names: ordinary, hostile, and the names of properties that every object has. */
export const model: fc.Arbitrary<string | null> = fc.oneof(
  fc.constantFrom(null, 'claude-opus-4-6', 'gpt-5', 'gemini-3-pro', 'claude-fable-5'),
  fc.constantFrom('__proto__', 'constructor', 'toString', 'hasOwnProperty', 'AICredits', 'a.b', "o'brien{,}", '', 'm'.repeat(10_000)),
  hostileText,
);

const rarely = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | null> =>
  fc.oneof({ weight: 4, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: value });

const someHold: fc.Arbitrary<Hold> = fc
  .record({
    ahead: fc.integer({ min: -900_000, max: 900_000 }),
    generation: fc.nat({ max: 3 }),
    credentialRevision: fc.integer({ min: -1, max: 2 }),
  })
  .map(({ ahead, ...facts }) => hold(NOW + ahead, facts));

/** An account in any mode and health. `modes` false: without custom error codes, pool mode and temporary rules. */
export function accounts({ modes = true }: { readonly modes?: boolean } = {}): fc.Arbitrary<Account> {
  const settings = fc.record({
    customErrorCodes: modes
      ? fc.constantFrom<null | 'all' | readonly number[]>(null, null, 'all', [], [429, 529], [403])
      : fc.constant(null),
    poolMode: modes ? fc.integer({ min: 0, max: 5 }).map((die) => die === 0) : fc.constant(false),
    temporaryRules: modes
      ? fc.constantFrom(
          [],
          [],
          [{ statusCode: 401, keywords: ['e'], durationMinutes: 5 }],
          [{ statusCode: 403, keywords: ['"'], durationMinutes: 9 }],
        )
      : fc.constant([]),
    allowOverages: fc.boolean(),
    modelMapping: fc.constantFrom({}, { 'gpt-5': 'gpt-5-2026' }, JSON.parse('{"__proto__":"mapped"}') as Record<string, string>),
  });
  const health = fc
    .record({
      rateLimit: rarely(someHold),
      overload: rarely(someHold),
      temporary: rarely(someHold),
      authentication: rarely(someHold),
      used: fc.boolean(),
    })
    .map(({ used, ...cells }) => ({
      ...cells,
      errors: used ? new Map([['billing' as const, accountError()]]) : new Map(),
      modelRateLimits: used ? new Map([['gpt-5', hold(NOW + 5_000)]]) : new Map(),
      usage: used ? new Map([['5h', sample(0.5, NOW + 3_600_000)]]) : new Map(),
      sessionWindow: {
        header: used ? { observedAt: NOW - 1_000, end: NOW + 3_600_000 } : null,
        status: used ? { observedAt: NOW - 1_000, status: 'allowed' } : null,
        predicted: null,
      },
      strikes: used ? new Map([['forbidden', { generation: 1, evidence: new Map([['openai_403_strikes:0', NOW - 9_000]]) }]]) : new Map(),
    }));
  const plain = fc
    .record({
      platform: fc.constantFrom(...PLATFORMS),
      type: fc.constantFrom(...TYPES),
      organizationId: fc.constantFrom(null, 'org-1'),
      credential: fc.record({ revision: fc.constantFrom(null, 0, 2), expiresAt: fc.constant(null), refreshable: fc.boolean() }),
      settings,
      health,
    })
    .map((facts) => account(facts));
  return fc.oneof(
    { weight: 5, arbitrary: plain },
    { weight: 1, arbitrary: fc.tuple(plain, plain).map(([shadow, parent]) => ({ ...shadow, id: 'shadow', parent })) },
  );
}

const circumstances: fc.Arbitrary<Partial<Exchange>> = fc.oneof(
  { weight: 3, arbitrary: fc.constant({}) },
  {
    weight: 1,
    arbitrary: fc.record<Partial<Exchange>>(
      {
        purpose: fc.constantFrom('request', 'connection_test', 'probe', 'usage'),
        phase: fc.constantFrom('complete', 'headers', 'first_event', 'mid_stream'),
        attempt: fc.integer({ min: 1, max: 4 }),
        withCredits: fc.boolean(),
        credits: fc.constantFrom('available', 'insufficient', 'unknown'),
        credentialRevision: fc.nat({ max: 3 }),
      },
      { requiredKeys: [] },
    ),
  },
);

/** Any exchange at all; `real` completes it. */
export const exchanges: fc.Arbitrary<Exchange> = fc
  .record({
    account: accounts(),
    model,
    response: fc.oneof(
      { weight: 12, arbitrary: fc.record({ status, headers, body }) },
      { weight: 1, arbitrary: fc.record({ failure: fc.constantFrom('connect', 'timeout', 'reset', 'empty_stream', 'client_abort') }) },
    ),
    receivedAt: fc.constant(NOW),
    more: circumstances,
  })
  .map(({ more, ...exchange }) => ({ ...exchange, ...more }) as Exchange);

/** Every action of a decision, with those that only a failed retry brings. */
export function actionsOf({ actions, disposition }: Decision): readonly Action[] {
  return disposition.type === 'retry' ? [...actions, ...disposition.otherwise] : actions;
}

/** What a person would have to lift, without its words. */
export function durable(decision: Decision): readonly string[] {
  return actionsOf(decision).flatMap((action) => (action.type === 'set_error' ? [`${action.accountId} ${action.kind}`] : []));
}

/** Every text in a value, with the name of the field that holds it. */
export function texts(value: unknown, field: string = ''): readonly (readonly [field: string, text: string])[] {
  if (typeof value === 'string') return [[field, value]];
  if (Array.isArray(value)) return value.flatMap((item: unknown) => texts(item, field));
  if (value instanceof Map) return [...value].flatMap(([key, item]) => [...texts(key, 'key'), ...texts(item, field)]);
  return isObject(value) ? Object.entries(value).flatMap(([key, item]) => texts(item, key)) : [];
}
