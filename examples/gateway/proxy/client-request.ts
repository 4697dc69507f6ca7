/** A client's request, read: what it asks for, and what is sent on of it. */
import type { IncomingHttpHeaders } from 'node:http';
import { injectEnabledCreditTypes, resolveModel } from 'poolwarden';
import type { GatewayAccount } from '../accounts/gateway-account.js';
import type { ClientError, RequestBody, Target } from './protocols/protocol.js';

/** A request that can be sent to an account. */
export interface ClientRequest {
  readonly target: Target;
  readonly model: string;
  /** Whether the answer is to come as a stream. */
  readonly streams: boolean;
  /** What names the client's session; null: nothing does. */
  readonly session: string | null;
  readonly headers: IncomingHttpHeaders;
  /** What is sent on of the query: empty, or with its question mark. */
  readonly query: string;
  readonly body: RequestBody;
  /** The body as it came. */
  readonly bytes: Buffer;
}

/** The parts of a request as they came. */
export interface RawRequest {
  readonly target: Target;
  readonly headers: IncomingHttpHeaders;
  readonly search: URLSearchParams;
  readonly bytes: Buffer;
}

/** An error of the client's. */
export function badRequest(message: string, status = 400): ClientError {
  return { status, message, retryAfterSeconds: null };
}

function isObject(value: unknown): value is RequestBody {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}

function parse(bytes: Buffer): RequestBody | null {
  try {
    const value: unknown = JSON.parse(bytes.toString('utf8'));
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}

/** A session is named by a header, by Anthropic's `metadata.user_id`, or by OpenAI's `prompt_cache_key`. Each protocol has its own, for they have no accounts in common. */
function sessionOf({ protocol }: Target, headers: IncomingHttpHeaders, body: RequestBody): string | null {
  const user = isObject(body.metadata) ? textOf(body.metadata.user_id) : null;
  const name = textOf(headers['x-session-id']) ?? user ?? textOf(body.prompt_cache_key);
  return name === null ? null : `${protocol} ${name}`;
}

/** What the protocols have in their queries. Nothing else is sent on: Google takes credentials there (`key`, `access_token`), and the project that pays. */
const PARAMETERS: readonly string[] = ['alt', '$alt', 'beta'];

function queryOf(search: URLSearchParams): string {
  const kept = new URLSearchParams([...search].filter(([name]) => PARAMETERS.includes(name)));
  return kept.size === 0 ? '' : `?${kept}`;
}

/** Reads a request, or says what is wrong with it. */
export function readClientRequest({ target, headers, search, bytes }: RawRequest): ClientRequest | ClientError {
  const body = parse(bytes);
  if (body === null) return badRequest('The body is not a JSON object.');
  const model = target.pathModel ?? textOf(body.model);
  if (model === null) return badRequest('The request names no model.');
  const streams = target.pathStreams ?? body.stream === true;
  return { target, model, streams, session: sessionOf(target, headers, body), headers, query: queryOf(search), body, bytes };
}

/** What is posted for an account: the bytes as they came, but for the model's name there, what the protocol fills in, and credits. */
export function upstreamBody(request: ClientRequest, account: GatewayAccount, withCredits: boolean): Buffer | string {
  const { target, bytes } = request;
  const filled = target.fill(request.body, account);
  const model = resolveModel(account.account, request.model);
  const body = target.pathModel === null && model !== request.model ? { ...filled, model } : filled;
  if (body === request.body && !withCredits) return bytes;
  const text = JSON.stringify(body);
  // Credits can be asked for in any JSON object, and this is one.
  return withCredits ? (injectEnabledCreditTypes(text) ?? text) : text;
}

/** Where a request goes. The host comes from the account's configuration alone. */
export function upstreamUrl({ target, model, query }: ClientRequest, { account, baseUrl }: GatewayAccount): string {
  return `${baseUrl.replace(/\/+$/, '')}${target.upstreamPath(resolveModel(account, model), baseUrl)}${query}`;
}
