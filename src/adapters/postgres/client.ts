/** What the adapter needs of a PostgreSQL driver: to run one statement. No driver is a dependency; a `pg` pool or client and PGlite are clients as they are. */
import { digest } from '../../core/digest.js';

/** A row, by column name. */
export type PostgresRow = Readonly<Record<string, unknown>>;

/** Runs statements. A `Pool` or `Client` of `pg` is one, and so is a `PGlite`; for postgres.js see `fromPostgresJs`. */
export interface PostgresClient {
  /** Runs one statement, outside any transaction of its own. `parameters` are bound: `$1` is the first. Arrays of text are bound as PostgreSQL arrays. */
  query(text: string, parameters: unknown[]): Promise<{ readonly rows: readonly PostgresRow[] }>;
}

/** The part of a `pg` pool or client that takes named statements. */
export interface PgQueries {
  query(statement: { readonly name: string; readonly text: string; values: unknown[] }): Promise<{ readonly rows: PostgresRow[] }>;
}

/**
 * A client of a `pg` pool or client that keeps statements prepared on their connections: the server plans each once, which is most of the time of a mapped patch. Without it a pool is a client
 * as it is; use that where a pooler between takes no prepared statements.
 *
 * @example createMappedRepository(fromPg(new Pool()), accounts)
 */
export function fromPg(queries: PgQueries): PostgresClient {
  const names = new Map<string, string>();
  const nameOf = (text: string): string => {
    const name = names.get(text) ?? `poolwarden_${digest([text])}`;
    names.set(text, name);
    return name;
  };
  return { query: (text, parameters) => queries.query({ name: nameOf(text), text, values: parameters }) };
}

/** The part of a postgres.js `sql` that is used. */
export interface PostgresJs {
  // A parameter is `never` since the driver's type of it is its own: every driver's function takes less than this promises to give.
  unsafe(text: string, parameters?: never[], options?: { readonly prepare?: boolean }): PromiseLike<readonly PostgresRow[]>;
}

/**
 * A client of a postgres.js `sql`. `prepare` (default true) keeps statements prepared on their connections; false where a pooler between takes none.
 *
 * @example createPostgresHealthRepository(fromPostgresJs(postgres(process.env.DATABASE_URL)))
 */
export function fromPostgresJs(sql: PostgresJs, { prepare = true }: { readonly prepare?: boolean } = {}): PostgresClient {
  return {
    async query(text, parameters) {
      return { rows: await sql.unsafe(text, parameters as never[], { prepare }) };
    },
  };
}
