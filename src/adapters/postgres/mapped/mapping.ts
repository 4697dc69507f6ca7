/** Which columns of the owner's table say what the cells of health say. */
import type { ErrorKind } from '../../../core/health.js';

/** The columns of one hold. Each is written only where it does not say what the cell says. */
export interface HoldColumns {
  /** `timestamptz`: when the hold ends. NULL: none. */
  readonly until: string;
  /** `timestamptz`: when the hold was written. NULL: none. */
  readonly since?: string;
  /** Text: why. NULL: none. Must take 512 bytes. */
  readonly detail?: string;
}

/** A JSONB column that has, under one key, an object from a model to `{ until, since }` in RFC 3339. Everything else in the column is left as it is. */
export interface ModelColumn {
  /** `jsonb`. */
  readonly column: string;
  /** The key of the object with the models, such as `model_rate_limits`. */
  readonly key: string;
  /** The field of a model's entry that says when the limit ends. Default `rate_limit_reset_at`. */
  readonly until?: string;
  /** The field that says when it was written. Default `rate_limited_at`. */
  readonly since?: string;
}

/** The columns of the 5-hour window: two of type `timestamptz`, and a text. */
export interface SessionColumns {
  readonly start: string;
  readonly end: string;
  readonly status: string;
}

/**
 * The columns of the errors. An account of the owner's has one error or none: of several cells it shows the most severe. It has one where the status is the value `error`; without a
 * column for the status, where there is a message and `schedulable` (if there is such a column) is false.
 */
export interface ErrorColumns {
  /** A text or an enum. A row with neither of the two values, such as `disabled`, is left as it is. Default values: `error`, `active`. */
  readonly status?: { readonly column: string; readonly error?: string; readonly active?: string };
  /** Text. NULL: none. Must take 512 bytes. */
  readonly message: string;
  /** Boolean: switched off with an error, and on again with its end, if it was on before. An operator's own pause stays. */
  readonly schedulable?: string;
  /** How texts of other programs begin, in any letter case, and the kind they are of: the first that fits counts. Default `ERROR_HEADS`; none that fits: `custom`. */
  readonly heads?: readonly (readonly [head: string, kind: ErrorKind])[];
}

/** The cells that the owner's columns show. A column may be named once. What is not named is kept in the column of cells only. */
export interface MappedCells {
  readonly rateLimit?: HoldColumns;
  readonly overload?: HoldColumns;
  readonly temporary?: HoldColumns;
  /** A column for itself: it must not be that of `temporary`, which it would hide. */
  readonly authentication?: HoldColumns;
  readonly modelRateLimits?: ModelColumn;
  readonly sessionWindow?: SessionColumns;
  readonly errors?: ErrorColumns;
}

/** The owner's table, and what its columns say. Names are taken as they are, in their own letter case. */
export interface MappedTable {
  /** Default: the first of the connection's search path. */
  readonly schema?: string;
  readonly table: string;
  /** The column of the account's id, the table's key. Its type is `text` where only the name is given. */
  readonly id: string | { readonly column: string; readonly type: 'text' | 'integer' | 'bigint' | 'uuid' };
  /** The `jsonb` column of ours, which has all cells exactly. Default `poolwarden`; see `addCellsColumn`. */
  readonly column?: string;
  readonly cells: MappedCells;
}

/** How the error texts of gateways of this family begin, and what they are about. */
export const ERROR_HEADS: readonly (readonly [head: string, kind: ErrorKind])[] = [
  ['account violation', 'violation'],
  ['account deactivated', 'violation'],
  ['organization disabled', 'organization'],
  ['workspace deactivated', 'organization'],
  ['validation required', 'verification'],
  ['identity verification required', 'verification'],
  ['token revoked', 'credential'],
  ['unauthorized', 'credential'],
  ['oauth 401', 'credential'],
  ['oauth 403', 'credential'],
  ['authentication failed', 'credential'],
  ['token refresh failed', 'credential'],
  ['payment required', 'billing'],
  ['credit balance exhausted', 'billing'],
  ['access forbidden', 'forbidden'],
];
