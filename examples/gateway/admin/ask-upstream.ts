/** One request of the gateway's own to an account's upstream: for connection tests and quotas. */
import type { UpstreamResponse } from 'poolwarden';
import { request } from 'undici';
import type { GatewayAccount } from '../accounts/gateway-account.js';
import type { Authorization, Authorizer } from '../proxy/authorizer.js';

/** What is asked. */
export interface Question {
  readonly method: 'GET' | 'POST';
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON; absent: nothing is. */
  readonly body?: unknown;
}

/** The account has no secret to send now. */
export class NotAuthorizedError extends Error {
  constructor(readonly authorization: Extract<Authorization, { readonly type: 'unavailable' }>) {
    super(`the account cannot be used now: ${authorization.reason}`);
    this.name = 'NotAuthorizedError';
  }
}

/** An answer, and the revision of the credential that was sent. */
export interface Reply extends UpstreamResponse {
  readonly body: string;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly credentialRevision: number;
}

const MOST_BYTES = 1024 * 1024;

/** Asks with the account's secret: once, and following no redirect, which would carry it elsewhere. Rejects with a `NotAuthorizedError`, and as the connection does. */
export async function askUpstream(
  account: GatewayAccount,
  { method, url, headers, body }: Question,
  { authorizer, signal }: { readonly authorizer: Authorizer; readonly signal: AbortSignal },
): Promise<Reply> {
  const authorization = await authorizer.authorize(account);
  if (authorization.type === 'unavailable') throw new NotAuthorizedError(authorization);
  const answer = await request(url, {
    method,
    signal,
    headers: { accept: 'application/json', 'content-type': 'application/json', ...headers, ...authorization.headers },
    body: body === undefined ? null : JSON.stringify(body),
  });
  let text = '';
  answer.body.setEncoding('utf8');
  for await (const chunk of answer.body) {
    text += chunk;
    // The rest tells nothing more.
    if (text.length > MOST_BYTES) break;
  }
  return { status: answer.statusCode, headers: answer.headers, body: text, credentialRevision: authorization.credentialRevision };
}
