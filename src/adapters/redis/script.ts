/** Lua scripts: sent once, then named by their SHA-1. */
import { hexDigest } from '../../shell/hex-digest.js';
import type { RedisClient } from './client.js';

/** Runs one script. `keys` all lie in one slot of a cluster. */
export type RedisScript = (client: RedisClient, keys: readonly string[], args: readonly string[]) => Promise<unknown>;

/** The server refused before it ran anything, so that sending the whole script is no repetition. */
function isUnknownScript(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith('NOSCRIPT');
}

/** A script of this text. A server that does not know it, such as one that was restarted, is sent the text. */
export function defineScript(text: string): RedisScript {
  let sha1: Promise<string> | null = null;
  return async (client, keys, args) => {
    sha1 ??= hexDigest('SHA-1', text);
    try {
      return await client.evalsha(await sha1, keys, args);
    } catch (error) {
      if (!isUnknownScript(error)) throw error;
      return client.eval(text, keys, args);
    }
  };
}

/** A reply as a list of texts. Throws where it is something else: then this is not the server, or not the script, that it should be. */
export function textsOf(reply: unknown): readonly string[] {
  if (Array.isArray(reply) && reply.every((text): text is string => typeof text === 'string')) return reply;
  throw new Error('redis gave a reply that is no list of texts');
}

/** A reply as a list of lists of texts. Throws where it is something else. */
export function textListsOf(reply: unknown): readonly (readonly string[])[] {
  if (Array.isArray(reply)) return reply.map(textsOf);
  throw new Error('redis gave a reply that is no list');
}
