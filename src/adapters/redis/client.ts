/** What the adapter needs of a Redis driver: to run a script. No driver is a dependency; `fromIoredis` and `fromNodeRedis` make a client of theirs. */

/** Runs scripts. Replies are texts, numbers, null and lists of them. */
export interface RedisClient {
  /** Runs the script of this SHA-1. Rejects with a message that begins with `NOSCRIPT` where the server does not have it. */
  evalsha(sha1: string, keys: readonly string[], args: readonly string[]): Promise<unknown>;
  /** Runs a script, which the server then has. */
  eval(script: string, keys: readonly string[], args: readonly string[]): Promise<unknown>;
  /** A parameter of the server's configuration: its name and its value, as a list or as an object. Rejects where the server does not tell. */
  configGet(parameter: string): Promise<unknown>;
}

/** The part of an ioredis `Redis` or `Cluster` that is used. */
export interface IoredisLike {
  evalsha(sha1: string, numberOfKeys: number, ...keysAndArgs: string[]): Promise<unknown>;
  eval(script: string, numberOfKeys: number, ...keysAndArgs: string[]): Promise<unknown>;
  config(subcommand: 'GET', parameter: string): Promise<unknown>;
}

/** The keys and arguments of a script, as node-redis takes them. */
export interface NodeRedisScriptOptions {
  readonly keys: string[];
  readonly arguments: string[];
}

/** The part of a node-redis client, pool or cluster (version 5 or later) that is used. */
export interface NodeRedisLike {
  evalSha(sha1: string, options: NodeRedisScriptOptions): Promise<unknown>;
  eval(script: string, options: NodeRedisScriptOptions): Promise<unknown>;
  /** A cluster has none. */
  configGet?(parameter: string): Promise<unknown>;
}

/**
 * A client of an ioredis connection or cluster, which stays the host's: it makes it, listens to its errors and ends it.
 *
 * @example createRedisHealthRepository(fromIoredis(new Redis(process.env.REDIS_URL)))
 */
export function fromIoredis(redis: IoredisLike): RedisClient {
  return {
    evalsha: (sha1, keys, args) => redis.evalsha(sha1, keys.length, ...keys, ...args),
    eval: (script, keys, args) => redis.eval(script, keys.length, ...keys, ...args),
    configGet: (parameter) => redis.config('GET', parameter),
  };
}

/**
 * A client of a connected node-redis client, pool or cluster, which stays the host's: it makes it, listens to its errors and ends it.
 *
 * @example createRedisHealthRepository(fromNodeRedis(await createClient({ url }).connect()))
 */
export function fromNodeRedis(redis: NodeRedisLike): RedisClient {
  const options = (keys: readonly string[], args: readonly string[]): NodeRedisScriptOptions => ({ keys: [...keys], arguments: [...args] });
  return {
    evalsha: (sha1, keys, args) => redis.evalSha(sha1, options(keys, args)),
    eval: (script, keys, args) => redis.eval(script, options(keys, args)),
    async configGet(parameter) {
      if (redis.configGet === undefined) throw new Error('this client cannot read the configuration');
      return redis.configGet(parameter);
    },
  };
}
