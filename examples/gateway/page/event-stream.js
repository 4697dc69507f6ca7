/** Server-sent events, read from a fetch: an EventSource cannot send the token. */

/**
 * One event of its lines; null where they have no data, as in a heartbeat.
 *
 * @param {readonly string[]} lines
 * @returns {{ name: string, data: any } | null}
 */
function toEvent(lines) {
  const valuesOf = (/** @type {string} */ field) =>
    lines.filter((line) => line.startsWith(`${field}:`)).map((line) => line.slice(field.length + 1).replace(/^ /, ''));
  const data = valuesOf('data');
  return data.length === 0 ? null : { name: valuesOf('event').at(-1) ?? 'message', data: JSON.parse(data.join('\n')) };
}

/**
 * The events of a stream, until it ends. `onBytes` is told of every piece, also of heartbeats.
 *
 * @param {ReadableStream<Uint8Array>} stream
 * @param {() => void} onBytes
 * @returns {AsyncGenerator<{ name: string, data: any }>}
 */
export async function* readEvents(stream, onBytes) {
  const reader = stream.pipeThrough(/** @type {ReadableWritablePair<string, Uint8Array>} */ (new TextDecoderStream())).getReader();
  let rest = '';
  /** @type {string[]} */
  let lines = [];
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    onBytes();
    const pieces = (rest + value).split('\n');
    rest = pieces.pop() ?? '';
    for (const piece of pieces) {
      const line = piece.replace(/\r$/, '');
      if (line !== '') {
        lines.push(line);
        continue;
      }
      const event = toEvent(lines);
      lines = [];
      if (event !== null) yield event;
    }
  }
}
