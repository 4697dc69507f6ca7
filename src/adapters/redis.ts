/** `poolwarden/redis`: repositories that many gateways share, on ioredis or node-redis. */
export {
  fromIoredis,
  fromNodeRedis,
  type IoredisLike,
  type NodeRedisLike,
  type NodeRedisScriptOptions,
  type RedisClient,
} from './redis/client.js';
export { createRedisCredentialRepository, type RedisCredentialOptions } from './redis/credential-repository.js';
export { type RedisDurability, redisDurability } from './redis/durability.js';
export { createRedisHealthRepository, type RedisHealthOptions, type RedisHealthRepository } from './redis/health-repository.js';
export type { RedisOptions } from './redis/keys.js';
export { createRedisSettings } from './redis/settings.js';
export {
  type IoredisSubscriberLike,
  ioredisSubscriber,
  type MessageListener,
  type NodeRedisSubscriberLike,
  nodeRedisSubscriber,
  type RedisSubscriber,
} from './redis/subscriber.js';
export { createRedisTokenCache, type RedisTokenCache, type RedisTokenCacheOptions } from './redis/token-cache.js';
