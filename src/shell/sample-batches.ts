/** Gathering samples of usage: every answer has some, and a store needs the newest only. */
import type { Action } from '../core/action.js';
import type { AccountHealth } from '../core/health.js';
import { MAX_TIMER_MS } from './wait-for.js';

type Written = Promise<AccountHealth | null>;

/** What writes the actions of one account. */
export type Write = (accountId: string, actions: readonly Action[]) => Written;

/** Actions on their way to `Write`. */
export interface SampleBatches {
  /** Writes samples with their interval, and anything else at once, with the samples that wait. Settles as the write does. */
  submit(accountId: string, actions: readonly Action[]): Written;
  /** Writes all that waits, and from then on lets nothing wait. */
  close(): void;
}

interface Batch {
  readonly actions: Action[];
  readonly written: Written;
  readonly send: () => void;
}

function openBatch(actions: readonly Action[], write: (actions: readonly Action[]) => Written): Batch {
  const gathered = [...actions];
  let send: () => void = () => undefined;
  const written: Written = new Promise((resolve) => {
    send = () => resolve(write(gathered));
  });
  return { actions: gathered, written, send };
}

/** Makes batches, one an account. The interval begins with the first sample; 0, or no number above it, gathers nothing. */
export function createSampleBatches(intervalMs: number, write: Write): SampleBatches {
  const waiting = new Map<string, { readonly batch: Batch; readonly timer: ReturnType<typeof setTimeout> }>();
  let isGathering = intervalMs > 0;

  function send(accountId: string): void {
    const found = waiting.get(accountId);
    if (found === undefined) return;
    waiting.delete(accountId);
    clearTimeout(found.timer);
    found.batch.send();
  }

  function gather(accountId: string, actions: readonly Action[]): Written {
    const batch = openBatch(actions, (all) => write(accountId, all));
    // The timer keeps the process alive: whoever awaits these samples would otherwise end it while they wait.
    waiting.set(accountId, { batch, timer: setTimeout(send, Math.min(intervalMs, MAX_TIMER_MS), accountId) });
    return batch.written;
  }

  return {
    submit(accountId, actions) {
      const isUrgent = !isGathering || actions.some(({ type }) => type !== 'record_usage');
      const batch = waiting.get(accountId)?.batch;
      if (batch === undefined) return isUrgent ? write(accountId, actions) : gather(accountId, actions);
      batch.actions.push(...actions);
      if (isUrgent) send(accountId);
      return batch.written;
    },
    close() {
      isGathering = false;
      for (const accountId of [...waiting.keys()]) send(accountId);
    },
  };
}
