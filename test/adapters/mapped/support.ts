/** An accounts table as gateways of this family have it, and a mapped repository over it. */
import type { Pool } from 'pg';
import { createMappedRepository } from '../../../src/adapters/postgres/create-mapped-repository.js';
import { addCellsColumn } from '../../../src/adapters/postgres/mapped/add-cells-column.js';
import type { MappedTable } from '../../../src/adapters/postgres/mapped/mapping.js';
import type { HealthRepository } from '../../../src/shell/ports.js';
import { connectPostgres, type PostgresConnection } from '../../support/postgres-server.js';

/** Everything that can be mapped. */
export const MAPPING: MappedTable = {
  table: 'accounts',
  id: 'id',
  cells: {
    rateLimit: { until: 'rate_limit_reset_at', since: 'rate_limited_at' },
    overload: { until: 'overload_until' },
    temporary: { until: 'temp_unschedulable_until', detail: 'temp_unschedulable_reason' },
    modelRateLimits: { column: 'extra', key: 'model_rate_limits' },
    sessionWindow: { start: 'session_window_start', end: 'session_window_end', status: 'session_window_status' },
    errors: { status: { column: 'status' }, message: 'error_message', schedulable: 'schedulable' },
  },
};

/** The owner's table before there is a column of ours. */
export const TABLE = `create table accounts (
  id text primary key,
  name text not null default '',
  status varchar(20) not null default 'active',
  schedulable boolean not null default true,
  error_message text,
  rate_limited_at timestamptz,
  rate_limit_reset_at timestamptz,
  overload_until timestamptz,
  temp_unschedulable_until timestamptz,
  temp_unschedulable_reason text,
  session_window_start timestamptz,
  session_window_end timestamptz,
  session_window_status varchar(20),
  credentials jsonb not null default '{}',
  extra jsonb
)`;

/** A table of its own on the server, for one file of tests. */
export interface MappedDatabase {
  readonly pool: Pool;
  readonly schema: string;
  readonly repository: HealthRepository;
  /** Makes a row, with these columns. Its id. */
  readonly addRow: (columns?: Readonly<Record<string, unknown>>) => Promise<string>;
  /** The columns of a row; instants as epoch milliseconds with decimals. */
  readonly rowOf: (id: string) => Promise<Readonly<Record<string, unknown>>>;
  /** What another program does: one statement on the row. */
  readonly foreign: (id: string, set: string, parameters?: readonly unknown[]) => Promise<void>;
  readonly close: PostgresConnection['close'];
}

/** The table, empty, and a repository over all that can be mapped. */
export async function openMapped(): Promise<MappedDatabase> {
  const { pool, schema, close } = await connectPostgres();
  await pool.query(TABLE);
  await addCellsColumn(pool, MAPPING);
  return {
    pool,
    schema,
    repository: createMappedRepository(pool, MAPPING),
    async addRow(columns = {}) {
      const id = `account-${crypto.randomUUID()}`;
      const names = ['id', ...Object.keys(columns)];
      const places = names.map((_, at) => `$${at + 1}`);
      await pool.query(`insert into accounts (${names.join(', ')}) values (${places.join(', ')})`, [id, ...Object.values(columns)]);
      return id;
    },
    async rowOf(id) {
      const { rows } = await pool.query(
        `select a.*, ${['rate_limit_reset_at', 'overload_until', 'temp_unschedulable_until', 'session_window_start', 'session_window_end']
          .map((name) => `(extract(epoch from ${name}) * 1000)::float8 as ${name}`)
          .join(', ')} from accounts a where id = $1`,
        [id],
      );
      return rows[0];
    },
    async foreign(id, set, parameters = []) {
      await pool.query(`update accounts set ${set} where id = $1`, [id, ...parameters]);
    },
    close,
  };
}
