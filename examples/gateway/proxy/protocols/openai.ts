/** OpenAI Responses and Chat Completions. */
import type { Account } from 'poolwarden';
import type { Protocol } from '../../telemetry/observer.js';
import { anyAccountOf, type ClientError, fillNothing, type MatchTarget, type Target } from './protocol.js';

const TYPE_OF_STATUS: Readonly<Record<number, readonly [type: string, code: string]>> = {
  400: ['invalid_request_error', 'invalid_request'],
  401: ['invalid_request_error', 'invalid_api_key'],
  404: ['invalid_request_error', 'model_not_found'],
  405: ['invalid_request_error', 'method_not_allowed'],
  413: ['invalid_request_error', 'request_too_large'],
  415: ['invalid_request_error', 'unsupported_content_encoding'],
  429: ['rate_limit_error', 'rate_limit_exceeded'],
};
const SERVER_ERROR = ['server_error', 'server_error'] as const;

function errorBody({ status, message }: ClientError): object {
  const [type, code] = TYPE_OF_STATUS[status] ?? SERVER_ERROR;
  return { error: { message, type, param: null, code } };
}

/** ChatGPT plans serve Responses and nothing else. */
function isNoPlan(account: Account): boolean {
  return account.platform === 'openai' && account.type !== 'oauth';
}

/** As with OpenAI's own clients, a base with a path (`https://chatgpt.com/backend-api/codex`) stands for `/v1` too. */
function pathUnder(baseUrl: string, path: string): string {
  return new URL(baseUrl).pathname === '/' ? `/v1${path}` : path;
}

function targetOf(protocol: Protocol, path: string, canServe: Target['canServe']): Target {
  return {
    protocol,
    canServe,
    pathModel: null,
    pathStreams: null,
    upstreamPath: (_model, baseUrl) => pathUnder(baseUrl, path),
    fill: fillNothing,
    errorBody,
  };
}

const TARGETS: ReadonlyMap<string, Target> = new Map([
  ['/v1/responses', targetOf('openai_responses', '/responses', anyAccountOf('openai'))],
  ['/v1/chat/completions', targetOf('openai_chat', '/chat/completions', isNoPlan)],
]);

/** `/v1/responses` and `/v1/chat/completions`. */
export const matchOpenai: MatchTarget = (path) => TARGETS.get(path) ?? null;
