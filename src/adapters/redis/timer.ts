/** Waiting for something that may be given up. */

/** One piece of work that is done later. */
export interface Timer {
  /** Does the work after a while, instead of when it was last asked for. */
  readonly start: (delayMs: number) => void;
  /** Whether it is still to be done. */
  readonly isWaiting: () => boolean;
  /** Gives it up; nothing starts it any more. */
  readonly end: () => void;
}

function cancel(timer: unknown): void {
  clearTimeout(timer as ReturnType<typeof setTimeout>);
}

/** A timer that does not keep the process running. */
export function createTimer(work: () => void): Timer {
  let waiting: unknown = null;
  let isOver = false;
  return {
    start(delayMs) {
      cancel(waiting);
      if (isOver) return;
      waiting = setTimeout(() => {
        waiting = null;
        work();
      }, delayMs);
      if (typeof waiting === 'object' && waiting !== null && 'unref' in waiting && typeof waiting.unref === 'function') waiting.unref();
    },
    isWaiting: () => waiting !== null,
    end() {
      isOver = true;
      cancel(waiting);
      waiting = null;
    },
  };
}
