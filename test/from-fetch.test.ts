import { describe, expect, it, vi } from 'vitest';
import { bodyNeeded } from '../src/body-needed.js';
import type { Account } from '../src/core/account.js';
import { MAX_BODY_BYTES } from '../src/core/read-body.js';
import { definePolicy } from '../src/define-policy.js';
import { evaluate } from '../src/evaluate.js';
import { fromFetch } from '../src/from-fetch.js';
import { BUILT_IN_RULES } from '../src/rule-table.js';
import { account, NOW } from './support/accounts.js';

const ERROR = '{"type":"error","error":{"type":"authentication_error","message":"invalid x-api-key"}}';
const apiKey = account({ type: 'api_key' });

interface Watched {
  readonly response: Response;
  /** Bytes that were taken out of the stream. */
  readonly taken: () => number;
  readonly cancelled: ReturnType<typeof vi.fn>;
}

/** An answer whose body comes in chunks, and that says what became of it. */
function watched(status: number, chunks: readonly Uint8Array[], end: 'closes' | 'breaks' | 'hangs' = 'closes'): Watched {
  let taken = 0;
  let next = 0;
  const cancelled = vi.fn();
  const body = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        const chunk = chunks[next];
        next += 1;
        if (chunk !== undefined) {
          taken += chunk.length;
          controller.enqueue(chunk);
        } else if (end === 'closes') controller.close();
        else if (end === 'breaks') controller.error(new Error('connection reset'));
      },
      cancel: cancelled,
    },
    { highWaterMark: 0 },
  );
  return { response: new Response(body, { status, headers: { 'Content-Type': 'application/json' } }), taken: () => taken, cancelled };
}

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

describe('fromFetch', () => {
  it('returns status, headers with lower-case names, and the body of an error as text', async () => {
    const headers = { 'Retry-After': '5', 'X-Request-ID': 'r1', 'Content-Type': 'application/json' };
    const response = await fromFetch(new Response(ERROR, { status: 401, headers }), apiKey);
    expect(response).toEqual({
      status: 401,
      headers: { 'content-type': 'application/json', 'retry-after': '5', 'x-request-id': 'r1' },
      body: ERROR,
    });
    expect(Object.getPrototypeOf(response.headers)).toBe(Object.prototype);
  });

  it('a header named __proto__ is a header', async () => {
    const response = await fromFetch(new Response(null, { status: 401, headers: [['__proto__', 'x']] }), apiKey);
    expect(Object.entries(response.headers)).toEqual([['__proto__', 'x']]);
  });

  it.each([200, 201, 302])('a success keeps its body for the client (%i)', async (status) => {
    const original = new Response('answer', { status });
    expect(await fromFetch(original, apiKey)).toMatchObject({ status, body: null });
    expect(original.bodyUsed).toBe(false);
    expect(await original.text()).toBe('answer');
  });

  it('an error of which a policy needs no body is not read, and its connection is given back', async () => {
    const nothingAsked = definePolicy({ rules: BUILT_IN_RULES.map(({ id }) => ({ id, mode: 'off' })) });
    const found = watched(429, [bytes(ERROR)]);
    expect(bodyNeeded(found.response, apiKey, nothingAsked)).toBe(0);
    expect((await fromFetch(found.response, apiKey, nothingAsked)).body).toBeNull();
    expect(found.taken()).toBe(0);
    expect(found.cancelled).toHaveBeenCalledTimes(1);
  });

  it('reads no more of a large body than is needed, and cancels the rest', async () => {
    const chunk = bytes('x'.repeat(10_000));
    const found = watched(401, Array(100).fill(chunk));
    const { body } = await fromFetch(found.response, apiKey);
    expect(body).toBe('x'.repeat(MAX_BODY_BYTES));
    expect(found.taken()).toBe(70_000);
    expect(found.cancelled).toHaveBeenCalledTimes(1);
  });

  it('stops when it has enough, even where the rest never comes', async () => {
    const found = watched(401, [bytes('x'.repeat(MAX_BODY_BYTES))], 'hangs');
    expect((await fromFetch(found.response, apiKey)).body).toHaveLength(MAX_BODY_BYTES);
    expect(found.cancelled).toHaveBeenCalledTimes(1);
  });

  it('joins characters across chunks, and leaves out one that is cut off', async () => {
    const text = bytes('{"a":"é😀"}');
    const split = watched(
      401,
      Array.from(text, (byte) => Uint8Array.of(byte)),
    );
    expect((await fromFetch(split.response, apiKey)).body).toBe('{"a":"é😀"}');
    const cut = watched(401, [text.subarray(0, text.length - 3)]);
    expect((await fromFetch(cut.response, apiKey)).body).toBe('{"a":"é');
  });

  it('makes do with what came before the connection broke', async () => {
    const found = watched(401, [bytes(ERROR.slice(0, 40))], 'breaks');
    const response = await fromFetch(found.response, apiKey);
    expect(response.body).toBe(ERROR.slice(0, 40));
    expect(evaluate({ account: apiKey, model: null, response, receivedAt: NOW }).actions.map(({ type }) => type)).not.toContain(
      'set_error',
    );
  });

  it.each([
    { title: 'that was read already', spoil: (response: Response) => response.text() },
    { title: 'that somebody else reads', spoil: async (response: Response) => response.body?.getReader() },
  ])('makes do without a body $title', async ({ spoil }) => {
    const response = new Response(ERROR, { status: 401 });
    await spoil(response);
    expect((await fromFetch(response, apiKey)).body || null).toBeNull();
  });

  it('leaves a copy alone', async () => {
    const original = new Response(ERROR, { status: 401 });
    expect((await fromFetch(original.clone(), apiKey)).body).toBe(ERROR);
    expect(await original.text()).toBe(ERROR);
  });

  it('reads for the temporary rules of the account', async () => {
    const temporaryRules = [{ statusCode: 529, keywords: ['busy'], durationMinutes: 5 }];
    const ruled: Account = account({ type: 'api_key', settings: { temporaryRules } });
    expect((await fromFetch(new Response('busy', { status: 529 }), ruled)).body).toBe('busy');
  });

  it.each([400, 401, 402, 403, 404, 429, 500, 529])('decides as on the whole answer (%i)', async (status) => {
    for (const body of [ERROR, '<html>', '', '{"error":{"message":"credit balance is too low","type":"invalid_request_error"}}']) {
      for (const platform of ['anthropic', 'openai', 'gemini', 'antigravity']) {
        const one = account({ platform });
        const headers = { 'content-type': 'text/plain', date: 'Mon, 02 Mar 2026 10:00:00 GMT' };
        const decideOn = (response: Parameters<typeof evaluate>[0]['response']) =>
          evaluate({ account: one, model: 'm', response, receivedAt: NOW });
        const short = decideOn(await fromFetch(new Response(body, { status, headers }), one));
        const whole = decideOn({ status, headers, body });
        expect([short.verdict.kind, short.verdict.scope, short.verdict.rule, short.actions]).toEqual([
          whole.verdict.kind,
          whole.verdict.scope,
          whole.verdict.rule,
          whole.actions,
        ]);
      }
    }
  });
});
