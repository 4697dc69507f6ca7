/** Which exhausted window decides how long an account is out. */
import type { LimitFacts, WindowReading } from './signal.js';

/** Windows of the whole account. Others belong to a model family. */
export const ACCOUNT_WINDOWS: readonly string[] = ['5h', '7d', '30d'];

/** The exhausted account window with the latest plausible reset: the account is out until all of them are over. null: none. Total, pure. */
export function governingWindow(limits: LimitFacts | null): WindowReading | null {
  if (limits === null) return null;
  let governing: WindowReading | null = null;
  for (const window of limits.windows) {
    if (!window.exhausted || window.holdUntil === null || !ACCOUNT_WINDOWS.includes(window.name)) continue;
    if (governing === null || window.holdUntil > (governing.holdUntil ?? 0)) governing = window;
  }
  return governing;
}
