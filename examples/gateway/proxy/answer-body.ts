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
  /** The pieces that are not held, as they come. */
  rest(): AsyncGenerator<Buffer, void, undefined>;
  /** The rest is wanted by nobody. A short one is read away, so that the connection can be used again; else the connection is closed. */
  discard(): void;
}

/** How much of a rest is read away, and for how long. */
const DISCARDED_BYTES = 65_536;
const DISCARDED_MS = 1_000;

/** A timer as a promise: null when the time is over; without a time it never is. */
function timeLimit(withinMs: number | undefined): { readonly over: Promise<null>; readonly cancel: () => void } {
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<null>((resolve) => {
    if (withinMs !== undefined) timer = setTimeout(resolve, withinMs, null);
  });
  return { over, cancel: () => clearTimeout(timer) };
}

/** The pieces of a stream, one at a time. Who waits for a piece may give up, and the next one who asks gets it. */
function piecesOf(stream: Readable): (over?: Promise<null>) => Promise<IteratorResult<Buffer, undefined> | null> {
  const pieces: AsyncIterator<Buffer, undefined> = stream.iterator({ destroyOnReturn: false });
  let coming: Promise<IteratorResult<Buffer, undefined>> | null = null;
  return async (over) => {
    coming ??= pieces.next();
    const piece = await (over === undefined ? coming : Promise.race([coming, over]));
    if (piece !== null) coming = null;
    return piece;
  };
}

/** Wraps the body of an answer. */
export function createAnswerBody(stream: Readable): AnswerBody {
  const next = piecesOf(stream);
  const held: Buffer[] = [];
  // Who reads is told of a broken connection by the iterator. Nobody else is to be surprised by it.
  stream.on('error', () => undefined);

  async function* rest(): AsyncGenerator<Buffer, void, undefined> {
    for (;;) {
      const piece = await next();
      if (piece === null || piece.done === true) return;
      yield piece.value;
    }
  }
  async function readAway(): Promise<void> {
    let size = 0;
    for await (const piece of rest()) {
      size += piece.length;
      if (size > DISCARDED_BYTES) stream.destroy();
    }
  }
  async function hold(enough: (piece: Buffer) => boolean, withinMs?: number): Promise<boolean> {
    const { over, cancel } = timeLimit(withinMs);
    try {
      for (;;) {
        const piece = await next(withinMs === undefined ? undefined : over);
        if (piece === null) return false;
        if (piece.done === true) return true;
        held.push(piece.value);
        if (enough(piece.value)) return false;
      }
    } finally {
      cancel();
    }
  }

  return {
    hold,
    held: () => (held.length === 1 && held[0] !== undefined ? held[0] : Buffer.concat(held)),
    rest,
    discard() {
      const timer = setTimeout(() => stream.destroy(), DISCARDED_MS);
      readAway()
        .catch(() => undefined)
        .finally(() => clearTimeout(timer));
    },
  };
}
