/** Whether a server keeps what it has acknowledged. */
import { isObject, own } from '../../core/json.js';
import type { RedisClient } from './client.js';

/**
 * What a server's configuration says. `durable`: what it acknowledged survives a crash of it. `not_durable`: it may forget, and why. `unknown`: the server does not tell, as managed ones do.
 */
export type RedisDurability =
  | { readonly kind: 'durable' }
  | { readonly kind: 'not_durable'; readonly problems: readonly string[] }
  | { readonly kind: 'unknown' };

interface Requirement {
  readonly parameter: string;
  readonly isMet: (value: string) => boolean;
  readonly problem: string;
}

const REQUIREMENTS: readonly Requirement[] = [
  {
    parameter: 'appendonly',
    isMet: (value) => value === 'yes',
    problem: 'appendonly is not "yes": a restart loses what was written since the last snapshot, or everything',
  },
  {
    parameter: 'appendfsync',
    isMet: (value) => value === 'always',
    problem: 'appendfsync is not "always": a crash loses writes that were acknowledged',
  },
  {
    parameter: 'no-appendfsync-on-rewrite',
    isMet: (value) => value === 'no',
    problem: 'no-appendfsync-on-rewrite is not "no": while the log is rewritten, nothing is forced to the disk',
  },
  {
    parameter: 'maxmemory-policy',
    isMet: (value) => !value.startsWith('allkeys-'),
    problem: 'maxmemory-policy drops keys that do not expire when memory is short',
  },
];

/** The value in a reply such as `['appendonly', 'yes']` or `{ appendonly: 'yes' }`; null where there is none. */
function valueIn(reply: unknown, parameter: string): string | null {
  const value = Array.isArray(reply) ? reply[1] : isObject(reply) ? own(reply, parameter) : undefined;
  return typeof value === 'string' ? value : null;
}

async function read(client: RedisClient, parameter: string): Promise<string | null> {
  try {
    return valueIn(await client.configGet(parameter), parameter);
  } catch {
    return null;
  }
}

/**
 * Reads the server's configuration and says whether credentials may be kept there. Never rejects: a server that cannot be asked is `unknown`. What it cannot see: replicas follow later, so that a fail-over to
 * one may forget even what a durable server acknowledged; and in a cluster only one node is asked.
 *
 * @example const durability = await redisDurability(client); if (durability.kind === 'not_durable') throw new Error(durability.problems.join('; '));
 */
export async function redisDurability(client: RedisClient): Promise<RedisDurability> {
  const values = await Promise.all(REQUIREMENTS.map(({ parameter }) => read(client, parameter)));
  const problems = REQUIREMENTS.flatMap(({ isMet, problem }, at) => {
    const value = values[at] ?? null;
    return value === null || isMet(value) ? [] : [problem];
  });
  if (problems.length > 0) return { kind: 'not_durable', problems };
  return { kind: values.includes(null) ? 'unknown' : 'durable' };
}
