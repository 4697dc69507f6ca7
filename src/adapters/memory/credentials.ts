/** Credentials in memory: the reference for stores of credentials. Every method is one step, since nothing is awaited within it. */

import type { CredentialRef } from '../../core/account.js';
import type { EpochMs } from '../../core/time.js';
import { isRefreshable } from '../../refresh/is-refreshable.js';
import type {
  BeginResult,
  CondemnCode,
  CredentialRepository,
  Credentials,
  NextCredentials,
  StoredCredentials,
} from '../../refresh/ports.js';

/** What may be given to `createMemoryCredentials`. */
export interface MemoryCredentialOptions {
  /** The store's clock. Default: the process's. */
  readonly now?: () => EpochMs;
}

/** Credentials as they are kept: text, so that nobody can change them from outside. */
interface Secret {
  readonly text: string;
  readonly expiresAt: EpochMs | null;
}

interface Alternate extends Secret {
  readonly parentRevision: number;
}

interface Attempt {
  readonly nonce: string;
  readonly until: EpochMs;
}

interface Row {
  readonly revision: number;
  /** null: removed; the revision stays. */
  readonly secret: Secret | null;
  readonly attempt: Attempt | null;
  /** An attempt at this revision ended without a word: stays true when a later one is given back. */
  readonly orphan: boolean;
  readonly condemned: CondemnCode | null;
  /** Newest last. */
  readonly alternates: readonly Alternate[];
  /** The attempt that committed this revision. */
  readonly committedBy: string | null;
  /** Answers to tokens of earlier revisions are not kept: an operator has replaced them, or an answer that came later is stored. */
  readonly alternatesFrom: number;
}

/** A row that has secrets. */
type Kept = Row & { readonly secret: Secret };

/** Answers that lost a race are kept up to this number. */
const MAX_ALTERNATES = 2;

function sealed({ credentials, expiresAt }: NextCredentials): Secret {
  return { text: JSON.stringify(credentials), expiresAt };
}

function opened({ text, expiresAt }: Secret): NextCredentials {
  const credentials: Credentials = JSON.parse(text);
  return { credentials, expiresAt };
}

function stored({ revision, secret }: Kept): StoredCredentials {
  return { revision, ...opened(secret) };
}

/** The row of the next revision: no attempt, no condemnation, no doubt. */
function following(row: Row, secret: Secret, changed: Pick<Row, 'alternates' | 'committedBy'>): Row {
  return { ...row, revision: row.revision + 1, secret, attempt: null, orphan: false, condemned: null, ...changed };
}

function referenceOf({ revision, secret }: Kept): CredentialRef {
  return { revision, expiresAt: secret.expiresAt, refreshable: isRefreshable(opened(secret).credentials) };
}

function withAlternate(row: Kept, parentRevision: number, secret: Secret): Row {
  const isKnown = row.alternates.some((kept) => kept.parentRevision === parentRevision && kept.text === secret.text);
  if (isKnown || parentRevision < row.alternatesFrom) return row;
  // Its token may be the one that is still taken.
  return { ...row, condemned: null, alternates: [...row.alternates, { parentRevision, ...secret }].slice(-MAX_ALTERNATES) };
}

function isKept(row: Row | undefined): row is Kept {
  return row !== undefined && row.secret !== null;
}

/** What `begin` answers where it does not grant; null: it grants. */
function refusal(row: Row | undefined, expectedRevision: number, now: EpochMs): BeginResult | null {
  if (!isKept(row)) return { kind: 'missing' };
  if (row.revision !== expectedRevision) return { kind: 'stale', revision: row.revision };
  if (row.condemned !== null) return { kind: 'condemned', code: row.condemned };
  if (row.attempt === null || row.attempt.until <= now) return null;
  return { kind: 'busy', remainingMs: row.attempt.until - now };
}

type Rows = Map<string, Row>;

function keptRow(rows: Rows, accountId: string): Kept | null {
  const row = rows.get(accountId);
  return isKept(row) ? row : null;
}

/** The row, where the revision is the expected one and the attempt is of this nonce. */
function ownRow(rows: Rows, accountId: string, { revision, nonce }: { readonly revision: number; readonly nonce: string }): Kept | null {
  const row = keptRow(rows, accountId);
  return row !== null && row.revision === revision && row.attempt?.nonce === nonce ? row : null;
}

