/** Watches a stream of an upstream for the error that ends it. */
import type { Platform } from './account.js';
import type { UpstreamResponse } from './exchange.js';
import { errorEventsOf, errorInFrame } from './stream-error.js';
import { createEventReader } from './stream-events.js';
import type { FrameReader, StreamFrame } from './stream-frame.js';
import { createObjectReader } from './stream-objects.js';

/**
 * Looks on while a stream passes. Give it each chunk as it came, in order, and the end; it keeps nothing of a chunk but the frame that is not complete yet.
 */
export interface StreamWatcher {
  /**
   * The error that these bytes complete, as an answer for `evaluate` with `phase: 'mid_stream'` (`first_event` where the client has nothing yet); null: none. An error is returned once, and
   * nothing after it is looked at. `status` is the one that the error would have had outside of a stream (500 where it names none). Never throws.
   */
  readonly push: (chunk: Uint8Array) => UpstreamResponse | null;
  /** The same for the end of the stream: an error whose last line or event nothing ended. Never throws. */
  readonly end: () => UpstreamResponse | null;
}

/** `[` and an opening brace: the stream is JSON and not events. */
const OPENINGS_OF_JSON: readonly number[] = [91, 123];
/** The bytes of a byte order mark. */
const MARK_BYTES: readonly number[] = [0xef, 0xbb, 0xbf];
const HIGHEST_BLANK = 32;

/** Where a stream visibly begins; the length of the chunk where it does not yet. */
function firstVisible(chunk: Uint8Array): number {
  const at = chunk.findIndex((byte) => byte > HIGHEST_BLANK && !MARK_BYTES.includes(byte));
  return at === -1 ? chunk.length : at;
}

/**
 * A watcher for one stream, which may be server-sent events (Anthropic, OpenAI, Google with `alt=sse`), a JSON array that comes in pieces, or objects one after another. An error is an event
 * that is named one, or an object that is one by its form; words in content never are. Bounded: a line, event or object over 64 KiB is skipped. Linear in the bytes, whatever the chunks.
 *
 * @example
 * const watcher = createStreamWatcher('anthropic');
 * const error = watcher.push(chunk); // { status: 529, … } where the upstream gave up in the middle
 */
export function createStreamWatcher(platform: Platform): StreamWatcher {
  const errorEvents = errorEventsOf(platform);
  let reader: FrameReader | null = null;
  let isDone = false;

  const firstError = (frames: Iterable<StreamFrame>): UpstreamResponse | null => {
    for (const frame of frames) {
      const error = errorInFrame(frame, errorEvents);
      if (error === null) continue;
      isDone = true;
      reader = null;
      return error;
    }
    return null;
  };
  const push = (chunk: Uint8Array): UpstreamResponse | null => {
    if (isDone) return null;
    if (reader !== null) return firstError(reader.push(chunk));
    const from = firstVisible(chunk);
    if (from === chunk.length) return null;
    reader = OPENINGS_OF_JSON.includes(chunk[from] ?? 0) ? createObjectReader() : createEventReader();
    return firstError(reader.push(chunk.subarray(from)));
  };
  return { push, end: () => (isDone || reader === null ? null : firstError(reader.end())) };
}
