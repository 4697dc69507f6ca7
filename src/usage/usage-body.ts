/** The payload of a quota endpoint: larger than what a decision may look at, and bounded too. */
import type { UpstreamResponse } from '../core/exchange.js';
import { isObject, parseJson } from '../core/json.js';
import { MAX_BODY_BYTES, type ParsedBody, readBody } from '../core/read-body.js';

/** Bytes of a usage answer that are read: lists of models with their quotas are long. */
export const MAX_USAGE_BYTES: number = 1_024 * 1_024;

function textOf(body: UpstreamResponse['body']): string | null {
  if (typeof body === 'string') return body.length <= MAX_USAGE_BYTES ? body : null;
  return body instanceof Uint8Array && body.length <= MAX_USAGE_BYTES ? new TextDecoder().decode(body) : null;
}

/** Looks at a body as `readBody` does, but parses up to 1 MiB. Total. */
export function readUsageBody(body: UpstreamResponse['body']): ParsedBody {
  const parsed = readBody(body);
  const isLong = (typeof body === 'string' || body instanceof Uint8Array) && body.length > MAX_BODY_BYTES;
  const text = isLong && parsed.kind === 'broken' ? textOf(body) : null;
  const root = text === null ? undefined : parseJson(text);
  return isObject(root) ? { ...parsed, kind: 'json', root } : parsed;
}
