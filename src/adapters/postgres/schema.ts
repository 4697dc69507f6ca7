/** Names of the tables and functions, and of the schema that they are in. */
import { PolicyError } from '../../core/policy-error.js';

/** Where the tables are. */
export interface PostgresSchemaOptions {
  /** 1 to 63 of `a-z 0-9 _`, not beginning with a digit. Default: none is named, so the search path of the connections decides. */
  readonly schema?: string;
}

/** Names that need no quotes and no care: they become part of statements. */
const SCHEMA_NAME = /^[a-z_][a-z0-9_]{0,62}$/;
const LONGEST_CHANNEL = 63;

/** What stands before a name of ours in a statement: `"schema".`, or nothing. Throws `PolicyError` where the schema is no plain name. */
export function qualifierOf({ schema }: PostgresSchemaOptions): string {
  if (schema === undefined) return '';
  if (SCHEMA_NAME.test(schema)) return `"${schema}".`;
  throw new PolicyError('invalid_schema', [{ path: 'schema', message: 'must be 1 to 63 of a-z, 0-9 and _, and not begin with a digit' }]);
}

/** The channel of news of a schema. Channels belong to the database, so two pools in one database need two. */
export function channelOf(schema: string): string {
  return `poolwarden_${schema}`.slice(0, LONGEST_CHANNEL);
}
