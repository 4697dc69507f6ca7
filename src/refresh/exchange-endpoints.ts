/** Where the token endpoints are and whom they know: data. */
import { PolicyError, type PolicyErrorIssue } from '../core/policy-error.js';

/** The application that an account's refresh token was given to. A public client has no secret. */
export interface OAuthClient {
  readonly id: string;
  readonly secret?: string;
}

/** One token endpoint: its address, how its body is written, and headers beside `content-type` and `accept`. */
export interface TokenEndpoint {
  readonly url: string;
  readonly body: 'json' | 'form';
  readonly headers?: Readonly<Record<string, string>>;
}

const GOOGLE: TokenEndpoint = { url: 'https://oauth2.googleapis.com/token', body: 'form' };

/**
 * The token endpoints, by platform. Sources: Claude Code (it moved from console.anthropic.com in June 2026), `codex-rs/login/src/auth/manager.rs` of openai/codex,
 * developers.google.com/identity/protocols/oauth2.
 */
export const TOKEN_ENDPOINTS: Readonly<Record<string, TokenEndpoint>> = {
  anthropic: { url: 'https://platform.claude.com/v1/oauth/token', body: 'json' },
  openai: { url: 'https://auth.openai.com/oauth/token', body: 'json' },
  gemini: GOOGLE,
  antigravity: GOOGLE,
};

/** Clients that have no secret, by platform: Claude Code's and Codex's. Google's clients have one, so the host names them. */
export const PUBLIC_CLIENTS: Readonly<Record<string, OAuthClient>> = {
  anthropic: { id: '9d1c250a-e61b-44d9-88ed-5944d1962f5e' },
  openai: { id: 'app_EMoamEEZ73f0CkXaXp7hrann' },
};

const LOOPBACK: ReadonlySet<string> = new Set(['localhost', '127.0.0.1', '[::1]']);

/** Refresh tokens travel encrypted, or not beyond this machine. */
function isSafeAddress(address: string): boolean {
  if (!URL.canParse(address)) return false;
  const { protocol, hostname, username, password } = new URL(address);
  if (username !== '' || password !== '') return false;
  return protocol === 'https:' || (protocol === 'http:' && LOOPBACK.has(hostname));
}

/** Endpoints by platform with the host's own in place of the built-in ones. Throws a `PolicyError` for an address that is neither https nor loopback. */
export function tokenEndpoints(own: Readonly<Record<string, TokenEndpoint>> = {}): ReadonlyMap<string, TokenEndpoint> {
  const issues: readonly PolicyErrorIssue[] = Object.entries(own)
    .filter(([, { url }]) => !isSafeAddress(url))
    .map(([platform]) => ({ path: `endpoints.${platform}.url`, message: 'must be an https address, or http on a loopback address' }));
  if (issues.length > 0) throw new PolicyError('token_endpoint_invalid', issues);
  return new Map([...Object.entries(TOKEN_ENDPOINTS), ...Object.entries(own)]);
}
