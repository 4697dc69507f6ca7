/** Which handler answers which request: a few lines over `node:http`. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { ApiError, readJson, sendJson } from './http.js';

/** A request that is authenticated. */
export interface Call {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** What stands in the path for `:id`; empty where the route has none. */
  readonly id: string;
  readonly query: URLSearchParams;
  /** Reads the body as JSON; undefined where there is none. */
  body(): Promise<unknown>;
}

/** Answers a call: with what is to be sent as JSON, with undefined for 204, or with `ANSWERED`. */
export type Handler = (call: Call) => unknown;

/** The handler has answered by itself. */
export const ANSWERED: unique symbol = Symbol('answered');

/** Handlers by method and path: `POST /admin/accounts/:id/enable`. */
export type Routes = Readonly<Record<string, Handler>>;

interface Route {
  readonly method: string;
  readonly parts: readonly string[];
  readonly handler: Handler;
}

function routeOf([key, handler]: readonly [string, Handler]): Route {
  const [method = '', path = ''] = key.split(' ');
  return { method, parts: path.split('/'), handler };
}

/** The id in the path; null: the path is another one. */
function match(route: Route, parts: readonly string[]): string | null {
  if (route.parts.length !== parts.length) return null;
  let id = '';
  for (const [index, part] of route.parts.entries()) {
    if (part === ':id') id = parts[index] ?? '';
    else if (part !== parts[index]) return null;
  }
  return id;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new ApiError(400, 'invalid_path', { message: 'The path is not encoded as it should be.' });
  }
}

async function answer({ handler }: Route, call: Call): Promise<void> {
  const value = await handler(call);
  if (value !== ANSWERED) sendJson(call.response, 200, value);
}

/** Makes a function that answers a request by its route. Rejects with an `ApiError` where there is none, and as handlers do. */
export function createRouter(routes: Routes): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
  const table = Object.entries(routes).map(routeOf);
  return async (request, response) => {
    const [path = '', query = ''] = (request.url ?? '').split('?', 2);
    const parts = path.split('/');
    const fitting = table.filter((route) => match(route, parts) !== null);
    if (fitting.length === 0) throw new ApiError(404, 'not_found', { message: 'There is nothing at this path.' });
    const route = fitting.find(({ method }) => method === request.method);
    if (route === undefined) {
      response.setHeader('allow', fitting.map(({ method }) => method).join(', '));
      throw new ApiError(405, 'method_not_allowed', { message: 'This path does not take that method.' });
    }
    const id = decoded(match(route, parts) ?? '');
    await answer(route, { request, response, id, query: new URLSearchParams(query), body: () => readJson(request) });
  };
}
