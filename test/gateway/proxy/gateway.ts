/** A gateway that is nothing but the proxy, over a real engine and a real repository in memory. */
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type RequestOptions, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type AccountInput, createEngine, DEFAULT_POLICY, defineAccount, type HealthRepository, joinHealth, type Policy } from 'poolwarden';
import { createMemoryRepository, type MemoryRepository } from 'poolwarden/memory';
import { afterEach } from 'vitest';
import type { Directory, GatewayAccount } from '../../../examples/gateway/accounts/gateway-account.js';
import type { Authorization, Authorizer } from '../../../examples/gateway/proxy/authorizer.js';
import { createProxy, type ProxyDeps } from '../../../examples/gateway/proxy/create-proxy.js';
import type { AttemptEvent, GatewayEvent, RequestEvent } from '../../../examples/gateway/telemetry/observer.js';
import { startUpstream, type Upstream } from './upstream.js';

/** An account of a test: its platform and type have defaults. */
export type AccountOf = Partial<AccountInput> & { readonly id: string; readonly projectId?: string; readonly baseUrl?: string };

/** What a test may set. */
export interface GatewayOptions extends Partial<Omit<ProxyDeps, 'directory' | 'engine' | 'policy'>> {
  readonly policy?: Policy;
  readonly accounts: readonly AccountOf[];
  /** What stands between the engine and the repository; default: nothing. */
  readonly store?: (repository: MemoryRepository) => HealthRepository;
}

/** A running gateway. */
export interface Gateway {
  readonly url: string;
  readonly port: number;
  readonly upstream: Upstream;
  readonly directory: Directory;
  readonly repository: ReturnType<typeof createMemoryRepository>;
  readonly events: GatewayEvent[];
  readonly attempts: () => readonly AttemptEvent[];
  readonly ended: () => readonly RequestEvent[];
}

/** A directory that knows what it is told. `set` stands for what the gateway's admin does. */
export function createDirectory(given: readonly GatewayAccount[]): Directory & { set(accounts: readonly GatewayAccount[]): void } {
  const known = new Map<string, GatewayAccount>();
  const listeners = new Set<(accountIds: readonly string[]) => void>();
  const tell = (accountIds: readonly string[]): void => listeners.forEach((listener) => void listener(accountIds));
  function set(accounts: readonly GatewayAccount[]): void {
    const before = [...known.keys()];
    known.clear();
    for (const one of accounts) known.set(one.account.id, one);
    tell([...new Set([...before, ...known.keys()])]);
  }
  set(given);
  return {
    set,
    accounts: () => [...known.values()],
    find: (id) => known.get(id),
    takeHealth(news) {
      for (const [id, health] of news) {
        const one = known.get(id);
        if (one !== undefined) known.set(id, { ...one, account: { ...one.account, health: joinHealth(one.account.health, health) } });
      }
      tell([...news.keys()]);
    },
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

function gatewayAccount({ projectId, baseUrl, ...input }: AccountOf, upstream: Upstream): GatewayAccount {
  const account = defineAccount({ platform: 'anthropic', type: 'oauth', credential: { revision: 7 }, ...input });
  return { account, label: account.id, baseUrl: baseUrl ?? upstream.url, projectId: projectId ?? null };
}

/** Every account has the secret `secret-<id>`. */
export const authorizer: Authorizer = {
  authorize: async ({ account }): Promise<Authorization> => ({
    type: 'authorized',
    headers: { authorization: `Bearer secret-${account.id}` },
    credentialRevision: 7,
  }),
};

const running: (() => unknown)[] = [];
afterEach(async () => {
  for (const stop of running.splice(0)) await stop();
});

/** Starts an upstream and a gateway in front of it; both are stopped after the test. */
export async function startGateway({ accounts, policy = DEFAULT_POLICY, store, ...deps }: GatewayOptions): Promise<Gateway> {
  const upstream = await startUpstream();
  const repository = createMemoryRepository();
  const engine = createEngine({ health: store?.(repository) ?? repository, policy });
  const directory = createDirectory(accounts.map((one) => gatewayAccount(one, upstream)));
  const events: GatewayEvent[] = [];
  const observe = (event: GatewayEvent) => events.push(event);
  const proxy = createProxy({ authorizer, observe, ...deps, engine, directory, policy: () => policy });
  const server = createServer(async (incoming, response) => {
    if (!(await proxy(incoming, response))) response.writeHead(404).end('not the proxy');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  running.push(
    () => upstream.close(),
    () => engine.close(),
    () => {
      server.close();
      server.closeAllConnections();
    },
  );
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    upstream,
    directory,
    repository,
    events,
    attempts: () => events.filter((event) => event.type === 'attempt'),
    ended: () => events.filter((event) => event.type === 'request'),
  };
}

/** A client's answer, complete. */
export interface Reply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly bytes: Buffer;
  readonly text: string;
  readonly json: unknown;
  /** Whether the connection broke before the end. */
  readonly isBroken: boolean;
}

/** Sends a request and gives the answer as soon as its headers are there. */
export async function open({ port }: Gateway, path: string, body: unknown, options: RequestOptions = {}): Promise<IncomingMessage> {
  const bytes = typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body);
  const sent = request({ host: '127.0.0.1', port, path, method: 'POST', agent: false, ...options });
  sent.end(bytes);
  const [answer] = (await once(sent, 'response')) as [IncomingMessage];
  return answer;
}

/** Sends a request and reads the whole answer. */
export async function post(gateway: Gateway, path: string, body: unknown, headers: Record<string, string> = {}): Promise<Reply> {
  const answer = await open(gateway, path, body, { headers: { 'content-type': 'application/json', ...headers } });
  const chunks: Buffer[] = [];
  let isBroken = false;
  try {
    for await (const chunk of answer) chunks.push(chunk as Buffer);
  } catch {
    isBroken = true;
  }
  const bytes = Buffer.concat(chunks);
  const text = bytes.toString('utf8');
  return {
    status: answer.statusCode ?? 0,
    headers: answer.headers,
    bytes,
    text,
    get json(): unknown {
      return JSON.parse(text);
    },
    isBroken,
  };
}

/** Waits until something holds. */
export async function until(holds: () => boolean, limitMs = 5_000): Promise<void> {
  const end = Date.now() + limitMs;
  while (!holds()) {
    if (Date.now() > end) throw new Error('it did not come about in time');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** A request of Anthropic Messages. */
export const MESSAGE: { readonly model: string; readonly max_tokens: number; readonly messages: readonly object[] } = {
  model: 'claude-sonnet-4-5',
  max_tokens: 10,
  messages: [{ role: 'user', content: 'Hello' }],
};
