/** An upstream's body: its beginning can be looked at before it is decided whether the client gets it. */
import type { Readable } from 'node:stream';

/** A body that is read once, in order. */
export interface AnswerBody {
  /**
   * Reads on and holds it back until `enough` says so of a piece, or the end, or until the time is over. true: all of the body is held. Rejects where the connection breaks.
   */
  hold(enough: (piece: Buffer) => boolean, withinMs?: number): Promise<boolean>;
  /** What is held, as one. */
  held(): Buffer;
  /** The next piece that is not held; null: that was all. Rejects where the connection breaks. */
  next(): Promise<Buffer | null>;
  /** The rest is wanted by nobody. A short one is read away, so that the connection can be used again; else the connection is closed. */
  discard(): void;
}

/** How much of a rest is read away, and for how long. */
const DISCARDED_BYTES = 65_536;
const DISCARDED_MS = 1_000;

type Piece = IteratorResult<Buffer, undefined>;

/** The first of two: what comes, or null when the time is over. */
async function within<T>(coming: Promise<T>, ms: number): Promise<T | null> {
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<null>((resolve) => {
    timer = setTimeout(resolve, ms, null);
  });
  return Promise.race([coming, over]).finally(() => clearTimeout(timer));
}

/** Wraps the body of an answer. */
export function createAnswerBody(stream: Readable): AnswerBody {
  const pieces: AsyncIterator<Buffer, undefined> = stream.iterator({ destroyOnReturn: false });
  const held: Buffer[] = [];
  /** A piece that somebody gave up waiting for: whoever asks next gets it. */
  let coming: Promise<Piece> | null = null;
  // Who reads is told of a broken connection by the iterator. Nobody else is to be surprised by it.
  stream.on('error', () => undefined);

  const body: AnswerBody = {
    async hold(enough, withinMs) {
      const end = withinMs === undefined ? null : Date.now() + withinMs;
      for (;;) {
        coming ??= pieces.next();
        const piece = await (end === null ? coming : within(coming, end - Date.now()));
        if (piece === null) return false;
        coming = null;
        if (piece.done === true) return true;
        held.push(piece.value);
        if (enough(piece.value)) return false;
      }
    },
    held: () => (held.length === 1 && held[0] !== undefined ? held[0] : Buffer.concat(held)),
    async next() {
      const piece = await (coming ?? pieces.next());
      coming = null;
      return piece.value ?? null;
    },
    discard() {
      const timer = setTimeout(() => stream.destroy(), DISCARDED_MS);
      readAway(body, stream)
        .catch(() => undefined)
        .finally(() => clearTimeout(timer));
    },
  };
  return body;
}

async function readAway(body: AnswerBody, stream: Readable): Promise<void> {
  let left = DISCARDED_BYTES;
  for (let piece = await body.next(); piece !== null; piece = await body.next()) {
    left -= piece.length;
    if (left < 0) stream.destroy();
  }
}
