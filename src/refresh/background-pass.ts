/** One pass over the accounts: which are due, in which order, how many at a time, and what is written of them. */
import type { Account } from '../core/account.js';
import type { Action } from '../core/action.js';
import type { EpochMs } from '../core/time.js';
import { refreshSucceeded } from './background-candidates.js';
import { type JobResult, type JobTools, refreshInBackground } from './background-job.js';
import type { PassSummary, ProgressListener } from './background-progress.js';
import type { PlatformWatch } from './background-watch.js';
import { refreshFailed } from './refresh-failed.js';
import { stableShare } from './stable-jitter.js';

/** What a pass needs beside what its jobs need. */
export interface PassTools extends JobTools {
  readonly apply: (actions: readonly Action[]) => Promise<void>;
  readonly tell: ProgressListener;
  readonly now: () => EpochMs;
  /** Accounts that are refreshed at the same time. */
  readonly concurrency: number;
  /** Starts are spread over this time when more accounts are due than go at the same time. */
  readonly spreadMs: number;
  /** Attempts of earlier passes whose outcome is unknown, by `attemptKey`. */
  readonly ambiguous: Map<string, number>;
}

/** The name under which attempts at one revision of one account are counted. */
function attemptKey({ id, credential }: Account): string {
  return `${credential.revision} ${id}`;
}

interface Start {
  readonly account: Account;
  readonly afterMs: number;
}

/** When each account starts: those that a 401 named at once, the rest at instants of their own, so that tokens that end together are not renewed together (F91). */
function starts(due: readonly Account[], { concurrency, spreadMs }: PassTools): readonly Start[] {
  const isSpread = due.length > concurrency;
  const afterMs = ({ id, credential, health }: Account): number =>
    isSpread && health.refreshRequestedFor < (credential.revision ?? 0) ? spreadMs * stableShare([id, credential.revision ?? -1]) : 0;
  return due.map((account) => ({ account, afterMs: afterMs(account) })).sort((one, other) => one.afterMs - other.afterMs);
}

/** What a result writes: the lift of what a success cures, or a verdict, unless the trouble is the platform's. */
function actionsOf(
  account: Account,
  result: JobResult,
  { now, watch }: { readonly now: EpochMs; readonly watch: PlatformWatch },
): readonly Action[] {
  if (result.result === 'refreshed') return refreshSucceeded(account);
  if (result.result !== 'refused' && result.result !== 'exhausted') return [];
  if (watch.troubleOf(account.platform)?.code === result.failure.code) return [];
  return refreshFailed(account, result.failure, { postedRevision: result.revision, storedRevision: result.revision, now });
}

function summaryOf(results: readonly JobResult[]): PassSummary {
  const count = (result: JobResult['result']): number => results.filter((one) => one.result === result).length;
  const refreshed = count('refreshed');
  const skipped = count('skipped');
  return { due: results.length, refreshed, skipped, failed: results.length - refreshed - skipped };
}

/** Runs the jobs, so many at a time; one that fails stops no other. */
async function runJobs(due: readonly Account[], tools: PassTools): Promise<ReadonlyMap<Account, JobResult>> {
  const { ambiguous, now, pause, signal, tell } = tools;
  const began = now();
  const queue = starts(due, tools)[Symbol.iterator]();
  const results = new Map<Account, JobResult>();

  async function work(): Promise<void> {
    for (const { account, afterMs } of queue) {
      // A clock that was set meanwhile makes nobody wait longer than the spread.
      const waitMs = Math.min(began + afterMs - now(), tools.spreadMs);
      if (waitMs > 0) await pause(waitMs, signal);
      const result = await refreshInBackground(account, tools, ambiguous.get(attemptKey(account)) ?? 0);
      results.set(account, result);
      tell({ type: 'account', accountId: account.id, platform: account.platform, ...result });
    }
  }

  await Promise.all(Array.from({ length: Math.min(tools.concurrency, due.length) }, work));
  return results;
}

/**
 * Refreshes what is due. What a failure means is written at the end, when it is known whether so many failed alike that it is the endpoint's trouble; then nothing is written of them. Never rejects.
 */
export async function runPass(due: readonly Account[], tools: PassTools): Promise<PassSummary> {
  const { ambiguous, tell, apply, watch } = tools;
  tell({ type: 'pass_started', due: due.length });
  const results = await runJobs(due, tools);
  ambiguous.clear();
  for (const [account, result] of results) {
    if (result.result === 'skipped' && result.reason === 'ambiguous') ambiguous.set(attemptKey(account), result.attempts);
  }
  await apply([...results].flatMap(([account, result]) => actionsOf(account, result, { now: tools.now(), watch })));
  const summary = summaryOf([...results.values()]);
  tell({ type: 'pass_finished', ...summary });
  return summary;
}
