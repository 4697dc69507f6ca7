/** Waiting for what a store does in its own time. */
import { mismatch } from './contract-violation.js';

const STEP_MS = 10;

/** Resolves after so many milliseconds. */
export function pause(durationMs: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, durationMs);
  });
}

/** Resolves as soon as something holds; rejects where it does not within so many milliseconds. */
export async function waitUntil(holds: () => boolean, what: string, patienceMs: number): Promise<void> {
  for (let waited = 0; !holds(); waited += STEP_MS) {
    if (waited >= patienceMs) throw mismatch(`${what} within ${patienceMs} ms`, 'nothing of the kind');
    await pause(STEP_MS);
  }
}
