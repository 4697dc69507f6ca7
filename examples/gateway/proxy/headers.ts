/** Which headers pass the gateway, in both directions. */
import type { IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http';

/** Those of one connection, and those that Node and undici write themselves. */
const HOP_BY_HOP: readonly string[] = [
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
];

/** What a client's request keeps to itself: its key for the gateway, where it is, and whatever would choose an account or organization at the upstream. */
const NOT_FOR_UPSTREAM: ReadonlySet<string> = new Set([
  ...HOP_BY_HOP,
  'host',
  'content-length',
  'expect',
  // An answer that is compressed cannot be watched for errors.
  'accept-encoding',
  'authorization',
  'x-api-key',
  'api-key',
  'x-goog-api-key',
  'x-goog-user-project',
  'openai-organization',
  'openai-project',
  'chatgpt-account-id',
  'cookie',
  'origin',
  'referer',
  'forwarded',
  'via',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-port',
  'x-forwarded-proto',
  'x-real-ip',
  'x-client-ip',
  'true-client-ip',
  'cf-connecting-ip',
  'x-http-method-override',
  'x-goog-iam-authority-selector',
  'x-goog-iam-authorization-token',
  'x-session-id',
]);

/** What an answer keeps to itself: the account's cookies and name, and what speaks of the upstream's host. */
const NOT_FOR_CLIENT: ReadonlySet<string> = new Set([
  ...HOP_BY_HOP,
  'set-cookie',
  'www-authenticate',
  'anthropic-organization-id',
  'openai-organization',
  'openai-project',
  'alt-svc',
  'strict-transport-security',
  'location',
  'nel',
  'report-to',
  'reporting-endpoints',
]);

/** A feature list that both a client and an account may have: an OAuth account's has to stay in it. */
const MERGED = 'anthropic-beta';

/** Connections as nearly all are: they name no further headers. */
const PLAIN_CONNECTIONS: readonly string[] = ['', 'keep-alive', 'close'];

/** Headers that `connection` names are of the connection too. */
function namedBy(connection = ''): readonly string[] {
  return PLAIN_CONNECTIONS.includes(connection) ? [] : connection.toLowerCase().split(/[\s,]+/);
}

function kept(headers: IncomingHttpHeaders, dropped: ReadonlySet<string>): Record<string, string | string[]> {
  const named = namedBy(headers.connection);
  const result: Record<string, string | string[]> = {};
  for (const name in headers) {
    const value = headers[name];
    if (value !== undefined && !dropped.has(name) && !named.includes(name)) result[name] = value;
  }
  return result;
}

/** Two lists as one, nothing twice. */
function joined(one: string, other: string): string {
  const items = `${one},${other}`.split(',').map((item) => item.trim());
  return [...new Set(items)].filter((item) => item !== '').join(',');
}

/** What is sent on of a client's headers, and what authorizes the request. The account's headers win. */
export function upstreamHeaders(client: IncomingHttpHeaders, account: Readonly<Record<string, string>>): Record<string, string | string[]> {
  const headers = kept(client, NOT_FOR_UPSTREAM);
  for (const [anyCase, value] of Object.entries(account)) {
    const name = anyCase.toLowerCase();
    const own = headers[name];
    headers[name] = name === MERGED && typeof own === 'string' ? joined(own, value) : value;
  }
  headers['accept-encoding'] = 'identity';
  headers['content-type'] = 'application/json';
  return headers;
}

/** What is given on of an upstream's headers. */
export function clientHeaders(upstream: IncomingHttpHeaders): OutgoingHttpHeaders {
  return kept(upstream, NOT_FOR_CLIENT);
}

/** Whether a body cannot be read as it is. */
export function isCompressed(headers: IncomingHttpHeaders): boolean {
  return (headers['content-encoding'] ?? 'identity').toLowerCase() !== 'identity';
}
