/** What the page reads, and the settings. */
import { type EpochMs, nextEligibleAt, type Policy } from 'poolwarden';
import { countByStatus } from '../accounts/count-by-status.js';
import type { Directory, GatewayAccount } from '../accounts/gateway-account.js';
import { checkSettings } from '../settings/gateway-settings.js';
import type { LivePolicy } from '../settings/live-policy.js';
import type { AccountRow } from './account-rows.js';
import type { DecisionLog } from './decision-log.js';
import type { EventStreams } from './events.js';
import { ApiError } from './http.js';
import { ANSWERED, type Routes } from './router.js';
import type { Series, SeriesPoint } from './series.js';

/** What the routes need. */
export interface ViewRouteDeps {
  readonly directory: Directory;
  readonly live: LivePolicy;
  readonly decisions: DecisionLog;
  readonly series: Series;
  readonly streams: EventStreams;
  readonly rowOf: (account: GatewayAccount) => AccountRow;
  readonly now: () => EpochMs;
}

/** The pool at a glance. */
export interface Overview {
  readonly now: EpochMs;
  /** Accounts by status. */
  readonly counts: Readonly<Record<string, number>>;
  /** When the next of the accounts that cannot serve now can; null: no time brings one back. */
  readonly nextRecoveryAt: EpochMs | null;
  readonly accounts: readonly AccountRow[];
  readonly series: readonly SeriesPoint[];
}

const MOST_DECISIONS = 500;
const SOME_DECISIONS = 100;

function nextRecovery(accounts: readonly GatewayAccount[], now: EpochMs, policy: Policy): EpochMs | null {
  const held = accounts.map(({ account }) => account).filter((account) => nextEligibleAt([account], { model: null, now }, policy) !== now);
  return nextEligibleAt(held, { model: null, now }, policy);
}

function overview({ directory, live, series, rowOf, now }: ViewRouteDeps): Overview {
  const at = now();
  const accounts = directory.accounts().map(rowOf);
  return {
    now: at,
    counts: countByStatus(accounts.map(({ view }) => view.status)),
    nextRecoveryAt: nextRecovery(directory.accounts(), at, live.policy()),
    accounts,
    series: series.points(),
  };
}

function limitOf(query: URLSearchParams): number {
  const limit = query.get('limit') ?? String(SOME_DECISIONS);
  if (/^[1-9][0-9]{0,3}$/.test(limit)) return Math.min(Number(limit), MOST_DECISIONS);
  throw new ApiError(400, 'invalid_limit', {
    message: 'The limit is wrong.',
    issues: [{ path: 'limit', message: `must be a whole number from 1 to ${MOST_DECISIONS}` }],
  });
}

/** The routes. */
export function viewRoutes(deps: ViewRouteDeps): Routes {
  const { live, decisions, streams } = deps;
  return {
    'GET /admin/overview': () => overview(deps),
    'GET /admin/decisions': ({ query }) => decisions.list(limitOf(query)),
    'GET /admin/decisions/:id'({ id }) {
      const found = decisions.find(id);
      if (found === null) throw new ApiError(404, 'no_decision', { message: 'There is no such decision, or it is too old.' });
      return found;
    },
    'GET /admin/events'({ response }) {
      streams.open(response);
      return ANSWERED;
    },
    'GET /admin/settings': () => live.settings(),
    async 'PUT /admin/settings'({ body }) {
      const checked = checkSettings(await body());
      if ('issues' in checked)
        throw new ApiError(400, 'invalid_settings', { message: 'The settings were not taken.', issues: checked.issues });
      await live.save(checked.settings);
      return live.settings();
    },
  };
}
