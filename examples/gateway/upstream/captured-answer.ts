/** Answers of real upstreams out of the capture collection, with their clock moved to now. */
import { readFileSync } from 'node:fs';

/** What goes over the wire. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

interface Capture extends Answer {
  readonly id: string;
}

const FOLDER = new URL('../../captures/', import.meta.url);
const FILES = ['anthropic.json', 'openai.json', 'gemini.json', 'antigravity.json'];
/** Of the connection, the body's coding or the day it was captured: this server has its own. */
const LEFT_OUT: ReadonlySet<string> = new Set([
  'alt-svc',
  'connection',
  'content-encoding',
  'content-length',
  'date',
  'strict-transport-security',
  'transfer-encoding',
]);
const WEEK_MS = 7 * 24 * 3_600_000;

const captures = new Map<string, Capture>(
  FILES.flatMap((file) => JSON.parse(readFileSync(new URL(file, FOLDER), 'utf8')) as readonly Capture[]).map((one) => [one.id, one]),
);

const instant = (at: number): string => new Date(at).toISOString().replace(/\.\d{3}Z/, 'Z');
const epochSeconds = (at: number): string => String(Math.ceil(at / 1000));

/** How each field that tells a time writes it: by the end of the header's name. */
const HEADER_TIMES: readonly (readonly [end: string, write: (now: number, resetInMs: number) => string])[] = [
  ['7d-reset', (now) => epochSeconds(now + WEEK_MS / 2)],
  ['-reset', (now, resetInMs) => epochSeconds(now + resetInMs)],
  ['primary-reset-at', (now, resetInMs) => epochSeconds(now + resetInMs)],
  ['primary-reset-after-seconds', (_, resetInMs) => epochSeconds(resetInMs)],
  ['retry-after', (_, resetInMs) => epochSeconds(resetInMs)],
];

/** The same for fields and sentences of bodies. */
const BODY_TIMES: readonly (readonly [pattern: RegExp, write: (now: number, resetInMs: number) => string])[] = [
  [/"quotaResetDelay":\s?"[^"]*"/g, (_, ms) => `"quotaResetDelay": "${ms / 1000}s"`],
  [/"quotaResetTimeStamp":\s?"[^"]*"/g, (now, ms) => `"quotaResetTimeStamp": "${instant(now + ms)}"`],
  [/"retryDelay":\s?"[^"]*"/g, (_, ms) => `"retryDelay": "${ms / 1000}s"`],
  [/Resets in [0-9hms.]*s\./g, (_, ms) => `Resets in ${Math.ceil(ms / 1000)}s.`],
  [/reset after [0-9hms.]*s\./g, (_, ms) => `reset after ${Math.ceil(ms / 1000)}s.`],
  [/"resets_at":\s?\d{1,12}/g, (now, ms) => `"resets_at": ${epochSeconds(now + ms)}`],
  [/"resets_in_seconds":\s?\d{1,12}/g, (_, ms) => `"resets_in_seconds": ${Math.ceil(ms / 1000)}`],
];

function headersNow(headers: Readonly<Record<string, string>>, now: number, resetInMs: number): Record<string, string> {
  const written: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers).map(([key, text]) => [key.toLowerCase(), text] as const)) {
    const time = HEADER_TIMES.find(([end]) => name.endsWith(end) && value !== '');
    if (!LEFT_OUT.has(name)) written[name] = time === undefined ? value : time[1](now, resetInMs);
  }
  return written;
}

/**
 * The captured answer as it would come now, with every reset in it `resetInMs` away. `bodyOf` names another capture for the body, where only the headers of this one were published.
 * Throws where there is no such capture.
 */
export function capturedAnswer(
  id: string,
  { now, resetInMs, bodyOf = id }: { readonly now: number; readonly resetInMs: number; readonly bodyOf?: string },
): Answer {
  const capture = captures.get(id);
  const source = captures.get(bodyOf);
  if (capture === undefined || source === undefined) throw new Error(`there is no capture ${capture === undefined ? id : bodyOf}`);
  const body = BODY_TIMES.reduce((text, [pattern, write]) => text.replace(pattern, write(now, resetInMs)), source.body);
  const headers = headersNow(capture.headers, now, resetInMs);
  return { status: capture.status, headers: { 'content-type': 'application/json', ...headers }, body };
}
