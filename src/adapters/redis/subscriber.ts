/** What the adapter needs of a Redis driver to hear messages: a connection of its own, since a connection that listens runs nothing else. */

/** Who hears messages. */
export interface MessageListener {
  /** Called with each message. Must not throw. */
  message(text: string): void;
  /** Called each time that the subscription stands again: messages may have been missed. Must not throw. */
  restored(): void;
}

/** Hears the messages of a channel. */
export interface RedisSubscriber {
  /** Resolves when the subscription stands, with the function that ends it. */
  subscribe(channel: string, listener: MessageListener): Promise<() => Promise<void>>;
}

/** The part of an ioredis `Redis` that hears messages. */
export interface IoredisSubscriberLike {
  subscribe(channel: string): Promise<unknown>;
  unsubscribe(channel: string): Promise<unknown>;
  on(event: 'message', listener: (channel: string, text: string) => void): unknown;
  on(event: 'ready', listener: () => void): unknown;
  off(event: 'message' | 'ready', listener: (channel: string, text: string) => void): unknown;
}

/** The part of a node-redis client (version 5 or later) that hears messages. */
export interface NodeRedisSubscriberLike {
  subscribe(channel: string, listener: (text: string) => void): Promise<unknown>;
  unsubscribe(channel: string, listener: (text: string) => void): Promise<unknown>;
  on(event: 'ready', listener: () => void): unknown;
  off(event: 'ready', listener: () => void): unknown;
}

/**
 * A subscriber of an ioredis connection that nothing else uses.
 *
 * @example createRedisHealthRepository(fromIoredis(redis), { subscriber: ioredisSubscriber(redis.duplicate()) })
 */
export function ioredisSubscriber(redis: IoredisSubscriberLike): RedisSubscriber {
  return {
    async subscribe(channel, listener) {
      const onMessage = (from: string, text: string): void => {
        if (from === channel) listener.message(text);
      };
      // The driver says `ready` before the server has taken the subscription again; asking once more waits until it has. A refusal means another loss, and another `ready`.
      const onReady = (): void => {
        redis.subscribe(channel).then(
          () => listener.restored(),
          () => undefined,
        );
      };
      redis.on('message', onMessage);
      await redis.subscribe(channel).catch((error: unknown) => {
        redis.off('message', onMessage);
        throw error;
      });
      redis.on('ready', onReady);
      return async () => {
        redis.off('message', onMessage);
        redis.off('ready', onReady);
        await redis.unsubscribe(channel);
      };
    },
  };
}

/**
 * A subscriber of a connected node-redis client that nothing else uses.
 *
 * @example createRedisHealthRepository(fromNodeRedis(client), { subscriber: nodeRedisSubscriber(await client.duplicate().connect()) })
 */
export function nodeRedisSubscriber(redis: NodeRedisSubscriberLike): RedisSubscriber {
  return {
    async subscribe(channel, listener) {
      const onMessage = (text: string): void => listener.message(text);
      // The driver subscribes again before it says `ready`.
      const onReady = (): void => listener.restored();
      await redis.subscribe(channel, onMessage);
      redis.on('ready', onReady);
      return async () => {
        redis.off('ready', onReady);
        await redis.unsubscribe(channel, onMessage);
      };
    },
  };
}
