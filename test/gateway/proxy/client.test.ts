/** Clients that leave, stall or read slowly. */
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { Authorizer } from '../../../examples/gateway/proxy/authorizer.js';
import { type AccountOf, authorizer, MESSAGE, open, post, startGateway, until } from './gateway.js';
import { beginStream, events, json, OVERLOADED } from './upstream.js';

const STREAM = { ...MESSAGE, stream: true };
const TWO: readonly AccountOf[] = [{ id: 'a' }, { id: 'b' }];
const START = { type: 'message_start', message: { id: 'msg_1' } };
const [FIRST = '', ERROR = ''] = events(START, OVERLOADED);

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

  it('that goes away because of an error inside the stream is no client that gave up, and the engine hears of the error alone', async () => {
    const gateway = await startGateway({ accounts: TWO });
    let isCancelled = false;
    gateway.upstream.answer = (_r, response) => {
      response.once('close', () => {
        isCancelled = !response.writableFinished;
      });
      beginStream(response).write(FIRST);
      // The end never comes: the client does not wait for it either.
      setTimeout(() => response.write(ERROR), 20);
    };
    const answer = await open(gateway, '/v1/messages', STREAM);
    answer.on('data', (chunk: Buffer) => {
      if (String(chunk).includes('overloaded_error')) answer.destroy();
    });
    await until(() => isCancelled && gateway.ended().length === 1);
    expect(gateway.attempts().map(({ status, exchange }) => [status, exchange.phase])).toEqual([
      [200, 'headers'],
      [529, 'mid_stream'],
    ]);
    expect(gateway.ended()).toMatchObject([{ outcome: 'broken_stream', status: 200, accountId: 'a', attempts: 1 }]);
  });

  it('that gets an error and then a broken connection has one error, and so has the engine', async () => {
    const gateway = await startGateway({ accounts: TWO });
    gateway.upstream.answer = (_r, response, request) => {
      beginStream(response).write(FIRST);
      setTimeout(() => response.write(ERROR), 20);
      setTimeout(() => request.socket.destroy(), 60);
    };
    const reply = await post(gateway, '/v1/messages', STREAM);
    expect([reply.text, reply.isBroken]).toEqual([FIRST + ERROR, true]);
    await until(() => gateway.ended().length === 1);
    expect(gateway.attempts().map(({ status }) => status)).toEqual([200, 529]);
    expect(gateway.ended()).toMatchObject([{ outcome: 'broken_stream', accountId: 'a' }]);
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

  it('that goes away while the account is being authorized has sent nothing to anybody', async () => {
    let go = (): void => undefined;
    let isAsked = false;
    const slow: Authorizer = {
      authorize: async (one) => {
        isAsked = true;
        await new Promise<void>((resolve) => {
          go = resolve;
        });
        return authorizer.authorize(one);
      },
    };
    const gateway = await startGateway({ accounts: TWO, authorizer: slow });
    const abort = new AbortController();
    const sent = open(gateway, '/v1/messages', STREAM, { signal: abort.signal }).catch((error: unknown) => error);
    await until(() => isAsked);
    abort.abort();
    await sent;
    // The gateway's side of the connection notices a moment later.
    await delay(50);
    go();
    await until(() => gateway.ended().length === 1);
    expect(gateway.ended()).toMatchObject([{ outcome: 'aborted', status: 499, accountId: null }]);
    expect(gateway.upstream.received).toEqual([]);
    expect(gateway.repository.snapshot().size).toBe(0);
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

  it('that reads nothing for too long is taken for gone: neither connection stays', async () => {
    const gateway = await startGateway({ accounts: TWO, limits: { clientTimeoutMs: 200 } });
    const piece = Buffer.from(`data: {"text":"${'x'.repeat(65_000)}"}\n\n`);
    let isCancelled = false;
    gateway.upstream.answer = async (_r, response) => {
      const stream = beginStream(response);
      const closed = once(stream, 'close').then(() => {
        isCancelled = true;
      });
      while (!isCancelled) if (!stream.write(piece)) await Promise.race([once(stream, 'drain'), closed]);
    };
    const answer = await open(gateway, '/v1/messages', STREAM);
    answer.pause();
    await until(() => isCancelled && gateway.ended().length === 1);
    expect(gateway.ended()).toMatchObject([{ outcome: 'aborted' }]);
    expect(gateway.repository.snapshot().size).toBe(0);
    answer.destroy();
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
