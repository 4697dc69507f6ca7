/** Whether an account's credential wants a refresh: the one definition. */
import { type Account, credentialOwner, type Platform } from '../core/account.js';
import { type EpochMs, MINUTE_MS } from '../core/time.js';
import { REQUEST_WINDOW_MS } from './token-provider-policy.js';

/** Platforms whose window nobody may choose. Antigravity takes no token that ends within a quarter of an hour. */
const FIXED_WINDOWS_MS: Readonly<Record<string, number>> = { antigravity: 15 * MINUTE_MS };

/** The window before a token's end within which it wants a refresh: the platform's own, else the one that was asked for. Total, pure. */
export function refreshWindowMs(platform: Platform, windowMs: number = REQUEST_WINDOW_MS): number {
  return Object.hasOwn(FIXED_WINDOWS_MS, platform) ? (FIXED_WINDOWS_MS[platform] ?? windowMs) : windowMs;
}

/**
 * Whether the credential wants a refresh at `now`: its access token ends within the window (default: the three minutes of the request path), or a 401 was seen on this revision or a later
 * one. Never where nothing can be refreshed or the gateway keeps no revision. An unknown end is no reason: only a 401 is. A shadow is asked about its parent's credential. Total, pure.
 *
 * @example needsRefresh(account, { now: Date.now() })
 */
export function needsRefresh(account: Account, { now, windowMs }: { readonly now: EpochMs; readonly windowMs?: number }): boolean {
  const { platform, credential, health } = credentialOwner(account);
  const { revision, expiresAt, refreshable } = credential;
  if (!refreshable || revision === null) return false;
  if (health.refreshRequestedFor >= revision) return true;
  return expiresAt !== null && expiresAt - now < refreshWindowMs(platform, windowMs);
}
