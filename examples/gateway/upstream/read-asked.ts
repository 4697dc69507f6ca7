/** What a request to the scripted upstream asks for. */
import type { IncomingMessage } from 'node:http';
import type { Asked } from './answers.js';

/** A request, read. */
export interface Request {
  readonly path: string;
  /** Null: no path of a model. */
  readonly asked: Asked | null;
  readonly model: string;
  readonly streams: boolean;
  readonly withCredits: boolean;
  readonly secret: string;
  readonly contentType: string;
  readonly body: string;
}

const PATHS: readonly (readonly [end: RegExp, asked: Asked])[] = [
  [/\/v1\/messages\/count_tokens$/, 'count_tokens'],
  [/\/v1\/messages$/, 'messages'],
  [/\/responses$/, 'responses'],
  [/\/chat\/completions$/, 'chat'],
  [/\/v1internal:(?:generateContent|streamGenerateContent)$/, 'antigravity'],
  [/\/models\/[^/:]{1,200}:(?:generateContent|streamGenerateContent)$/, 'gemini'],
];

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
    asked: PATHS.find(([end]) => end.test(path))?.[1] ?? null,
    model: typeof json.model === 'string' ? json.model : (inPath ?? ''),
    streams: json.stream === true || path.endsWith(':streamGenerateContent'),
    withCredits: Array.isArray(json.enabledCreditTypes),
    secret: secretOf(request, url),
    contentType: request.headers['content-type'] ?? '',
    body,
  };
}
