/** Health in PostgreSQL: one row a cell, the greater text stays. */
import type { AccountHealth } from '../../core/health.js';
import type { EpochMs } from '../../core/time.js';
import type { HealthRepository } from '../../shell/ports.js';
import { assertStorableId, isStorableId } from './account-ids.js';
import type { PostgresClient } from './client.js';
import { compactAccounts } from './compact-accounts.js';
import { CELL_COLUMNS, cellRow, healthOf, rowsByAccount, rowsOf } from './health-cells.js';
import type { PostgresListener } from './listener.js';
import { createNotifier } from './notifier.js';
import { retryConflicts } from './retry-conflicts.js';
import { type PostgresSchemaOptions, qualifierOf } from './schema.js';
import { subscribeToNews } from './subscribe-to-news.js';

/** How health is kept. */
export interface PostgresHealthOptions extends PostgresSchemaOptions {
  /** A connection of its own to hear news on. Without it there is no `subscribe`. */
  readonly listener?: PostgresListener;
  /** Whether writes of this process are told to others. Default true; where nobody subscribes, false spares a statement now and then. */
  readonly notify?: boolean;
}

/** A health repository in PostgreSQL, and what only stores offer. */
export interface PostgresHealthRepository extends HealthRepository {
  /** Drops what `compactHealth` drops at this instant, of every account. Nothing else ever drops a cell. May run beside any writes. */
  compact(now: EpochMs): Promise<void>;
}

function withoutNews(client: PostgresClient, at: string, tell: (accountId: string) => void): PostgresHealthRepository {
  const table = `${at}poolwarden_health`;
  const loadStatement = `select account_id, ${CELL_COLUMNS} from ${table} where account_id = any($1::text[])`;
  const patchStatement = `select name, value, changed from ${at}poolwarden_patch($1, $2, $3, $4)`;
  return {
    async load(accountIds) {
      const known = accountIds.filter(isStorableId);
      if (known.length === 0) return new Map();
      const { rows } = await client.query(loadStatement, [known]);
      return new Map([...rowsByAccount(rows)].map(([accountId, cells]): readonly [string, AccountHealth] => [accountId, healthOf(cells)]));
    },
    async patch(accountId, patch) {
      assertStorableId(accountId);
      const cells = rowsOf(patch);
      const { rows } = await client.query(patchStatement, [
        accountId,
        cells.map(({ cell }) => cell),
        cells.map(({ key }) => key),
        cells.map(({ value }) => value),
      ]);
      if (rows[0]?.changed === true) tell(accountId);
      return healthOf(rows.map(cellRow));
    },
    compact: (now) => compactAccounts(client, table, now),
  };
}

/**
 * Makes a health repository on the tables of `migratePostgres`. A patch is one statement, and so is the load of any number of accounts. A statement that was given up for a deadlock or a
 * serialisation failure is run again a few times; other rejections go to the caller, and may mean that the write took place. With a `listener` it can `subscribe`: news of health and of credentials,
 * by whichever process, and after the connection was lost everything that may have changed meanwhile. Throws `PolicyError` where the schema is no plain name.
 *
 * @example const health = createPostgresHealthRepository(pool, { listener: listenWithPg(connect) });
 */
export function createPostgresHealthRepository(client: PostgresClient, options: PostgresHealthOptions = {}): PostgresHealthRepository {
  const at = qualifierOf(options);
  const retrying = retryConflicts(client);
  const { listener, notify = true } = options;
  const repository = withoutNews(retrying, at, notify ? createNotifier(client, at) : () => undefined);
  return listener === undefined ? repository : { ...repository, subscribe: subscribeToNews({ client: retrying, at, listener }) };
}
