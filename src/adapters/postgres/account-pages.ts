/** All accounts of a table, some at a time: a pool may have more than fit into memory at once. */
import type { PostgresClient, PostgresRow } from './client.js';

/** Accounts that are read with one statement. */
const PAGE = 500;

/** The rows of all accounts, page by page in the order of their ids; all rows of an account are on one page. `select` is the statement up to its `where`. */
export async function* accountPages(client: PostgresClient, table: string, select: string): AsyncGenerator<readonly PostgresRow[]> {
  const statement = `${select} from ${table}
where account_id in (select distinct account_id from ${table} where account_id > $1 order by account_id limit ${PAGE})
order by account_id`;
  let last: unknown = '';
  for (;;) {
    const { rows } = await client.query(statement, [last]);
    if (rows.length === 0) return;
    yield rows;
    last = rows.at(-1)?.account_id;
  }
}
