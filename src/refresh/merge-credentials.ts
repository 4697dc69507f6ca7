/** New credentials over stored ones. */
import type { Credentials, CredentialValue } from './ports.js';

/** Whether a value says nothing, so that what is stored stays. */
export function isBlank(value: unknown): boolean {
  return value === undefined || value === null || (typeof value === 'string' && value.trim() === '');
}

/**
 * Stored credentials with an answer's in their place: new keys win; what is absent, null or blank keeps what is stored, so an answer without a refresh token never erases one. Any name is an
 * ordinary key, `__proto__` too. Changes neither argument. Total, pure.
 *
 * @example mergeCredentials({ refresh_token: 'a', project_id: 'p' }, { refresh_token: 'b' }) // { refresh_token: 'b', project_id: 'p' }
 */
export function mergeCredentials(stored: Credentials | null | undefined, answer: Credentials | null | undefined): Credentials {
  const isSaid = ([, value]: [string, CredentialValue]): boolean => !isBlank(value);
  return Object.fromEntries([...Object.entries(stored ?? {}), ...Object.entries(answer ?? {}).filter(isSaid)]);
}
