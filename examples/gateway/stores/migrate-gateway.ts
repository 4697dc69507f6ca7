/** The gateway's own tables, beside those of poolwarden. */
import { migratePostgres, type PostgresClient } from 'poolwarden/postgres';

/** Serialises migrations of one database; not the number of poolwarden's own. */
const LOCK = 5_820_114_906;

/** Whoever changes an account tells its id to all gateways, by the database itself: also a person with a console. Channels belong to the database, so the schema is part of the name. */
const MIGRATION = `do $migration$
begin
  perform set_config('client_min_messages', 'warning', true);
  perform pg_advisory_xact_lock(${LOCK});
  create table if not exists gateway_accounts (
    id text collate "C" primary key,
    label text not null,
    platform text not null,
    type text not null,
    organization text,
    parent text,
    project text,
    settings jsonb not null default '{}',
    enabled boolean not null default true,
    version bigint not null default 1
  );
  create table if not exists gateway_facts (
    name text primary key,
    value text not null
  );
  create or replace function gateway_account_changed() returns trigger language plpgsql as $function$
  begin
    perform pg_notify(left('gateway_' || tg_table_schema, 63), coalesce(new.id, old.id));
    return null;
  end
  $function$;
  create or replace trigger gateway_account_changed after insert or update or delete on gateway_accounts
    for each row execute function gateway_account_changed();
end
$migration$`;

/** Makes what is missing of all tables. May be run at every start, and by several processes at once. Needs PostgreSQL 14 or newer. */
export async function migrateGateway(client: PostgresClient): Promise<void> {
  await migratePostgres(client);
  await client.query(MIGRATION, []);
}
