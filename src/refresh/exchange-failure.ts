/** Whether a request that failed can have reached its endpoint, and what may be said of the failure. */
import { isObject, own, ownList, ownText } from '../core/json.js';
import { createRedactor } from '../core/redact.js';
import { cleanText } from '../core/text.js';

/** Failures of finding or reaching the host: nothing was written to a connection that did not exist. Of Node, undici, Bun. */
const BEFORE_SENDING: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EAI_FAIL',
  'ERR_INVALID_URL',
  'ERR_SOCKET_CONNECTION_TIMEOUT',
  'UND_ERR_CONNECT_TIMEOUT',
  'ConnectionRefused',
]);
/** System calls that end before a byte of the request is written. */
const CALLS_BEFORE_SENDING: ReadonlySet<string> = new Set(['connect', 'getaddrinfo']);
/** Causes of causes that are followed. */
const DEEPEST_CAUSE = 4;

/** An error and its causes, outermost first. */
function chain(error: unknown): readonly unknown[] {
  const found: unknown[] = [];
  let current = error;
  while (isObject(current) && found.length < DEEPEST_CAUSE) {
    found.push(current);
    current = own(current, 'cause');
  }
  return found;
}

function endedBeforeSending(error: unknown): boolean {
  if (!isObject(error)) return false;
  const code = ownText(error, 'code');
  const call = ownText(error, 'syscall');
  return (code !== null && BEFORE_SENDING.has(code)) || (call !== null && CALLS_BEFORE_SENDING.has(call));
}

/** Whether every attempt to connect failed, where there were several addresses. */
function allEndedBeforeSending(error: unknown): boolean {
  const errors = isObject(error) ? ownList(error, 'errors') : [];
  return errors.length > 0 && errors.every(endedBeforeSending);
}

/** Whether the request provably never reached the endpoint. False where that is not known. Total. */
export function wasNeverSent(error: unknown): boolean {
  return chain(error).some((one) => endedBeforeSending(one) || allEndedBeforeSending(one));
}

/** The innermost machine word for a failure, such as `ECONNRESET`; else its name, such as `TimeoutError`. */
function wordOf(error: unknown): string {
  const errors = chain(error);
  const code = errors.map((one) => (isObject(one) ? ownText(one, 'code') : null)).findLast((one) => one !== null);
  return code ?? (error instanceof Error ? error.name : 'error');
}

/**
 * A new error that says what happened and nothing else: what a transport threw may carry the request, and with it the refresh token. `secrets` are removed whatever form they have.
 */
export function describeFailure(error: unknown, secrets: readonly string[]): Error {
  const message = error instanceof Error ? error.message : '';
  const redact = createRedactor(secrets);
  const described = new Error(cleanText(redact(`token request failed: ${wordOf(error)}${message === '' ? '' : `: ${message}`}`)));
  // By its name a timeout is told from a broken connection.
  if (error instanceof Error) described.name = cleanText(redact(error.name));
  return described;
}
