/** Waiting. */

/** Waits so many milliseconds; ends early, and without an error, when the signal is aborted. */
export type Pause = (ms: number, signal?: AbortSignal) => Promise<void>;

/** The longest wait that timers know. */
const LONGEST_MS: number = 2 ** 31 - 1;

/** `Pause` by the timers of the platform. What is not a number, or negative, does not wait. Never rejects. */
export const pause: Pause = (ms, signal) =>
  new Promise((resolve) => {
    if (signal?.aborted === true || !(ms > 0)) {
      resolve();
      return;
    }
    const end = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, Math.min(ms, LONGEST_MS));
    signal?.addEventListener('abort', end);
  });
