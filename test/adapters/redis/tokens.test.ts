import { describe, expect, it } from 'vitest';
import { redisKeys } from '../../../src/adapters/redis/keys.js';
import { createRedisSettings, createRedisTokenCache } from '../../../src/adapters/redis.js';
import { NOW } from '../../support/accounts.js';
import { describeRedis } from './support.js';

const newId = (): string => crypto.randomUUID();

await describeRedis('createRedisTokenCache', ({ connection, drivers }) => {
  const { prefix, client: raw } = connection;
  const keys = redisKeys({ prefix });

  describe.each(drivers)('$name', ({ client }) => {
    const cache = createRedisTokenCache(client, { prefix });
    const token = (credentialRevision: number, text = 't', until: number | null = NOW + 10) => ({ token: text, credentialRevision, until });

    it('gives back what was cached until its end', async () => {
      const id = newId();
      expect(await cache.get(id, NOW)).toBeNull();
      await cache.set(id, token(1, 'é "'));
      expect(await cache.get(id, NOW + 9)).toEqual(token(1, 'é "'));
      expect(await cache.get(id, NOW + 10)).toBeNull();
      await cache.set(id, token(1, 'x', null));
      expect(await cache.get(id, NOW + 10 ** 11)).toEqual(token(1, 'x', null));
    });

    it('a newer token is not replaced by an older one, and one of the same revision is', async () => {
      const id = newId();
      await cache.set(id, token(10, 'new'));
      await cache.set(id, token(9, 'old'));
      expect((await cache.get(id, NOW))?.token).toBe('new');
      await cache.set(id, token(10, 'again'));
      expect((await cache.get(id, NOW))?.token).toBe('again');
    });

    it.each([
      { title: 'the token of this revision goes', cached: 9, invalidated: 9, stays: false },
      { title: 'an older one goes', cached: 9, invalidated: 10, stays: false },
      { title: 'a newer one stays', cached: 10, invalidated: 9, stays: true },
      { title: 'without revisions it goes', cached: -1, invalidated: -1, stays: false },
    ])('$title', async ({ cached, invalidated, stays }) => {
      const [id, other] = [newId(), newId()];
      await cache.set(id, token(cached));
      await cache.set(other, token(cached));
      await cache.invalidate(id, invalidated);
      expect(await cache.get(id, NOW)).toEqual(stays ? token(cached) : null);
      expect(await cache.get(other, NOW)).toEqual(token(cached));
    });

    it('a refused token does not come back by a late set; the next revision does', async () => {
      const id = newId();
      await cache.invalidate(id, 9);
      await cache.invalidate(id, 8);
      await cache.set(id, token(9, 'late'));
      await cache.set(id, token(8, 'later'));
      expect(await cache.get(id, NOW)).toBeNull();
      await cache.set(id, token(10, 'next'));
      expect((await cache.get(id, NOW))?.token).toBe('next');
      await cache.invalidate(id, 9);
      expect((await cache.get(id, NOW))?.token).toBe('next');
    });

    it('without revisions a new token is taken after the old one was dropped', async () => {
      const id = newId();
      await cache.set(id, token(-1, 'old'));
      await cache.invalidate(id, -1);
      await cache.set(id, token(-1, 'new'));
      expect((await cache.get(id, NOW))?.token).toBe('new');
    });

    it('keys expire a day after their last write, which only tidies up', async () => {
      const id = newId();
      for (const write of [() => cache.set(id, token(1)), () => cache.invalidate(id, 1), () => cache.set(id, token(2, 't', NOW - 1))]) {
        await write();
        const ttl = await raw.pttl(keys.token(id));
        expect(ttl).toBeGreaterThan(86_000_000);
        expect(ttl).toBeLessThanOrEqual(86_400_000);
        await raw.pexpire(keys.token(id), 1_000);
      }
    });

    it('a codec seals the token; what cannot be opened is not cached', async () => {
      const id = newId();
      const codec = {
        seal: (text: string) => Buffer.from(text).toString('hex'),
        open(sealed: string) {
          if (sealed === 'broken') throw new Error('broken');
          return Buffer.from(sealed, 'hex').toString();
        },
      };
      const sealing = createRedisTokenCache(client, { prefix, codec });
      await sealing.set(id, token(1, 'secret'));
      expect(JSON.stringify(await raw.hgetall(keys.token(id)))).not.toContain('secret');
      expect(await sealing.get(id, NOW)).toEqual(token(1, 'secret'));
      await raw.hset(keys.token(id), 'token', 'broken');
      expect(await sealing.get(id, NOW)).toBeNull();
    });
  });
});

await describeRedis('createRedisSettings', ({ connection: { prefix }, drivers }) => {
  it.each(drivers)('$name: keeps text by key', async ({ name, client }) => {
    const settings = createRedisSettings(client, { prefix: `${prefix}${name}:` });
    expect(await settings.get('a')).toBeNull();
    await settings.set('a', '{"é":"\\u0000"}');
    await settings.set('__proto__', '');
    expect([await settings.get('a'), await settings.get('__proto__'), await settings.get('constructor')]).toEqual([
      '{"é":"\\u0000"}',
      '',
      null,
    ]);
    await settings.set('a', '2');
    expect(await settings.get('a')).toBe('2');
  });
});
