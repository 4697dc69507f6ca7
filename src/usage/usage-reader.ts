/** Reads the usage of accounts: cached, one request at a time for an account, and never an error. */
import type { Account } from '../core/account.js';
import { credentialOwner } from '../core/account.js';
import { PolicyError, type PolicyErrorIssue } from '../core/policy-error.js';
import { type EpochMs, MINUTE_MS, SECOND_MS } from '../core/time.js';
import type { UsageInfo } from '../core/usage-info.js';
import { combineUsage } from './combine-usage.js';
import { enrichUsage } from './enrich-usage.js';
import { mayAskUsage } from './may-ask.js';
import { readUsageAnswer, type UsageAnswer } from './usage-answer.js';
import { cachedUsage, createUsageCache, keepUsage, type UsageCache, type UsageKey } from './usage-cache.js';
import { usageFromHealth } from './usage-from-health.js';
import { type UsageReading, usageFromResponse } from './usage-from-response.js';

/**
 * Sends the account's usage request, or several, and gives back what came. The host knows the addresses and the tokens; the reader never sees a secret. `signal` aborts when the time is over; no
 * caller aborts it. A rejection is a failure like any other.
 */
export type UsageFetch = (
  account: Account,
  options: { readonly signal: AbortSignal },
) => Promise<UsageAnswer | readonly UsageAnswer[]> | UsageAnswer | readonly UsageAnswer[];

/** What a reader is made of. */
export interface UsageReaderOptions extends UsageReading {
  readonly fetch: UsageFetch;
  /** Default: one in memory, for 10,000 accounts. */
  readonly cache?: UsageCache;
  /** How long one reading may take, the cache included. Default 30,000; from 1 to 600,000. */
  readonly timeoutMs?: number;
  /** The clock. Default: the system's. */
  readonly now?: () => EpochMs;
}

/** Reads usage. */
export interface UsageReader {
  /**
   * The account's usage as it was at most 3 minutes ago (1 minute where it could not be read), with the account's own error in it. Callers at the same time share one request; one that goes away
   * does not end it. Never rejects: where nothing can be read the answer says why.
   */
  read(account: Account): Promise<UsageInfo>;
}

const DEFAULT_TIMEOUT_MS: number = 30 * SECOND_MS;
const LONGEST_TIMEOUT_MS: number = 10 * MINUTE_MS;
const SYSTEM_CLOCK = (): EpochMs => Date.now();

function check({ fetch, timeoutMs = DEFAULT_TIMEOUT_MS }: UsageReaderOptions): void {
  const issues: PolicyErrorIssue[] = [];
  if (typeof fetch !== 'function') issues.push({ path: 'fetch', message: 'must be a function' });
  if (!(timeoutMs >= 1 && timeoutMs <= LONGEST_TIMEOUT_MS))
    issues.push({ path: 'timeoutMs', message: `must be from 1 to ${LONGEST_TIMEOUT_MS}` });
  if (issues.length > 0) throw new PolicyError('invalid_usage_reader', issues);
}

/** Settles as `act` does, but no later than the time limit, which rejects and aborts the signal. */
function within<T>(timeoutMs: number, act: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  return new Promise<T>((resolve, reject) => {
    const timer = setTimeout(() => {
      const error = new Error(`no answer within ${timeoutMs} ms`);
      reject(error);
      controller.abort(error);
    }, timeoutMs);
    act(controller.signal)
      .then(resolve, reject)
      .finally(() => clearTimeout(timer));
  });
}

const isList = (answers: UsageAnswer | readonly UsageAnswer[]): answers is readonly UsageAnswer[] => Array.isArray(answers);

/** Asks the endpoints of an account. Rejects as `fetch` does. */
async function ask(account: Account, options: UsageReaderOptions, signal: AbortSignal): Promise<UsageInfo> {
  const { fetch, now = SYSTEM_CLOCK } = options;
  const answers = await fetch(account, { signal });
  const all = isList(answers) ? answers : [answers];
  const read = await Promise.all(all.map((answer) => readUsageAnswer(answer, signal)));
  const at = now();
  return combineUsage(
    read.map((answer) => usageFromResponse(account.platform, answer, at, options)),
    at,
  );
}

/** Makes a reader; keep it as long as the gateway runs. Throws `PolicyError` (`invalid_usage_reader`) where an option is wrong. */
export function createUsageReader(options: UsageReaderOptions): UsageReader {
  check(options);
  const { cache = createUsageCache(), timeoutMs = DEFAULT_TIMEOUT_MS, now = SYSTEM_CLOCK } = options;
  const flights = new Map<string, Promise<UsageInfo>>();

  const fly = async (account: Account, credentialRevision: number | null): Promise<UsageInfo> => {
    const keyNow = (): UsageKey => ({ accountId: account.id, credentialRevision, now: now() });
    let cached: UsageInfo | null = null;
    const info = await within(timeoutMs, async (signal) => {
      cached = await cachedUsage(cache, keyNow());
      return cached ?? (await ask(account, options, signal));
    }).catch((failure: unknown) => usageFromResponse(account.platform, { failure }, now(), options));
    if (cached === null) void keepUsage(cache, keyNow(), info);
    return info;
  };
  const join = (account: Account): Promise<UsageInfo> => {
    const { revision } = credentialOwner(account).credential;
    const key = `${revision ?? ''}:${account.id}`;
    const running = flights.get(key);
    if (running !== undefined) return running;
    const flight = fly(account, revision).finally(() => flights.delete(key));
    flights.set(key, flight);
    return flight;
  };
  const read = async (account: Account): Promise<UsageInfo> =>
    enrichUsage(mayAskUsage(account) ? await join(account) : usageFromHealth(account, now()), account);
  return { read };
}
