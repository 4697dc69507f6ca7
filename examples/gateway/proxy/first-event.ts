/** How much of a successful answer is held back, so that an error in place of an answer can still go to another account. */
import type { StreamWatcher, UpstreamResponse } from 'poolwarden';
import type { AnswerBody } from './answer-body.js';
import type { Answer } from './send.js';

/** Nothing longer is held back. */
const HELD_BYTES = 65_536;
/** What ends an event of a stream. */
const END_OF_EVENT = /\n\n|\r\n\r\n|\r\r/;
const EVENT_STREAM = /^text\/event-stream/i;

/** The beginning of an answer. */
export interface Beginning {
  /** The error in place of an answer; null: there is none so far. */
  readonly error: UpstreamResponse | null;
  /** Whether all of the answer is held. */
  readonly isWhole: boolean;
}

/**
 * Says of each piece whether it ends what is held back: the first event of an event stream, the first piece of any other stream, and of an answer that is no stream all of it, up to 64 KiB.
 */
function borderOf({ headers }: Answer, streams: boolean): (piece: Buffer) => boolean {
  let size = 0;
  let tail = '';
  const isEvents = EVENT_STREAM.test(headers['content-type'] ?? '');
  return (piece) => {
    size += piece.length;
    if (size >= HELD_BYTES || (streams && !isEvents)) return true;
    if (!isEvents) return false;
    const text = tail + piece.toString('latin1');
    tail = text.slice(-3);
    return END_OF_EVENT.test(text);
  };
}

/** Holds the beginning back and looks for an error in it. Rejects where the connection breaks. */
export async function holdBeginning(
  answer: Answer,
  body: AnswerBody,
  { watcher, streams }: { readonly watcher: StreamWatcher; readonly streams: boolean },
): Promise<Beginning> {
  const isBorder = borderOf(answer, streams);
  let error: UpstreamResponse | null = null;
  const isWhole = await body.hold((piece) => {
    error = watcher.push(piece);
    return isBorder(piece) || error !== null;
  });
  return { error: error ?? (isWhole ? watcher.end() : null), isWhole };
}
