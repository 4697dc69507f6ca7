/** How much of a successful answer is held back, so that an error in place of an answer can still go to another account. */
import type { StreamWatcher, UpstreamResponse } from 'poolwarden';
import type { AnswerBody } from './answer-body.js';
import { isCompressed } from './headers.js';
import type { Answer } from './send.js';

/** Nothing longer is held back. */
const HELD_BYTES = 65_536;
const EVENT_STREAM = /^text\/event-stream/i;
const JSON_STREAM = /^application\/json/i;
/** What ends an event of an event stream. */
const END_OF_EVENT = /\n\n|\r\n\r\n|\r\r/;
/** Where a piece of a JSON stream ends with an object, so that the first one may be complete. */
const END_OF_OBJECT = /\}[\s,\]]*$/;
/** Of other forms nothing is known: the first piece is as good as an event. */
const ANYWHERE = /^/;
/** So much of a blank line may stand in the piece before. */
const LONGEST_REST = 3;

/** The beginning of an answer. */
export interface Beginning {
  /** The error in place of an answer; null: there is none so far. */
  readonly error: UpstreamResponse | null;
  /** Whether all of the answer is held. */
  readonly isWhole: boolean;
}

/** What ends the first event of this answer; null: it is no stream. Into a compressed stream nobody can look. */
function endOf({ headers }: Answer, streams: boolean): RegExp | null {
  const type = headers['content-type'] ?? '';
  const isEvents = EVENT_STREAM.test(type);
  if (!streams && !isEvents) return null;
  if (isCompressed(headers)) return ANYWHERE;
  if (isEvents) return END_OF_EVENT;
  return JSON_STREAM.test(type) ? END_OF_OBJECT : ANYWHERE;
}

/** Says of each piece whether it ends what is held back: the first event of a stream, and of an answer that is no stream all of it, up to 64 KiB. */
function borderOf(end: RegExp | null): (piece: Buffer) => boolean {
  let size = 0;
  let tail = '';
  return (piece) => {
    size += piece.length;
    if (size >= HELD_BYTES) return true;
    if (end === null) return false;
    const text = tail + piece.toString('latin1');
    tail = text.slice(-LONGEST_REST);
    return end.test(text);
  };
}

/** Holds the beginning back and looks for an error in it. Rejects where the connection breaks. */
export async function holdBeginning(
  answer: Answer,
  body: AnswerBody,
  { watcher, streams }: { readonly watcher: StreamWatcher; readonly streams: boolean },
): Promise<Beginning> {
  const isBorder = borderOf(endOf(answer, streams));
  let error: UpstreamResponse | null = null;
  const isWhole = await body.hold((piece) => {
    error ??= watcher.push(piece);
    return error !== null || isBorder(piece);
  });
  return { error: error ?? (isWhole ? watcher.end() : null), isWhole };
}
