/** Streams whose first event is an error: another account answers, unless the request itself is wrong. */
import { setTimeout as delay } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { type AccountOf, type Gateway, MESSAGE, open, post, startGateway } from './gateway.js';
import { type Answering, beginStream, events, json, OVERLOADED } from './upstream.js';

const OK = { ok: true };
const HELPLESS = { message: 'Our servers are currently overloaded.', type: 'service_unavailable_error', code: 'server_is_overloaded' };
const GOOGLE = { error: { code: 503, message: 'The model is overloaded.', status: 'UNAVAILABLE' } };
const ARRAY = JSON.stringify([GOOGLE], null, 2);
const CHUNK = { id: 'c', object: 'chat.completion.chunk', choices: [{ index: 0, delta: { content: 'Hi' } }] };

const gemini = { platform: 'gemini', type: 'api_key' };
const openai = { platform: 'openai', type: 'api_key' };
const plan = { platform: 'openai', type: 'oauth' };

interface Case {
  readonly title: string;
  readonly kind: Partial<AccountOf>;
  readonly path: string;
  readonly body: object;
  readonly type?: string;
  /** As they are written, with a pause between them. */
  readonly pieces: readonly string[];
}

const RESPONSES = { path: '/v1/responses', body: { model: 'gpt-5', input: 'Hello', stream: true } };
const CHAT = { path: '/v1/chat/completions', body: { model: 'gpt-5', messages: [], stream: true } };
const ARRAYS = { path: '/v1beta/models/m:streamGenerateContent', body: { contents: [] }, type: 'application/json; charset=UTF-8' };

const HELPED: readonly Case[] = [
  { title: 'Anthropic', kind: {}, path: '/v1/messages', body: { ...MESSAGE, stream: true }, pieces: events(OVERLOADED) },
  { title: 'Responses, an error event', kind: plan, ...RESPONSES, pieces: events({ type: 'error', error: HELPLESS, sequence_number: 0 }) },
  {
    title: 'Responses, failed',
    kind: openai,
    ...RESPONSES,
    pieces: events({
      type: 'response.failed',
      response: { id: 'r', status: 'failed', error: { code: 'server_is_overloaded', message: 'x' } },
    }),
  },
  { title: 'Chat Completions', kind: openai, ...CHAT, pieces: events({ error: HELPLESS }) },
  {
    title: 'Chat Completions, cut',
    kind: openai,
    ...CHAT,
    pieces: ['data: {"error":{"code":"server_is', '_overloaded","message":"x"}}\n\n'],
  },
  { title: 'Gemini events', kind: gemini, path: `${ARRAYS.path}?alt=sse`, body: ARRAYS.body, pieces: events(GOOGLE) },
  { title: 'a Gemini array', kind: gemini, ...ARRAYS, pieces: [ARRAY] },
  { title: 'a Gemini array, its bracket first', kind: gemini, ...ARRAYS, pieces: ['[', ARRAY.slice(1)] },
  { title: 'a Gemini array, cut in the message', kind: gemini, ...ARRAYS, pieces: [ARRAY.slice(0, 60), ARRAY.slice(60)] },
  { title: 'a Gemini array that never ends', kind: gemini, ...ARRAYS, pieces: [ARRAY.slice(0, ARRAY.lastIndexOf('}') + 1), ''] },
];

/** Writes the pieces one after another; an empty last one leaves the stream open. */
function inPieces({ pieces, type = 'text/event-stream' }: Case): Answering {
  return async (_r, response) => {
    response.writeHead(200, { 'content-type': type });
    for (const [index, piece] of pieces.entries()) {
      if (index > 0) await delay(30);
      response.write(piece);
    }
    if (pieces.at(-1) !== '') response.end();
  };
}

function asked({ upstream }: Gateway): readonly string[] {
  return upstream.received.map(({ accountId }) => accountId);
}

describe.each(HELPED)('an error in place of the answer: $title', (one) => {
  it('is not the client’s affair: another account answers', async () => {
    const gateway = await startGateway({ accounts: ['a', 'b'].map((id) => ({ ...one.kind, id })) });
    // The test's upstream knows accounts by their Authorization header, whatever their kind.
    gateway.upstream.answer = (received, response, request) =>
      received.accountId === 'a' ? inPieces(one)(received, response, request) : json(response, 200, OK);
    expect((await post(gateway, one.path, one.body)).json).toEqual(OK);
    expect(asked(gateway)).toEqual(['a', 'b']);
    expect(gateway.attempts().map(({ exchange }) => exchange.phase)).toEqual(['headers', 'first_event', 'headers']);
    expect(gateway.attempts()[1]?.decision.verdict.kind).toBe('overloaded');
    expect(gateway.ended()).toMatchObject([{ outcome: 'answered', accountId: 'b', attempts: 2 }]);
  });
});

