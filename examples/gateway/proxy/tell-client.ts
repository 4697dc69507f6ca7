/** An error of the gateway's own, in the form that the client reads. */
import type { ServerResponse } from 'node:http';
import type { ClientError, Target } from './protocols/protocol.js';

const WRONG_METHOD = 405;

/** Answers with an error. Nothing is said to a client that is gone, or has an answer already. */
export function tellClient(
  response: ServerResponse,
  error: ClientError,
  { target, requestId }: { readonly target: Target; readonly requestId: string },
): void {
  if (response.headersSent || response.destroyed) return;
  const body = Buffer.from(JSON.stringify(target.errorBody(error, requestId)));
  response.writeHead(error.status, {
    'content-type': 'application/json',
    'content-length': body.length,
    'request-id': requestId,
    'x-request-id': requestId,
    ...(error.retryAfterSeconds === null ? {} : { 'retry-after': String(error.retryAfterSeconds) }),
    ...(error.status === WRONG_METHOD ? { allow: 'POST' } : {}),
  });
  response.end(body);
}
