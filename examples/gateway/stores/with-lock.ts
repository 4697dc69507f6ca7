/** Work that only one of all processes may do at a time. */
import type { Client } from 'pg';

/** Runs `work` while no other process of the same database runs any. Rejects as `work` does, and where the database does not answer. */
export type Exclusive = <T>(work: () => Promise<T>) => Promise<T>;

const LOCK = 5_820_114_907;

/** Makes it: the lock belongs to a connection of its own, so that it ends with the process whatever happens. */
export function withLock(connect: () => Promise<Client>): Exclusive {
  return async (work) => {
    const client = await connect();
    try {
      await client.query(`select pg_advisory_lock(${LOCK})`);
      return await work();
    } finally {
      await client.end().catch(() => undefined);
    }
  };
}
