/** The names of keys. */
import { digest } from '../../core/digest.js';

/** Where the keys of a deployment are. */
export interface RedisOptions {
  /** What every key and channel begins with. Default `poolwarden:`. Set it here and not in the driver, which would leave the channel out. */
  readonly prefix?: string;
}

/** The names that one prefix gives. */
export interface RedisKeys {
  readonly health: (accountId: string) => string;
  readonly credential: (accountId: string) => string;
  readonly alternates: (accountId: string) => string;
  readonly token: (accountId: string) => string;
  readonly settings: string;
  /** Of one partition: what changed, by the instant of its last change. */
  readonly changes: (partition: string) => string;
  /** That of the account's partition. */
  readonly changesOf: (accountId: string) => string;
  readonly channel: string;
}

/**
 * Every account belongs to one of these sixteen, and all keys of a partition carry it as their hash tag: in a cluster they lie in one slot, so that one script can write an account and note its
 * change, and read many accounts at once; and the partitions spread over the nodes. The number is fixed, for two processes that counted differently would not find each other's accounts.
 */
export const PARTITIONS: readonly string[] = [...'0123456789abcdef'];

/** The partition of an account. */
export function partitionOf(accountId: string): string {
  return digest([accountId]).slice(-1);
}

/** The names of keys under a prefix. */
export function redisKeys({ prefix = 'poolwarden:' }: RedisOptions): RedisKeys {
  const changes = (partition: string): string => `${prefix}{${partition}}:changes`;
  const ofAccount = (kind: string) => (accountId: string) => `${prefix}{${partitionOf(accountId)}}:${kind}:${accountId}`;
  return {
    health: ofAccount('health'),
    credential: ofAccount('credential'),
    alternates: ofAccount('alternates'),
    token: ofAccount('token'),
    settings: `${prefix}settings`,
    changes,
    changesOf: (accountId) => changes(partitionOf(accountId)),
    channel: `${prefix}changes`,
  };
}

/** Account ids in groups that one script can read: of one partition each, and small enough not to keep the server busy. Each id once. */
export function groupsOf(accountIds: readonly string[], size: number = 250): readonly (readonly string[])[] {
  const byPartition = new Map<string, string[]>(PARTITIONS.map((partition) => [partition, []]));
  for (const accountId of new Set(accountIds)) byPartition.get(partitionOf(accountId))?.push(accountId);
  return [...byPartition.values()].flatMap((ids) =>
    Array.from({ length: Math.ceil(ids.length / size) }, (_, at) => ids.slice(at * size, (at + 1) * size)),
  );
}
