import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { type AccountOf, MESSAGE, open, post, startGateway, until } from './gateway.js';
import { beginStream, events, json, OVERLOADED } from './upstream.js';

const STREAM = { ...MESSAGE, stream: true };
const TWO: readonly AccountOf[] = [{ id: 'a' }, { id: 'b' }];
const START = { type: 'message_start', message: { id: 'msg_1' } };
const [FIRST = '', SECOND = '', ERROR = ''] = events(START, { type: 'content_block_delta', text: 'an "error": ' }, OVERLOADED);

describe('once the client has the beginning of an answer', () => {
  it('an error inside the stream passes, reaches the engine, and holds the account; nobody else is asked', async () => {
    const gateway = await startGateway({ accounts: TWO });
    gateway.upstream.answer = ({ accountId }, response) => {
      if (accountId !== 'a') return json(response, 200, {});
      beginStream(response).write(FIRST);
      setTimeout(() => response.write(SECOND + ERROR.slice(0, 30)), 20);
      setTimeout(() => response.end(ERROR.slice(30)), 40);
    };
    const reply = await post(gateway, '/v1/messages', STREAM);
    expect([reply.status, reply.text, reply.isBroken]).toEqual([200, FIRST + SECOND + ERROR, false]);
    expect(gateway.upstream.received).toHaveLength(1);
    expect(gateway.attempts().map(({ status, exchange }) => [status, exchange.phase])).toEqual([
      [200, 'headers'],
      [529, 'mid_stream'],
    ]);
    expect(gateway.ended()).toMatchObject([{ outcome: 'broken_stream', status: 200, accountId: 'a', attempts: 1 }]);
    const held = gateway.directory.find('a')?.account.health.overload;
    expect(held?.until).toBeGreaterThan(Date.now());
    await post(gateway, '/v1/messages', MESSAGE);
    await post(gateway, '/v1/messages', MESSAGE);
    expect(gateway.upstream.received.slice(1).map(({ accountId }) => accountId)).toEqual(['b', 'b']);
  });

  it('an error at the very end that no blank line ends is seen too', async () => {
    const gateway = await startGateway({ accounts: TWO });
    gateway.upstream.answer = (_r, response) => {
      beginStream(response).write(FIRST);
      setTimeout(() => response.end(ERROR.trimEnd()), 20);
    };
    await post(gateway, '/v1/messages', STREAM);
    expect(gateway.attempts().map(({ status }) => status)).toEqual([200, 529]);
  });

  it('a broken connection breaks the client’s too, and the request is not sent again', async () => {
    const gateway = await startGateway({ accounts: TWO });
    gateway.upstream.answer = (_r, response, request) => {
      beginStream(response).write(FIRST);
      setTimeout(() => request.socket.destroy(), 30);
    };
    const reply = await post(gateway, '/v1/messages', STREAM);
    expect([reply.text, reply.isBroken]).toEqual([FIRST, true]);
    await until(() => gateway.ended().length === 1);
    expect(gateway.upstream.received).toHaveLength(1);
    expect(gateway.attempts().at(-1)).toMatchObject({ status: null, exchange: { phase: 'mid_stream', response: { failure: 'reset' } } });
    expect(gateway.ended()).toMatchObject([{ outcome: 'broken_stream', accountId: 'a' }]);
  });

  it('an upstream that falls silent is a timeout', async () => {
    const gateway = await startGateway({ accounts: TWO, limits: { upstreamTimeoutMs: 150 } });
    gateway.upstream.answer = (_r, response) => beginStream(response).write(FIRST);
    const reply = await post(gateway, '/v1/messages', STREAM);
    expect([reply.text, reply.isBroken]).toEqual([FIRST, true]);
    await until(() => gateway.ended().length === 1);
    expect(gateway.attempts().at(-1)?.exchange.response).toEqual({ failure: 'timeout' });
  });

  it('holds back no more than the first event', async () => {
    const gateway = await startGateway({ accounts: TWO });
    gateway.upstream.answer = (_r, response) => {
      const stream = beginStream(response);
      stream.write(FIRST.slice(0, 20));
      setTimeout(() => stream.write(FIRST.slice(20)), 100);
    };
    const started = Date.now();
    const answer = await open(gateway, '/v1/messages', STREAM);
    expect(Date.now() - started).toBeGreaterThanOrEqual(90);
    const [chunk] = await new Promise<[Buffer]>((resolve) => answer.once('data', (data: Buffer) => resolve([data])));
    expect(chunk.toString()).toBe(FIRST);
    answer.destroy();
  });

  it('passes a stream of JSON pieces as they come', async () => {
    const gateway = await startGateway({ accounts: [{ id: 'g', platform: 'gemini', type: 'api_key' }] });
    gateway.upstream.answer = (_r, response) => response.writeHead(200, { 'content-type': 'application/json' }).write('[{"candidates":[]}');
    const answer = await open(gateway, '/v1beta/models/m:streamGenerateContent', { contents: [] });
    const [chunk] = await new Promise<[Buffer]>((resolve) => answer.once('data', (data: Buffer) => resolve([data])));
    expect(chunk.toString()).toBe('[{"candidates":[]}');
    answer.destroy();
  });
});