describe.each([
  ['invalid_prompt', 'response.failed'],
  ['context_length_exceeded', 'response.failed'],
  ['cyber_policy', 'error'],
  ['image_parse_error', 'error'],
])('a mistake of the request: %s as %s', (code, type) => {
  const error = { code, message: 'Your input is refused.' };
  const wrong =
    events(type === 'error' ? { type, ...error, param: null } : { type, response: { id: 'r', status: 'failed', error } })[0] ?? '';

  it('in place of an answer is given on as it is: nobody else is asked, and no account is blamed', async () => {
    const gateway = await startGateway({ accounts: ['a', 'b'].map((id) => ({ ...plan, id })) });
    gateway.upstream.answer = (_r, response) => beginStream(response).end(wrong);
    const reply = await post(gateway, RESPONSES.path, RESPONSES.body);
    expect([reply.status, reply.text, reply.isBroken]).toEqual([200, wrong, false]);
    expect(asked(gateway)).toEqual(['a']);
    expect(gateway.attempts().at(-1)).toMatchObject({ status: 400, decision: { verdict: { kind: 'invalid_request' }, events: [] } });
    expect(gateway.ended()).toMatchObject([{ outcome: 'refused_by_upstream', status: 200, accountId: 'a', attempts: 1 }]);
    expect(gateway.repository.snapshot().size).toBe(0);
  });

  it('behind the beginning of an answer is no error of the upstream’s either', async () => {
    const gateway = await startGateway({ accounts: [{ ...plan, id: 'a' }] });
    const begun = events({ type: 'response.created', response: { id: 'r', status: 'in_progress', error: null } })[0] ?? '';
    gateway.upstream.answer = async (_r, response) => {
      beginStream(response).write(begun);
      await delay(30);
      response.end(wrong);
    };
    expect((await post(gateway, RESPONSES.path, RESPONSES.body)).text).toBe(begun + wrong);
    expect(gateway.attempts().map(({ status, exchange }) => [status, exchange.phase])).toEqual([
      [200, 'headers'],
      [400, 'mid_stream'],
    ]);
    expect(gateway.attempts().at(-1)?.decision).toMatchObject({ actions: [], events: [] });
  });
});

describe('what is no error', () => {
  it.each([
    ['an array of which the first object is there', ARRAYS.path, 'application/json', '[{"candidates":[{"content":{"parts":[]}}]}\r\n,\r\n'],
    ['a chunk of a chat', CHAT.path, 'text/event-stream', events(CHUNK)[0] ?? ''],
    ['a stream of an unknown form', ARRAYS.path, 'application/octet-stream', 'anything'],
    ['a stream without a type', ARRAYS.path, undefined, 'anything'],
  ])('is given on at once: %s', async (_title, path, type, first) => {
    const gateway = await startGateway({ accounts: [{ id: 'g', ...(path === CHAT.path ? openai : gemini) }] });
    gateway.upstream.answer = (_r, response) => response.writeHead(200, type === undefined ? {} : { 'content-type': type }).write(first);
    const answer = await open(gateway, path, CHAT.body);
    const [chunk] = await new Promise<[Buffer]>((resolve) => answer.once('data', (data: Buffer) => resolve([data])));
    expect(chunk.toString()).toBe(first);
    answer.destroy();
  });

  it('is given on at once also where it is compressed, though nobody asked for that', async () => {
    const gateway = await startGateway({ accounts: [{ id: 'a' }] });
    const first = gzipSync(events({ type: 'message_start' })[0] ?? '');
    gateway.upstream.answer = (_r, response) => beginStream(response, { 'content-encoding': 'gzip' }).write(first);
    const answer = await open(gateway, '/v1/messages', { ...MESSAGE, stream: true });
    const [chunk] = await new Promise<[Buffer]>((resolve) => answer.once('data', (data: Buffer) => resolve([data])));
    expect([answer.headers['content-encoding'], chunk.equals(first)]).toEqual(['gzip', true]);
    answer.destroy();
  });
});
