/** Puts the parts of the gateway together: stores, accounts, engine, proxy, telemetry. Read this first. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { accountStatus, createEngine, type Engine } from 'poolwarden';
import { createAuthorizer } from './accounts/authorize.js';
import { countByStatus } from './accounts/count-by-status.js';
import { createDirectory, type LiveDirectory } from './accounts/directory.js';
import { createKnownSecrets } from './accounts/known-secrets.js';
import { type Admin, createAdmin } from './admin/create-admin.js';
import type { GatewayConfig } from './config.js';
import { createProxy, type ProxyDeps } from './proxy/create-proxy.js';
import { createLivePolicy } from './settings/live-policy.js';
import { openStores, type Stores } from './stores/open-stores.js';
import { succeedsWithin } from './stores/succeeds-within.js';
import { createLogs, type LogOptions } from './telemetry/logs.js';
import { createMetrics, type Metrics } from './telemetry/metrics.js';
import { createEventBus, type NoticeEvent, type Observer } from './telemetry/observer.js';
import { timedEngine } from './telemetry/timed-engine.js';
import { createTraces } from './telemetry/traces.js';

/** A gateway that runs. */
export interface Gateway {
  readonly stores: Stores;
  readonly directory: LiveDirectory;
  /** For `node:http`: answers every request. Never rejects. */
  handle(request: IncomingMessage, response: ServerResponse): Promise<void>;
  /** Tells the operator something. */
  notify(notice: Pick<NoticeEvent, 'level' | 'code' | 'detail'>): void;
  /** Ends the event streams of pages that are open, which would keep the server from stopping. */
  endStreams(): void;
  /** Ends what runs, in the order in which one needs the other. Call it when no request is under way any more. Stores that do not answer are given a few seconds. Never rejects. */
  close(): Promise<void>;
}

/** How long a store may take to take the last of what was decided. */
const LAST_WRITES_MS = 5_000;
const END_MS = 2_000;

/** What differs from a gateway that simply runs. */
export interface GatewayOptions {
  readonly logs?: Pick<LogOptions, 'level' | 'destination'>;
  readonly limits?: ProxyDeps['limits'];
  /** Given the admin token at the very first start. Default: it is printed to standard error, where no log line is. */
  readonly announce?: (token: string) => void;
}

function printToken(token: string): void {
  process.stderr.write(`\nThe admin token, shown this once: ${token}\n`);
}

/** How many accounts have each status now. */
function accountsByStatus(directory: LiveDirectory, policy: ProxyDeps['policy']): Readonly<Record<string, number>> {
  return countByStatus(directory.accounts().map(({ account }) => accountStatus(account, Date.now(), policy())));
}

function tellHealth(response: ServerResponse, isWell: boolean): void {
  response.writeHead(isWell ? 200 : 503, { 'content-type': 'application/json', 'cache-control': 'no-store' });
  response.end(JSON.stringify({ status: isWell ? 'ok' : 'unavailable' }));
}

/** What answers beside the proxy: the process is up; the stores answer; what Prometheus collects. */
function operatorRoutes(stores: Stores, metrics: Metrics): Readonly<Record<string, (response: ServerResponse) => Promise<void>>> {
  return {
    '/healthz': async (response) => tellHealth(response, true),
    '/readyz': async (response) => tellHealth(response, await stores.ready()),
    '/metrics': (response) => metrics.handle(response),
  };
}

/** The engine over the stores; its texts leave without secrets, and its own time is measured. */
function engineOver(
  stores: Stores,
  deps: { readonly policy: ProxyDeps['policy']; readonly redact: (text: string) => string; readonly metrics: Metrics },
): Engine {
  const { policy, redact, metrics } = deps;
  return timedEngine(createEngine({ policy, health: stores.health, tokens: stores.tokens, redact }), metrics.decided);
}

/** What answers a request, in this order: health and metrics, the clients' protocols, the admin API and the page. */
function createHandler(
  stores: Stores,
  metrics: Metrics,
  { proxy, admin }: { readonly proxy: ReturnType<typeof createProxy>; readonly admin: Admin },
): Gateway['handle'] {
  const routes = operatorRoutes(stores, metrics);
  return async (request, response) => {
    const route = routes[request.url ?? ''];
    if (route !== undefined) return route(response);
    if ((await proxy(request, response)) || (await admin.handle(request, response))) return;
    response
      .writeHead(404, { 'content-type': 'application/json' })
      .end('{"error":{"code":"not_found","message":"There is nothing at this path."}}');
  };
}

/** The parts over stores that are open. */
async function assemble(stores: Stores, config: GatewayConfig, options: GatewayOptions): Promise<Gateway> {
  const { origins, tokenUrls, clientKey, adminToken } = config;
  const live = await createLivePolicy({ settings: stores.settings });
  const { policy } = live;
  const directory = await createDirectory({ stores, origins });
  const secrets = createKnownSecrets();
  if (clientKey !== null) secrets.add('clients', clientKey);
  if (adminToken !== null) secrets.add('admin', adminToken);
  const metrics = createMetrics({ accountsByStatus: () => accountsByStatus(directory, policy) });
  const observers: Observer[] = [createLogs({ ...options.logs, redact: secrets.redact }), metrics.observe, createTraces()];
  const observe = createEventBus(observers);
  const engine = engineOver(stores, { policy, redact: secrets.redact, metrics });
  const authorizer = createAuthorizer({ stores, directory, engine, secrets, observe, tokenUrls });
  const admin = await createAdmin({
    stores,
    directory,
    engine,
    authorizer,
    live,
    secrets,
    origins,
    token: adminToken,
    announce: options.announce ?? printToken,
  });
  // The admin API needs what tells of events, and hears them itself.
  observers.push(...admin.observers);
  const clientKeys = clientKey === null ? [] : [clientKey];
  const proxy = createProxy({ directory, authorizer, engine, policy, observe, clientKeys, limits: options.limits ?? {} });
  const notify: Gateway['notify'] = (notice) => observe({ type: 'notice', at: Date.now(), ...notice });
  return {
    stores,
    directory,
    handle: createHandler(stores, metrics, { proxy, admin }),
    notify,
    endStreams: () => admin.close(),
    async close() {
      admin.close();
      await authorizer.close();
      const unsaved = await engine.close({ timeoutMs: LAST_WRITES_MS });
      if (unsaved.size > 0) notify({ level: 'error', code: 'health_not_saved', detail: `of ${unsaved.size} accounts` });
      live.close();
      // On a connection that hangs neither would end.
      await succeedsWithin(END_MS, directory.close());
      await stores.close();
    },
  };
}

/**
 * Opens the stores and puts a gateway over them. Rejects with a `StartError` for what a person can put right, and as the stores do.
 *
 * @example const gateway = await createGateway(loadConfig(process.env));
 */
export async function createGateway(config: GatewayConfig, options: GatewayOptions = {}): Promise<Gateway> {
  const stores = await openStores(config);
  try {
    return await assemble(stores, config, options);
  } catch (error) {
    await stores.close();
    throw error;
  }
}
