/** A small upstream on a loopback address: each test says how it answers. */
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A request as it came to the upstream. */
export interface Received {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** The account, by the secret that the test's authorizer gave. */
  readonly accountId: string;
}

/** How the upstream answers. */
export type Answering = (received: Received, response: ServerResponse, request: IncomingMessage) => unknown;

/** A running upstream. */
export interface Upstream {
  readonly url: string;
  readonly received: Received[];
  answer: Answering;
  close(): Promise<void>;
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

/** Starts an upstream that answers 200 with an empty object until it is told otherwise. */
export async function startUpstream(): Promise<Upstream> {
  const received: Received[] = [];
  const server = createServer(async (request, response) => {
    const text = await textOf(request);
    const accountId = String(request.headers.authorization ?? '').replace('Bearer secret-', '');
    const one = { method: request.method ?? '', url: request.url ?? '', headers: request.headers, text, accountId };
    received.push(one);
    upstream.answer(one, response, request);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const upstream: Upstream = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received,
    answer: (_received, response) => response.writeHead(200, { 'content-type': 'application/json' }).end('{"ok":true}'),
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return upstream;
}

/** Answers with JSON. */
export function json(response: ServerResponse, status: number, body: unknown, headers: Record<string, string | string[]> = {}): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
}

/** Server-sent events of a message that says these words. */
export function events(...data: readonly unknown[]): readonly string[] {
  return data.map((one) => {
    const type = typeof one === 'object' && one !== null && 'type' in one ? `event: ${String(one.type)}\n` : '';
    return `${type}data: ${JSON.stringify(one)}\n\n`;
  });
}

/** Begins an event stream. */
export function beginStream(response: ServerResponse, headers: Record<string, string> = {}): ServerResponse {
  response.writeHead(200, { 'content-type': 'text/event-stream', ...headers });
  return response;
}

export const RATE_LIMITED = {
  type: 'error',
  error: { type: 'rate_limit_error', message: "This request would exceed your account's rate limit." },
};
export const OVERLOADED = { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } };
export const INVALID_TOKEN = { type: 'error', error: { type: 'authentication_error', message: 'Invalid bearer token' } };
