/** The statements on credentials: each method is one, on the server's clock. */
import { REFERENCE_COLUMNS, SECRET_COLUMNS } from './credential-rows.js';

/** `$1` is the account in each; see the methods for the others. */
export interface CredentialStatements {
  readonly read: string;
  readonly references: string;
  readonly begin: string;
  readonly commit: string;
  readonly keepAlternate: string;
  readonly promoteAlternate: string;
  readonly condemn: string;
  readonly release: string;
  readonly replace: string;
  readonly remove: string;
}

/** What the next revision leaves behind. */
const NEXT = 'attempt_nonce = null, attempt_until = null, orphan = false, condemned = null';
const END_ATTEMPT = 'attempt_nonce = null, attempt_until = null';

/**
 * Locks the row before it is looked at, so that what is answered is what was decided on: the snapshot of a statement that had to wait is older than the row.
 */
function held(table: string): string {
  return `with held as materialized (select * from ${table} where account_id = $1 for update)`;
}

/** $2 expected revision, $3 nonce, $4 milliseconds. Not granted: `orphan` is null. */
function begin(table: string): string {
  return `${held(table)}, granted as (
  update ${table} as c set attempt_nonce = $3, attempt_until = clock_timestamp() + $4::float8 * interval '1 millisecond',
    orphan = held.orphan or held.attempt_nonce is not null
  from held where c.account_id = held.account_id and held.secret is not null and held.revision = $2 and held.condemned is null
    and (held.attempt_until is null or held.attempt_until <= clock_timestamp())
  returning c.orphan
)
select ${SECRET_COLUMNS}, condemned, extract(epoch from attempt_until - clock_timestamp())::float8 * 1000 as remaining_ms, granted.orphan
from (select revision, secret, expires_at, condemned, attempt_until from held) as found left join granted on true`;
}

/** $2 expected revision, $3 nonce, $4 secret, $5 its end, $6 refreshable, $7 whether to notify. Not committed: `committed` is null. */
function commit(table: string, notify: string): string {
  return `${held(table)}, done as (
  update ${table} as c set revision = held.revision + 1, secret = $4, expires_at = $5, refreshable = $6, committed_by = $3, ${NEXT},
    alternates_from = held.revision, alternates = jsonb_path_query_array(held.alternates, '$[*] ? (@.parentRevision >= $expected)', jsonb_build_object('expected', $2::bigint))
  from held where c.account_id = held.account_id and held.secret is not null and held.revision = $2
  returning c.revision, ${notify.replace('$notify', '$7')}
)
select held.secret is not null as present, held.revision::float8, coalesce(held.committed_by = $3, false) as same, done.revision::float8 as committed
from held left join done on true`;
}

/** $2 parent's revision, $3 digest, $4 secret, $5 its end, $6 refreshable. Newest last, two at most. Its token may be the one that is still taken, so nothing stays condemned. */
function keepAlternate(table: string): string {
  return `update ${table} set condemned = null, alternates = case when jsonb_array_length(alternates) > 1 then alternates - 0 else alternates end || jsonb_build_array(jsonb_build_object(
  'parentRevision', $2::bigint, 'digest', $3::text, 'secret', $4::text, 'expiresAt', $5::bigint, 'refreshable', $6::boolean))
where account_id = $1 and secret is not null and alternates_from <= $2::bigint
  and not alternates @> jsonb_build_array(jsonb_build_object('parentRevision', $2::bigint, 'digest', $3::text))`;
}

/** $2 expected revision, $3 nonce, $4 whether to notify. The others stay: should this one be dead as well, they are tried before anything is condemned. */
function promoteAlternate(table: string, notify: string): string {
  return `update ${table} set revision = revision + 1, secret = alternates -> -1 ->> 'secret', expires_at = (alternates -> -1 ->> 'expiresAt')::bigint,
  refreshable = (alternates -> -1 ->> 'refreshable')::boolean, alternates = alternates - -1, committed_by = null, ${NEXT}
where account_id = $1 and secret is not null and revision = $2 and attempt_nonce = $3 and alternates <> '[]'
returning revision::float8, ${notify.replace('$notify', '$4')}`;
}

/** $2 secret, $3 its end, $4 refreshable, $5 whether to notify. */
function replace(table: string, notify: string): string {
  return `insert into ${table} as c (account_id, revision, secret, expires_at, refreshable, alternates_from) values ($1, 0, $2, $3, $4, 0)
on conflict (account_id) do update set revision = c.revision + 1, alternates_from = c.revision + 1,
  secret = excluded.secret, expires_at = excluded.expires_at, refreshable = excluded.refreshable, alternates = '[]', committed_by = null, ${NEXT}
returning revision::float8, ${notify.replace('$notify', '$5')}`;
}

/** $2 whether to notify. */
function remove(table: string, notify: string): string {
  return `update ${table} set secret = null, expires_at = null, refreshable = false, alternates = '[]', ${END_ATTEMPT}
where account_id = $1 and secret is not null returning ${notify.replace('$notify', '$2')}`;
}

/** The statements for the tables behind a qualifier. */
export function credentialStatements(at: string): CredentialStatements {
  const table = `${at}poolwarden_credentials`;
  const notify = `case when $notify::boolean then pg_notify(${at}poolwarden_channel(), 'credential:' || $1) end`;
  return {
    read: `select ${SECRET_COLUMNS} from ${table} where account_id = $1 and secret is not null`,
    references: `select ${REFERENCE_COLUMNS} from ${table} where account_id = any($1::text[])`,
    begin: begin(table),
    commit: commit(table, notify),
    keepAlternate: keepAlternate(table),
    promoteAlternate: promoteAlternate(table, notify),
    condemn: `update ${table} set condemned = $4, ${END_ATTEMPT}
where account_id = $1 and secret is not null and revision = $2 and attempt_nonce = $3 and alternates = '[]' returning true as condemned`,
    release: `update ${table} set ${END_ATTEMPT} where account_id = $1 and attempt_nonce = $2`,
    replace: replace(table, notify),
    remove: remove(table, notify),
  };
}
