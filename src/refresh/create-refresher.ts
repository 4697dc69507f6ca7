/** Carrying refreshes out: one at a time for each credential revision of a process, to the end. */
import { PolicyError } from '../core/policy-error.js';
import type { TokenCache } from '../shell/ports.js';
import type { RefreshReport } from './attempt-effect.js';
import { type AttemptListener, runAttempt } from './attempt-run.js';
import type { RefreshTools } from './carry-out.js';
import { createFlights, type Flight } from './flights.js';
import type { Refresher, RefreshOutcome, RefreshRequest } from './outcome.js';
import { type Pause, pause as waitByTimer } from './pause.js';
import type { CredentialRepository, ExchangeRequest, ExchangeResult, TokenExchange } from './ports.js';
import { createRecentRefreshes } from './recent-refreshes.js';
import { type RefreshTiming, refreshTiming } from './timing.js';

/** What a refresher is made of. */
export interface RefresherOptions {
  readonly credentials: CredentialRepository;
  /** One for all platforms, or one for each. It sends once, and repeats nothing. */
  readonly exchange: TokenExchange | Readonly<Record<string, TokenExchange>>;
  /** Access tokens of an older revision are dropped from it once the next one is stored. */
  readonly tokens?: TokenCache;
  /** Told what an operator would want logged. What it throws is ignored. */
  readonly onReport?: (report: RefreshReport) => void;
  /** Times in place of those of `REFRESH_TIMING`. */
  readonly timing?: Partial<RefreshTiming>;
  /** Milliseconds of a clock that only goes forward. Default: `performance.now`. */
  readonly elapsed?: () => number;
  /** Default: the timers of the platform. */
  readonly pause?: Pause;
  /** A name for an attempt that no other ever has. Default: `crypto.randomUUID`. */
  readonly newNonce?: () => string;
}

function exchangeOf(exchange: RefresherOptions['exchange']): TokenExchange {
  if (typeof exchange === 'function') return exchange;
  return async (request: ExchangeRequest): Promise<ExchangeResult> => {
    const own = Object.hasOwn(exchange, request.platform) ? exchange[request.platform] : undefined;
    if (own !== undefined) return own(request);
    const message = `has none for the platform ${request.platform}`;
    return { kind: 'not_sent', error: new PolicyError('token_exchange_missing', [{ path: 'exchange', message }]) };
  };
}

/** Tells others of what happens, whose own trouble is not the refresh's. */
function quietly(act: () => unknown): void {
  try {
    Promise.resolve(act()).catch(() => undefined);
  } catch {
    // As above.
  }
}

/** What a flight is made with. */
interface FlightTools {
  readonly tools: RefreshTools;
  readonly timing: RefreshTiming;
  readonly options: RefresherOptions;
  readonly newNonce: () => string;
  /** Told of each revision that this process has made. */
  readonly made: (accountId: string, revision: number) => void;
}

function startFlight({ accountId, platform, revision }: RefreshRequest, { tools, timing, options, newNonce, made }: FlightTools): Flight {
  const { tokens, onReport } = options;
  const nonce = newNonce();
  let pending: Flight['pending'] = () => null;
  let ended: () => void = () => undefined;
  const end = new Promise<void>((resolve) => {
    ended = resolve;
  });
  const outcome = new Promise<RefreshOutcome>((resolve) => {
    const listener: AttemptListener = {
      done(told) {
        if (told.type === 'refreshed' || told.type === 'pending') made(accountId, told.revision);
        resolve(told);
      },
      ended,
      report: (report) => quietly(() => onReport?.(report)),
      invalidate: (old) => quietly(() => tokens?.invalidate(accountId, old)),
    };
    pending = runAttempt({ accountId, revision, timing }, { owner: { accountId, platform, nonce }, tools, listener });
  });
  return { outcome, ended: end, pending };
}

/** What the store has of an account that was refreshed only just now: asking again so soon brings nothing. */
async function look(credentials: CredentialRepository, { accountId, revision }: RefreshRequest): Promise<RefreshOutcome> {
  try {
    const stored = await credentials.read(accountId);
    if (stored === null) return { type: 'missing' };
    return { type: stored.revision === revision ? 'refreshed' : 'adopted', ...stored };
  } catch (error) {
    return { type: 'unavailable', error };
  }
}

/**
 * Makes a refresher. In one process calls for the same account and revision share one attempt; among processes the store grants it to one. The token is sent once. An answer is stored at once, whatever has become
 * of the callers, and offered to the store again until it takes it; meanwhile it is served as `pending`. Nothing it returns ever rejects. Throws a `PolicyError` for times that make no sense.
 *
 * @example const refresher = createRefresher({ credentials, exchange: createTokenExchange() });
 */
export function createRefresher(options: RefresherOptions): Refresher {
  const { credentials, elapsed = () => performance.now(), pause = waitByTimer, newNonce = () => crypto.randomUUID() } = options;
  const timing = refreshTiming(options.timing);
  const flights = createFlights();
  const recent = createRecentRefreshes(timing.minIntervalMs, elapsed);
  let isStopping = false;
  const tools: RefreshTools = { credentials, exchange: exchangeOf(options.exchange), pause, elapsed, isStopping: () => isStopping };
  const flightTools: FlightTools = { tools, timing, options, newNonce, made: recent.note };

  return {
    async refresh(request) {
      const { accountId, revision } = request;
      const shared = flights.find(accountId, revision);
      if (shared !== null) return shared.outcome;
      const pending = flights.pending(accountId);
      // The store cannot grant an attempt at a revision that it has not heard of.
      if (pending !== null && pending.revision >= revision) return { type: 'pending', ...pending };
      if (isStopping) return { type: 'aborted' };
      if (recent.has(accountId, revision)) return look(credentials, request);
      try {
        const flight = startFlight(request, flightTools);
        flights.add(accountId, revision, flight);
        return await flight.outcome;
      } catch (error) {
        // A host's `newNonce` or clock that throws.
        return { type: 'unavailable', error };
      }
    },
    pending: flights.pending,
    async drain() {
      isStopping = true;
      const ended = new AbortController();
      await Promise.race([flights.allEnded(), pause(timing.attemptMs, ended.signal)]);
      ended.abort();
    },
  };
}
