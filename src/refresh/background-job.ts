/** Refreshing one account in the background: again where that may help, with longer and longer waits. */
import type { Account } from '../core/account.js';
import type { AccountProgress } from './background-progress.js';
import type { PlatformWatch } from './background-watch.js';
import type { Refresher, RefreshFailure, RefreshOutcome } from './outcome.js';
import type { Pause } from './pause.js';
import { stableJitter } from './stable-jitter.js';

/** What a job needs. */
export interface JobTools {
  readonly refresher: Refresher;
  readonly pause: Pause;
  readonly watch: PlatformWatch;
  /** How often an endpoint that fails is asked. */
  readonly maxRetries: number;
  /** The wait after the first failure; each further one doubles it. */
  readonly backoffMs: number;
  /** The host stops. */
  readonly signal: AbortSignal;
}

/** What came of a job, and how often the endpoint was to be asked, with the earlier attempts that the job was told of. */
export type JobResult = AccountProgress & { readonly attempts: number };

/** An attempt that failed and may be made again. */
interface Retryable {
  readonly result: 'retryable';
  readonly failure: RefreshFailure;
  readonly revision: number;
}

const RESULTS = { retryable: 'retryable', provider_wide: 'provider_wide', non_retryable: 'refused', invalid_grant: 'refused' } as const;

/** What an outcome is in the background. */
function progressOf(outcome: RefreshOutcome, asked: number): AccountProgress | Retryable {
  switch (outcome.type) {
    case 'refreshed':
    case 'pending':
      // A revision that is only just stored is not refreshed again, whoever asks.
      if (outcome.revision === asked) return { result: 'skipped', reason: 'fresh' };
      return { result: 'refreshed', revision: outcome.revision };
    case 'adopted':
      return { result: 'skipped', reason: 'fresh' };
    case 'busy':
    case 'missing':
      return { result: 'skipped', reason: outcome.type };
    case 'unavailable':
      return { result: 'skipped', reason: 'store_unavailable' };
    case 'aborted':
      return { result: 'skipped', reason: 'stopped' };
    case 'ambiguous':
      return { result: 'retryable', failure: outcome.failure, revision: outcome.revision };
    case 'condemned':
      return { result: 'refused', failure: { kind: 'invalid_grant', code: outcome.code }, revision: outcome.revision };
    case 'failed':
      return { result: RESULTS[outcome.failure.kind], failure: outcome.failure, revision: outcome.revision };
    default:
      return outcome satisfies never;
  }
}

/** Tells the watch what it is for: failures of the endpoint. A condemned token is the account's own affair. */
function note(watch: PlatformWatch, account: Account, outcome: RefreshOutcome): void {
  if (outcome.type === 'failed' || outcome.type === 'ambiguous') watch.failed(account, outcome.failure);
  else if ('credentials' in outcome) watch.succeeded(account);
}

/** Doublings of the wait. */
const MOST_DOUBLINGS = 10;

/** The wait after the n-th failure (from 1), in milliseconds: doubled each time, and always drawn out or cut alike for this account. Total, pure. */
export function backoffAfter({ id, credential }: Account, failures: number, firstMs: number): number {
  const doublings = Math.min(failures - 1, MOST_DOUBLINGS);
  return stableJitter(firstMs * 2 ** doublings, [id, credential.revision ?? -1, failures]);
}

/** Refreshes one account; `earlier` attempts are counted with its own. Never rejects. */
export async function refreshInBackground(account: Account, tools: JobTools, earlier: number = 0): Promise<JobResult> {
  const { refresher, pause, watch, signal } = tools;
  const { id: accountId, platform } = account;
  const revision = account.credential.revision ?? 0;
  const over = AbortSignal.any([signal, watch.signalOf(platform)]);
  for (let attempts = earlier + 1; ; attempts += 1) {
    if (signal.aborted) return { result: 'skipped', reason: 'stopped', attempts: attempts - 1 };
    const outcome = await refresher.refresh({ accountId, platform, revision });
    note(watch, account, outcome);
    const progress = progressOf(outcome, revision);
    if (progress.result !== 'retryable') return { ...progress, attempts };
    if (attempts >= tools.maxRetries) return { ...progress, result: 'exhausted', attempts };
    // Its attempt still runs in the store: until that is over, nobody may ask.
    if (outcome.type === 'ambiguous') return { result: 'skipped', reason: 'ambiguous', attempts };
    await pause(backoffAfter(account, attempts, tools.backoffMs), over);
    if (watch.troubleOf(platform) !== null) return { result: 'skipped', reason: 'platform_trouble', attempts };
  }
}
