/** The expressions of SQL that the statements are made of. Names and texts come from a checked mapping; values of accounts are bound, never written here. */
import { MAX_INSTANT } from '../../../core/time.js';

/** A name in double quotes, so that it is that name and nothing else. */
export function identifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** A table, in its schema where that is named. */
export function tableName({ schema, table }: { readonly schema?: string | undefined; readonly table: string }): string {
  return schema === undefined ? identifier(table) : `${identifier(schema)}.${identifier(table)}`;
}

/** A text in quotes. */
export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** An object, also where there is none or something else. */
export function objectOf(json: string): string {
  return `(case when jsonb_typeof(${json}) = 'object' then ${json} else '{}' end)`;
}

/** How the text of a hold or an error begins. */
export const TUPLE = '^[0-9]{10} [0-9]{10} [0-9]{13} [a-z0-9_.:-]{1,64} [0-9a-f]{16} ';

/** A stored text; NULL where it has not the form of its cell, since then nothing could be greater. */
export function wellFormed(text: string, form: string): string {
  return `(case when ${text} ~ ${form} then ${text} end)`;
}

/** The text of a hold or an error: NULL where there is none. */
export function tupleAt(cells: string, cell: string, key: string): string {
  return wellFormed(`(${cells}->${cell}->>${key})`, literal(TUPLE));
}

/** The end of a hold, or the instant of an error, in its text; 0 where there is none. */
export function instantIn(tuple: string): string {
  return `coalesce(substr(${tuple}, 23, 13)::bigint, 0)`;
}

const bounded = (ms: string): string => `coalesce(least(greatest(ceil(${ms}), 0), ${MAX_INSTANT})::bigint, 0)`;

/** A `timestamptz` in epoch milliseconds: microseconds round up, what is absurd is clamped, NULL is 0. */
export function toMs(timestamp: string): string {
  return bounded(`extract(epoch from ${timestamp}) * 1000`);
}

/** Epoch milliseconds as a `timestamptz`, exactly. */
export function toTimestamp(ms: string): string {
  return `(timestamptz 'epoch' + ${ms} * interval '1 millisecond')`;
}

/** Epoch milliseconds as RFC 3339. */
export function toRfc3339(ms: string): string {
  return `to_char(${toTimestamp(ms)} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;
}

/** An instant from a number of milliseconds as cells have it. */
export function thirteenDigits(ms: string): string {
  return `lpad((${ms})::text, 13, '0')`;
}

const RFC3339 =
  '^[ ]*((?!0000)[0-9]{4})-(0[1-9]|1[0-2])-([0-2][0-9]|3[01])[Tt]([01][0-9]|2[0-3]):([0-5][0-9]):([0-5][0-9]([.][0-9]{1,9})?)([Zz]|([+-])([01][0-9]|2[0-3]):([0-5][0-9]))[ ]*$';

/**
 * RFC 3339 in epoch milliseconds as `toMs`; 0 for any other text. A cast would end the statement on 31 February, so the day is asked for: `make_date` gets only
 * the first of a month.
 */
export function rfc3339ToMs(text: string): string {
  const month = 'make_date(p[1]::int, p[2]::int, 1)';
  const days = `p[3]::int between 1 and extract(day from ${month} + interval '1 month' - interval '1 day')`;
  const offset = "coalesce((p[9] || '1')::int * (p[10]::int * 60 + p[11]::int) * 60, 0)";
  const seconds = `extract(epoch from ${month})::numeric + (p[3]::int - 1) * 86400 + p[4]::int * 3600 + p[5]::int * 60 + p[6]::numeric - ${offset}`;
  return `coalesce((select ${bounded(`(${seconds}) * 1000`)} from regexp_match(${text}, ${literal(RFC3339)}) as p where ${days}), 0)`;
}

/** What may stand between the quotes of a text in JSON, and be a text of PostgreSQL: no NUL, no half of a surrogate pair. */
const JSON_CONTENT =
  '(?:[^"\\\\[:cntrl:]]|\\\\["\\\\/bfnrt]|\\\\u(?!0000|[dD][89a-fA-F])[0-9a-fA-F]{4}|\\\\u[dD][89abAB][0-9a-fA-F]{2}\\\\u[dD][c-fC-F][0-9a-fA-F]{2})*';

/** A field of JSON that stands in a text, if it is a text itself; NULL where it is none. Never fails, whatever the text is. */
export function textField(text: string, field: string): string {
  return `(('"' || substring(${text} from ${literal(`"${field}" ?: ?"(${JSON_CONTENT})"`)}) || '"')::jsonb #>> '{}')`;
}
