/** Server-sent events: what changed, to every page that is open. */
import type { ServerResponse } from 'node:http';
import { SECURITY_HEADERS } from './security-headers.js';

/** The pages that are open. */
export interface EventStreams {
  /** Answers with a stream that lasts until the page goes away, or the gateway ends. */
  open(response: ServerResponse): void;
  /** Whether anybody listens. */
  isHeard(): boolean;
  /** Sends an event to all. */
  send(event: 'accounts' | 'removed' | 'decision' | 'series', data: unknown): void;
  close(): void;
}

const HEARTBEAT_MS = 15_000;
/** A page that reads so slowly is let go: it comes back, and begins with a fresh overview. */
const MOST_UNREAD_BYTES = 4 * 1024 * 1024;

/** Makes it. */
export function createEventStreams(heartbeatMs: number = HEARTBEAT_MS): EventStreams {
  const streams = new Set<ServerResponse>();

  function write(text: string): void {
    for (const stream of streams) {
      if (stream.writableLength > MOST_UNREAD_BYTES) stream.destroy();
      else stream.write(text);
    }
  }
  const timer = setInterval(() => write(': still here\n\n'), heartbeatMs);
  return {
    open(response) {
      response.writeHead(200, { ...SECURITY_HEADERS, 'content-type': 'text/event-stream; charset=utf-8', 'x-accel-buffering': 'no' });
      response.write('retry: 1000\n\n');
      streams.add(response);
      response.on('error', () => undefined).on('close', () => streams.delete(response));
    },
    isHeard: () => streams.size > 0,
    send: (event, data) => write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`),
    close() {
      clearInterval(timer);
      for (const stream of streams) stream.end();
    },
  };
}
