/** The 5-hour session window that runs now. */
import type { AccountHealth } from './health.js';
import { type EpochMs, SESSION_WINDOW_MS } from './time.js';

/** A running session window, and whether it was observed or guessed. `status` is empty where none was observed. */
export interface SessionWindow {
  readonly start: EpochMs;
  readonly end: EpochMs;
  readonly status: string;
  readonly source: 'header' | 'predicted';
}

/** The running window: the observed one, else the guessed one; null where neither runs. It runs up to and including its end. Total, pure. */
export function currentSessionWindow({ sessionWindow }: AccountHealth, now: EpochMs): SessionWindow | null {
  const { header, predicted } = sessionWindow;
  const status = sessionWindow.status?.status ?? '';
  if (header !== null && now <= header.end) return { start: header.end - SESSION_WINDOW_MS, end: header.end, status, source: 'header' };
  if (predicted === null || now > predicted.start + SESSION_WINDOW_MS) return null;
  return { start: predicted.start, end: predicted.start + SESSION_WINDOW_MS, status, source: 'predicted' };
}

/** What a status says of the window's use where no sample does. */
const USED_BY_STATUS: ReadonlyMap<string, number> = new Map([
  ['rejected', 1],
  ['allowed_warning', 0.8],
]);

/** The fraction that a session status stands for where no sample says: `rejected` all, `allowed_warning` 0.8, any other nothing. Total, pure. */
export function usedByStatus(status: string): number {
  return USED_BY_STATUS.get(status) ?? 0;
}