describe('the client', () => {
  it('that goes away in the middle of a stream takes the upstream’s request with it', async () => {
    const gateway = await startGateway({ accounts: TWO });
    let isCancelled = false;
    gateway.upstream.answer = (_r, response) => {
      response.once('close', () => {
        isCancelled = !response.writableFinished;
      });
      beginStream(response).write(FIRST);
    };
    const answer = await open(gateway, '/v1/messages', STREAM);
    answer.once('data', () => answer.destroy());
    await until(() => isCancelled && gateway.ended().length === 1);
    expect(gateway.attempts().at(-1)?.exchange).toMatchObject({ phase: 'mid_stream', response: { failure: 'client_abort' } });
    expect(gateway.ended()).toMatchObject([{ outcome: 'aborted', status: 499, accountId: null, attempts: 1 }]);
    expect(gateway.repository.snapshot().size).toBe(0);
  });

  it('that goes away before there is an answer takes it with it too', async () => {
    const gateway = await startGateway({ accounts: TWO });
    let isCancelled = false;
    gateway.upstream.answer = (_r, response) => {
      response.once('close', () => {
        isCancelled = true;
      });
    };
    const abort = new AbortController();
    const sent = open(gateway, '/v1/messages', STREAM, { signal: abort.signal }).catch((error: unknown) => error);
    await until(() => gateway.upstream.received.length === 1);
    abort.abort();
    await sent;
    await until(() => isCancelled && gateway.ended().length === 1);
    expect(gateway.attempts().map(({ exchange }) => exchange.response)).toEqual([{ failure: 'client_abort' }]);
    expect(gateway.upstream.received).toHaveLength(1);
  });

  it('that goes away while a retry waits leaves no retry behind, and what the retry would have saved is carried out', async () => {
    const gateway = await startGateway({ accounts: [{ id: 'a', platform: 'antigravity' }] });
    const details = [
      { '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason: 'RATE_LIMIT_EXCEEDED', metadata: { model: 'm' } },
      { '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '6s' },
    ];
    const body = { error: { code: 429, status: 'RESOURCE_EXHAUSTED', message: 'Resource has been exhausted', details } };
    gateway.upstream.answer = (_r, response) => json(response, 429, body);
    const abort = new AbortController();
    const sent = open(gateway, '/v1internal:generateContent', { model: 'm' }, { signal: abort.signal }).catch((error: unknown) => error);
    await until(() => gateway.attempts().length === 1);
    abort.abort();
    await sent;
    await until(() => gateway.repository.snapshot().get('a')?.modelRateLimits.has('m') === true);
    await until(() => gateway.ended().length === 1);
    expect(gateway.ended()).toMatchObject([{ outcome: 'aborted' }]);
    expect(gateway.upstream.received).toHaveLength(1);
  });

  it('that reads nothing and then goes away does not leave the gateway waiting', async () => {
    const gateway = await startGateway({ accounts: TWO });
    const piece = Buffer.from(`data: {"text":"${'x'.repeat(65_000)}"}\n\n`);
    let isCancelled = false;
    let isFull = false;
    gateway.upstream.answer = async (_r, response) => {
      const stream = beginStream(response);
      stream.once('close', () => {
        isCancelled = true;
      });
      while (!isCancelled) {
        if (stream.write(piece)) continue;
        isFull = !(await Promise.race([new Promise((resolve) => stream.once('drain', () => resolve(true))), delay(300, false)])) || isFull;
      }
    };
    const answer = await open(gateway, '/v1/messages', STREAM);
    answer.pause();
    await until(() => isFull);
    answer.destroy();
    await until(() => isCancelled && gateway.ended().length === 1);
    expect(gateway.ended()).toMatchObject([{ outcome: 'aborted' }]);
  });

  it('that reads slowly slows the upstream down, and nothing piles up', async () => {
    const gateway = await startGateway({ accounts: TWO });
    const piece = Buffer.from(`data: {"text":"${'x'.repeat(65_000)}"}\n\n`);
    const total = 1_500;
    let written = 0;
    gateway.upstream.answer = async (_r, response) => {
      const stream = beginStream(response);
      while (written < total) {
        written += 1;
        if (!stream.write(piece)) await new Promise((resolve) => stream.once('drain', resolve));
      }
      stream.end();
    };
    const answer = await open(gateway, '/v1/messages', STREAM, { headers: {} });
    answer.pause();
    await until(() => written > 0);
    let before = -1;
    while (before !== written) {
      before = written;
      await new Promise((resolve) => setTimeout(resolve, 150));
    }
    // What the sockets of both connections hold, and the streams' own small buffers: far from all of the hundred megabytes.
    expect(written).toBeLessThan(total / 4);
    let size = 0;
    for await (const chunk of answer) size += (chunk as Buffer).length;
    expect(size).toBe(total * piece.length);
    expect(written).toBe(total);
  });
});
