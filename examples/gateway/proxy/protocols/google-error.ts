/** Google's form of an error, which Gemini and Antigravity share. */
import type { ClientError } from './protocol.js';

const STATUS_WORDS: Readonly<Record<number, string>> = {
  400: 'INVALID_ARGUMENT',
  401: 'UNAUTHENTICATED',
  404: 'NOT_FOUND',
  405: 'INVALID_ARGUMENT',
  413: 'INVALID_ARGUMENT',
  415: 'INVALID_ARGUMENT',
  429: 'RESOURCE_EXHAUSTED',
  500: 'INTERNAL',
};

/** An error as Google's clients read it, with the wait as `RetryInfo`. */
export function googleErrorBody({ status, message, retryAfterSeconds }: ClientError): object {
  const retryInfo = { '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: `${retryAfterSeconds}s` };
  const details = retryAfterSeconds === null ? {} : { details: [retryInfo] };
  return { error: { code: status, message, status: STATUS_WORDS[status] ?? 'UNAVAILABLE', ...details } };
}
