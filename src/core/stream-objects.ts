/** The objects of a stream of JSON: one after another, or the elements of an array that comes in pieces. */
import { createStreamBuffer } from './stream-buffer.js';
import type { FrameReader, StreamFrame } from './stream-frame.js';

const QUOTE = 34;
const BACKSLASH = 92;
const OPENING_BRACE = 123;
const CLOSING_BRACE = 125;

/** Where in the JSON a scan is. Brackets need not be counted: an object ends where its braces do. */
interface Position {
  depth: number;
  inString: boolean;
  escaped: boolean;
}

/** Steps over one byte; whether it ended an outermost object. All that has a meaning in JSON is ASCII, so a character cut in two does not matter. */
function step(position: Position, byte: number | undefined): boolean {
  if (position.inString) {
    position.inString = byte !== QUOTE || position.escaped;
    position.escaped = byte === BACKSLASH && !position.escaped;
    return false;
  }
  if (byte === QUOTE) position.inString = true;
  else if (byte === OPENING_BRACE) position.depth += 1;
  else if (byte === CLOSING_BRACE && position.depth > 0) {
    position.depth -= 1;
    return position.depth === 0;
  }
  return false;
}

/** Reads objects of JSON. An object is a frame as soon as its last brace has come. Linear; holds one object of bounded length. */
export function createObjectReader(): FrameReader {
  const object = createStreamBuffer();
  const position: Position = { depth: 0, inString: false, escaped: false };

  function* push(chunk: Uint8Array): Iterable<StreamFrame> {
    let from = 0;
    for (let at = 0; at < chunk.length; at += 1) {
      if (position.depth === 0) from = at;
      if (step(position, chunk[at])) yield { name: null, data: object.finish(chunk.subarray(from, at + 1)) };
    }
    if (position.depth > 0) object.add(chunk.subarray(from));
  }
  return { push, end: () => [] };
}
