/** The HTTP server: starts where it is told to, and ends without breaking an answer off. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { StartError } from './stores/start-error.js';

/** A server that listens. */
export interface Listening {
  /** Of this machine: `http://127.0.0.1:8080`. */
  readonly url: string;
  /** Takes no more requests, waits until those under way are answered, at most `limitMs`, and breaks the others off. */
  stop(limitMs: number): Promise<void>;
}

/** `requestTimeout` is from the first byte of a request to the last of its body, so that nobody keeps a connection by sending slowly. */
const LIMITS = { headersTimeout: 30_000, requestTimeout: 300_000, maxHeaderSize: 32 * 1024 } as const;
const SWEEP_MS = 50;
const WHY: Readonly<Record<string, string>> = {
  EADDRINUSE: 'it is taken: end what runs there, or set PORT to another one',
  EACCES: 'this user may not use it: set PORT to one above 1023',
  EADDRNOTAVAIL: 'this machine has no such address: set HOST to one of its own',
};

function listen(server: Server, { host, port }: { readonly host: string; readonly port: number }): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const reason = WHY[error.code ?? ''] ?? String(error.code);
      reject(new StartError(`The gateway cannot listen on port ${port} of ${host}: ${reason}.`, { cause: error }));
    });
    server.listen(port, host, resolve);
  });
}

async function stop(server: Server, limitMs: number): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  // Connections become idle one after the other, as their answers end.
  const sweep = setInterval(() => server.closeIdleConnections(), SWEEP_MS);
  const late = setTimeout(() => server.closeAllConnections(), limitMs);
  await closed;
  clearInterval(sweep);
  clearTimeout(late);
}

/** Starts the server. Rejects with a `StartError` that says what to do where the port cannot be had. */
export async function serve(
  { host, port }: { readonly host: string; readonly port: number },
  handle: (request: IncomingMessage, response: ServerResponse) => Promise<void>,
): Promise<Listening> {
  let isStopping = false;
  const server = createServer(LIMITS, (request, response) => {
    // A connection that is kept alive would bring further requests.
    if (isStopping) response.setHeader('connection', 'close');
    handle(request, response).catch(() => response.destroy());
  });
  await listen(server, { host, port });
  const shown = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
  return {
    url: `http://${shown.includes(':') ? `[${shown}]` : shown}:${(server.address() as AddressInfo).port}`,
    stop(limitMs) {
      isStopping = true;
      return stop(server, limitMs);
    },
  };
}
