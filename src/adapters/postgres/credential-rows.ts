/** Credentials as rows, there and back. What a store returns is checked: it may have been written by hand, or sealed with another key. */

import type { CredentialRef } from '../../core/account.js';
import { isObject, parseJson } from '../../core/json.js';
import { clampInstant } from '../../core/time.js';
import { isRefreshable } from '../../refresh/is-refreshable.js';
import { NO_CREDENTIAL } from '../../refresh/no-credential.js';
import type { CondemnCode, Credentials, NextCredentials, SecretCodec, StoredCredentials } from '../../refresh/ports.js';
import { credentialsOf } from '../../refresh/secret-codec.js';
import { hexDigest } from '../../shell/hex-digest.js';
import type { PostgresRow } from './client.js';

/** The columns that `referencesOf` reads: no secret is among them. Numbers come as numbers from every driver. */
export const REFERENCE_COLUMNS = 'account_id, revision::float8, expires_at::float8, refreshable, secret is not null as present';

/** The columns that `openRow` reads. */
export const SECRET_COLUMNS = 'revision::float8, secret, expires_at::float8';

/** Credentials as they are stored. */
export interface SealedCredentials {
  readonly secret: string;
  readonly expiresAt: number | null;
  readonly refreshable: boolean;
  /** Names the credentials without telling them: two of one name are the same. */
  readonly digest: string;
}

/** A finite number; null for anything else. */
export function numberIn(row: PostgresRow, column: string): number | null {
  const value = row[column];
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}

/** The reference that a row holds; without a revision where its secrets were removed. */
export function referenceOf(row: PostgresRow): CredentialRef {
  if (row.present !== true) return NO_CREDENTIAL;
  return { revision: numberIn(row, 'revision'), expiresAt: numberIn(row, 'expires_at'), refreshable: row.refreshable === true };
}

/** The references that rows hold; removed accounts have none. */
export function referencesOf(rows: readonly PostgresRow[]): ReadonlyMap<string, CredentialRef> {
  return new Map(rows.filter(({ present }) => present === true).map((row) => [String(row.account_id), referenceOf(row)]));
}

/** Why a row says that its token is dead. */
export function condemnCodeOf(value: unknown): CondemnCode {
  return value === 'lost_rotation' ? 'lost_rotation' : 'revoked';
}

/** Credentials of an account made ready to be stored. */
export async function sealCredentials(
  accountId: string,
  { credentials, expiresAt }: NextCredentials,
  codec: SecretCodec,
): Promise<SealedCredentials> {
  const text = JSON.stringify(credentials);
  return {
    secret: await codec.seal(text, credentialsOf(accountId)),
    expiresAt: expiresAt === null ? null : clampInstant(expiresAt),
    refreshable: isRefreshable(credentials),
    digest: await hexDigest('SHA-256', text),
  };
}

/** What `JSON.parse` gave is JSON. */
function isCredentials(value: unknown): value is Credentials {
  return isObject(value);
}

/** The credentials that a row holds. Rejects where they are no JSON object, with an error that says whose and not what; what the codec throws goes through. */
export async function openRow(accountId: string, row: PostgresRow, codec: SecretCodec): Promise<StoredCredentials> {
  const credentials = parseJson(await codec.open(String(row.secret), credentialsOf(accountId)));
  if (!isCredentials(credentials)) throw new Error(`the stored credentials of account ${JSON.stringify(accountId)} are malformed`);
  return { revision: numberIn(row, 'revision') ?? 0, credentials, expiresAt: numberIn(row, 'expires_at') };
}
