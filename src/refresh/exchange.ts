/** Asking the token endpoints of Anthropic, OpenAI and Google: one table, one send. */
import { type JsonObject, ownText } from '../core/json.js';
import { PolicyError } from '../core/policy-error.js';
import { type EpochMs, SECOND_MS } from '../core/time.js';
import { type OAuthClient, PUBLIC_CLIENTS, type TokenEndpoint, tokenEndpoints } from './exchange-endpoints.js';
import { sendOnce, type TokenFetch, type TokenPost } from './exchange-send.js';
import type { Credentials, ExchangeRequest, TokenExchange } from './ports.js';

/** The longest that an endpoint may take: well below the time of an attempt, so that an answer is still stored within it. */
const TIMEOUT_MS: number = 20 * SECOND_MS;

/** What asking needs; every part has a default but the clients of Google. */
export interface TokenExchangeOptions {
  /** Default: the global `fetch`. It must send once: no retries, no redirects followed. */
  readonly fetch?: TokenFetch;
  /** Endpoints by platform, in place of `TOKEN_ENDPOINTS` or beside them. */
  readonly endpoints?: Readonly<Record<string, TokenEndpoint>>;
  /** Clients by platform, in place of `PUBLIC_CLIENTS` or beside them. An account whose credentials name a `client_id` is asked for with that one. */
  readonly clients?: Readonly<Record<string, OAuthClient>>;
  /** Default 20,000. */
  readonly timeoutMs?: number;
  /** Default: the clock of this machine. */
  readonly now?: () => EpochMs;
}

/** A refresh token belongs to the client that it was given to, so what is stored beside it comes first. */
function clientOf(credentials: Credentials, fallback: OAuthClient | undefined): OAuthClient | null {
  const id = ownText(credentials, 'client_id');
  if (id === null) return fallback ?? null;
  const secret = ownText(credentials, 'client_secret') ?? (fallback?.id === id ? fallback.secret : undefined);
  return secret === undefined ? { id } : { id, secret };
}

function contentOf(refreshToken: string, { id, secret }: OAuthClient): Readonly<Record<string, string>> {
  const content = { grant_type: 'refresh_token', refresh_token: refreshToken, client_id: id };
  return secret === undefined ? content : { ...content, client_secret: secret };
}

const WRITERS: Readonly<Record<TokenEndpoint['body'], { readonly type: string; readonly write: (content: JsonObject) => string }>> = {
  json: { type: 'application/json', write: (content) => JSON.stringify(content) },
  form: {
    type: 'application/x-www-form-urlencoded',
    write: (content) => new URLSearchParams(content as Readonly<Record<string, string>>).toString(),
  },
};

function secretsOf(credentials: Credentials, { secret }: OAuthClient): readonly string[] {
  return [...Object.values(credentials), secret ?? null].filter((value) => typeof value === 'string' && value !== '') as readonly string[];
}

/** The post that refreshes these credentials. Throws a `PolicyError` where something is missing; nothing can be sent then. */
function postOf(
  { credentials, platform }: ExchangeRequest,
  { endpoint, client }: { readonly endpoint: TokenEndpoint | undefined; readonly client: OAuthClient | null },
): TokenPost {
  const refreshToken = ownText(credentials, 'refresh_token');
  const missing = (path: string, message: string): PolicyError => new PolicyError('token_request_incomplete', [{ path, message }]);
  if (endpoint === undefined) throw missing('endpoints', `has no token endpoint for the platform ${platform}`);
  if (client === null) throw missing('clients', `has no client for the platform ${platform}`);
  if (refreshToken === null) throw missing('credentials.refresh_token', 'is missing');
  const { type, write } = WRITERS[endpoint.body];
  return {
    url: endpoint.url,
    headers: { accept: 'application/json', ...endpoint.headers, 'content-type': type },
    body: write(contentOf(refreshToken, client)),
    secrets: secretsOf(credentials, client),
  };
}

/**
 * Makes the function that asks token endpoints, by platform. A request is sent once and never repeated; it ends with the caller's signal or after `timeoutMs`. Whether it can have
 * reached the endpoint is told by what failed: refused connections and unknown hosts are `not_sent`, everything else is `ambiguous`. No error shows a secret. Throws a `PolicyError`
 * for an unsafe address; the function itself never rejects.
 *
 * @example const exchange = createTokenExchange({ clients: { gemini: { id, secret } } });
 */
export function createTokenExchange(options: TokenExchangeOptions = {}): TokenExchange {
  const endpoints = tokenEndpoints(options.endpoints);
  const clients = new Map([...Object.entries(PUBLIC_CLIENTS), ...Object.entries(options.clients ?? {})]);
  const { fetch = (url, init) => globalThis.fetch(url, init), timeoutMs = TIMEOUT_MS, now = Date.now } = options;

  return async (request) => {
    const { platform, accountId, credentials } = request;
    let post: TokenPost;
    try {
      post = postOf(request, { endpoint: endpoints.get(platform), client: clientOf(credentials, clients.get(platform)) });
    } catch (error) {
      return { kind: 'not_sent', error };
    }
    const signal = AbortSignal.any([request.signal, AbortSignal.timeout(timeoutMs)]);
    return sendOnce(post, { fetch, accountId, signal, now });
  };
}
