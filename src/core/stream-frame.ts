/** What a stream is made of, whatever its protocol. */

/** One frame: an event of server-sent events, or one object of JSON. */
export interface StreamFrame {
  /** The event's name; null where it has none, or where it is not known to be complete yet. */
  readonly name: string | null;
  /** The text of its data; null: too long, so it was not kept. */
  readonly data: string | null;
}

/** Finds the frames of a stream in its chunks. What it yields does not depend on where the chunks begin and end. */
export interface FrameReader {
  /** The frames that these bytes complete. */
  readonly push: (chunk: Uint8Array) => Iterable<StreamFrame>;
  /** The frame that the end of the stream completes. */
  readonly end: () => Iterable<StreamFrame>;
}
