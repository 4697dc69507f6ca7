/** The HTTP status that an error inside a stream would have had. */

/** Error types and codes, in lower case, and the status that upstreams give them outside streams. */
export const STATUS_OF_ERROR: ReadonlyMap<string, number> = new Map([
  ['overloaded_error', 529],
  ['rate_limit_error', 429],
  ['api_error', 500],
  ['timeout_error', 504],
  ['authentication_error', 401],
  ['permission_error', 403],
  ['billing_error', 402],
  ['invalid_request_error', 400],
  ['not_found_error', 404],
  ['request_too_large', 413],
  ['server_is_overloaded', 503],
  ['slow_down', 429],
  ['service_unavailable_error', 503],
  ['server_error', 500],
  ['rate_limit_exceeded', 429],
  ['usage_limit_reached', 429],
  ['usage_not_included', 429],
  ['insufficient_quota', 429],
  ['token_expired', 401],
  ['token_invalidated', 401],
  ['token_revoked', 401],
  ['invalid_api_key', 401],
  ['resource_exhausted', 429],
  ['unavailable', 503],
  ['unauthenticated', 401],
  ['permission_denied', 403],
  ['internal', 500],
  ['deadline_exceeded', 504],
]);

/** The status of an error that came in an answer of status 200: its code's, else its type's; null where it names none that is known. Total, pure. */
export function statusOfError(code: string | null, type: string | null): number | null {
  const byCode = code === null ? undefined : STATUS_OF_ERROR.get(code.toLowerCase());
  const byType = type === null ? undefined : STATUS_OF_ERROR.get(type.toLowerCase());
  return byCode ?? byType ?? null;
}
