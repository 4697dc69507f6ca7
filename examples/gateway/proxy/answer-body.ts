/** An upstream's body: its beginning can be looked at before it is decided whether the client gets it. */
import type { Readable } from 'node:stream';

/** A body that is read once, in order. */
export interface AnswerBody {
  /** Reads on and holds it back until `enough` says so of a piece, or the end. true: all of the body is held. Rejects where the connection breaks. */
  hold(enough: (piece: Buffer) => boolean): Promise<boolean>;
  /** What is held, as one. */
  held(): Buffer;
  /** The pieces that are not held, as they come. */
  rest(): AsyncGenerator<Buffer, void, undefined>;
  /** The rest is wanted by nobody. A short one is read away, so that the connection can be used again; else the connection is closed. */
  discard(): void;
}

/** How much of a rest is read away, and for how long. */
const DISCARDED_BYTES = 65_536;
const DISCARDED_MS = 1_000;

/** Wraps the body of an answer. */
export function createAnswerBody(stream: Readable): AnswerBody {
  const pieces: AsyncIterator<Buffer, undefined> = stream.iterator({ destroyOnReturn: false });
  const held: Buffer[] = [];
  // Who reads is told of a broken connection by the iterator. Nobody else is to be surprised by it.
  stream.on('error', () => undefined);

  async function readAway(): Promise<void> {
    for (let left = DISCARDED_BYTES; left > 0; ) {
      const { done, value } = await pieces.next();
      if (done === true) return;
      left -= value.length;
    }
    stream.destroy();
  }

  return {
    async hold(enough) {
      for (;;) {
        const { done, value } = await pieces.next();
        if (done === true) return true;
        held.push(value);
        if (enough(value)) return false;
      }
    },
    held: () => (held.length === 1 && held[0] !== undefined ? held[0] : Buffer.concat(held)),
    async *rest() {
      for (;;) {
        const { done, value } = await pieces.next();
        if (done === true) return;
        yield value;
      }
    },
    discard() {
      const timer = setTimeout(() => stream.destroy(), DISCARDED_MS);
      readAway()
        .catch(() => undefined)
        .finally(() => clearTimeout(timer));
    },
  };
}
