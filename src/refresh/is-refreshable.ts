/** Whether credentials can be refreshed at all. */
import type { Credentials } from './ports.js';

/** Whether a refresh token is there, and not blank. Total, pure. */
export function isRefreshable({ refresh_token: token }: Credentials): boolean {
  return typeof token === 'string' && token.trim() !== '';
}
