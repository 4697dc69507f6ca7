/** A partial change of an account's health: cells, never a record. No type of it can hold a credential. */
import type { AccountError, ErrorKind, Hold, HoldCell, SessionHeader, SessionStatus, StrikeSet, UsageSample } from './health.js';
import type { EpochMs } from './time.js';

/** One cell and the value to join into it. */
export type CellWrite =
  | { readonly cell: HoldCell; readonly value: Hold }
  | { readonly cell: 'modelRateLimits'; readonly key: string; readonly value: Hold }
  | { readonly cell: 'errors'; readonly key: ErrorKind; readonly value: AccountError }
  | { readonly cell: 'sessionWindow.header'; readonly value: SessionHeader }
  | { readonly cell: 'sessionWindow.status'; readonly value: SessionStatus }
  | { readonly cell: 'sessionWindow.predicted'; readonly value: { readonly start: EpochMs } }
  | { readonly cell: 'usage'; readonly key: string; readonly value: UsageSample }
  | { readonly cell: 'strikes'; readonly key: string; readonly value: StrikeSet }
  | { readonly cell: 'refreshRequestedFor'; readonly value: number };

/** Cells to join into one account's health, in any order and any number of times. */
export type HealthPatch = readonly CellWrite[];
