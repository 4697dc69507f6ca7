/** Reading what changed. */
import type { RedisClient } from './client.js';
import type { RedisKeys } from './keys.js';
import { CLOCK } from './lua.js';
import { defineScript, type RedisScript, textsOf } from './script.js';

/** Something that changed, and when, in microseconds of the server's clock as 16 digits. */
export interface Change {
  readonly what: string;
  readonly at: string;
}

/** What can change of an account. */
export type ChangedPart = 'health' | 'credential';

const LETTERS: Readonly<Record<ChangedPart, string>> = { health: 'h', credential: 'c' };

/** The name of a change, as it stands in messages and in the list of changes. */
export function nameOfChange(part: ChangedPart, accountId: string): string {
  return `${LETTERS[part]}${accountId}`;
}

/** The accounts among some changes of which this part changed. */
export function accountsIn(changes: readonly string[], part: ChangedPart): readonly string[] {
  return changes.filter((what) => what.startsWith(LETTERS[part])).map((what) => what.slice(1));
}

/** The change that a message tells of; null: it is none. */
export function changeIn(message: string): Change | null {
  const blank = message.indexOf(' ');
  return blank === -1 ? null : { at: message.slice(0, blank), what: message.slice(blank + 1) };
}

/** KEYS: changes. ARGV: since when. Gives the instant of the server's clock, then what changed and when, in turn. */
const SINCE: RedisScript = defineScript(`${CLOCK}
local found = redis.call('ZRANGEBYSCORE', KEYS[1], ARGV[1], '+inf', 'WITHSCORES')
table.insert(found, 1, clock())
return found
`);

/** KEYS: changes. Gives all that ever changed. */
const NAMES: RedisScript = defineScript(`return redis.call('ZRANGE', KEYS[1], 0, -1)`);

/** KEYS: changes, for the node. Gives the instant of the server's clock. */
const NOW: RedisScript = defineScript(`${CLOCK} return { clock() }`);

/** Reads the list of changes of one partition. */
export interface ChangeReader {
  /** What changed at or after an instant, oldest first, of each only the last change; and the instant of the server's clock at which that was so. */
  since(partition: string, at: string): Promise<{ readonly clock: string; readonly found: readonly Change[] }>;
  /** The accounts of which health was ever written. */
  accounts(partition: string): Promise<readonly string[]>;
  /** The instant of the server's clock. */
  clock(partition: string): Promise<string>;
}

/** A reader of the changes under a prefix. */
export function changeReader(client: RedisClient, keys: RedisKeys): ChangeReader {
  return {
    async since(partition, at) {
      const [clock = '', ...found] = textsOf(await SINCE(client, [keys.changes(partition)], [at]));
      const changes = Array.from({ length: found.length / 2 }, (_, index) => ({
        what: found[index * 2] ?? '',
        at: found[index * 2 + 1] ?? '',
      }));
      return { clock, found: changes };
    },
    async accounts(partition) {
      return accountsIn(textsOf(await NAMES(client, [keys.changes(partition)], [])), 'health');
    },
    async clock(partition) {
      return textsOf(await NOW(client, [keys.changes(partition)], []))[0] ?? '';
    },
  };
}
