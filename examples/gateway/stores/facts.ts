/** Facts that all processes must agree about, and that never change: whoever is first decides. */
import type { PostgresClient } from 'poolwarden/postgres';

/** Remembers facts. */
export interface Facts {
  /** Stores the value if there is none yet, and gives back the one that is stored: this one, or that of whoever was faster. */
  claim(name: string, value: string): Promise<string>;
}

const CLAIM = 'insert into gateway_facts (name, value) values ($1, $2) on conflict (name) do nothing';
const READ = 'select value from gateway_facts where name = $1';

/** Makes facts on the tables of `migrateGateway`. */
export function createFacts(client: PostgresClient): Facts {
  return {
    async claim(name, value) {
      await client.query(CLAIM, [name, value]);
      // A statement of its own: only that sees what another process has stored meanwhile.
      const { rows } = await client.query(READ, [name]);
      return String(rows[0]?.value);
    },
  };
}
