/** Puts answers on the wire: whole, as a stream, or broken off. */
import type { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as pause } from 'node:timers/promises';
import type { Answer } from './captured-answer.js';

/** How a stream goes. */
export interface StreamPlan {
  readonly headers: Readonly<Record<string, string>>;
  readonly frames: readonly string[];
  /** Between two frames. */
  readonly pauseMs: number;
  /** What comes after the frames: nothing, or a broken connection. */
  readonly end: 'close' | 'reset';
}

/** Writes an answer that is complete. */
export function writeWhole(response: ServerResponse, { status, headers, body }: Answer): void {
  response.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(body) }).end(body);
}

async function* paced(frames: readonly string[], pauseMs: number): AsyncGenerator<string> {
  for (const frame of frames) {
    yield frame;
    if (pauseMs > 0) await pause(pauseMs);
  }
}

/** Writes a stream, at the pace of the reader. Resolves with whether the reader stayed to the end. */
export async function writeStream(response: ServerResponse, { headers, frames, pauseMs, end }: StreamPlan): Promise<boolean> {
  response.writeHead(200, { ...headers, 'content-type': 'text/event-stream; charset=utf-8' });
  const source = Readable.from(paced(frames, pauseMs));
  try {
    await pipeline(source, response, { end: end === 'close' });
  } catch {
    return false;
  }
  if (end === 'reset') {
    // What was written must reach the reader first, or it is lost with the connection.
    await pause(20);
    response.socket?.resetAndDestroy();
  }
  return true;
}
