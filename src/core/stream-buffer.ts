/** The bytes of one line or one JSON value of a stream, gathered over its chunks: bounded. */

/** Bytes of a line, and characters of an event, that are kept; a longer one is skipped. */
export const MAX_FRAME_BYTES = 65_536;
const FIRST_BYTES = 256;

/** Gathers bytes until they are whole. Holds at most `MAX_FRAME_BYTES`, and nothing of the chunks it was given. */
export interface StreamBuffer {
  /** Whether anything waits for its rest. */
  readonly isEmpty: () => boolean;
  /** Keeps a copy of the bytes, or only that they are too many. */
  readonly add: (bytes: Uint8Array) => void;
  /** The text of all that waits and of these last bytes, and an empty buffer; null where that is too long. Bytes that are not UTF-8 become replacement characters. */
  readonly finish: (bytes: Uint8Array) => string | null;
}

/** An empty buffer. Pure but for its own state; copies each byte a bounded number of times. */
export function createStreamBuffer(): StreamBuffer {
  const decoder = new TextDecoder();
  let kept = new Uint8Array(0);
  let length = 0;

  const add = (bytes: Uint8Array): void => {
    const end = length + bytes.length;
    if (end <= MAX_FRAME_BYTES && end > kept.length) {
      const larger = new Uint8Array(Math.min(MAX_FRAME_BYTES, Math.max(FIRST_BYTES, 2 * end)));
      larger.set(kept.subarray(0, length));
      kept = larger;
    }
    if (end <= MAX_FRAME_BYTES) kept.set(bytes, length);
    length = end;
  };
  const finish = (bytes: Uint8Array): string | null => {
    if (length === 0) return bytes.length > MAX_FRAME_BYTES ? null : decoder.decode(bytes);
    add(bytes);
    const text = length > MAX_FRAME_BYTES ? null : decoder.decode(kept.subarray(0, length));
    length = 0;
    return text;
  };
  return { isEmpty: () => length === 0, add, finish };
}
