/** The admin API and the page, behind one function. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { fileURLToPath } from 'node:url';
import type { Engine, EpochMs } from 'poolwarden';
import type { LiveDirectory } from '../accounts/directory.js';
import type { GatewayAccount } from '../accounts/gateway-account.js';
import type { KnownSecrets } from '../accounts/known-secrets.js';
import type { Origins } from '../config.js';
import type { Authorizer } from '../proxy/authorizer.js';
import type { LivePolicy } from '../settings/live-policy.js';
import type { Stores } from '../stores/open-stores.js';
import type { Observer } from '../telemetry/observer.js';
import { accountRoutes } from './account-routes.js';
import { type AccountRow, accountRow } from './account-rows.js';
import { openAuthenticator } from './authenticate.js';
import { createBatch } from './batch.js';
import { createDecisionLog, type DecisionLog } from './decision-log.js';
import { createEventStreams, type EventStreams } from './events.js';
import { ApiError, sendError } from './http.js';
import { createRouter } from './router.js';
import { createSeries, type Series } from './series.js';
import { createStaticPage } from './static-page.js';
import { createUsageBook } from './usage.js';
import { viewRoutes } from './view-routes.js';

/** What the admin API is made of. */
export interface AdminOptions {
  readonly stores: Pick<Stores, 'accounts' | 'credentials' | 'health' | 'tokens' | 'exclusively' | 'facts'>;
  readonly directory: LiveDirectory;
  readonly engine: Pick<Engine, 'observe' | 'apply' | 'recover'>;
  readonly authorizer: Authorizer;
  readonly live: LivePolicy;
  readonly secrets: KnownSecrets;
  readonly origins: Origins;
  /** The configured admin token; null: that of the store. */
  readonly token: string | null;
  /** Given the store's admin token, once, at the very first start. */
  readonly announce: (token: string) => void;
  /** Default: the folder `page` beside this one. */
  readonly pageFolder?: string;
  readonly now?: () => EpochMs;
}

/** The admin API and the page. */
export interface Admin {
  /** Answers what is below `/admin`, `/` and the page's files. false: the path is none of these, and nothing was done. Never rejects. */
  handle(request: IncomingMessage, response: ServerResponse): Promise<boolean>;
  /** Have to hear the gateway's events: the decision log and the chart live of them. */
  readonly observers: readonly Observer[];
  /** Ends the event streams, which would keep the server from closing. */
  close(): void;
}

const PAGE_FOLDER: string = fileURLToPath(new URL('../page', import.meta.url));
const ACCOUNTS_DELAY_MS = 200;
const POINT_DELAY_MS = 1_000;

interface Sources {
  readonly directory: LiveDirectory;
  readonly decisions: DecisionLog;
  readonly series: Series;
  readonly rowOf: (account: GatewayAccount) => AccountRow;
}

/** Sends what changes to the pages that are open; accounts and the chart gathered, for a busy pool changes all the time. */
function feed(streams: EventStreams, { directory, decisions, series, rowOf }: Sources): () => void {
  const accounts = createBatch(ACCOUNTS_DELAY_MS, (ids) => {
    if (!streams.isHeard()) return;
    const rows = ids.map((id) => directory.find(id)).filter((account) => account !== undefined);
    const removed = ids.filter((id) => directory.find(id) === undefined);
    if (rows.length > 0) streams.send('accounts', rows.map(rowOf));
    if (removed.length > 0) streams.send('removed', removed);
  });
  const points = createBatch(POINT_DELAY_MS, () => streams.send('series', series.points().at(-1)));
  const stops = [
    directory.onChange(accounts.add),
    decisions.onDecision((row) => streams.send('decision', row)),
    series.onPoint(() => points.add(['running minute'])),
    accounts.close,
    points.close,
  ];
  return () => {
    for (const stop of stops) stop();
  };
}

/**
 * Makes the admin API. Every path below `/admin` refuses whoever does not send the admin token. Rejects as the stores do.
 *
 * @example const admin = await createAdmin({ stores, directory, engine, authorizer, live, secrets, origins: config.origins, token: null, announce: console.log });
 */
export async function createAdmin(options: AdminOptions): Promise<Admin> {
  const { stores, directory, live, secrets, token, announce, now = Date.now } = options;
  const { redact } = secrets;
  const authenticator = await openAuthenticator({ facts: stores.facts, token, announce });
  const usage = createUsageBook({ ...options, redact, now });
  const series = createSeries(now);
  const labelOf = (accountId: string): string => directory.find(accountId)?.label ?? accountId;
  const decisions = createDecisionLog({ policy: live.policy, redact, labelOf });
  const rowOf = (account: GatewayAccount): AccountRow =>
    accountRow(account, { now: now(), policy: live.policy(), usageOf: usage.last, lastUsedAt: series.lastUsedAt });
  const streams = createEventStreams();
  const sources = { directory, decisions, series, rowOf };
  const stopFeed = feed(streams, sources);
  const page = createStaticPage(options.pageFolder ?? PAGE_FOLDER);
  const route = createRouter({ ...accountRoutes({ ...options, usage, rowOf, now }), ...viewRoutes({ ...sources, live, streams, now }) });

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      if (!authenticator.isAdmin(request))
        throw new ApiError(401, 'unauthorized', { message: 'The admin token is missing, or is not the right one.' });
      await route(request, response);
    } catch (error) {
      sendError(response, error);
    }
  }
  return {
    async handle(request, response) {
      const [path = ''] = (request.url ?? '').split('?', 1);
      if (path !== '/admin' && !path.startsWith('/admin/')) return page(request, response);
      await answer(request, response);
      return true;
    },
    observers: [decisions.observe, series.observe],
    close() {
      authenticator.close();
      stopFeed();
      streams.close();
    },
  };
}
