/** Access tokens in Redis, where all processes share them. */
import type { EpochMs } from '../../core/time.js';
import type { AccessTokenCache, CachedAccessToken, SecretCodec } from '../../refresh/ports.js';
import { accessTokenOf, PLAIN_CODEC } from '../../refresh/secret-codec.js';
import type { RedisClient } from './client.js';
import { instantOf } from './credential-text.js';
import { type RedisOptions, redisKeys } from './keys.js';
import { defineScript, type RedisScript, textsOf } from './script.js';

/** What may be given to `createRedisTokenCache`. */
export interface RedisTokenCacheOptions extends RedisOptions {
  /** Encrypts at rest. Without it, tokens are stored as they are. */
  readonly codec?: SecretCodec;
}

/** A token cache in Redis. */
export interface RedisTokenCache extends AccessTokenCache {
  get(accountId: string, now: EpochMs): Promise<CachedAccessToken | null>;
  set(accountId: string, cached: CachedAccessToken): Promise<void>;
}

/** How long a key stays after it was last written: longer than an access token lives, and than a process can be late with its `set`. */
const KEPT_MS = 86_400_000;

/** Gives revision, end and token; nothing where there is none. */
const GET: RedisScript = defineScript(`
local row = redis.call('HMGET', KEYS[1], 'revision', 'until', 'token')
if not row[3] then return {} end
return row
`);

/** ARGV: revision, end, token, milliseconds. */
const SET: RedisScript = defineScript(`
local row = redis.call('HMGET', KEYS[1], 'revision', 'refused')
local revision = tonumber(ARGV[1])
if row[1] and tonumber(row[1]) > revision then return {} end
if row[2] and tonumber(row[2]) >= revision then return {} end
redis.call('HSET', KEYS[1], 'revision', ARGV[1], 'until', ARGV[2], 'token', ARGV[3])
redis.call('PEXPIRE', KEYS[1], ARGV[4])
return {}
`);

/** ARGV: revision, milliseconds. */
const INVALIDATE: RedisScript = defineScript(`
local row = redis.call('HMGET', KEYS[1], 'revision', 'refused')
local revision = tonumber(ARGV[1])
if row[1] and tonumber(row[1]) <= revision then redis.call('HDEL', KEYS[1], 'revision', 'until', 'token') end
if revision >= 0 and not (row[2] and tonumber(row[2]) >= revision) then redis.call('HSET', KEYS[1], 'refused', ARGV[1]) end
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return {}
`);

/**
 * Makes a token cache in Redis. `until` decides whether a token may be used; keys expire a day after their last write, which only tidies up.
 *
 * A revision that was invalidated stays refused for that day: a process that had read the token before the upstream refused it cannot bring it back by caching it late. Until the next revision is there,
 * requests get the token from the credential store. A gateway without revisions (-1) has no such protection, for nothing tells its old token from its new one.
 *
 * @example const tokens = createRedisTokenCache(fromIoredis(redis), { codec });
 */
export function createRedisTokenCache(client: RedisClient, options: RedisTokenCacheOptions = {}): RedisTokenCache {
  const keys = redisKeys(options);
  const { codec = PLAIN_CODEC } = options;

  async function open(accountId: string, sealed: string): Promise<string | null> {
    try {
      return await codec.open(sealed, accessTokenOf(accountId));
    } catch {
      // Sealed with another key, or for another account: as good as not cached.
      return null;
    }
  }

  return {
    async get(accountId, now) {
      const [revision, end = '', sealed = ''] = textsOf(await GET(client, [keys.token(accountId)], []));
      const until = instantOf(end);
      if (revision === undefined || (until !== null && until <= now)) return null;
      const token = await open(accountId, sealed);
      return token === null ? null : { token, credentialRevision: Number(revision), until };
    },
    async set(accountId, { token, credentialRevision, until }) {
      const sealed = await codec.seal(token, accessTokenOf(accountId));
      const args = [String(credentialRevision), until === null ? '' : String(until), sealed, String(KEPT_MS)];
      await SET(client, [keys.token(accountId)], args);
    },
    async invalidate(accountId, credentialRevision) {
      await INVALIDATE(client, [keys.token(accountId)], [String(credentialRevision), String(KEPT_MS)]);
    },
  };
}
