/** The admin API of a gateway process on real stores, behind a real HTTP server. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createEngine, type Engine } from 'poolwarden';
import { createAuthorizer } from '../../../examples/gateway/accounts/authorize.js';
import { createDirectory, type LiveDirectory } from '../../../examples/gateway/accounts/directory.js';
import { createKnownSecrets } from '../../../examples/gateway/accounts/known-secrets.js';
import { type Admin, createAdmin } from '../../../examples/gateway/admin/create-admin.js';
import { createLivePolicy, type LivePolicy } from '../../../examples/gateway/settings/live-policy.js';
import type { Stores } from '../../../examples/gateway/stores/open-stores.js';
import { createEventBus, type GatewayEvent } from '../../../examples/gateway/telemetry/observer.js';
import type { Loopback } from '../accounts/loopback.js';
import type { TestStores } from '../stores/test-stores.js';

/** An answer. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  // The tests know what they asked for.
  // biome-ignore lint/suspicious/noExplicitAny: JSON of any shape
  readonly json: any;
}

/** A process. */
export interface RunningAdmin {
  readonly origin: string;
  readonly stores: Stores;
  readonly directory: LiveDirectory;
  readonly engine: Engine;
  readonly live: LivePolicy;
  readonly admin: Admin;
  /** What `announce` was given. */
  readonly announced: string[];
  /** Every answer so far, as one text. */
  readonly said: string[];
  emit(event: GatewayEvent): void;
  call(path: string, options?: { readonly method?: string; readonly body?: unknown; readonly token?: string | null }): Promise<Answer>;
  close(): Promise<void>;
}

/** What differs from the first process. */
export interface RunningAdminOptions {
  /** Of the process that announced it. */
  readonly token?: string;
  /** The configured one. */
  readonly adminToken?: string;
  readonly pageFolder?: string;
}

/** Starts one. */
export async function startAdmin(
  test: TestStores,
  upstream: Loopback,
  { token, adminToken, ...options }: RunningAdminOptions = {},
): Promise<RunningAdmin> {
  const stores = await test.open();
  const live = await createLivePolicy({ settings: stores.settings });
  const directory = await createDirectory({ stores, origins: upstream.origins });
  const secrets = createKnownSecrets();
  const engine = createEngine({
    policy: live.policy,
    health: stores.health,
    tokens: stores.tokens,
    redact: secrets.redact,
    usageWriteIntervalMs: 0,
  });
  const authorizer = createAuthorizer({ stores, directory, engine, secrets, tokenUrls: upstream.tokenUrls });
  const announced: string[] = [];
  const said: string[] = [];
  const parts = { stores, directory, engine, authorizer, live, secrets, origins: upstream.origins };
  const admin = await createAdmin({ ...parts, ...options, token: adminToken ?? null, announce: (made) => announced.push(made) });
  const server = createServer((request, response) => {
    void admin.handle(request, response).then((isHandled) => isHandled || response.writeHead(404).end());
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const known = token ?? adminToken ?? announced[0] ?? '';
  return {
    origin,
    stores,
    directory,
    engine,
    live,
    admin,
    announced,
    said,
    emit: createEventBus(admin.observers),
    async call(path, { method = 'GET', body, token: given = known } = {}) {
      const headers = given === null ? {} : { authorization: `Bearer ${given}` };
      const sent = body === undefined ? null : typeof body === 'string' ? body : JSON.stringify(body);
      const response = await fetch(`${origin}${path}`, { method, headers, body: sent });
      const text = await response.text();
      said.push(text, JSON.stringify([...response.headers]));
      return {
        status: response.status,
        headers: response.headers,
        text,
        json: text.startsWith('{') || text.startsWith('[') ? JSON.parse(text) : null,
      };
    },
    async close() {
      admin.close();
      server.closeAllConnections();
      server.close();
      await authorizer.close();
      await engine.close();
      live.close();
      await directory.close();
    },
  };
}
