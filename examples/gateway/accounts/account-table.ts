/** The accounts as rows: what a person decides about them. Health and secrets are elsewhere. */
import type { PostgresClient, PostgresListener, PostgresRow } from 'poolwarden/postgres';

/** One row. */
export interface AccountRecord {
  readonly id: string;
  readonly label: string;
  readonly platform: string;
  readonly type: string;
  readonly organization: string | null;
  /** The id of the account that owns the credential; null: this one. */
  readonly parent: string | null;
  readonly project: string | null;
  /** Settings of `defineAccount`, but `enabled`; of unknown shape, since a person may have written them. */
  readonly settings: unknown;
  readonly enabled: boolean;
  /** Grows with each change. */
  readonly version: number;
}

/** An account that is to be added. */
export type NewAccount = Omit<AccountRecord, 'version'>;

/** The table. A change writes one field and leaves the others as they are, so two people who change different things lose nothing. */
export interface AccountTable {
  list(): Promise<readonly AccountRecord[]>;
  find(accountId: string): Promise<AccountRecord | null>;
  /** Whether it was added; false: there is one with this id, which stays as it is. */
  add(account: NewAccount): Promise<boolean>;
  /** Whether there is such an account. */
  setEnabled(accountId: string, enabled: boolean): Promise<boolean>;
  /** Whether there was such an account. */
  remove(accountId: string): Promise<boolean>;
  /** Tells the ids of accounts that changed, by whomever; null: any may have, since the connection was lost for a while. */
  subscribe(listener: (accountId: string | null) => void): Promise<() => Promise<void>>;
}

const COLUMNS = 'id, label, platform, type, organization, parent, project, settings, enabled, version';
const ADD = `insert into gateway_accounts (id, label, platform, type, organization, parent, project, settings, enabled)
  values ($1, $2, $3, $4, $5, $6, $7, $8, $9) on conflict (id) do nothing returning id`;
const SET_ENABLED = 'update gateway_accounts set enabled = $2, version = version + 1 where id = $1 returning id';
const REMOVE = 'delete from gateway_accounts where id = $1 returning id';

const textOrNull = (value: unknown): string | null => (typeof value === 'string' ? value : null);

function recordOf(row: PostgresRow): AccountRecord {
  return {
    id: String(row.id),
    label: String(row.label),
    platform: String(row.platform),
    type: String(row.type),
    organization: textOrNull(row.organization),
    parent: textOrNull(row.parent),
    project: textOrNull(row.project),
    settings: row.settings,
    enabled: row.enabled === true,
    version: Number(row.version),
  };
}

async function channelOf(client: PostgresClient): Promise<string> {
  const { rows } = await client.query(`select quote_ident(left('gateway_' || current_schema(), 63)) as channel`, []);
  return String(rows[0]?.channel);
}

/** Makes the table on what `migrateGateway` made. */
export function createAccountTable(client: PostgresClient, listener: PostgresListener): AccountTable {
  const touched = async (statement: string, parameters: unknown[]): Promise<boolean> => {
    const { rows } = await client.query(statement, parameters);
    return rows.length > 0;
  };
  return {
    async list() {
      const { rows } = await client.query(`select ${COLUMNS} from gateway_accounts order by id`, []);
      return rows.map(recordOf);
    },
    async find(accountId) {
      const { rows } = await client.query(`select ${COLUMNS} from gateway_accounts where id = $1`, [accountId]);
      return rows[0] === undefined ? null : recordOf(rows[0]);
    },
    add({ id, label, platform, type, organization, parent, project, settings, enabled }) {
      return touched(ADD, [id, label, platform, type, organization, parent, project, JSON.stringify(settings), enabled]);
    },
    setEnabled: (accountId, enabled) => touched(SET_ENABLED, [accountId, enabled]),
    remove: (accountId) => touched(REMOVE, [accountId]),
    async subscribe(tell) {
      return listener.listen(await channelOf(client), { onPayload: tell, onReturn: () => tell(null) });
    },
  };
}