function readers(rows: Rows): Pick<CredentialRepository, 'read' | 'references'> {
  return {
    async read(accountId) {
      const row = keptRow(rows, accountId);
      return row === null ? null : stored(row);
    },
    async references(accountIds) {
      return new Map(
        accountIds.flatMap((accountId): (readonly [string, CredentialRef])[] => {
          const row = keptRow(rows, accountId);
          return row === null ? [] : [[accountId, referenceOf(row)]];
        }),
      );
    },
  };
}

function attempts(rows: Rows, now: () => EpochMs): Pick<CredentialRepository, 'begin' | 'commit' | 'release' | 'condemn'> {
  return {
    async begin(accountId, expectedRevision, { nonce, ttlMs }) {
      const [row, at] = [keptRow(rows, accountId), now()];
      const refused = refusal(row ?? undefined, expectedRevision, at);
      if (refused !== null || row === null) return refused ?? { kind: 'missing' };
      const orphan = row.orphan || row.attempt !== null;
      rows.set(accountId, { ...row, orphan, attempt: { nonce, until: at + ttlMs } });
      return { kind: 'granted', orphan, ...stored(row) };
    },
    async commit(accountId, expectedRevision, nonce, next) {
      const row = keptRow(rows, accountId);
      if (row === null) return { kind: 'missing' };
      if (row.revision !== expectedRevision) return { kind: 'conflict', revision: row.revision, same: row.committedBy === nonce };
      const alternates = row.alternates.filter(({ parentRevision }) => parentRevision >= expectedRevision);
      const kept = { alternates, committedBy: nonce };
      rows.set(accountId, { ...following(row, sealed(next), kept), alternatesFrom: expectedRevision });
      return { kind: 'committed', revision: row.revision + 1 };
    },
    async release(accountId, nonce) {
      const row = keptRow(rows, accountId);
      if (row?.attempt?.nonce === nonce) rows.set(accountId, { ...row, attempt: null });
    },
    async condemn(accountId, revision, nonce, code) {
      const row = ownRow(rows, accountId, { revision, nonce });
      if (row === null || row.alternates.length > 0) return false;
      rows.set(accountId, { ...row, attempt: null, condemned: code });
      return true;
    },
  };
}

function alternatives(rows: Rows): Pick<CredentialRepository, 'keepAlternate' | 'promoteAlternate'> {
  return {
    async keepAlternate(accountId, parentRevision, next) {
      const row = keptRow(rows, accountId);
      if (row !== null) rows.set(accountId, withAlternate(row, parentRevision, sealed(next)));
    },
    async promoteAlternate(accountId, revision, nonce) {
      const row = ownRow(rows, accountId, { revision, nonce });
      const newest = row?.alternates.at(-1);
      if (row === null || newest === undefined) return null;
      // The others stay: should this one be dead as well, they are tried before anything is condemned.
      rows.set(accountId, following(row, newest, { alternates: row.alternates.slice(0, -1), committedBy: null }));
      return { revision: row.revision + 1 };
    },
  };
}

function operations(rows: Rows): Pick<CredentialRepository, 'replace' | 'remove'> {
  return {
    async replace(accountId, next) {
      const revision = (rows.get(accountId)?.revision ?? -1) + 1;
      const fresh = { attempt: null, orphan: false, condemned: null, alternates: [], committedBy: null };
      rows.set(accountId, { ...fresh, revision, secret: sealed(next), alternatesFrom: revision });
      return { revision };
    },
    async remove(accountId) {
      const row = keptRow(rows, accountId);
      if (row !== null) rows.set(accountId, { ...row, secret: null, attempt: null, alternates: [] });
    },
  };
}

/**
 * Makes a credential repository in memory: it lasts as long as the process, so a restart loses what was rotated. For tests, and as a model for others. It holds secrets: it prints
 * none, and offers no list of them.
 *
 * @example const credentials = createMemoryCredentials(); await credentials.replace('a1', { credentials: { refresh_token: 'r' }, expiresAt: null });
 */
export function createMemoryCredentials({ now = () => Date.now() }: MemoryCredentialOptions = {}): CredentialRepository {
  const rows: Rows = new Map();
  return { ...readers(rows), ...attempts(rows, now), ...alternatives(rows), ...operations(rows) };
}
