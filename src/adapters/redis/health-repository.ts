/** Health in Redis: one hash for each account, one script for each patch. */
import { compactHealth } from '../../core/compact-health.js';
import { MAX_STRIKES } from '../../core/health.js';
import type { EpochMs } from '../../core/time.js';
import type { HealthChange, HealthRepository } from '../../shell/ports.js';
import { createChangeFeed } from './change-feed.js';
import { type ChangeReader, changeReader, nameOfChange } from './change-list.js';
import type { RedisClient } from './client.js';
import { readReferences } from './credential-references.js';
import type { FollowOptions } from './follow-changes.js';
import { type Field, fieldsOf, fieldsWithout, readFields, type StoredHealth } from './health-fields.js';
import { FORGET, LOAD, PATCH } from './health-scripts.js';
import { groupsOf, PARTITIONS, type RedisKeys, type RedisOptions, redisKeys } from './keys.js';
import { textListsOf, textsOf } from './script.js';
import type { RedisSubscriber } from './subscriber.js';

/** What may be given to `createRedisHealthRepository`. */
export interface RedisHealthOptions extends RedisOptions {
  /** Hears of changes at once. Without it, `subscribe` tells of them with the interval. */
  readonly subscriber?: RedisSubscriber;
  /** How long a change of which the message was lost may stay unknown to those who subscribed. Default 30,000. */
  readonly sweepIntervalMs?: number;
}

/** A health repository in Redis, and what goes beyond the port. */
export interface RedisHealthRepository extends HealthRepository {
  /** Also tells of credentials, where those are kept under the same prefix of the same server. */
  subscribe(listener: (change: HealthChange) => void): Promise<() => Promise<void>>;
  /** Drops what `compactHealth` drops at this instant, of every account; what is written meanwhile stays. Nothing else forgets a cell, and no key ever expires. */
  compact(now: EpochMs): Promise<void>;
}

async function loadFields(
  client: RedisClient,
  keys: RedisKeys,
  accountIds: readonly string[],
): Promise<readonly (readonly [string, StoredHealth])[]> {
  const groups = groupsOf(accountIds);
  const replies = await Promise.all(groups.map((ids) => LOAD(client, ids.map(keys.health), [])));
  return groups.flatMap((ids, group) => {
    const healths = textListsOf(replies[group]);
    return ids.flatMap((id, at): (readonly [string, StoredHealth])[] => {
      const reply = healths[at] ?? [];
      return reply.length === 0 ? [] : [[id, readFields(reply)]];
    });
  });
}

function followOptions(keys: RedisKeys, changes: ChangeReader, options: RedisHealthOptions): Omit<FollowOptions, 'deliver'> {
  const { subscriber = null, sweepIntervalMs = 30_000 } = options;
  return { channel: keys.channel, changes, subscriber, sweepIntervalMs };
}

/**
 * Makes a health repository in Redis 7 or what speaks its protocol. A patch is one script over one hash; in a cluster the accounts spread over sixteen slots. What a fail-over or
 * a restart loses is learnt again from the upstreams' next answers.
 *
 * @example const health = createRedisHealthRepository(fromIoredis(redis), { subscriber: ioredisSubscriber(redis.duplicate()) });
 */
export function createRedisHealthRepository(client: RedisClient, options: RedisHealthOptions = {}): RedisHealthRepository {
  const keys = redisKeys(options);
  const changes = changeReader(client, keys);

  const load: HealthRepository['load'] = async (accountIds) =>
    new Map((await loadFields(client, keys, accountIds)).map(([id, { health }]) => [id, health]));

  async function forget(accountId: string, fields: readonly Field[]): Promise<void> {
    if (fields.length > 0) await FORGET(client, [keys.health(accountId)], fields.flat());
  }

  return {
    load,
    async patch(accountId, writes) {
      const given = [keys.channel, nameOfChange('health', accountId), ...fieldsOf(writes).flat()];
      const reply = await PATCH(client, [keys.health(accountId), keys.changesOf(accountId)], given);
      const { health, fields } = readFields(textsOf(reply));
      const spare = writes.some(({ cell }) => cell === 'strikes') ? fieldsWithout(health, fields) : [];
      // The write is made; evidence that stays a little longer is no reason to say that it failed.
      if (spare.length > MAX_STRIKES) await forget(accountId, spare).catch(() => undefined);
      return health;
    },
    subscribe: createChangeFeed({ ...followOptions(keys, changes, options), load, references: (ids) => readReferences(client, keys, ids) }),
    async compact(now) {
      for (const partition of PARTITIONS) {
        const stored = await loadFields(client, keys, await changes.accounts(partition));
        for (const [id, { health, fields }] of stored) await forget(id, fieldsWithout(compactHealth(health, now), fields));
      }
    },
  };
}
