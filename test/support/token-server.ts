/** A token server on a loopback address: it speaks as the real endpoints do, and remembers who redeemed what. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { OAuthClient, TokenEndpoint } from '../../src/refresh/exchange-endpoints.js';

/**
 * What a server does with refresh tokens. `simple`: each is good once. `family`: one that is used again ends all that came of it. `grace`: the last one used is answered again for a while, with
 * the same answer. `last_wins`: any may be used again, and only the newest answer is good. `non_rotating`: one is good for ever.
 */
export type TokenServerMode = 'simple' | 'family' | 'grace' | 'last_wins' | 'non_rotating';

export type TokenDialect = 'anthropic' | 'openai' | 'google';

/** What goes wrong with one request. `before`: the token is not looked at; `after`: it is redeemed, and the answer does not arrive. */
export type TokenFault =
  | { readonly type: 'answer'; readonly status: number; readonly body: string; readonly headers?: Readonly<Record<string, string>> }
  | { readonly type: 'drop'; readonly when: 'before' | 'after' }
  | { readonly type: 'half_answer' }
  | { readonly type: 'delay'; readonly when: 'before' | 'after'; readonly ms: number };

/** One redemption. `child` is the refresh token of the answer; null: refused. `replay`: the token had been redeemed before. */
export interface Redemption {
  readonly accountId: string;
  readonly worker: string;
  readonly token: string;
  readonly child: string | null;
  readonly replay: boolean;
  readonly at: number;
}

