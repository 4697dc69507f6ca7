/** Whether the body of a successful answer may be an error in disguise. */
import type { UpstreamResponse } from './exchange.js';
import { isObject, own } from './json.js';
import { bodyText, readBody } from './read-body.js';

/** How much of a body is looked at for a sign of an error. */
const SNIFFED = 4_096;
/** Signs of an error frame or an error object: cheap to look for, and checked before anything is made of them. */
const SIGNS: readonly string[] = ['"error"', '"detail"', '"response.failed"'];

function isErrorRoot(root: Readonly<Record<string, unknown>>): boolean {
  const error = own(root, 'error');
  if ((isObject(error) && Object.keys(error).length > 0) || (typeof error === 'string' && error !== '')) return true;
  if (own(root, 'type') === 'error' || own(root, 'type') === 'response.failed') return true;
  return Object.keys(root).length === 1 && own(root, 'detail') !== undefined;
}

/**
 * Whether what was read of a successful answer is no error in disguise: no error frame of a stream, no `{ "error": {…} }`, no lone `detail`. A body without any sign of one is
 * not parsed. Total, pure.
 */
export function isHealthyBody(body: UpstreamResponse['body']): boolean {
  try {
    if (typeof body === 'string' || body instanceof Uint8Array) {
      const head = bodyText(body.length > SNIFFED ? body.slice(0, SNIFFED) : body);
      if (!SIGNS.some((sign) => head.includes(sign))) return true;
    }
    const { root } = readBody(body);
    return root === null || !isErrorRoot(root);
  } catch {
    // An object of which a property throws: whoever reads it in full finds out what it is.
    return false;
  }
}
