/** What a request to the scripted upstream asks for. */
import type { IncomingMessage } from 'node:http';
import type { Asked } from './answers.js';
import type { Scenario } from './scenarios.js';

/** A request, read. */
export interface Request {
  readonly path: string;
  readonly model: string;
  readonly streams: boolean;
  readonly withCredits: boolean;
  readonly secret: string;
  readonly contentType: string;
  readonly body: string;
}

/** The paths of each host: those of the others are none of its own. */
const PATHS: readonly (readonly [path: RegExp, asked: Asked, kinds: readonly string[]])[] = [
  [/^\/v1\/messages\/count_tokens$/, 'count_tokens', ['anthropic api_key', 'anthropic oauth', 'anthropic setup_token']],
  [/^\/v1\/messages$/, 'messages', ['anthropic api_key', 'anthropic oauth', 'anthropic setup_token']],
  [/^\/v1\/responses$/, 'responses', ['openai api_key']],
  [/^\/backend-api\/codex\/responses$/, 'responses', ['openai oauth']],
  [/^\/v1\/chat\/completions$/, 'chat', ['openai api_key']],
  [/^\/v1beta\/models\/[^/:]{1,200}:(?:generateContent|streamGenerateContent)$/, 'gemini', ['gemini api_key']],
  [/^\/v1internal:(?:generateContent|streamGenerateContent)$/, 'antigravity', ['gemini oauth', 'antigravity oauth']],
];

/** What the path asks for; null: the host of this kind of account has no such path. Pure. */
export function askedAt(path: string, { platform, type }: Pick<Scenario, 'platform' | 'type'>): Asked | null {
  return PATHS.find(([pattern, , kinds]) => pattern.test(path) && kinds.includes(`${platform} ${type}`))?.[1] ?? null;
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

function readJson(body: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
  } catch {
    return {};
  }
}

function secretOf({ headers }: IncomingMessage, url: URL): string {
  const { authorization } = headers;
  if (authorization?.startsWith('Bearer ') === true) return authorization.slice('Bearer '.length);
  const named = headers['x-api-key'] ?? headers['x-goog-api-key'] ?? url.searchParams.get('key') ?? '';
  return Array.isArray(named) ? (named[0] ?? '') : named;
}

/** Reads a request to its end. Rejects where the connection breaks before. */
export async function readAsked(request: IncomingMessage): Promise<Request> {
  const url = new URL(request.url ?? '/', 'http://upstream');
  const body = await readBody(request);
  const json = readJson(body);
  const path = url.pathname;
  const [inPath] = path.split('/').slice(-1)[0]?.split(':') ?? [];
  return {
    path,
    model: typeof json.model === 'string' ? json.model : (inPath ?? ''),
    streams: json.stream === true || path.endsWith(':streamGenerateContent'),
    withCredits: Array.isArray(json.enabledCreditTypes),
    secret: secretOf(request, url),
    contentType: request.headers['content-type'] ?? '',
    body,
  };
}
