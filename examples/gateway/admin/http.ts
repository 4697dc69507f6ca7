/** JSON over `node:http`, in both directions. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { PolicyErrorIssue } from 'poolwarden';
import { SECURITY_HEADERS } from './security-headers.js';

/** A refusal that the caller is told. Its message is for a person and holds no secret. */
export class ApiError extends Error {
  /** What is wrong, field by field; empty where it is nothing that was sent. */
  readonly issues: readonly PolicyErrorIssue[];

  constructor(
    readonly status: number,
    readonly code: string,
    { message, issues = [] }: { readonly message: string; readonly issues?: readonly PolicyErrorIssue[] },
  ) {
    super(message);
    this.name = 'ApiError';
    this.issues = issues;
  }
}

const LARGEST_BODY_BYTES = 8 * 1024 * 1024;

/** Answers with JSON. What is undefined is answered with 204 and nothing. */
export function sendJson(response: ServerResponse, status: number, value: unknown): void {
  if (value === undefined) {
    response.writeHead(204, SECURITY_HEADERS).end();
    return;
  }
  const body = JSON.stringify(value);
  const headers = { ...SECURITY_HEADERS, 'content-type': 'application/json; charset=utf-8', 'content-length': Buffer.byteLength(body) };
  response.writeHead(status, headers).end(body);
}

/** Answers with an error. Whatever is no `ApiError` is told to nobody: it may name what only the operator should know. */
export function sendError(response: ServerResponse, error: unknown): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const known =
    error instanceof ApiError
      ? error
      : new ApiError(503, 'unavailable', { message: 'The gateway cannot do that now: a store does not answer.' });
  const { status, code, message, issues } = known;
  if (status === 401) response.setHeader('www-authenticate', 'Bearer realm="gateway"');
  // The rest of a body that is too large is not waited for.
  if (status === 413) response.setHeader('connection', 'close');
  sendJson(response, status, { error: { code, message, issues } });
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > LARGEST_BODY_BYTES) throw new ApiError(413, 'too_large', { message: `The body has more than ${LARGEST_BODY_BYTES} bytes.` });
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** The body as JSON; undefined where there is none. Rejects with an `ApiError`, which shows none of it: it may hold secrets. */
export async function readJson(request: IncomingMessage): Promise<unknown> {
  const text = await readBody(request);
  if (text.trim() === '') return undefined;
  try {
    return JSON.parse(text);
  } catch {
    throw new ApiError(400, 'invalid_json', { message: 'The body is no JSON.' });
  }
}
