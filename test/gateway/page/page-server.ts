/** The page behind its content security policy, and an admin API that says what a test scripts. */
import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, resolve } from 'node:path';

const PAGE = resolve(import.meta.dirname, '../../../examples/gateway/page');

/** The gateway's own policy for the page. */
const CSP =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const TYPES: Readonly<Record<string, string>> = { '.html': 'text/html; charset=utf-8', '.css': 'text/css', '.js': 'text/javascript' };

export const TOKEN = 'admin-token-of-the-test';

/** A call of the API that changes something. */
export interface AdminCall {
  readonly method: string;
  readonly path: string;
  readonly body: unknown;
}

/** What the API says. A test changes it as it goes. */
export interface Script {
  now: () => number;
  accounts: readonly unknown[];
  decisions: readonly unknown[];
  series: readonly unknown[];
  settings: unknown;
  /** One decision, whole. */
  decision: (id: string) => unknown;
  token: string;
  /** The answer of a call that changes something; undefined: 200 with `{}`. */
  answer: (call: AdminCall) => { readonly status: number; readonly body?: unknown } | undefined;
}

/** A running server. */
export interface PageServer {
  readonly url: string;
  readonly script: Script;
  readonly calls: AdminCall[];
  /** How often the whole was asked for. */
  overviews(): number;
  /** Tells every open page. */
  push(event: string, data: unknown): void;
  /** Cuts every event stream. */
  drop(): void;
  close(): Promise<void>;
}

function json(response: ServerResponse, status: number, body: unknown): void {
  if (status === 204) {
    response.writeHead(status).end();
    return;
  }
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

async function sendFile(response: ServerResponse, path: string): Promise<void> {
  const name = path === '/' ? 'index.html' : path.replace(/^\/page\//, '');
  const headers = {
    'content-type': TYPES[extname(name)] ?? 'text/plain',
    'content-security-policy': CSP,
    'x-content-type-options': 'nosniff',
  };
  const file = await readFile(join(PAGE, name)).catch(() => null);
  if (file === null) json(response, 404, { error: { code: 'not_found' } });
  else response.writeHead(200, headers).end(file);
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  let text = '';
  for await (const piece of request) text += String(piece);
  return text === '' ? null : JSON.parse(text);
}

/** Starts the server. */
export async function startPageServer(script: Script): Promise<PageServer> {
  const streams = new Set<ServerResponse>();
  const calls: AdminCall[] = [];
  let overviews = 0;

  function read(path: string, response: ServerResponse): void {
    const { accounts, series, decisions, settings, now } = script;
    if (path === '/admin/overview') {
      overviews += 1;
      json(response, 200, { now: now(), counts: {}, nextRecoveryAt: null, accounts, series });
    } else if (path === '/admin/decisions') json(response, 200, decisions);
    else if (path.startsWith('/admin/decisions/')) json(response, 200, script.decision(path.split('/').at(-1) ?? ''));
    else if (path === '/admin/settings') json(response, 200, settings);
    else if (path === '/admin/events') {
      response.writeHead(200, { 'content-type': 'text/event-stream' }).write(': hello\n\n');
      streams.add(response);
      response.on('close', () => streams.delete(response));
    } else json(response, 404, { error: { code: 'not_found' } });
  }

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = new URL(request.url ?? '/', 'http://page').pathname;
    if (!path.startsWith('/admin/')) return sendFile(response, path);
    if (request.headers.authorization !== `Bearer ${script.token}`) return json(response, 401, { error: { code: 'unauthorized' } });
    if (request.method === 'GET') return read(path, response);
    const call = { method: request.method ?? '', path, body: await readJson(request) };
    calls.push(call);
    const answer = script.answer(call);
    json(response, answer?.status ?? 200, answer?.body ?? {});
  }

  const server: Server = createServer((request, response) => void handle(request, response));
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;

  return {
    url: `http://127.0.0.1:${port}/`,
    script,
    calls,
    overviews: () => overviews,
    push(event, data) {
      for (const stream of streams) stream.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
    },
    drop() {
      for (const stream of streams) stream.destroy();
    },
    async close() {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}
