/** The token endpoints, as Anthropic, OpenAI and Google speak them. */
import type { Answer } from './captured-answer.js';
import type { TokenLedger } from './token-ledger.js';

interface Dialect {
  readonly reused: Answer;
  readonly unknown: Answer;
  readonly extra: Readonly<Record<string, unknown>>;
}

const json = (status: number, body: unknown): Answer => ({
  status,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(body),
});
const invalidGrant = (description: string): Answer => json(400, { error: 'invalid_grant', error_description: description });
const ANTHROPIC_REFUSAL = invalidGrant('Refresh token not found or invalid');
const OPENAI_REUSED = {
  message: 'Your refresh token has already been used to generate a new access token. Please try signing in again.',
  type: 'invalid_request_error',
  param: null,
  code: 'refresh_token_reused',
};
const GOOGLE_REFUSAL = invalidGrant('Token has been expired or revoked.');

/** The token endpoints, by path. */
const DIALECTS: Readonly<Record<string, Dialect>> = {
  '/v1/oauth/token': { reused: ANTHROPIC_REFUSAL, unknown: ANTHROPIC_REFUSAL, extra: { scope: 'user:inference user:profile' } },
  '/oauth/token': {
    reused: json(401, { error: OPENAI_REUSED }),
    unknown: json(401, { error: { ...OPENAI_REUSED, code: 'refresh_token_invalidated' } }),

    extra: { scope: 'openai profile email offline_access' },
  },
  '/token': { reused: GOOGLE_REFUSAL, unknown: GOOGLE_REFUSAL, extra: { scope: 'https://www.googleapis.com/auth/cloud-platform' } },
};

/** The endpoint's path on this server, by platform: for the gateway's configuration. */
export const TOKEN_PATHS: Readonly<Record<string, { readonly path: string; readonly body: 'json' | 'form' }>> = {
  anthropic: { path: '/v1/oauth/token', body: 'json' },
  openai: { path: '/oauth/token', body: 'json' },
  gemini: { path: '/token', body: 'form' },
  antigravity: { path: '/token', body: 'form' },
};

function readPost(body: string, contentType: string): Readonly<Record<string, unknown>> {
  if (contentType.startsWith('application/x-www-form-urlencoded')) return Object.fromEntries(new URLSearchParams(body));
  try {
    return JSON.parse(body) as Readonly<Record<string, unknown>>;
  } catch {
    return {};
  }
}

/** Answers a request for tokens; null: the path is no token endpoint. */
export function answerTokenRequest(
  path: string,
  { body, contentType }: { readonly body: string; readonly contentType: string },
  ledger: TokenLedger,
): { readonly answer: Answer; readonly accountId: string | null } | null {
  const dialect = DIALECTS[path];
  if (dialect === undefined) return null;
  const post = readPost(body, contentType);
  if (post.grant_type !== 'refresh_token') return { answer: json(400, { error: 'unsupported_grant_type' }), accountId: null };
  const redeemed = ledger.redeem(String(post.refresh_token ?? ''));
  if (redeemed === 'unknown' || redeemed === 'reused') return { answer: dialect[redeemed], accountId: null };
  const { secrets, accountId } = redeemed;
  if (secrets.type !== 'oauth') return { answer: dialect.unknown, accountId };
  const tokens = { access_token: secrets.accessToken, refresh_token: secrets.refreshToken };
  return { answer: json(200, { ...tokens, token_type: 'Bearer', expires_in: secrets.expiresInSeconds, ...dialect.extra }), accountId };
}
