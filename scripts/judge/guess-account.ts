import type { Answer } from './answer.js';

/** Whose answer it looks like. */
export interface Guess {
  readonly platform: string;
  readonly accountType: string;
}

interface Mark extends Guess {
  /** Headers of which one is there, each a whole name or the beginning of one. */
  readonly headers?: readonly string[];
  /** Texts of which one is in the first part of the body. */
  readonly body?: readonly string[];
}

/** The first mark that an answer bears decides; the surest come first. */
const MARKS: readonly Mark[] = [
  { platform: 'anthropic', accountType: 'oauth', headers: ['anthropic-ratelimit-unified-'] },
  { platform: 'openai', accountType: 'oauth', headers: ['x-codex-'] },
  { platform: 'anthropic', accountType: 'api_key', headers: ['anthropic-'] },
  { platform: 'openai', accountType: 'api_key', headers: ['openai-', 'x-ratelimit-limit-'] },
  { platform: 'antigravity', accountType: 'oauth', body: ['antigravity'] },
  { platform: 'gemini', accountType: 'oauth', body: ['cloudcode-pa.googleapis.com', 'cloudaicompanion'] },
  {
    platform: 'gemini',
    accountType: 'api_key',
    headers: ['x-goog-', 'x-gemini-'],
    body: [
      'type.googleapis.com',
      'googleapis.com/',
      '"RESOURCE_EXHAUSTED"',
      '"INVALID_ARGUMENT"',
      '"UNAVAILABLE"',
      '"PERMISSION_DENIED"',
      '"UNAUTHENTICATED"',
      '"FAILED_PRECONDITION"',
      '"INTERNAL"',
    ],
  },
  {
    platform: 'openai',
    accountType: 'oauth',
    body: ['usage_limit_reached', 'token_invalidated', 'token_revoked', 'deactivated_workspace'],
  },
  { platform: 'openai', accountType: 'oauth', body: ['event: response.', '"type":"response.'] },
  { platform: 'openai', accountType: 'oauth', body: ['"detail":', '"detail" :'] },
  { platform: 'anthropic', accountType: 'oauth', body: ['OAuth token', 'OAuth authentication'] },
  {
    platform: 'anthropic',
    accountType: 'api_key',
    body: ['"type":"error"', '"type": "error"', '"rate_limit_error"', '"request_id":"req_', '"request_id": "req_'],
  },
  { platform: 'openai', accountType: 'api_key', body: ['"param":', 'platform.openai.com', 'insufficient_quota'] },
];

const UNKNOWN: Guess = { platform: 'unknown', accountType: 'api_key' };
const LOOKED_AT = 4_096;

/** Guesses platform and account type from headers, then from the body. Pure. */
export function guessAccount(answer: Answer): Guess {
  const names = Object.keys(answer.headers).map((name) => name.toLowerCase());
  const start = answer.body.slice(0, LOOKED_AT).toLowerCase();
  const bears = ({ headers = [], body = [] }: Mark): boolean =>
    headers.some((mark) => names.some((name) => name.startsWith(mark))) || body.some((text) => start.includes(text.toLowerCase()));
  const { platform, accountType } = MARKS.find(bears) ?? UNKNOWN;
  return { platform, accountType };
}
