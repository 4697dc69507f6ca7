/** Doing something after a wait that grows. */

/** Runs something after a wait, one wait at a time. It keeps no process alive. */
export interface Alarm {
  /** Rings after the wait, which is then doubled; nothing happens where it is set already, or was stopped. */
  readonly set: (ring: () => void) => void;
  /** The next wait is the first one again. */
  readonly reset: () => void;
  /** Rings no more. */
  readonly stop: () => void;
}

/** Timers of Node, Bun and Deno keep their process alive until they are told not to; those of browsers and Workers are numbers. */
function letProcessEnd(timer: unknown): void {
  const unref: unknown = typeof timer === 'object' && timer !== null ? Reflect.get(timer, 'unref') : null;
  if (typeof unref === 'function') unref.call(timer);
}

/** Makes an alarm whose waits go from `firstMs` to `longestMs`. */
export function createAlarm({ firstMs, longestMs }: { readonly firstMs: number; readonly longestMs: number }): Alarm {
  let timer: ReturnType<typeof setTimeout> | null = null;
  let waitMs = firstMs;
  let isStopped = false;
  return {
    set(ring) {
      if (timer !== null || isStopped) return;
      timer = setTimeout(() => {
        timer = null;
        ring();
      }, waitMs);
      letProcessEnd(timer);
      waitMs = Math.min(waitMs * 2, longestMs);
    },
    reset() {
      waitMs = firstMs;
    },
    stop() {
      isStopped = true;
      if (timer !== null) clearTimeout(timer);
      timer = null;
    },
  };
}
