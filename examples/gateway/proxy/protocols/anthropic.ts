/** Anthropic Messages. */
import { anyAccountOf, type ClientError, fillNothing, type MatchTarget, type Target } from './protocol.js';

const PATHS: readonly string[] = ['/v1/messages', '/v1/messages/count_tokens'];

const TYPE_OF_STATUS: Readonly<Record<number, string>> = {
  400: 'invalid_request_error',
  401: 'authentication_error',
  404: 'not_found_error',
  405: 'invalid_request_error',
  413: 'request_too_large',
  415: 'invalid_request_error',
  429: 'rate_limit_error',
  503: 'overloaded_error',
};

function errorBody({ status, message }: ClientError, requestId: string): object {
  return { type: 'error', error: { type: TYPE_OF_STATUS[status] ?? 'api_error', message }, request_id: requestId };
}

function targetOf(path: string): Target {
  return {
    protocol: 'anthropic',
    canServe: anyAccountOf('anthropic'),
    pathModel: null,
    pathStreams: path === '/v1/messages' ? null : false,
    upstreamPath: () => path,
    fill: fillNothing,
    errorBody,
  };
}

const TARGETS: ReadonlyMap<string, Target> = new Map(PATHS.map((path) => [path, targetOf(path)]));

/** `/v1/messages` and `/v1/messages/count_tokens`. */
export const matchAnthropic: MatchTarget = (path) => TARGETS.get(path) ?? null;
