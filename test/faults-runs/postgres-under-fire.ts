/** PostgreSQL for the workload: a server of its own, a connection pool a writer. */
import { Pool } from 'pg';
import { createPostgresCredentialRepository, createPostgresHealthRepository, migratePostgres } from '../../src/adapters/postgres.js';
import { startOwnPostgres } from '../support/postgres-server.js';
import type { Control, StoreUnderFire, Writer } from './store-workload.js';

function openPool(connectionString: string, max = 2): Pool {
  const pool = new Pool({ connectionString, max });
  // A connection that a kill broke while it was idle is replaced.
  pool.on('error', () => undefined);
  return pool;
}

/** One document in one column, read and written whole: what this library exists to replace. */
async function createControl(pool: Pool): Promise<Control> {
  await pool.query(`create table control (id int primary key, document jsonb not null)`);
  await pool.query(`insert into control values (1, '{}')`);
  const read = async (): Promise<Record<string, number>> => {
    const { rows } = await pool.query<{ document: Record<string, number> }>('select document from control where id = 1');
    return rows[0]?.document ?? {};
  };
  return {
    async begin(writer) {
      const { [`writer ${writer}`]: count = 0, ...others } = await read();
      const document = JSON.stringify({ ...others, [`writer ${writer}`]: count + 1 });
      return async () => {
        await pool.query('update control set document = $1 where id = 1', [document]);
      };
    },
    async total() {
      return Object.values(await read()).reduce((sum, count) => sum + count, 0);
    },
  };
}

/** Starts a PostgreSQL with the library's tables. `stop` ends it. */
export async function startPostgresUnderFire(writers: number): Promise<StoreUnderFire & { readonly stop: () => Promise<void> }> {
  const server = await startOwnPostgres();
  const controlPool = openPool(server.url, writers);
  await migratePostgres(controlPool);
  return {
    async connect(): Promise<Writer> {
      const pool = openPool(server.url);
      return {
        health: createPostgresHealthRepository(pool),
        credentials: createPostgresCredentialRepository(pool),
        close: () => pool.end(),
      };
    },
    control: await createControl(controlPool),
    kill9: server.kill9,
    restart: server.restart,
    async stop() {
      await controlPool.end();
      await server.stop();
    },
  };
}
