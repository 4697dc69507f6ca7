/** Answers that no upstream should give. */
import { once } from 'node:events';
import { createServer } from 'node:net';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { type AccountOf, MESSAGE, post, startGateway, until } from './gateway.js';
import { json } from './upstream.js';

const ONE: readonly AccountOf[] = [{ id: 'a' }];

describe('an upstream that', () => {
  it.each([301, 302, 304, 307, 308])(
    'sends the client elsewhere (%i): nobody goes there, and the client is not told where',
    async (status) => {
      const gateway = await startGateway({ accounts: ONE });
      gateway.upstream.answer = (_r, response) =>
        response
          .writeHead(status, { location: 'https://elsewhere.test/v1/messages' })
          .end(status === 304 ? undefined : 'Moved: elsewhere.test');
      const reply = await post(gateway, '/v1/messages', MESSAGE);
      expect([reply.status, reply.headers.location, reply.json]).toMatchObject([
        502,
        undefined,
        { type: 'error', error: { type: 'api_error' } },
      ]);
      expect(reply.text).not.toContain('elsewhere');
      expect(gateway.ended()).toMatchObject([{ outcome: 'refused_by_upstream', status: 502 }]);
      expect(gateway.upstream.received).toHaveLength(1);
    },
  );

  it('answers without an answer (204): another account is asked', async () => {
    const gateway = await startGateway({ accounts: [...ONE, { id: 'b' }] });
    gateway.upstream.answer = ({ accountId }, response) =>
      accountId === 'a' ? response.writeHead(204).end() : json(response, 200, { ok: true });
    expect((await post(gateway, '/v1/messages', MESSAGE)).json).toEqual({ ok: true });
    expect(gateway.attempts().map(({ exchange }) => exchange.response)).toContainEqual({ failure: 'empty_stream' });
  });

  it('sends 1xx before its answer: only the answer counts', async () => {
    const gateway = await startGateway({ accounts: ONE });
    gateway.upstream.answer = (_r, response) => {
      response.writeEarlyHints({ link: '</x>; rel=preload' });
      response.writeProcessing();
      json(response, 200, { ok: true });
    };
    expect((await post(gateway, '/v1/messages', MESSAGE)).json).toEqual({ ok: true });
    expect(gateway.attempts()).toHaveLength(1);
  });

  it('compresses its answer though it was asked not to: it is given on as it is', async () => {
    const gateway = await startGateway({ accounts: ONE });
    const bytes = gzipSync('{"ok":true}');
    gateway.upstream.answer = (_r, response) =>
      response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' }).end(bytes);
    const reply = await post(gateway, '/v1/messages', MESSAGE);
    expect([reply.headers['content-encoding'], reply.bytes.equals(bytes)]).toEqual(['gzip', true]);
  });

  it('puts what is not ASCII into a header: the bytes stay, and the answer too', async () => {
    const answer =
      'HTTP/1.1 200 OK\r\nx-codex-promo-message: 20\u00a0% off – 世界\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}';
    const raw = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.once('data', () => socket.end(answer));
    }).listen(0, '127.0.0.1');
    await once(raw, 'listening');
    const address = raw.address();
    const baseUrl = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
    const gateway = await startGateway({ accounts: [{ id: 'a', baseUrl }] });
    const reply = await post(gateway, '/v1/messages', MESSAGE);
    raw.close();
    expect([reply.status, reply.text, reply.isBroken]).toEqual([200, '{}', false]);
    expect(Buffer.from(String(reply.headers['x-codex-promo-message']), 'latin1').toString()).toBe('20\u00a0% off – 世界');
  });

  it('breaks the connection that was kept from the request before: the request is sent again, on a new one', async () => {
    const gateway = await startGateway({ accounts: ONE });
    const sockets = new Set<unknown>();
    gateway.upstream.answer = (_r, response, request) => {
      const isFirst = sockets.size === 0;
      sockets.add(request.socket);
      if (isFirst || sockets.size > 1) json(response, 200, { ok: true });
      else request.socket.destroy();
    };
    expect((await post(gateway, '/v1/messages', MESSAGE)).status).toBe(200);
    expect((await post(gateway, '/v1/messages', MESSAGE)).json).toEqual({ ok: true });
    expect(gateway.attempts().map(({ status }) => status)).toEqual([200, null, 200]);
    await until(() => gateway.ended().length === 2);
    expect(gateway.repository.snapshot().size).toBe(0);
  });
});
