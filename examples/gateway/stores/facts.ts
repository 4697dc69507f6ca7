/** Facts that all processes must agree about: whoever is first decides, and a person may decide anew. */
import type { PostgresClient } from 'poolwarden/postgres';

/** Remembers facts. */
export interface Facts {
  /** Stores the value if there is none yet, and gives back the one that is stored: this one, or that of whoever was faster. */
  claim(name: string, value: string): Promise<string>;
  /** The value that is stored; null: none. */
  read(name: string): Promise<string | null>;
  /** Stores the value, whatever was there. */
  replace(name: string, value: string): Promise<void>;
}

const CLAIM = 'insert into gateway_facts (name, value) values ($1, $2) on conflict (name) do nothing';
const REPLACE = 'insert into gateway_facts (name, value) values ($1, $2) on conflict (name) do update set value = excluded.value';
const READ = 'select value from gateway_facts where name = $1';

/** Makes facts on the tables of `migrateGateway`. */
export function createFacts(client: PostgresClient): Facts {
  async function read(name: string): Promise<string | null> {
    const { rows } = await client.query(READ, [name]);
    return rows[0] === undefined ? null : String(rows[0].value);
  }
  return {
    read,
    async claim(name, value) {
      await client.query(CLAIM, [name, value]);
      // A statement of its own: only that sees what another process has stored meanwhile.
      return (await read(name)) ?? value;
    },
    async replace(name, value) {
      await client.query(REPLACE, [name, value]);
    },
  };
}
