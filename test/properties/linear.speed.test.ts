import { describe, expect, it } from 'vitest';
import type { Exchange } from '../../src/core/exchange.js';
import { evaluate } from '../../src/evaluate.js';
import { explain } from '../../src/explain.js';
import { account, NOW } from '../support/accounts.js';
import { PLATFORMS } from '../support/hostile.js';

/** Texts that a careless pattern, scan or parser takes a long time for (F63, F64, F87). */
const UNITS: Readonly<Record<string, string>> = {
  'web tokens': 'eyJ',
  letters: 'a',
  blanks: ' ',
  'line breaks': '\r\n\r\n',
  quotes: '"',
  escapes: '\\"',
  keys: 'key=',
  signs: '@a.',
  'refresh tokens': '1//',
  links: 'https://accounts.google.com/',
  waits: 'try again in 1s ',
  dashes: '2026-',
  brackets: '[',
  braces: '{"a":',
  frames: 'data: {}\n\n',
  events: '\nevent: x\ndata: {"error"',
  markup: '<title>',
  phrases: 'credit balance ',
  percents: '%2F%2f',
  accents: 'i\u0307\u200b',
};
const ENVELOPES: Readonly<Record<string, (text: string) => string>> = {
  'as a body': (text) => text,
  'in a message': (text) => JSON.stringify({ error: { type: 'invalid_request_error', message: text } }),
  'behind a brace': (text) => `{${text}`,
};

function ask(body: string, platform: string, model: string | null = 'some-model'): Exchange {
  const temporaryRules = [{ statusCode: 403, keywords: ['nowhere to be found'], durationMinutes: 1 }];
  return {
    account: account({ platform, settings: { temporaryRules } }),
    model,
    receivedAt: NOW,
    response: { status: 403, headers: {}, body },
  };
}

function fastest(act: () => unknown): number {
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < 3; round += 1) {
    const start = performance.now();
    act();
    best = Math.min(best, performance.now() - start);
  }
  return best;
}

/** Below this many milliseconds a quarter is as good as nothing: the ratio would be noise. */
const FLOOR_MS = 1;
/** Linear is 4, quadratic 16. */
const MOST = 9;

/** Time for `size` characters in relation to that for a quarter; the least of some tries, for a machine may pause at any time. */
function ratio(act: (size: number) => unknown, size: number): number {
  let least = Number.POSITIVE_INFINITY;
  for (let attempt = 0; attempt < 4 && least > MOST; attempt += 1) {
    least = Math.min(
      least,
      fastest(() => act(size)) /
        Math.max(
          FLOOR_MS,
          fastest(() => act(size / 4)),
        ),
    );
  }
  return least;
}

const repeated = (unit: string, size: number): string => unit.repeat(Math.ceil(size / unit.length)).slice(0, size);

describe('I33: time grows with the length of a body, and no more', () => {
  it.each(Object.keys(UNITS))('%s, up to 64 KiB', (name) => {
    for (const [, wrap] of Object.entries(ENVELOPES)) {
      for (const platform of PLATFORMS) {
        const body = (size: number): string => wrap(repeated(UNITS[name] ?? '', size));
        const bodies = new Map([16_000, 64_000].map((size) => [size, body(size)]));
        expect(ratio((size) => evaluate(ask(bodies.get(size) ?? '', platform)), 64_000)).toBeLessThan(MOST);
      }
    }
  });

  it.each(Object.keys(UNITS))('%s, beyond 64 KiB: no time at all', (name) => {
    const small = repeated(UNITS[name] ?? '', 80_000);
    const large = repeated(UNITS[name] ?? '', 4_000_000);
    const act = (body: string) => (): unknown => evaluate(ask(body, 'antigravity'));
    act(large)();
    expect(fastest(act(large)) / Math.max(FLOOR_MS, fastest(act(small)))).toBeLessThan(MOST);
  });

  it('a name of a model as long as a body', () => {
    for (const unit of ['a', 'credit balance ', '{"a":']) {
      const act = (size: number): unknown => {
        const model = repeated(unit, size);
        return evaluate(ask(JSON.stringify({ error: { message: `Unknown model: ${model.slice(0, 60_000)}` } }), 'anthropic', model));
      };
      expect(ratio(act, 400_000)).toBeLessThan(MOST);
    }
  });

  it('a naive pattern would be noticed', () => {
    const pattern = /\s+$/;
    const blanks = (size: number): boolean => pattern.test(`${' '.repeat(size)}x`);
    expect(ratio(blanks, 12_000)).toBeGreaterThan(MOST);
  });
});

