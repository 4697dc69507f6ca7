/** Statements that the server gave up for the sake of another: they did not take place, and may be run again. */
import type { PostgresClient } from './client.js';
import { pause } from './pause.js';

const SERIALIZATION_FAILURE = '40001';
const DEADLOCK_DETECTED = '40P01';
const MAX_TRIES = 10;
const FIRST_PAUSE_MS = 5;
const LONGEST_PAUSE_MS = 200;

function isConflict(error: unknown): boolean {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : null;
  return code === SERIALIZATION_FAILURE || code === DEADLOCK_DETECTED;
}

/** At random, since those who met once would meet again if they came back together. */
function pauseAfter(tries: number): number {
  return Math.random() * Math.min(FIRST_PAUSE_MS * 2 ** tries, LONGEST_PAUSE_MS);
}

/** A client that runs a statement again after a deadlock or a serialisation failure (fault F43): at most ten times, within a second or so. Every other rejection goes through. */
export function retryConflicts(client: PostgresClient): PostgresClient {
  return {
    async query(text, parameters) {
      for (let tries = 1; ; tries += 1) {
        try {
          return await client.query(text, parameters);
        } catch (error) {
          if (tries === MAX_TRIES || !isConflict(error)) throw error;
          await pause(pauseAfter(tries));
        }
      }
    },
  };
}
