/** An upstream on the loopback that answers as a test says, and remembers what it was asked. */
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { Origins, TokenUrls } from '../../../examples/gateway/config.js';

/** A request that came. */
export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** What is answered; a text is a JSON body of status 200, null breaks the connection. */
export type Says = (asked: Asked) => Promise<Reply> | Reply;
/** What it answers. */
export type Reply = { readonly status?: number; readonly headers?: Record<string, string>; readonly body: unknown } | null;

/** The upstream. */
export interface Loopback {
  readonly origin: string;
  readonly origins: Origins;
  readonly tokenUrls: TokenUrls;
  readonly asked: Asked[];
  /** From now on it says this. */
  says: Says;
  close(): Promise<void>;
}

/** Starts one; at first it answers everything with 500. */
export async function createLoopback(): Promise<Loopback> {
  const asked: Asked[] = [];
  const server = createServer(async (request, response) => {
    const one: Asked = { method: request.method ?? '', path: request.url ?? '', headers: request.headers, body: await text(request) };
    asked.push(one);
    const reply = await loopback.says(one);
    if (reply === null) {
      response.destroy();
      return;
    }
    response.writeHead(reply.status ?? 200, { 'content-type': 'application/json', ...reply.headers });
    response.end(typeof reply.body === 'string' ? reply.body : JSON.stringify(reply.body));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const loopback: Loopback = {
    origin,
    origins: { anthropic: origin, openai: origin, chatgpt: origin, gemini: origin, codeAssist: origin, antigravity: origin },
    tokenUrls: { anthropic: `${origin}/token`, openai: `${origin}/token`, google: `${origin}/token` },
    asked,
    says: () => ({ status: 500, body: {} }),
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  return loopback;
}