/** A request as it came; `worker` names the process that made it. */
export interface TokenRequest {
  readonly path: string;
  readonly worker: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

export interface IssuedTokens {
  readonly access_token: string;
  readonly refresh_token: string;
}

export interface TokenServer {
  /** For `createTokenExchange`; `worker` names the process that asks. */
  endpoints(worker?: string): Readonly<Record<string, TokenEndpoint>>;
  readonly clients: Readonly<Record<string, OAuthClient>>;
  /** A person signs in: a new family of tokens. */
  issue(accountId: string): IssuedTokens;
  /** Whether this refresh token would be taken now. */
  isLive(refreshToken: string): boolean;
  /** Every redemption that was asked for, refused or not, in order. */
  readonly redemptions: readonly Redemption[];
  /** Every request, as it came. */
  readonly requests: readonly TokenRequest[];
  /** Asked for each request; null: nothing goes wrong. */
  faults(next: (request: TokenRequest) => TokenFault | null): void;
  close(): Promise<void>;
}

interface Token {
  readonly accountId: string;
  readonly family: { revoked: boolean };
  readonly issued: IssuedTokens;
  state: 'live' | 'used' | 'dead';
  usedAt: number;
  child: Token | null;
}

const GRACE_MS = 30_000;
const LIFETIME_SECONDS = 28_800;

const CLIENTS: Readonly<Record<string, OAuthClient>> = {
  anthropic: { id: 'client-anthropic' },
  openai: { id: 'client-openai' },
  gemini: { id: 'client-gemini', secret: 'client-secret-gemini' },
  antigravity: { id: 'client-antigravity', secret: 'client-secret-antigravity' },
};
const DIALECTS: Readonly<Record<string, { readonly path: string; readonly dialect: TokenDialect; readonly body: 'json' | 'form' }>> = {
  anthropic: { path: '/anthropic', dialect: 'anthropic', body: 'json' },
  openai: { path: '/openai', dialect: 'openai', body: 'json' },
  gemini: { path: '/gemini', dialect: 'google', body: 'form' },
  antigravity: { path: '/antigravity', dialect: 'google', body: 'form' },
};

type Reply = { readonly status: number; readonly body: string };
const json = (status: number, body: unknown): Reply => ({ status, body: JSON.stringify(body) });

/** The refusals of the real endpoints. */
const REFUSALS: Readonly<Record<TokenDialect, (why: 'unknown' | 'reused' | 'client') => Reply>> = {
  anthropic: (why) =>
    why === 'client'
      ? json(401, { error: 'invalid_client', error_description: 'Client authentication failed' })
      : json(400, { error: 'invalid_grant', error_description: 'Refresh token not found or invalid' }),
  openai: (why) => {
    const code = { unknown: 'refresh_token_invalidated', reused: 'refresh_token_reused', client: 'invalid_client' }[why];
    const message = 'Your refresh token has already been used to generate a new access token. Please try signing in again.';
    return json(401, { error: { message, type: 'invalid_request_error', param: null, code } });
  },
  google: (why) =>
    why === 'client'
      ? json(401, { error: 'unauthorized_client', error_description: 'Unauthorized' })
      : json(400, { error: 'invalid_grant', error_description: 'Token has been expired or revoked.' }),
};

/** The answers of the real endpoints. Google's has no refresh token where it did not change. */
function answer(dialect: TokenDialect, { access_token, refresh_token }: IssuedTokens, rotated: boolean): Reply {
  const tokens = { access_token, token_type: 'Bearer', ...(rotated ? { refresh_token } : {}) };
  if (dialect === 'openai')
    return json(200, { ...tokens, expires_in: 864_000, id_token: 'header.payload.signature', scope: 'openid profile' });
  if (dialect === 'google') return json(200, { ...tokens, expires_in: 3_599, scope: 'https://www.googleapis.com/auth/cloud-platform' });
  return json(200, { ...tokens, expires_in: LIFETIME_SECONDS, scope: 'user:inference user:profile', organization: { uuid: 'o' } });
}

/** Reads a post as the endpoint of this platform would: JSON or a form, nothing else. */
function readPost(body: string, type: string, expected: 'json' | 'form'): Readonly<Record<string, string>> | null {
  if (expected === 'form')
    return type.startsWith('application/x-www-form-urlencoded') ? Object.fromEntries(new URLSearchParams(body)) : null;
  return type.startsWith('application/json') ? JSON.parse(body) : null;
}

/** The families of tokens and what redeeming does to them. */
function createLedger(mode: TokenServerMode) {
  const tokens = new Map<string, Token>();
  let count = 0;

  function mint(accountId: string, family: Token['family']): Token {
    count += 1;
    const issued = { access_token: `at-${accountId}-${count}`, refresh_token: `rt-${accountId}-${count}` };
    const token: Token = { accountId, family, issued, state: 'live', usedAt: 0, child: null };
    tokens.set(issued.refresh_token, token);
    return token;
  }

  function rotate(token: Token): Token {
    if (mode === 'last_wins' && token.child !== null) token.child.state = 'dead';
    const child = mint(token.accountId, token.family);
    token.state = 'used';
    token.usedAt = Date.now();
    token.child = child;
    return child;
  }

  const isGraced = (token: Token): boolean => mode === 'grace' && token.child?.state === 'live' && Date.now() - token.usedAt < GRACE_MS;

  /** The token of the answer, and whether it is a new one; null: refused. */
  function redeem(token: Token): { readonly child: Token; readonly rotated: boolean } | null {
    if (token.family.revoked || token.state === 'dead') return null;
    if (mode === 'non_rotating') return { child: { ...token, issued: { ...token.issued, access_token: `at-${++count}` } }, rotated: false };
    if (token.state === 'live' || mode === 'last_wins') return { child: rotate(token), rotated: true };
    if (isGraced(token) && token.child !== null) return { child: token.child, rotated: true };
    if (mode === 'family') token.family.revoked = true;
    return null;
  }

  const isLive = (token: Token | undefined): boolean =>
    token !== undefined &&
    !token.family.revoked &&
    (token.state === 'live' || (mode === 'last_wins' && token.state === 'used') || isGraced(token));

  return { mint, redeem, find: (text: string) => tokens.get(text), isLive };
}

async function readAll(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

function write(response: ServerResponse, { status, body }: Reply, headers: Readonly<Record<string, string>> = {}): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(body);
}

function drop(request: IncomingMessage): void {
  request.socket.resetAndDestroy();
}

/** Starts a token server on a free loopback port. */
export async function startTokenServer(mode: TokenServerMode = 'simple'): Promise<TokenServer> {
  const ledger = createLedger(mode);
  const redemptions: Redemption[] = [];
  const requests: TokenRequest[] = [];
  let nextFault: Parameters<TokenServer['faults']>[0] = () => null;

  function redeem({ path, worker, headers, body }: TokenRequest): Reply {
    const platform = Object.keys(DIALECTS).find((one) => DIALECTS[one]?.path === path) ?? '';
    const facts = DIALECTS[platform];
    if (facts === undefined) return json(404, { error: { type: 'not_found_error', message: 'Not Found' } });
    const post = readPost(body, headers['content-type'] ?? '', facts.body);
    if (post === null || post.grant_type !== 'refresh_token')
      return json(400, { error: 'invalid_request', error_description: 'Bad Request' });
    const client = CLIENTS[platform];
    if (post.client_id !== client?.id || post.client_secret !== client?.secret) return REFUSALS[facts.dialect]('client');
    const token = ledger.find(post.refresh_token ?? '');
    if (token === undefined) return REFUSALS[facts.dialect]('unknown');
    const replay = token.state !== 'live';
    const redeemed = ledger.redeem(token);
    const child = redeemed?.child.issued.refresh_token ?? null;
    redemptions.push({ accountId: token.accountId, worker, token: token.issued.refresh_token, child, replay, at: Date.now() });
    return redeemed === null
      ? REFUSALS[facts.dialect](replay ? 'reused' : 'unknown')
      : answer(facts.dialect, redeemed.child.issued, redeemed.rotated);
  }

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { url = '', headers } = request;
    const asked: TokenRequest = { path: url, worker: String(headers['x-worker'] ?? ''), headers, body: await readAll(request) };
    requests.push(asked);
    const fault = nextFault(asked);
    if (fault?.type === 'answer') return write(response, fault, fault.headers);
    if (fault?.type === 'drop' && fault.when === 'before') return drop(request);
    if (fault?.type === 'delay' && fault.when === 'before') await wait(fault.ms);
    const reply = redeem(asked);
    if (fault?.type === 'delay' && fault.when === 'after') await wait(fault.ms);
    if (fault?.type === 'drop') return drop(request);
    if (fault?.type !== 'half_answer') return write(response, reply);
    response.writeHead(reply.status, { 'content-type': 'application/json', 'content-length': reply.body.length });
    response.write(reply.body.slice(0, reply.body.length / 2), () => request.socket.destroy());
  }

  const server = createServer((request, response) => void handle(request, response).catch(() => response.destroy()));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  return {
    endpoints: (worker = '') =>
      Object.fromEntries(
        Object.entries(DIALECTS).map(([platform, { path, body }]) => [
          platform,
          { url: base + path, body, headers: { 'x-worker': worker } },
        ]),
      ),
    clients: CLIENTS,
    issue: (accountId) => ledger.mint(accountId, { revoked: false }).issued,
    isLive: (refreshToken) => ledger.isLive(ledger.find(refreshToken)),
    redemptions,
    requests,
    faults(next) {
      nextFault = next;
    },
    async close() {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
