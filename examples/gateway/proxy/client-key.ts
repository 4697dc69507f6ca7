/** The gateway's own keys, which clients send where they would send the upstream's. */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

const BEARER = /^bearer +/i;

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

/** All that a request gives as a key: each protocol has its own place for it. */
function keysIn(headers: IncomingHttpHeaders, search: URLSearchParams): readonly string[] {
  const { authorization } = headers;
  const bearer = authorization !== undefined && BEARER.test(authorization) ? authorization.replace(BEARER, '') : null;
  return [headers['x-api-key'], bearer, headers['x-goog-api-key'], search.get('key')].filter((key) => typeof key === 'string');
}

/** Whether a request may pass. Without any key of its own the gateway lets everybody pass but web pages: a browser would spend the accounts for any site that somebody on this machine visits. */
export type CheckClient = (headers: IncomingHttpHeaders, search: URLSearchParams) => boolean;

/** Compares digests in constant time, with every key, so that the time tells nothing of them. */
export function createClientCheck(clientKeys: readonly string[]): CheckClient {
  const allowed = clientKeys.map(digest);
  return (headers, search) => {
    if (allowed.length === 0) return headers.origin === undefined;
    let isAllowed = false;
    for (const given of keysIn(headers, search).map(digest)) {
      for (const key of allowed) isAllowed = timingSafeEqual(given, key) || isAllowed;
    }
    return isAllowed;
  };
}
