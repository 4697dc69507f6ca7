/** The lines of a stream of bytes: they end with LF, CR or CRLF, wherever a chunk is cut. */
import { createStreamBuffer } from './stream-buffer.js';

const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;
const NO_BYTES = new Uint8Array(0);

/** Splits chunks into lines. null stands for a line that was too long to be kept. */
export interface LineSplitter {
  readonly push: (chunk: Uint8Array) => Iterable<string | null>;
  /** The last line, where no line break ended it. */
  readonly end: () => Iterable<string | null>;
}

function endOfLine(chunk: Uint8Array, from: number): number {
  let at = from;
  while (at < chunk.length && chunk[at] !== LINE_FEED && chunk[at] !== CARRIAGE_RETURN) at += 1;
  return at;
}

/** A splitter at the beginning of a stream. Linear in the bytes; holds one unfinished line of bounded length. */
export function createLineSplitter(): LineSplitter {
  const line = createStreamBuffer();
  let wasReturn = false;

  function* push(chunk: Uint8Array): Iterable<string | null> {
    let from = 0;
    while (from < chunk.length) {
      if (wasReturn && chunk[from] === LINE_FEED) from += 1;
      wasReturn = false;
      const end = endOfLine(chunk, from);
      if (end === chunk.length) break;
      wasReturn = chunk[end] === CARRIAGE_RETURN;
      const text = line.finish(chunk.subarray(from, end));
      from = end + 1;
      yield text;
    }
    line.add(chunk.subarray(from));
  }
  function* end(): Iterable<string | null> {
    if (!line.isEmpty()) yield line.finish(NO_BYTES);
  }
  return { push, end };
}
