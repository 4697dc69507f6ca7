/** The page's files. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { extname, join, relative, sep } from 'node:path';
import { SECURITY_HEADERS } from './security-headers.js';

/** Serves them. false: the path is none of the page's, and nothing was done. */
export type StaticPage = (request: IncomingMessage, response: ServerResponse) => boolean;

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
};

interface PageFile {
  readonly type: string;
  readonly body: Buffer;
  readonly etag: string;
}

/** Every file by the path that asks for it. No path of a request ever becomes one of the disk. */
function readFiles(folder: string): ReadonlyMap<string, PageFile> {
  const files = new Map<string, PageFile>();
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const type = TYPES[extname(entry.name)];
    if (!entry.isFile() || type === undefined) continue;
    const file = join(entry.parentPath, entry.name);
    const body = readFileSync(file);
    const etag = `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`;
    files.set(`/page/${relative(folder, file).split(sep).join('/')}`, { type, body, etag });
  }
  const index = files.get('/page/index.html');
  return index === undefined ? files : files.set('/', index);
}

function sendFile({ method, headers }: IncomingMessage, response: ServerResponse, { type, body, etag }: PageFile): void {
  const common = { ...SECURITY_HEADERS, 'cache-control': 'no-cache', etag };
  if (headers['if-none-match'] === etag) {
    response.writeHead(304, common).end();
    return;
  }
  response.writeHead(200, { ...common, 'content-type': type, 'content-length': body.length });
  response.end(method === 'HEAD' ? undefined : body);
}

/** Reads the files of a folder once, and serves them: `index.html` as `/`, all of them below `/page/`. Throws where the folder cannot be read. */
export function createStaticPage(folder: string): StaticPage {
  const files = readFiles(folder);
  return (request, response) => {
    const [path = ''] = (request.url ?? '').split('?', 1);
    const file = files.get(path);
    if (file === undefined || (request.method !== 'GET' && request.method !== 'HEAD')) return false;
    sendFile(request, response, file);
    return true;
  };
}
