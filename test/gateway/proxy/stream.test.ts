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
