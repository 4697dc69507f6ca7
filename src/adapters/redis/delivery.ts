/** Delivering what is to be told, one batch at a time. */
import { createTimer } from './timer.js';

/** Reads and passes on what changed. */
export type Deliver = (changes: readonly string[]) => Promise<void>;

/** Changes that wait to be delivered. */
export interface Delivery {
  readonly add: (what: string) => void;
  readonly end: () => void;
}

const RETRY_MS = 1_000;

/** A queue of changes, each once. What could not be delivered is tried again a second later, with whatever came meanwhile. */
export function createDelivery(deliver: Deliver): Delivery {
  const waiting = new Set<string>();
  let isBusy = false;
  let isOver = false;

  async function deliverAll(): Promise<void> {
    isBusy = true;
    try {
      while (waiting.size > 0 && !isOver) {
        const batch = [...waiting];
        waiting.clear();
        await deliver(batch).catch((error: unknown) => {
          for (const what of batch) waiting.add(what);
          throw error;
        });
      }
    } finally {
      // In the same step in which nothing was waiting any more: what is added after it starts anew.
      isBusy = false;
    }
  }

  function run(): void {
    if (!isBusy && !retry.isWaiting()) deliverAll().catch(() => retry.start(RETRY_MS));
  }

  const retry = createTimer(run);
  return {
    add(what) {
      waiting.add(what);
      run();
    },
    end() {
      isOver = true;
      retry.end();
    },
  };
}
