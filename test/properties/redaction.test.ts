import { Buffer } from 'node:buffer';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Decision } from '../../src/core/decision.js';
import type { Exchange } from '../../src/core/exchange.js';
import { createRedactor } from '../../src/core/redact.js';
import { toPatches } from '../../src/core/to-patches.js';
import { evaluate } from '../../src/evaluate.js';
import { explain } from '../../src/explain.js';
import { redactDecision } from '../../src/shell/redact-decision.js';
import { account, NOW } from '../support/accounts.js';
import { actionsOf, envelope, PLATFORMS, reached, runs, TYPES, texts } from '../support/hostile.js';

const tail = (length: number): fc.Arbitrary<string> =>
  fc.string({
    unit: fc.constantFrom(...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'),
    minLength: length,
    maxLength: length + 20,
  });

/** Secrets whose shape tells what they are, by the kind. What is secret of them is the tail. */
const SHAPES: Readonly<Record<string, (random: string) => string>> = {
  anthropic: (random) => `sk-ant-oat01-${random}`,
  openai: (random) => `sk-proj-${random}`,
  google: (random) => `AIza${random}`,
  'google access': (random) => `ya29.a0${random}`,
  'google refresh': (random) => `1//0g${random}`,
  jwt: (random) => `eyJhbGciOiJSUzI1NiJ9.${random}.c2lnbmF0dXJl`,
  groq: (random) => `gsk_${random}`,
  xai: (random) => `xai-${random}`,
};

const inJson = (text: string): string => JSON.stringify(text).slice(1, -1).replaceAll('/', '\\/');
const ENCODINGS: Readonly<Record<string, (secret: string) => string>> = { raw: (secret) => secret, url: encodeURIComponent, json: inJson };
const BASE64: Readonly<Record<string, (secret: string) => string>> = {
  base64: (secret) => Buffer.from(secret).toString('base64'),
  'base64 behind a name': (secret) => Buffer.from(`user:${secret}`).toString('base64'),
  base64url: (secret) => Buffer.from(`x${secret}`).toString('base64url'),
};

/** Where an upstream may put what it should not repeat. */
const PLACES: Readonly<Record<string, (planted: string) => { readonly headers?: Record<string, string>; readonly body: string }>> = {
  message: (planted) => ({ body: JSON.stringify(envelope(1, `Incorrect API key provided: ${planted}. Check it.`)) }),
  'end of a long message': (planted) => ({ body: JSON.stringify(envelope(0, `${'The request was refused. '.repeat(20)}${planted}`)) }),
  code: (planted) => ({ body: JSON.stringify({ error: { code: planted, type: planted, message: 'no' } }) }),
  reason: (planted) => ({ body: JSON.stringify({ error: { status: planted, message: 'no', details: [{ reason: planted }] } }) }),
  detail: (planted) => ({ body: JSON.stringify({ detail: `token ${planted} refused` }) }),
  'body without a message': (planted) => ({ body: JSON.stringify({ request: { authorization: planted } }) }),
  text: (planted) => ({ body: `Forbidden: ${planted}` }),
  link: (planted) => ({
    body: JSON.stringify({
      error: {
        code: 403,
        message: 'Verify your account',
        details: [{ reason: 'VALIDATION_REQUIRED', metadata: { validation_url: `https://accounts.google.com/verify?plt=${planted}` } }],
      },
    }),
  }),
  'link in text': (planted) => ({ body: `verify at https://accounts.google.com/verify?plt=${planted} please` }),
  header: (planted) => ({
    headers: {
      'content-type': 'application/json',
      'anthropic-ratelimit-unified-5h-status': planted,
      'anthropic-ratelimit-unified-status': planted,
      'anthropic-ratelimit-unified-representative-claim': planted,
      'retry-after': planted,
    },
    body: '{}',
  }),
};

interface Planted {
  readonly platform: string;
  readonly type: string;
  readonly status: number;
  readonly shape: string;
  readonly random: string;
  readonly encoding: string;
  readonly place: string;
}

const plantings = (encodings: Readonly<Record<string, unknown>>, shapes: readonly string[]): fc.Arbitrary<Planted> =>
  fc.record({
    platform: fc.constantFrom(...PLATFORMS),
    type: fc.constantFrom(...TYPES),
    status: fc.constantFrom(200, 400, 401, 402, 403, 403, 404, 429, 500),
    shape: fc.constantFrom(...shapes),
    random: tail(24),
    encoding: fc.constantFrom(...Object.keys(encodings)),
    place: fc.constantFrom(...Object.keys(PLACES)),
  });

function exchangeOf({ platform, type, status, place }: Planted, planted: string): Exchange {
  const { headers = {}, body } = PLACES[place]?.(planted) ?? { body: '' };
  const temporaryRules = [{ statusCode: 404, keywords: ['e'], durationMinutes: 1 }];
  return {
    account: account({ platform, type, settings: { temporaryRules } }),
    model: 'some-model',
    receivedAt: NOW,
    response: { status, headers, body },
  };
}

/** The texts of everything that leaves: the decision, its patches, its explanation. */
function outputs(decision: Decision, exchange: Exchange): readonly string[] {
  const patches = [...toPatches(actionsOf(decision)).values()];
  return [decision, patches, explain(exchange)].flatMap((value) => texts(value)).map(([, text]) => text);
}

/** Which planted text is left anywhere; null: none. A part of a secret is one too. */
function leaked(all: readonly string[], random: string): string | null {
  const parts = [random, random.slice(0, 16), random.slice(-16)];
  return all.find((text) => parts.some((part) => text.includes(part))) ?? null;
}

const KNOWN = Object.keys(SHAPES);

describe('I29: no secret leaves', () => {
  it('secrets of a known shape, with no knowledge of them', () => {
    const { note, check } = reached(
      ...KNOWN,
      ...Object.keys(ENCODINGS),
      ...Object.keys(PLACES),
      'redacted',
      'set_error',
      'set_temp_unschedulable',
    );
    fc.assert(
      fc.property(plantings(ENCODINGS, KNOWN), (planting) => {
        const secret = SHAPES[planting.shape]?.(planting.random) ?? '';
        const exchange = exchangeOf(planting, ENCODINGS[planting.encoding]?.(secret) ?? '');
        const decision = evaluate(exchange);
        const all = outputs(decision, exchange);
        for (const situation of [planting.shape, planting.encoding, planting.place]) note(situation);
        if (all.some((text) => text.includes('[redacted]'))) note('redacted');
        for (const { type } of actionsOf(decision)) note(type);
        expect(leaked(all, planting.random)).toBeNull();
      }),
      { numRuns: runs(8_000) },
    );
    check();
  });

  it('any secret that the host names, in each form, by its own redactor', () => {
    const shapes = ['anything', ...KNOWN];
    const all = { ...ENCODINGS, ...BASE64 };
    const { note, check } = reached(...shapes, ...Object.keys(all), ...Object.keys(PLACES), 'redacted');
    fc.assert(
      fc.property(plantings(all, shapes), (planting) => {
        const secret = SHAPES[planting.shape]?.(planting.random) ?? planting.random;
        const planted = all[planting.encoding as keyof typeof all]?.(secret) ?? '';
        const exchange = exchangeOf(planting, planted);
        const decision = redactDecision(evaluate(exchange), createRedactor([secret]));
        const left = texts([decision, [...toPatches(actionsOf(decision)).values()]]).map(([, text]) => text);
        for (const situation of [planting.shape, planting.encoding, planting.place]) note(situation);
        if (left.some((text) => text.includes('[redacted]'))) note('redacted');
        expect(leaked(left, planting.random)).toBeNull();
        // The edges of base64 depend on what stands beside it; 12 characters of its middle are nine bytes of the secret.
        const middle = Math.floor(planted.length / 2);
        expect(
          left.filter((text) => text.includes(planted.slice(middle - 6, middle + 6)) && planting.encoding.startsWith('base64')),
        ).toEqual([]);
      }),
      { numRuns: runs(8_000) },
    );
    check();
  });

  it('but would with an engine that hides keys in messages only, as they are', () => {
    const naive = (text: string): string => text.replace(/\bsk-[A-Za-z0-9-]+/g, 'sk-…');
    const found = fc.check(
      fc.property(plantings(ENCODINGS, KNOWN), (planting) => {
        const secret = SHAPES[planting.shape]?.(planting.random) ?? '';
        const { body } = PLACES[planting.place]?.(ENCODINGS[planting.encoding]?.(secret) ?? '') ?? { body: '' };
        return leaked([naive(body)], planting.random) === null;
      }),
      { numRuns: 1_000, endOnFailure: true },
    );
    expect(found.failed).toBe(true);
  });
});
