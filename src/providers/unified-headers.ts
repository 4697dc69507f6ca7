/** The headers of Anthropic's unified windows. Their names are written out, because a read under a fixed name is the cheapest there is, and every answer is read. */
import { headerText, type NormalHeaders, readAgain } from '../core/headers.js';

/** The 5-hour window: its status word. */
export const SESSION_STATUS = 'anthropic-ratelimit-unified-5h-status';
/** The 5-hour window: when it ends, in epoch seconds. */
export const SESSION_RESET = 'anthropic-ratelimit-unified-5h-reset';
/** The 5-hour window: the fraction used. */
export const SESSION_USED = 'anthropic-ratelimit-unified-5h-utilization';
/** The 5-hour window: whether it is nearly used up. */
export const SESSION_SURPASSED = 'anthropic-ratelimit-unified-5h-surpassed-threshold';
/** The weekly window: its status word. */
export const WEEK_STATUS = 'anthropic-ratelimit-unified-7d-status';
/** The weekly window: when it ends. */
export const WEEK_RESET = 'anthropic-ratelimit-unified-7d-reset';
/** The weekly window: the fraction used. */
export const WEEK_USED = 'anthropic-ratelimit-unified-7d-utilization';
/** The weekly window: whether it is nearly used up. */
export const WEEK_SURPASSED = 'anthropic-ratelimit-unified-7d-surpassed-threshold';
/** The weekly window of the model family that is counted apart: its status word. */
export const OVERAGE_STATUS = 'anthropic-ratelimit-unified-7d_oi-status';
/** The same: when it ends. */
export const OVERAGE_RESET = 'anthropic-ratelimit-unified-7d_oi-reset';
/** The same: the fraction used. */
export const OVERAGE_USED = 'anthropic-ratelimit-unified-7d_oi-utilization';
/** The same: whether it is nearly used up. */
export const OVERAGE_SURPASSED = 'anthropic-ratelimit-unified-7d_oi-surpassed-threshold';
/** The status over all windows. */
export const STATUS = 'anthropic-ratelimit-unified-status';
/** The end of the window that governs. */
export const RESET = 'anthropic-ratelimit-unified-reset';
/** The window that governs. */
export const CLAIM = 'anthropic-ratelimit-unified-representative-claim';
/** Those that are read under their fixed names. */
export const FIXED_HEADERS: readonly string[] = [
  SESSION_STATUS,
  SESSION_RESET,
  SESSION_USED,
  SESSION_SURPASSED,
  WEEK_STATUS,
  WEEK_RESET,
  WEEK_USED,
  WEEK_SURPASSED,
  OVERAGE_STATUS,
  OVERAGE_RESET,
  OVERAGE_USED,
  OVERAGE_SURPASSED,
  STATUS,
];

/** Those that tell whether an answer speaks of windows at all. */
const TELLING: readonly string[] = [SESSION_STATUS, STATUS, SESSION_USED];

/** Whether headers that answer as a plain object state a window: one read where they do, mostly, and three where not. */
function isStated(headers: NormalHeaders): boolean {
  return headerText(headers[SESSION_STATUS]) !== null || headerText(headers[STATUS]) !== null || headerText(headers[SESSION_USED]) !== null;
}

function isAnyStated(headers: NormalHeaders): boolean {
  return (
    isStated(headers) ||
    headerText(headers[WEEK_USED]) !== null ||
    headerText(headers[WEEK_STATUS]) !== null ||
    headerText(headers[OVERAGE_USED]) !== null ||
    headerText(headers[OVERAGE_STATUS]) !== null
  );
}

/** Whether an answer speaks of unified windows. */
export function hasUnifiedWindows(headers: NormalHeaders): boolean {
  try {
    return isStated(headers) || (typeof headers.get === 'function' && isStated(readAgain(headers, TELLING)));
  } catch {
    return isStated(readAgain(headers, TELLING));
  }
}

/** Whether a failure states one of the windows, with or without the aggregate. */
export function hasAnyUnifiedWindow(headers: NormalHeaders): boolean {
  try {
    return isAnyStated(headers) || (typeof headers.get === 'function' && isAnyStated(readAgain(headers, FIXED_HEADERS)));
  } catch {
    return isAnyStated(readAgain(headers, FIXED_HEADERS));
  }
}
