/** Waiting no longer than there is time. */

/** The longest wait that timers know; a longer one would be none. */
export const MAX_TIMER_MS: number = 2 ** 31 - 1;

/** Resolves when the work has ended, whatever came of it, or when the time is over (absent: it never is). The work goes on. */
export async function waitFor(work: Promise<unknown>, timeoutMs: number = Number.POSITIVE_INFINITY): Promise<void> {
  const ended = work.then(
    () => undefined,
    () => undefined,
  );
  if (timeoutMs > MAX_TIMER_MS) return ended;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, timeoutMs);
  });
  await Promise.race([ended, late]);
  clearTimeout(timer);
}
