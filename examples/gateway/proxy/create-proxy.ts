/** The proxy: clients' own protocols in front, the pool behind. */
import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Engine, EpochMs, Policy } from 'poolwarden';
import type { Dispatcher } from 'undici';
import type { Directory } from '../accounts/gateway-account.js';
import type { Observer } from '../telemetry/observer.js';
import type { Authorizer } from './authorizer.js';
import { createClientCheck } from './client-key.js';
import { badRequest, type ClientRequest, readClientRequest } from './client-request.js';
import { type Forwarded, forward } from './forward.js';
import { isCompressed } from './headers.js';
import { createPicker } from './pick.js';
import { matchTarget } from './protocols/match-target.js';
import type { ClientError, Target } from './protocols/protocol.js';
import { readBody } from './read-body.js';
import { createSticky, type Sticky } from './sticky.js';
import { tellClient } from './tell-client.js';
import { ABORTED, type Limits, type ProxyParts } from './trip.js';

/** What a proxy needs. */
export interface ProxyDeps {
  readonly directory: Directory;
  readonly authorizer: Authorizer;
  readonly engine: Engine;
  readonly policy: () => Policy;
  readonly observe: Observer;
  readonly now?: () => EpochMs;
  readonly limits?: Partial<Limits>;
  readonly sticky?: Sticky;
  /** Keys of the gateway's own. With none, everybody may send. */
  readonly clientKeys?: readonly string[];
  /** undici's, for connections other than the usual ones: through an egress proxy, with own certificates. */
  readonly dispatcher?: Dispatcher;
}

/** Answers a request of a protocol that it knows. false: the path is none of its own, and nothing was done. Never rejects. */
export type Proxy = (request: IncomingMessage, response: ServerResponse) => Promise<boolean>;

const DEFAULT_LIMITS: Limits = { bodyBytes: 32 * 1024 * 1024, attempts: 4, upstreamTimeoutMs: 600_000, clientTimeoutMs: 300_000 };

const INTERNAL = 500;
const NOBODY_ASKED = { accountId: null, attempts: 0 } as const;

/** What is known of a request from its first line to its end. */
interface Visit {
  readonly target: Target;
  readonly requestId: string;
  readonly search: URLSearchParams;
  readonly signal: AbortSignal;
}

/** Aborted when the client's connection closes before its answer is complete. */
function goneSignal(response: ServerResponse): AbortSignal {
  const gone = new AbortController();
  // A write to a connection that closes at the same moment is no mistake of anybody's.
  response.on('error', () => undefined);
  response.once('close', () => {
    if (!response.writableFinished) gone.abort();
  });
  return gone.signal;
}

/** Path and query of a request line. Not by `URL`, which gives `//` and dots a meaning. */
function splitUrl(url: string): readonly [path: string, search: URLSearchParams] {
  const at = url.indexOf('?');
  return at === -1 ? [url, new URLSearchParams()] : [url.slice(0, at), new URLSearchParams(url.slice(at + 1))];
}

/** Creates the proxy. Its state is that of the pool's use: who served last, and which session stays where. */
export function createProxy(deps: ProxyDeps): Proxy {
  const { directory, authorizer, engine, policy, observe, dispatcher, now = Date.now, sticky = createSticky(), clientKeys = [] } = deps;
  const limits = { ...DEFAULT_LIMITS, ...deps.limits };
  const picker = createPicker(directory, policy);
  const parts: ProxyParts = { directory, authorizer, engine, policy, observe, now, limits, picker, sticky, dispatcher };
  const mayPass = createClientCheck(clientKeys);

  async function read(request: IncomingMessage, { target, search }: Visit): Promise<ClientRequest | ClientError> {
    const { headers, method } = request;
    if (method !== 'POST') return badRequest('The method has to be POST.', 405);
    if (!mayPass(headers, search)) return badRequest("The gateway's key is missing or wrong.", 401);
    if (isCompressed(headers)) return badRequest('The body must not be compressed.', 415);
    const bytes = await readBody(request, limits.bodyBytes);
    if (bytes === null) return badRequest(`The body is larger than ${limits.bodyBytes} bytes.`, 413);
    return readClientRequest({ target, headers, search, bytes });
  }

  /** The whole request. Rejects only by a mistake of the gateway's own. */
  async function serve(
    request: IncomingMessage,
    response: ServerResponse,
    visit: Visit,
  ): Promise<Forwarded & { readonly model: string | null }> {
    const { target, requestId, signal } = visit;
    const asked = await read(request, visit).catch((error: unknown) => {
      if (signal.aborted || request.destroyed) return null;
      throw error;
    });
    if (asked === null) return { ...ABORTED, ...NOBODY_ASKED, model: null };
    if ('body' in asked) {
      return { ...(await forward(parts, { request: asked, requestId, response, signal })), model: asked.model };
    }
    // What is left of the body is not waited for.
    if (!request.complete) response.setHeader('connection', 'close');
    tellClient(response, asked, { target, requestId });
    request.resume();
    return { outcome: 'bad_request', status: asked.status, ...NOBODY_ASKED, model: target.pathModel };
  }

  function giveUp(response: ServerResponse, { target, requestId }: Visit, error: unknown): void {
    // Only the error's name: nobody knows what its text repeats.
    const detail = `${requestId}: ${error instanceof Error ? error.name : typeof error}`;
    observe({ type: 'notice', at: now(), level: 'error', code: 'proxy_failed', detail });
    tellClient(response, { status: INTERNAL, message: 'The gateway failed.', retryAfterSeconds: null }, { target, requestId });
    if (!response.writableEnded) response.destroy();
  }

  return async (request, response) => {
    const [path, search] = splitUrl(request.url ?? '');
    const target = matchTarget(path);
    if (target === null) return false;
    const startedAt = now();
    const visit = { target, search, requestId: randomUUID(), signal: goneSignal(response) };
    try {
      const ended = await serve(request, response, visit);
      const { requestId } = visit;
      observe({ type: 'request', at: now(), requestId, protocol: target.protocol, ...ended, durationMs: now() - startedAt });
    } catch (error) {
      giveUp(response, visit, error);
    }
    return true;
  };
}
