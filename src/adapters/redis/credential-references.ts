/** Facts about credentials, without the secrets. */
import type { CredentialRef } from '../../core/account.js';
import type { RedisClient } from './client.js';
import { REFERENCES } from './credential-scripts.js';
import { instantOf } from './credential-text.js';
import { groupsOf, type RedisKeys } from './keys.js';
import { textListsOf } from './script.js';

/** Revision, end and whether a refresh token is there, of those accounts that have credentials. A script for every 250 accounts. */
export async function readReferences(
  client: RedisClient,
  keys: RedisKeys,
  accountIds: readonly string[],
): Promise<ReadonlyMap<string, CredentialRef>> {
  const groups = groupsOf(accountIds);
  const replies = await Promise.all(groups.map((ids) => REFERENCES(client, ids.map(keys.credential), [])));
  const references = groups.flatMap((ids, group) => {
    const rows = textListsOf(replies[group]);
    return ids.flatMap((id, at): (readonly [string, CredentialRef])[] => {
      const [revision, expires = '', refreshable] = rows[at] ?? [];
      return revision === undefined
        ? []
        : [[id, { revision: Number(revision), expiresAt: instantOf(expires), refreshable: refreshable === '1' }]];
    });
  });
  return new Map(references);
}
