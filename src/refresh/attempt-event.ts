/** What can happen to an attempt: the answers to its effects, as data. Time enters here and nowhere else. */
import type { BeginResult, CommitResult, ExchangeResult, StoredCredentials } from './ports.js';

/**
 * An event. `elapsedMs` is read from a clock that only goes forward. `store_failed`: the store did not answer the effect under way, or with an error; whether it did what it was asked is not known.
 * `overdue`: the endpoint has neither answered nor failed although its time is over. `isStopping`: the process starts nothing new.
 */
export type AttemptEvent =
  | { readonly type: 'start'; readonly elapsedMs: number }
  | { readonly type: 'begun'; readonly result: BeginResult; readonly elapsedMs: number; readonly isStopping: boolean }
  | { readonly type: 'posted'; readonly result: ExchangeResult; readonly elapsedMs: number }
  | { readonly type: 'overdue'; readonly elapsedMs: number }
  | { readonly type: 'committed'; readonly result: CommitResult }
  | { readonly type: 'alternate_kept' }
  | { readonly type: 'was_read'; readonly stored: StoredCredentials | null }
  | { readonly type: 'promoted'; readonly revision: number | null }
  | { readonly type: 'condemned'; readonly isDone: boolean }
  | { readonly type: 'released' }
  | { readonly type: 'waited' }
  | { readonly type: 'store_failed'; readonly error: unknown };

/** One kind of event. */
export type EventOf<T extends AttemptEvent['type']> = Extract<AttemptEvent, { readonly type: T }>;
