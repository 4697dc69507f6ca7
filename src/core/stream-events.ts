/** The events of a stream of server-sent events, read leniently: proxies and tools drop blank lines, and break JSON over lines. */
import { MAX_FRAME_BYTES } from './stream-buffer.js';
import type { FrameReader, StreamFrame } from './stream-frame.js';
import { createLineSplitter } from './stream-lines.js';

const DATA = 'data';
const EVENT = 'event';
/** Fields that carry nothing of an event's meaning. */
const OTHER_FIELDS: readonly string[] = ['id', 'retry'];
const FIELD = /^(?:data|event|id|retry)(?=:|$)/;

/** The event that is being read. */
interface OpenEvent {
  name: string | null;
  /** All its data so far; null: too long. */
  data: string | null;
  /** How many lines of data it has. */
  lines: number;
}

const emptyEvent = (): OpenEvent => ({ name: null, data: '', lines: 0 });

/** The value of a field: without the one blank behind the colon. */
function fieldValue(line: string, field: string): string {
  const from = field.length + 1;
  return line.slice(line[from] === ' ' ? from + 1 : from);
}

function addData(event: OpenEvent, text: string | null): void {
  const joined = event.data === null || text === null ? null : event.lines === 0 ? text : `${event.data}\n${text}`;
  event.data = joined !== null && joined.length > MAX_FRAME_BYTES ? null : joined;
  event.lines += 1;
}

/** The event as a whole: where it is one line of data without a name, that line was a frame already. */
function whole({ name, data, lines }: OpenEvent): readonly StreamFrame[] {
  return lines > 1 || (lines === 1 && name !== null) ? [{ name, data }] : [];
}

/**
 * Reads server-sent events. Each line of data is a frame by itself, for it nearly always is the whole event, and then nobody has to wait for the blank line; an event that has a
 * name or several lines is a frame again when it is complete. A line without a known field counts as data. Linear; holds one event of bounded length.
 */
export function createEventReader(): FrameReader {
  const lines = createLineSplitter();
  let open = emptyEvent();

  const close = (): readonly StreamFrame[] => {
    const frames = whole(open);
    open = emptyEvent();
    return frames;
  };
  const take = (line: string | null): readonly StreamFrame[] => {
    if (line === '') return close();
    if (line?.startsWith(':')) return [];
    const field = line === null ? null : (FIELD.exec(line)?.[0] ?? null);
    if (field !== null && OTHER_FIELDS.includes(field)) return [];
    if (line !== null && field === EVENT) {
      const frames = open.lines > 0 ? close() : [];
      open.name = fieldValue(line, EVENT);
      return frames;
    }
    const text = line !== null && field === DATA ? fieldValue(line, DATA) : line;
    addData(open, text);
    return text === null ? [] : [{ name: null, data: text }];
  };
  function* takeAll(found: Iterable<string | null>): Iterable<StreamFrame> {
    for (const line of found) yield* take(line);
  }
  function* end(): Iterable<StreamFrame> {
    yield* takeAll(lines.end());
    yield* close();
  }
  return { push: (chunk) => takeAll(lines.push(chunk)), end };
}
