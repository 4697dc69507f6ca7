/** One request to an upstream: what came of it, as data. */
import type { IncomingHttpHeaders } from 'node:http';
import type { Readable } from 'node:stream';
import type { EpochMs, TransportFailure } from 'poolwarden';
import { type Dispatcher, request } from 'undici';

/** What is sent, and where. */
export interface Outgoing {
  readonly url: string;
  readonly headers: Readonly<Record<string, string | string[]>>;
  readonly body: Buffer | string;
  readonly signal: AbortSignal;
}

/** How it is sent. */
export interface SendOptions {
  readonly dispatcher: Dispatcher | undefined;
  /** The longest wait for headers, and between two pieces of the body. */
  readonly timeoutMs: number;
  readonly now: () => EpochMs;
}

/** An upstream's answer, of which the headers have come. */
export interface Answer {
  readonly type: 'answer';
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly stream: Readable;
  readonly receivedAt: EpochMs;
}

/** What came of a request. */
export type Sent = Answer | { readonly type: 'failed'; readonly failure: TransportFailure; readonly receivedAt: EpochMs };

/** Codes of errors that came before any byte of the request was sent. */
const CONNECT_CODES: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EADDRNOTAVAIL',
  'UND_ERR_CONNECT_TIMEOUT',
  'ERR_TLS_CERT_ALTNAME_INVALID',
  'CERT_HAS_EXPIRED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
]);
const TIMEOUT_CODES: ReadonlySet<string> = new Set(['UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT', 'ETIMEDOUT']);

/** Why there is no answer, or no more of it. An error that tells nothing is a broken connection. */
export function failureOf(error: unknown, signal: AbortSignal): TransportFailure {
  if (signal.aborted) return 'client_abort';
  const code: unknown = typeof error === 'object' && error !== null && 'code' in error ? error.code : null;
  if (typeof code !== 'string') return 'reset';
  if (CONNECT_CODES.has(code)) return 'connect';
  return TIMEOUT_CODES.has(code) ? 'timeout' : 'reset';
}

/** Sends once: nothing is repeated and no redirect is followed. Never rejects. */
export async function send({ url, headers, body, signal }: Outgoing, { dispatcher, timeoutMs, now }: SendOptions): Promise<Sent> {
  try {
    const answer = await request(url, {
      method: 'POST',
      headers,
      body,
      signal,
      headersTimeout: timeoutMs,
      bodyTimeout: timeoutMs,
      ...(dispatcher === undefined ? {} : { dispatcher }),
    });
    return { type: 'answer', status: answer.statusCode, headers: answer.headers, stream: answer.body, receivedAt: now() };
  } catch (error) {
    return { type: 'failed', failure: failureOf(error, signal), receivedAt: now() };
  }
}
