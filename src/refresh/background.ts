/** Refreshing tokens before requests need them. */
import type { Account } from '../core/account.js';
import { PolicyError, type PolicyErrorIssue } from '../core/policy-error.js';
import { type EpochMs, MINUTE_MS, SECOND_MS } from '../core/time.js';
import { dueAccounts } from './background-candidates.js';
import { type PassTools, runPass } from './background-pass.js';
import { containProgress, type PassSummary, type ProgressListener } from './background-progress.js';
import { createPlatformWatch } from './background-watch.js';
import { type ApplyActions, containApply } from './contain-apply.js';
import type { Refresher } from './outcome.js';
import { type Pause, pause as waitByTimer } from './pause.js';

/** What a background refresher is made of. */
export interface BackgroundRefresherOptions {
  /** The accounts as they are now, with their health; asked for in each pass. */
  readonly accounts: () => Iterable<Account> | Promise<Iterable<Account>>;
  readonly refresher: Refresher;
  /** Carries out what failures and successes mean for health: `engine.apply`. */
  readonly apply?: ApplyActions;
  readonly onProgress?: ProgressListener;
  /** The time between two passes. Default five minutes, which also stands for anything below a minute. */
  readonly intervalMs?: number;
  /** Tokens that end within this are renewed. Default half an hour; a platform may have a window of its own. */
  readonly windowMs?: number;
  /** Accounts that are refreshed at the same time. Default 4. */
  readonly concurrency?: number;
  /** How often an endpoint that fails is asked for one account. Default 3. */
  readonly maxRetries?: number;
  /** The wait after the first failure, doubled after each further one. Default two seconds. */
  readonly backoffMs?: number;
  /** Default: the clock of this machine. */
  readonly now?: () => EpochMs;
  /** Default: the timers of the platform. */
  readonly pause?: Pause;
}

/** Refreshes in the background. */
export interface BackgroundRefresher {
  /** Begins to pass, at once and then after each interval. Nothing happens where it runs already, or was stopped. */
  start(): void;
  /** Makes the next pass begin now: for a `request_refresh` after a 401. */
  wake(): void;
  /** One pass, by itself or the one that is running. Never rejects. */
  runOnce(): Promise<PassSummary>;
  /** Starts nothing new, and settles when all that is under way is stored. Never rejects. */
  stop(): Promise<void>;
}

const DEFAULT_INTERVAL_MS: number = 5 * MINUTE_MS;
const LONGEST_SPREAD_MS: number = MINUTE_MS;
const SPREAD_SHARE = 0.1;
const NOTHING: PassSummary = Object.freeze({ due: 0, refreshed: 0, skipped: 0, failed: 0 });
const DEFAULTS = { windowMs: 30 * MINUTE_MS, concurrency: 4, maxRetries: 3, backoffMs: 2 * SECOND_MS } as const;

type Numbers = { readonly [K in keyof typeof DEFAULTS]: number };

function checkedNumbers(options: BackgroundRefresherOptions): Numbers {
  const { windowMs, concurrency, maxRetries, backoffMs } = { ...DEFAULTS, ...options };
  const numbers: Numbers = { windowMs, concurrency, maxRetries, backoffMs };
  const issues: readonly PolicyErrorIssue[] = Object.entries(numbers)
    .filter(([, value]) => !(Number.isSafeInteger(value) && value > 0))
    .map(([path]) => ({ path, message: 'must be a whole number above 0' }));
  if (issues.length > 0) throw new PolicyError('background_options_invalid', issues);
  return numbers;
}

/** A check that is too frequent, or no number, is a mistake that costs requests: the default takes its place. */
function checkedInterval(intervalMs: number = DEFAULT_INTERVAL_MS): number {
  return intervalMs >= MINUTE_MS ? intervalMs : DEFAULT_INTERVAL_MS;
}

/** Makes the function that runs a pass. */
function createPasses(options: BackgroundRefresherOptions, signal: AbortSignal, spreadMs: number): () => Promise<PassSummary> {
  const { windowMs, ...numbers } = checkedNumbers(options);
  const { refresher, now = Date.now, pause = waitByTimer } = options;
  const tell = containProgress(options.onProgress);
  const common: Omit<PassTools, 'watch'> = {
    ...numbers,
    refresher,
    now,
    pause,
    tell,
    signal,
    spreadMs,
    apply: containApply(options.apply),
    ambiguous: new Map(),
  };
  return async () => {
    try {
      const due = dueAccounts(await options.accounts(), { now: now(), windowMs });
      const watch = createPlatformWatch(due, (trouble) => tell({ type: 'platform_trouble', ...trouble }));
      return await runPass(due, { ...common, watch });
    } catch (error) {
      tell({ type: 'accounts_unavailable', error });
      return NOTHING;
    }
  };
}

/**
 * Makes a background refresher. In each pass it refreshes the accounts whose tokens end soon or were refused, so many at a time and each by itself. Trouble of a whole platform is told once and touches no
 * account. Throws a `PolicyError` for numbers that are not whole and positive.
 *
 * @example createBackgroundRefresher({ accounts: () => accounts.values(), refresher, apply: engine.apply }).start();
 */
export function createBackgroundRefresher(options: BackgroundRefresherOptions): BackgroundRefresher {
  const intervalMs = checkedInterval(options.intervalMs);
  const stopping = new AbortController();
  const pass = createPasses(options, stopping.signal, Math.min(intervalMs * SPREAD_SHARE, LONGEST_SPREAD_MS));
  const pause = options.pause ?? waitByTimer;
  let running: Promise<PassSummary> | null = null;
  let loop: Promise<void> | null = null;
  let alarm = new AbortController();

  function runOnce(): Promise<PassSummary> {
    if (stopping.signal.aborted) return running ?? Promise.resolve(NOTHING);
    running ??= pass().finally(() => {
      running = null;
    });
    return running;
  }

  async function passRepeatedly(): Promise<void> {
    while (!stopping.signal.aborted) {
      // Whoever wakes it during the pass wants another one.
      alarm = new AbortController();
      await runOnce();
      await pause(intervalMs, AbortSignal.any([stopping.signal, alarm.signal]));
    }
  }

  return {
    start() {
      loop ??= passRepeatedly();
    },
    wake: () => alarm.abort(),
    runOnce,
    async stop() {
      stopping.abort();
      await Promise.allSettled([loop, running]);
      await options.refresher.drain();
    },
  };
}
