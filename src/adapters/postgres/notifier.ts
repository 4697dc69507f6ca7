/** Tells the other processes which accounts were written. */
import type { PostgresClient } from './client.js';
import { pause } from './pause.js';

const MAX_TRIES = 3;
const FIRST_PAUSE_MS = 50;

/**
 * Makes a function that names an account to all who listen. It waits for nothing and never fails: accounts that are named while a notification is under way go together with the next one. Apart from
 * the write on purpose, since PostgreSQL commits transactions that notify one after the other, each waiting for the disk. So a process that dies in between tells nobody; the next write of the account does.
 */
export function createNotifier(client: PostgresClient, at: string): (accountId: string) => void {
  const statement = `select pg_notify(${at}poolwarden_channel(), 'health:' || id) from unnest($1::text[]) as id`;
  let named = new Set<string>();
  let isRunning = false;

  async function send(accountIds: readonly string[]): Promise<void> {
    for (let tries = 1; tries <= MAX_TRIES; tries += 1) {
      try {
        await client.query(statement, [accountIds]);
        return;
      } catch {
        // Where the server is gone, so are the listeners' connections: they read everything when they are back.
        if (tries < MAX_TRIES) await pause(FIRST_PAUSE_MS * tries);
      }
    }
  }

  async function run(): Promise<void> {
    isRunning = true;
    while (named.size > 0) {
      const accountIds = [...named];
      named = new Set();
      await send(accountIds);
    }
    isRunning = false;
  }

  return (accountId) => {
    named.add(accountId);
    if (!isRunning) run();
  };
}
