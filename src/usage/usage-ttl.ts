/** How long a usage answer stays good. */
import { MINUTE_MS } from '../core/time.js';
import type { UsageInfo } from '../core/usage-info.js';

const LONG_MS: number = 3 * MINUTE_MS;

/** Milliseconds for which an answer may be shown again: 3 minutes for a success and for a 403, 1 minute for any other failure and for none (null). Total, pure. */
export function usageTtlMs(info: UsageInfo | null): number {
  if (info === null) return MINUTE_MS;
  return info.forbidden !== null || (info.errorCode === null && info.error === null) ? LONG_MS : MINUTE_MS;
}
