/** Settings in Redis: one hash. */
import type { SettingsRepository } from '../../shell/ports.js';
import type { RedisClient } from './client.js';
import { type RedisOptions, redisKeys } from './keys.js';
import { defineScript, type RedisScript, textsOf } from './script.js';

/** ARGV: key. Gives the value; nothing where there is none. */
const GET: RedisScript = defineScript(`return { redis.call('HGET', KEYS[1], ARGV[1]) or nil }`);

/** ARGV: key, value. */
const SET: RedisScript = defineScript(`
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
return {}
`);

/**
 * Makes a settings repository in Redis.
 *
 * @example const settings = await loadSettings(createRedisSettings(fromIoredis(redis)), fallback);
 */
export function createRedisSettings(client: RedisClient, options: RedisOptions = {}): SettingsRepository {
  const { settings } = redisKeys(options);
  return {
    async get(key) {
      return textsOf(await GET(client, [settings], [key]))[0] ?? null;
    },
    async set(key, value) {
      await SET(client, [settings], [key, value]);
    },
  };
}
