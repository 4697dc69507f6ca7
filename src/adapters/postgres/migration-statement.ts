/** The statement that makes the tables and functions. */
import { CELL_COLUMNS } from './health-cells.js';
import { channelOf, qualifierOf } from './schema.js';

/** Serialises migrations of one database: any number will do that nobody else is likely to use. */
const LOCK = 7_105_213_880_231;

/** Texts compare by their bytes: that is the order of cells. Room on the pages keeps updates from touching the index. */
function tables(at: string): string {
  return `
  create table if not exists ${at}poolwarden_health (
    account_id text collate "C" not null,
    cell text collate "C" not null,
    key text collate "C" not null,
    value text collate "C" not null,
    primary key (account_id, cell, key)
  ) with (fillfactor = 85);
  create table if not exists ${at}poolwarden_credentials (
    account_id text collate "C" primary key,
    revision bigint not null,
    secret text,
    expires_at bigint,
    refreshable boolean not null,
    attempt_nonce text,
    attempt_until timestamptz,
    orphan boolean not null default false,
    committed_by text,
    condemned text,
    alternates jsonb not null default '[]',
    alternates_from bigint not null
  ) with (fillfactor = 85);
  create table if not exists ${at}poolwarden_settings (
    key text collate "C" primary key,
    value text not null
  );`;
}

/**
 * Strikes as `encodeCell` writes them: the higher generation; within one, each id with its latest instant, of which the newest 16 stay. The stored text itself where nothing is
 * added. Malformed evidence is passed over: nothing that is stored can make it fail. The digest orders nothing within a generation, so any will do.
 */
function joinStrikes(at: string): string {
  return `
  create or replace function ${at}poolwarden_join_strikes(stored text, written text) returns text language sql immutable parallel safe as $function$
    select case
      when left(stored, 11) <> left(written, 11) then greatest(stored collate "C", written collate "C")
      when joined.list = substr(stored, 29) then stored
      else left(stored, 11) || left(md5(joined.list), 16) || ' ' || joined.list
    end
    from (
      select '[' || coalesce(string_agg('["' || id || '",' || seen_at || ']', ',' order by id collate "C"), '') || ']' as list
      from (
        select found[1] as id, max(found[2]::bigint) as seen_at
        from regexp_matches(substr(stored, 29) || substr(written, 29), '\\["([a-z0-9_.:-]{1,64})",([0-9]{1,13})\\]', 'g') as found
        group by found[1]
        order by 2 desc, found[1] collate "C" desc
        limit 16
      ) as newest
    ) as joined
  $function$;`;
}

/**
 * The patch. Several statements, so that the last sees what the first wrote, and also what it lost to: in one, a row that another process committed meanwhile would be missing. Cells never
 * shrink, so one that is seen to be great enough needs no write, and no lock. Every writer takes the rows in one order: two that write the same cells wait for each other, and never deadlock.
 */
function patch(at: string): string {
  return `
  create or replace function ${at}poolwarden_patch(account text, cells text[], keys text[], texts text[])
  returns table (name text, value text, changed boolean) language plpgsql as $function$
  #variable_conflict use_column
  declare
    wrote boolean;
  begin
    insert into ${at}poolwarden_health as h (account_id, cell, key, value)
    select $1, w.cell, w.key, w.value from unnest($2, $3, $4) as w (cell, key, value)
    where not exists (
      select from ${at}poolwarden_health as s
      where s.account_id = $1 and s.cell = w.cell and s.key = w.key and case s.cell when 'strikes' then s.value = w.value else s.value >= w.value end
    )
    order by w.cell, w.key
    on conflict (account_id, cell, key) do update
    set value = case h.cell when 'strikes' then ${at}poolwarden_join_strikes(h.value, excluded.value) else excluded.value end
    where case h.cell when 'strikes' then ${at}poolwarden_join_strikes(h.value, excluded.value) <> h.value else h.value < excluded.value end;
    wrote := found;
    return query select ${CELL_COLUMNS}, wrote from ${at}poolwarden_health as h where h.account_id = $1;
  end
  $function$;`;
}

function channel(at: string, schema: string): string {
  return `
  create or replace function ${at}poolwarden_channel() returns text language sql immutable parallel safe as $function$
    select '${channelOf(schema)}'
  $function$;`;
}

/**
 * Everything as one statement, which is one transaction: for tools that run migrations of their own. May be run again, and by several processes at once. Throws `PolicyError` where the
 * schema is no plain name.
 */
export function postgresMigration(schema: string): string {
  const at = qualifierOf({ schema });
  return `do $migration$
begin
  perform set_config('client_min_messages', 'warning', true);
  perform pg_advisory_xact_lock(${LOCK});
  if to_regnamespace('${schema}') is null then
    create schema "${schema}";
  end if;${tables(at)}${channel(at, schema)}${joinStrikes(at)}${patch(at)}
end
$migration$`;
}
