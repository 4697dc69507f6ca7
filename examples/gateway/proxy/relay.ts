/** Gives an answer to the client as it comes: no faster than the client reads, and no longer than it stays. */
import { pipeline } from 'node:stream/promises';
import type { StreamWatcher, TransportFailure, UpstreamResponse } from 'poolwarden';
import type { AnswerBody } from './answer-body.js';
import { clientHeaders } from './headers.js';
import { type Answer, failureOf } from './send.js';
import type { Trip } from './trip.js';

/** What is given on, and who is told of an error on the way. */
export interface Relayed {
  readonly answer: Answer;
  readonly body: AnswerBody;
  /** Whether all of the body is held already. */
  readonly isWhole: boolean;
  /** null: nothing is looked for. */
  readonly watcher: StreamWatcher | null;
  readonly onError: (error: UpstreamResponse) => void;
}

/** What is held first, then the rest, with a look at each piece as it passes. */
async function* watched({ body, watcher, onError }: Relayed): AsyncGenerator<Buffer, void, undefined> {
  const held = body.held();
  if (held.length > 0) yield held;
  for await (const piece of body.rest()) {
    const error = watcher?.push(piece) ?? null;
    if (error !== null) onError(error);
    yield piece;
  }
  const error = watcher?.end() ?? null;
  if (error !== null) onError(error);
}

/** null: the client has all of it. Otherwise why not; the client's connection is closed then, so that nothing incomplete looks complete. Never rejects. */
export async function relay({ response, signal }: Trip, relayed: Relayed): Promise<TransportFailure | null> {
  const { answer, body, isWhole } = relayed;
  const headers = clientHeaders(answer.headers);
  if (isWhole) {
    const bytes = body.held();
    response.writeHead(answer.status, { ...headers, 'content-length': bytes.length }).end(bytes);
    return signal.aborted ? 'client_abort' : null;
  }
  let failure: TransportFailure | null = null;
  async function* pieces(): AsyncGenerator<Buffer, void, undefined> {
    try {
      yield* watched(relayed);
    } catch (error) {
      // Whose fault it is has to be told before the client's connection is closed in turn.
      failure = failureOf(error, signal);
      throw error;
    }
  }
  try {
    response.writeHead(answer.status, headers);
    await pipeline(pieces, response);
    return null;
  } catch {
    return failure ?? 'client_abort';
  }
}
