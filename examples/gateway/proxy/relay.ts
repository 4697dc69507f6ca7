/** Gives an answer to the client as it comes: no faster than the client reads, and no longer than it stays. */
import { once } from 'node:events';
import type { StreamWatcher, TransportFailure, UpstreamResponse } from 'poolwarden';
import type { AnswerBody } from './answer-body.js';
import { clientHeaders } from './headers.js';
import { type Answer, failureOf } from './send.js';
import type { Limits, Trip } from './trip.js';

/** What is given on, and who is told of an error on the way. */
export interface Relayed {
  readonly answer: Answer;
  readonly body: AnswerBody;
  /** Whether all of the body is held already. */
  readonly isWhole: boolean;
  /** null: nothing is looked for. */
  readonly watcher: StreamWatcher | null;
  readonly onError: (error: UpstreamResponse) => void;
  readonly limits: Pick<Limits, 'clientTimeoutMs'>;
}

/** Writes a piece, and waits where the client has not read the ones before. Rejects where the client goes away, or is taken for gone because it reads nothing. */
async function write({ response, signal }: Trip, piece: Buffer, { clientTimeoutMs }: Relayed['limits']): Promise<void> {
  signal.throwIfAborted();
  if (response.write(piece)) return;
  // The upstream's own timer stands still while nobody reads: without this one, both connections would stay for ever.
  const stalled = setTimeout(() => response.destroy(), clientTimeoutMs);
  await once(response, 'drain', { signal }).finally(() => clearTimeout(stalled));
}

/** What is held first, then the rest, with a look at each piece as it passes. */
async function writeAll(trip: Trip, { body, watcher, onError, limits }: Relayed): Promise<void> {
  const held = body.held();
  if (held.length > 0) await write(trip, held, limits);
  for (let piece = await body.next(); piece !== null; piece = await body.next()) {
    const error = watcher?.push(piece) ?? null;
    if (error !== null) onError(error);
    await write(trip, piece, limits);
  }
  const error = watcher?.end() ?? null;
  if (error !== null) onError(error);
  trip.response.end();
}

/** null: the client has all of it. Otherwise why not; the client's connection is closed then, so that nothing incomplete looks complete. Never rejects. */
export async function relay(trip: Trip, relayed: Relayed): Promise<TransportFailure | null> {
  const { response, signal } = trip;
  const { answer, body, isWhole } = relayed;
  const headers = clientHeaders(answer.headers);
  try {
    if (isWhole) {
      const bytes = body.held();
      headers['content-length'] = bytes.length;
      response.writeHead(answer.status, headers).end(bytes);
    } else {
      response.writeHead(answer.status, headers);
      await writeAll(trip, relayed);
    }
    return signal.aborted ? 'client_abort' : null;
  } catch (error) {
    const failure = failureOf(error, signal);
    response.destroy();
    return failure;
  }
}
