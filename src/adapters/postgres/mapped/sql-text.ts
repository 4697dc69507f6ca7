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
  '^[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])[Tt](?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:[.][0-9]{1,9})?(?:[Zz]|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])$';

/**
 * RFC 3339 in epoch milliseconds as `toMs`; 0 for any other text. A cast would end the statement on 31 February, so the day is asked for: `make_date` gets only
 * the first of a month. Read by position, since a search with groups takes ten times as long and a row may have hundreds.
 */
export function rfc3339ToMs(text: string): string {
  const number = (from: number, length: number): string => `substr(t, ${from}, ${length})::int`;
  const month = `make_date(${number(1, 4)}, ${number(6, 2)}, 1)`;
  const isDay = `${number(9, 2)} <= extract(day from ${month} + interval '1 month' - interval '1 day')`;
  const seconds = `extract(epoch from ${month})::numeric + ((${number(9, 2)} - 1) * 24 + ${number(12, 2)}) * 3600 + ${number(15, 2)} * 60 + ${number(18, 2)}`;
  const decimals = (zoneLength: number): string => `('0' || left(substr(t, 20), -${zoneLength}))::numeric`;
  const offset = `(left(right(t, 6), 1) || '1')::int * (left(right(t, 5), 2)::int * 60 + right(t, 2)::int) * 60`;
  const zoned = `case when right(t, 1) in ('Z', 'z') then ${decimals(1)} else ${decimals(6)} - ${offset} end`;
  const ms = `case when t !~ ${literal(RFC3339)} or t like '0000%' then 0 when ${isDay} then ${bounded(`(${seconds} + ${zoned}) * 1000`)} else 0 end`;
  return `coalesce((select ${ms} from btrim(${text}) as t), 0)`;
}

/** What may stand between the quotes of a text in JSON, and be a text of PostgreSQL: no NUL, no half of a surrogate pair. */
const JSON_CONTENT =
  '(?:[^"\\\\[:cntrl:]]|\\\\["\\\\/bfnrt]|\\\\u(?!0000|[dD][89a-fA-F])[0-9a-fA-F]{4}|\\\\u[dD][89abAB][0-9a-fA-F]{2}\\\\u[dD][c-fC-F][0-9a-fA-F]{2})*';

/** A field of JSON that stands in a text, if it is a text itself; NULL where it is none. Never fails, whatever the text is. */
export function textField(text: string, field: string): string {
  return `(('"' || substring(${text} from ${literal(`"${field}" ?: ?"(${JSON_CONTENT})"`)}) || '"')::jsonb #>> '{}')`;
}
