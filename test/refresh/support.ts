/** What the tests of refreshing share: a store in memory whose clock is the test's, and an endpoint that says what the test wants. */
import { createMemoryCredentials } from '../../src/adapters/memory.js';
import type { RefreshReport } from '../../src/refresh/attempt-effect.js';
import { createRefresher, type RefresherOptions } from '../../src/refresh/create-refresher.js';
import type { Refresher, RefreshOutcome } from '../../src/refresh/outcome.js';
import type { Pause } from '../../src/refresh/pause.js';
import type { CredentialRepository, Credentials, ExchangeRequest, ExchangeResult } from '../../src/refresh/ports.js';
import { NOW } from '../support/accounts.js';

/** Credentials as a gateway has them. */
export const STORED: Credentials = { access_token: 'at-0', refresh_token: 'rt-0', project_id: 'p' };

/** An answer with a body that is JSON, or a text as it is. */
export function answered(status: number, body: unknown): ExchangeResult {
  return { kind: 'answered', status, body: typeof body === 'string' ? body : JSON.stringify(body), receivedAt: NOW };
}

/** A rotation, as a server gives it. */
export function rotated(number: number, more: Readonly<Record<string, unknown>> = {}): ExchangeResult {
  return answered(200, { access_token: `at-${number}`, refresh_token: `rt-${number}`, expires_in: 3600, ...more });
}

/** A refusal, as a server gives it. */
export function refused(error: string, status: number = 400): ExchangeResult {
  return answered(status, { error, error_description: 'no' });
}

/** An operation of the store that can be made to fail. */
export type StoreOperation = 'read' | 'begin' | 'commit' | 'keepAlternate' | 'promoteAlternate' | 'condemn' | 'release';

/** A world around one refresher, or several. */
export interface RefreshWorld {
  readonly store: CredentialRepository;
  readonly reports: readonly RefreshReport[];
  /** The refresh tokens that were sent, in order. */
  readonly sent: readonly unknown[];
  readonly calls: readonly string[];
  /** Waits that are under way. */
  readonly waits: readonly { readonly ms: number; readonly end: () => void }[];
  /** Moves the clocks. */
  readonly pass: (ms: number) => void;
  /** The next so many calls of an operation fail, before (`not_done`) or after (`unanswered`) it takes place. */
  readonly fail: (operation: StoreOperation, times: number, how?: 'not_done' | 'unanswered') => void;
  readonly process: (options?: Partial<RefresherOptions>) => Refresher;
  readonly refresh: (refresher: Refresher, revision?: number) => Promise<RefreshOutcome>;
}

type Answer = (request: ExchangeRequest, index: number) => ExchangeResult | Promise<ExchangeResult>;

function failingStore(
  store: CredentialRepository,
  { failures, calls }: { readonly failures: Map<StoreOperation, { times: number; how: string }>; readonly calls: string[] },
): CredentialRepository {
  const failing = <A extends readonly unknown[], T>(name: StoreOperation, act: (...args: A) => Promise<T>) => {
    return async (...args: A): Promise<T> => {
      calls.push(name);
      const failure = failures.get(name);
      if (failure === undefined || failure.times === 0) return act(...args);
      failure.times -= 1;
      if (failure.how === 'unanswered') await act(...args);
      throw new Error(`${name} failed`);
    };
  };
  return {
    ...store,
    read: failing('read', store.read),
    begin: failing('begin', store.begin),
    commit: failing('commit', store.commit),
    keepAlternate: failing('keepAlternate', store.keepAlternate),
    promoteAlternate: failing('promoteAlternate', store.promoteAlternate),
    condemn: failing('condemn', store.condemn),
    release: failing('release', store.release),
  };
}

/** Makes a world with one account `a1` at revision 0. Time passes only by `pass`, and a wait ends by its `end` or its signal. */
export async function refreshWorld(answer: Answer): Promise<RefreshWorld> {
  let nowMs = NOW;
  const store = createMemoryCredentials({ now: () => nowMs });
  await store.replace('a1', { credentials: STORED, expiresAt: NOW });
  const [reports, sent, calls, waits] = [[] as RefreshReport[], [] as unknown[], [] as string[], [] as { ms: number; end: () => void }[]];
  const failures = new Map<StoreOperation, { times: number; how: string }>();
  const pause: Pause = (ms, signal) =>
    new Promise((resolve) => {
      const wait = { ms, end: (): void => resolve() };
      if (signal === undefined) waits.push(wait);
      else signal.addEventListener('abort', wait.end);
    });
  const exchange = async (request: ExchangeRequest): Promise<ExchangeResult> => {
    sent.push(request.credentials.refresh_token);
    return answer(request, sent.length - 1);
  };
  return {
    store,
    reports,
    sent,
    calls,
    waits,
    pass(ms) {
      nowMs += ms;
    },
    fail(operation, times, how = 'not_done') {
      failures.set(operation, { times, how });
    },
    process: (options = {}) =>
      createRefresher({
        credentials: failingStore(store, { failures, calls }),
        exchange,
        pause,
        elapsed: () => nowMs,
        onReport: (one) => reports.push(one),
        ...options,
      }),
    refresh: (refresher, revision = 0) => refresher.refresh({ accountId: 'a1', platform: 'anthropic', revision }),
  };
}

/** Lets everything that waits for nothing but promises come to its end. */
export async function settle(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 0));
}
