import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it, vi } from 'vitest';
import { fieldsOf } from '../../../src/adapters/redis/health-fields.js';
import { redisKeys } from '../../../src/adapters/redis/keys.js';
import {
  createRedisCredentialRepository,
  createRedisHealthRepository,
  type RedisHealthRepository,
  type RedisSubscriber,
} from '../../../src/adapters/redis.js';
import type { HealthPatch } from '../../../src/core/patch.js';
import type { HealthChange } from '../../../src/shell/ports.js';
import { hold, NOW } from '../../support/accounts.js';
import { describeRedis, killConnections } from './support.js';

const limit = (until: number): HealthPatch => [{ cell: 'rateLimit', value: hold(until) }];
const NEVER_MS = 3_600_000;

/** What a listener was told, by account: the end of the limit, the last news of all. */
function diary(): { readonly listener: (change: HealthChange) => void; readonly limits: Map<string, number | undefined>; count(): number } {
  const limits = new Map<string, number | undefined>();
  let count = 0;
  return {
    limits,
    count: () => count,
    listener({ accountId, health }) {
      count += 1;
      limits.set(accountId, health?.rateLimit?.until);
    },
  };
}

await describeRedis('subscribe', ({ connection, drivers }) => {
  let stages = 0;
  const newPrefix = (): string => {
    stages += 1;
    return `${connection.prefix}${stages}:`;
  };

  for (const { name, client, subscriber, subscriberName } of drivers) {
    const follower = (prefix: string, sweepIntervalMs = NEVER_MS): RedisHealthRepository =>
      createRedisHealthRepository(client, { prefix, subscriber, sweepIntervalMs });

    it(`${name}: tells of changes of other processes, once they are made, until one leaves`, async () => {
      const prefix = newPrefix();
      const { listener, limits, count } = diary();
      const writer = createRedisHealthRepository(client, { prefix });
      await writer.patch('before', limit(NOW));
      const leave = await follower(prefix).subscribe(listener);
      await writer.patch('a b', limit(NOW));
      await vi.waitFor(() => expect(limits.get('a b')).toBe(NOW));
      await writer.patch('a b', limit(NOW - 1));
      await writer.patch('é', limit(NOW + 1));
      await vi.waitFor(() => expect(limits.get('é')).toBe(NOW + 1));
      // A patch that changed nothing is no news, and neither is what was before.
      expect([count(), limits.has('before')]).toEqual([2, false]);
      await leave();
      await leave();
      await writer.patch('a b', limit(NOW + 9));
      await sleep(50);
      expect(count()).toBe(2);
      expect(await connection.client.pubsub('NUMSUB', redisKeys({ prefix }).channel)).toEqual([redisKeys({ prefix }).channel, 0]);
    });

    it(`${name}: misses nothing while its connection is away`, async () => {
      const prefix = newPrefix();
      const { listener, limits } = diary();
      const leave = await follower(prefix).subscribe(listener);
      const writer = createRedisHealthRepository(client, { prefix });
      let killed = 0;
      for (let round = 1; round <= 5; round += 1) {
        killed += await killConnections(connection, subscriberName);
        for (let at = 0; at < 20; at += 1) await writer.patch(`account-${at}`, limit(NOW + round));
        await vi.waitFor(
          () => {
            expect(limits.size).toBe(20);
            expect([...limits.values()].every((until) => until === NOW + round)).toBe(true);
          },
          { timeout: 5_000 },
        );
      }
      expect(killed).toBe(5);
      await leave();
    });

    it(`${name}: tells of credentials too`, async () => {
      const prefix = newPrefix();
      const told: HealthChange[] = [];
      const leave = await follower(prefix).subscribe((change) => told.push(change));
      const credentials = createRedisCredentialRepository(client, { prefix });
      await credentials.replace('a', { credentials: { refresh_token: 'one' }, expiresAt: NOW });
      await vi.waitFor(() => expect(told.at(-1)?.credential?.revision).toBe(0));
      await credentials.commit('a', 0, 'n', { credentials: { refresh_token: ' ' }, expiresAt: null });
      await vi.waitFor(() => expect(told.at(-1)?.credential?.revision).toBe(1));
      expect(told).toEqual([
        { accountId: 'a', credential: { revision: 0, expiresAt: NOW, refreshable: true } },
        { accountId: 'a', credential: { revision: 1, expiresAt: null, refreshable: false } },
      ]);
      // Of an account that is not there, or not any more, nothing changes.
      for (const id of ['a', 'a', 'nobody']) await credentials.remove(id);
      await credentials.replace('b', { credentials: {}, expiresAt: null });
      await vi.waitFor(() => expect(told.at(-1)?.accountId).toBe('b'));
      expect(told.slice(2, -1)).toEqual([{ accountId: 'a', credential: { revision: null, expiresAt: null, refreshable: false } }]);
      await leave();
    });

    it(`${name}: a listener that throws disturbs nobody, and who subscribes twice leaves once at a time (fault F96)`, async () => {
      const prefix = newPrefix();
      const repository = follower(prefix);
      const listener = vi.fn();
      const leaveBad = await repository.subscribe(() => {
        throw new Error('listener');
      });
      const leave = await repository.subscribe(listener);
      const leaveToo = await repository.subscribe(listener);
      await repository.patch('a', limit(NOW));
      await vi.waitFor(() => expect(listener).toHaveBeenCalledTimes(2));
      await leave();
      await repository.patch('a', limit(NOW + 1));
      await vi.waitFor(() => expect(listener).toHaveBeenCalledTimes(3));
      await leaveBad();
      // Who comes while the last one leaves is told all the same.
      const { listener: again, limits } = diary();
      const [leaveAgain] = await Promise.all([repository.subscribe(again), leaveToo()]);
      await repository.patch('a', limit(NOW + 2));
      await vi.waitFor(() => expect(limits.get('a')).toBe(NOW + 2));
      await leaveAgain();
    });
  }

  const { client, subscriber } = drivers[0] ?? expect.fail();

  it('a message that was lost is made up for at the next interval', async () => {
    const prefix = newPrefix();
    const deaf: RedisSubscriber = { subscribe: async () => async () => undefined };
    const { listener, limits, count } = diary();
    const leave = await createRedisHealthRepository(client, { prefix, subscriber: deaf, sweepIntervalMs: 20 }).subscribe(listener);
    const writer = createRedisHealthRepository(client, { prefix });
    for (let at = 0; at < 40; at += 1) await writer.patch(`account-${at}`, limit(NOW + at));
    await vi.waitFor(() => expect(limits.size).toBe(40));
    const before = count();
    await sleep(100);
    // The list is read again and again, with an overlap, but what was told is not told again.
    expect(count()).toBe(before);
    await leave();
  });

  it('without a subscriber the interval tells', async () => {
    const prefix = newPrefix();
    const { listener, limits } = diary();
    const repository = createRedisHealthRepository(client, { prefix, sweepIntervalMs: 20 });
    const leave = await repository.subscribe(listener);
    await repository.patch('a', limit(NOW));
    await vi.waitFor(() => expect(limits.get('a')).toBe(NOW));
    await leave();
  });

  it('what could not be read is told later', async () => {
    const prefix = newPrefix();
    let isDown = false;
    const failing = {
      ...client,
      evalsha: (...call: Parameters<typeof client.evalsha>) => (isDown ? Promise.reject(new Error('down')) : client.evalsha(...call)),
    };
    const { listener, limits } = diary();
    const leave = await createRedisHealthRepository(failing, { prefix, subscriber, sweepIntervalMs: 50 }).subscribe(listener);
    isDown = true;
    await createRedisHealthRepository(client, { prefix }).patch('a', limit(NOW));
    await sleep(120);
    expect(limits.size).toBe(0);
    isDown = false;
    await vi.waitFor(() => expect(limits.get('a')).toBe(NOW), { timeout: 3_000 });
    await leave();
  });

  it('a clock that was set back loses no news', async () => {
    const prefix = newPrefix();
    const keys = redisKeys({ prefix });
    const { listener, limits } = diary();
    const repository = createRedisHealthRepository(client, { prefix, sweepIntervalMs: 20 });
    const leave = await repository.subscribe(listener);
    await repository.patch('a', limit(NOW));
    await vi.waitFor(() => expect(limits.get('a')).toBe(NOW));
    const seenAt = Number(await connection.client.zscore(keys.changesOf('a'), 'ha'));
    // What a script leaves that runs under a clock which is ten seconds behind the last one.
    const [[field = '', text = ''] = []] = fieldsOf(limit(NOW + 1));
    await connection.client.hset(keys.health('a'), field, text);
    await connection.client.zadd(keys.changesOf('a'), seenAt - 10_000_000, 'ha');
    await vi.waitFor(() => expect(limits.get('a')).toBe(NOW + 1));
    await leave();
  });

  it('an interruption during a sweep is followed by another sweep', async () => {
    const prefix = newPrefix();
    let restored = (): void => undefined;
    const deaf: RedisSubscriber = {
      async subscribe(_, listener) {
        restored = () => listener.restored();
        return async () => undefined;
      },
    };
    const held: (() => void)[] = [];
    let isHolding = false;
    const slow = {
      ...client,
      async evalsha(...call: Parameters<typeof client.evalsha>) {
        const reply = await client.evalsha(...call);
        if (isHolding) await new Promise<void>((release) => held.push(release));
        return reply;
      },
    };
    const { listener, limits } = diary();
    const leave = await createRedisHealthRepository(slow, { prefix, subscriber: deaf, sweepIntervalMs: NEVER_MS }).subscribe(listener);
    isHolding = true;
    await vi.waitFor(() => expect(held.length).toBe(16));
    // The sweep has read the list, and its answer is on the way.
    await createRedisHealthRepository(client, { prefix }).patch('a', limit(NOW));
    isHolding = false;
    restored();
    for (const release of held) release();
    await vi.waitFor(() => expect(limits.get('a')).toBe(NOW));
    await leave();
  });

  it('rejects where the subscription cannot be had, and can be asked again', async () => {
    const prefix = newPrefix();
    let refusals = 1;
    const refusing: RedisSubscriber = {
      subscribe(channel, listener) {
        refusals -= 1;
        return refusals >= 0 ? Promise.reject(new Error('refused')) : subscriber.subscribe(channel, listener);
      },
    };
    const repository = createRedisHealthRepository(client, { prefix, subscriber: refusing });
    await expect(repository.subscribe(() => undefined)).rejects.toThrow('refused');
    const { listener, limits } = diary();
    const leave = await repository.subscribe(listener);
    await repository.patch('a', limit(NOW));
    await vi.waitFor(() => expect(limits.get('a')).toBe(NOW));
    await leave();
  });
});
