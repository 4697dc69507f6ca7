/** Which exhausted window decides how long an account is out. */
import type { LimitFacts, WindowReading } from './signal.js';

/** Whether a window is the whole account's. Others belong to a model family. Total, pure. */
export function isAccountWindow({ name }: WindowReading): boolean {
  return name === '5h' || name === '7d' || name === '30d';
}

/** The exhausted account window with the latest plausible reset: the account is out until all of them are over. null: none. Total, pure. */
export function governingWindow(limits: LimitFacts | null): WindowReading | null {
  if (limits === null) return null;
  let governing: WindowReading | null = null;
  for (const window of limits.windows) {
    const { exhausted, holdUntil } = window;
    if (!exhausted || holdUntil === null || !isAccountWindow(window)) continue;
    if (governing === null || holdUntil > (governing.holdUntil ?? 0)) governing = window;
  }
  return governing;
}
