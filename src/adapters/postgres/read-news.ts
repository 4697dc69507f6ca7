/** What became of the accounts that notifications named. */
import type { HealthChange } from '../../shell/ports.js';
import { accountPages } from './account-pages.js';
import type { PostgresClient } from './client.js';
import { REFERENCE_COLUMNS, referenceOf } from './credential-rows.js';
import { CELL_COLUMNS, healthOf, rowsByAccount } from './health-cells.js';

/** Accounts that something is new of. */
export interface Due {
  /** Of all that are stored, since notifications were missed. */
  readonly everything: boolean;
  readonly health: ReadonlySet<string>;
  readonly credential: ReadonlySet<string>;
}

/** Where news are read. */
export interface NewsStore {
  readonly client: PostgresClient;
  /** What stands before the names of tables. */
  readonly at: string;
}

type Rows = Awaited<ReturnType<PostgresClient['query']>>['rows'];

function healthNews(rows: Rows): readonly HealthChange[] {
  return [...rowsByAccount(rows)].map(([accountId, cells]) => ({ accountId, health: healthOf(cells) }));
}

function credentialNews(rows: Rows): readonly HealthChange[] {
  return rows.map((row) => ({ accountId: String(row.account_id), credential: referenceOf(row) }));
}

/**
 * The news of these accounts, as they now are. After notifications were missed that is every account that is stored: what changed meanwhile is among them, also accounts that nobody here
 * knew. It needs no record of changes, which would cost each write something, and could not be trusted across a restored or promoted server.
 */
export async function* readNews({ client, at }: NewsStore, due: Due): AsyncGenerator<readonly HealthChange[]> {
  const [cells, credentials] = [`${at}poolwarden_health`, `${at}poolwarden_credentials`];
  const [selectCells, selectReferences] = [`select account_id, ${CELL_COLUMNS}`, `select ${REFERENCE_COLUMNS}`];
  if (due.everything) {
    for await (const rows of accountPages(client, cells, selectCells)) yield healthNews(rows);
    for await (const rows of accountPages(client, credentials, selectReferences)) yield credentialNews(rows);
    return;
  }
  const among = 'where account_id = any($1::text[])';
  if (due.health.size > 0) yield healthNews((await client.query(`${selectCells} from ${cells} ${among}`, [[...due.health]])).rows);
  if (due.credential.size === 0) return;
  yield credentialNews((await client.query(`${selectReferences} from ${credentials} ${among}`, [[...due.credential]])).rows);
}
