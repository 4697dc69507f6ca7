/** The credential repository as pure functions over one row: what `src/refresh/ports.ts` promises, and no more. A token is a number. */
import type { CondemnCode } from '../../src/refresh/ports.js';

/** An answer that lost a race. */
interface Alternate {
  readonly parentRevision: number;
  readonly token: number;
}

/** The row of one account. */
export interface Row {
  readonly revision: number;
  readonly token: number;
  readonly attempt: { readonly nonce: string; readonly isOver: boolean } | null;
  readonly orphan: boolean;
  readonly condemned: CondemnCode | null;
  readonly alternates: readonly Alternate[];
  readonly committedBy: string | null;
  readonly replacedAtRevision: number;
  /** Answers to tokens of earlier revisions are not kept any more: the token of this one, or an operator's, was taken since. */
  readonly alternatesFrom: number;
}

/** A row after a person signed in. */
export const NEW_ROW: Row = {
  revision: 0,
  token: 0,
  attempt: null,
  orphan: false,
  condemned: null,
  alternates: [],
  committedBy: null,
  replacedAtRevision: 0,
  alternatesFrom: 0,
};

/** What `begin` and `commit` answer, without the credentials. */
export type BeginAnswer = { readonly kind: 'granted' | 'busy' | 'stale' } | { readonly kind: 'condemned'; readonly code: CondemnCode };
/** See `BeginAnswer`. */
export type CommitAnswer = { readonly kind: 'committed' } | { readonly kind: 'conflict'; readonly same: boolean };

/** A step of the store: the row after it, and its answer. */
export interface Stepped<T> {
  readonly row: Row;
  readonly answer: T;
}

/** The operations of the repository. */
export interface RowOperations {
  begin(row: Row, revision: number, nonce: string): Stepped<BeginAnswer>;
  commit(row: Row, revision: number, given: { readonly nonce: string; readonly token: number }): Stepped<CommitAnswer>;
  keepAlternate(row: Row, parentRevision: number, token: number): Row;
  promoteAlternate(row: Row, revision: number, nonce: string): Stepped<number | null>;
  condemn(row: Row, revision: number, given: { readonly nonce: string; readonly code: CondemnCode }): Stepped<boolean>;
  release(row: Row, nonce: string): Row;
}

function following(row: Row, token: number, changed: Pick<Row, 'alternates' | 'committedBy'>): Row {
  return { ...row, revision: row.revision + 1, token, attempt: null, orphan: false, condemned: null, ...changed };
}

function isOurs(row: Row, revision: number, nonce: string): boolean {
  return row.revision === revision && row.attempt?.nonce === nonce;
}

/** The repository of the port. */
export const ROW_OPERATIONS: RowOperations = {
  begin(row, revision, nonce) {
    if (row.revision !== revision) return { row, answer: { kind: 'stale' } };
    if (row.condemned !== null) return { row, answer: { kind: 'condemned', code: row.condemned } };
    if (row.attempt !== null && !row.attempt.isOver) return { row, answer: { kind: 'busy' } };
    const orphan = row.orphan || row.attempt !== null;
    return { row: { ...row, orphan, attempt: { nonce, isOver: false } }, answer: { kind: 'granted' } };
  },
  commit(row, revision, { nonce, token }) {
    if (row.revision !== revision) return { row, answer: { kind: 'conflict', same: row.committedBy === nonce } };
    const alternates = row.alternates.filter(({ parentRevision }) => parentRevision >= revision);
    return {
      row: { ...following(row, token, { alternates, committedBy: nonce }), alternatesFrom: revision },
      answer: { kind: 'committed' },
    };
  },
  keepAlternate(row, parentRevision, token) {
    const isKnown = row.alternates.some((kept) => kept.parentRevision === parentRevision && kept.token === token);
    if (isKnown || parentRevision < row.alternatesFrom) return row;
    return { ...row, condemned: null, alternates: [...row.alternates, { parentRevision, token }].slice(-2) };
  },
  promoteAlternate(row, revision, nonce) {
    const newest = row.alternates.at(-1);
    if (!isOurs(row, revision, nonce) || newest === undefined) return { row, answer: null };
    const next = following(row, newest.token, { alternates: row.alternates.slice(0, -1), committedBy: null });
    return { row: next, answer: next.revision };
  },
  condemn(row, revision, { nonce, code }) {
    if (!isOurs(row, revision, nonce) || row.alternates.length > 0) return { row, answer: false };
    return { row: { ...row, attempt: null, condemned: code }, answer: true };
  },
  release: (row, nonce) => (row.attempt?.nonce === nonce ? { ...row, attempt: null } : row),
};

/** An operator's new credentials. */
export function replace(row: Row, token: number): Row {
  const revision = row.revision + 1;
  return { ...NEW_ROW, revision, token, replacedAtRevision: revision, alternatesFrom: revision };
}
