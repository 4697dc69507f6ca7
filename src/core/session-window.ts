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
