/** The page's clock: the gateway's time, and a tick while something counts and somebody looks. */

const TICK_MS = 60_000;

/**
 * A clock that calls `onTick` every 60 s, and at once when something ends or the tab comes back. Its timer does not run while nothing is counting, or while the tab is hidden.
 *
 * @param {{ onTick: (now: number) => void }} options
 * @returns {{ now(): number, set(gatewayNow: number): void, countUntil(next: number | null): void, stop(): void }}
 */
export function createClock({ onTick }) {
  let ahead = 0;
  /** @type {number | null} */
  let next = null;
  /** @type {number | undefined} */
  let timer;
  let at = 0;
  const now = () => Date.now() + ahead;

  function tick() {
    timer = undefined;
    onTick(now());
    schedule();
  }

  function schedule() {
    const wanted = next === null || document.hidden ? null : Math.min(TICK_MS, Math.max(next - now(), 0) + 1);
    if (wanted !== null && timer !== undefined && at <= now() + wanted) return;
    clearTimeout(timer);
    timer = undefined;
    if (wanted === null) return;
    at = now() + wanted;
    timer = setTimeout(tick, wanted);
  }

  const onVisibility = () => {
    if (document.hidden) schedule();
    else if (next !== null) tick();
  };
  document.addEventListener('visibilitychange', onVisibility);

  return {
    now,
    /** Takes over the gateway's time: a laptop's clock may be minutes off. */
    set(gatewayNow) {
      ahead = gatewayNow - Date.now();
    },
    /** The earliest instant at which something that is shown ends; null: nothing counts. */
    countUntil(earliest) {
      next = earliest;
      schedule();
    },
    stop() {
      clearTimeout(timer);
      document.removeEventListener('visibilitychange', onVisibility);
    },
  };
}
