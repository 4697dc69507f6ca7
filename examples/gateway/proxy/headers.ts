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

/** Headers that `connection` names are of the connection too. */
function namedBy(connection: string | string[] | undefined): readonly string[] {
  return connection === undefined
    ? []
    : String(connection)
        .toLowerCase()
        .split(/[\s,]+/);
}

function kept(headers: IncomingHttpHeaders, dropped: ReadonlySet<string>): Record<string, string | string[]> {
  const named = namedBy(headers.connection);
  const result: Record<string, string | string[]> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined && !dropped.has(name) && !named.includes(name)) result[name] = value;
  }
  return result;
}

function mergedList(...lists: readonly (string | string[] | undefined)[]): string {
  const items = lists.flatMap((list) => (list === undefined ? [] : String(list).split(',')));
  return [...new Set(items.map((item) => item.trim()))].filter((item) => item !== '').join(',');
}

/** What is sent on of a client's headers, and what authorizes the request. The account's headers win. */
export function upstreamHeaders(client: IncomingHttpHeaders, account: Readonly<Record<string, string>>): Record<string, string | string[]> {
  const authorization = Object.fromEntries(Object.entries(account).map(([name, value]) => [name.toLowerCase(), value]));
  const headers = { ...kept(client, NOT_FOR_UPSTREAM), 'accept-encoding': 'identity', ...authorization };
  const beta = mergedList(client[MERGED], authorization[MERGED]);
  return { ...headers, 'content-type': 'application/json', ...(beta === '' ? {} : { [MERGED]: beta }) };
}

/** What is given on of an upstream's headers. */
export function clientHeaders(upstream: IncomingHttpHeaders): OutgoingHttpHeaders {
  return kept(upstream, NOT_FOR_CLIENT);
}
