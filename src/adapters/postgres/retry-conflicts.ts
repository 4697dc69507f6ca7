/** Statements that the server gave up for the sake of another: they did not take place, and may be run again. */
import type { PostgresClient } from './client.js';
import { pause } from './pause.js';

const SERIALIZATION_FAILURE = '40001';
const DEADLOCK_DETECTED = '40P01';
const MAX_TRIES = 6;
const FIRST_PAUSE_MS = 5;

function isConflict(error: unknown): boolean {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : null;
  return code === SERIALIZATION_FAILURE || code === DEADLOCK_DETECTED;
}

/** A client that runs a statement again after a deadlock or a serialisation failure (fault F43): at most six times, 155 ms in all. Every other rejection goes through. */
export function retryConflicts(client: PostgresClient): PostgresClient {
  return {
    async query(text, parameters) {
      for (let tries = 1; ; tries += 1) {
        try {
          return await client.query(text, parameters);
        } catch (error) {
          if (tries === MAX_TRIES || !isConflict(error)) throw error;
          await pause(FIRST_PAUSE_MS * 2 ** (tries - 1));
        }
      }
    },
  };
}