/** What a decision may look at. */
const INSPECTED = 65_536;
const FILLER = 'the quick brown fox ';

describe('I33: only the first 64 KiB of a body are looked at', () => {
  const head = `please verify your account. ${repeated(FILLER, 69_970)}`;
  const tails = [
    '',
    ' terms of service violation https://accounts.google.com/verify credit balance',
    ' nowhere to be found',
    '<html>',
    '"}}',
  ];
  const encoder = new TextEncoder();

  it.each(PLATFORMS)('a body that differs at byte 70,000 decides the same, on %s', (platform) => {
    expect(head.length).toBeGreaterThan(INSPECTED);
    for (const status of [200, 400, 401, 402, 403, 404, 429, 500, 529]) {
      for (const begin of ['', '{"error":{"message":"', '<html>', 'data: {"error":"', '"']) {
        const decide = (tail: string, asBytes: boolean): unknown => {
          const text = begin + head + tail;
          const exchange = ask(text, platform);
          const body = asBytes ? encoder.encode(text) : text;
          return evaluate({ ...exchange, response: { status, headers: {}, body } });
        };
        const usual = decide('', false);
        for (const tail of tails) {
          expect(decide(tail, false)).toEqual(usual);
          expect(decide(tail, true)).toEqual(usual);
        }
      }
    }
  });

  it('within 64 KiB the same words count', () => {
    const exchange = ask(`${repeated(FILLER, 60_000)} nowhere to be found`, 'openai');
    expect(evaluate(exchange).verdict.rule).toBe('temporary_rule');
    expect(evaluate(ask(`${repeated(FILLER, 70_000)} nowhere to be found`, 'openai')).verdict.rule).not.toBe('temporary_rule');
  });
});

describe('I33: depth and number of nodes are bounded (F64)', () => {
  it.each([
    ['a million arrays deep', '['.repeat(1_000_000)],
    ['20,000 objects deep', `${'{"error":'.repeat(7_000)}1${'}'.repeat(7_000)}`],
    ['messages in messages', `{"error":${'{"message":'.repeat(5_000)}"x"${'}'.repeat(5_000)}}`],
    ['details in details', `{"error":{"details":${'[{"details":'.repeat(4_000)}1${'}]'.repeat(4_000)}}}`],
    ['many keys', `{${Array.from({ length: 9_000 }, (_, at) => `"${at}":1`).join(',')}}`],
    ['a million keys', `{${Array.from({ length: 200_000 }, (_, at) => `"${at}":1`).join(',')}}`],
    [
      'many details',
      JSON.stringify({ error: { message: 'm', details: Array.from({ length: 2_000 }, () => ({ violations: [{ quotaId: 'PerDay' }] })) } }),
    ],
  ])('%s', (_, body) => {
    for (const platform of PLATFORMS) {
      for (const status of [200, 400, 401, 403, 429]) {
        const exchange = { ...ask(body, platform), response: { status, headers: {}, body } };
        expect(JSON.stringify(evaluate(exchange)).length).toBeLessThan(20_000);
        expect(explain(exchange).decision).toEqual(evaluate(exchange));
      }
    }
  });

  it('an object that was parsed by the host is no deeper for us', () => {
    let deep: object = { message: 'x' };
    for (let depth = 0; depth < 100_000; depth += 1) deep = { message: deep, error: deep, details: [deep] };
    for (const status of [200, 400, 403, 429]) {
      const decision = evaluate({ ...ask('', 'antigravity'), response: { status, headers: {}, body: deep } });
      expect(JSON.stringify(decision).length).toBeLessThan(20_000);
    }
  });
});
