/** The admin API, with the token of this tab. */

const TOKEN_KEY = 'poolwarden-admin-token';

/** What the gateway refused, or that it did not answer (`status` 0). */
export class ApiError extends Error {
  /**
   * @param {number} status
   * @param {string} message
   * @param {readonly { path: string, message: string }[]} [issues]
   */
  constructor(status, message, issues = []) {
    super(message);
    this.name = 'ApiError';
    this.status = status;
    this.issues = issues;
  }
}

/** The token is kept for this tab only. @returns {string | null} */
export function readToken() {
  return sessionStorage.getItem(TOKEN_KEY);
}

/** @param {string | null} token null: sign out */
export function keepToken(token) {
  if (token === null) sessionStorage.removeItem(TOKEN_KEY);
  else sessionStorage.setItem(TOKEN_KEY, token);
}

/**
 * @param {Response} response
 * @returns {Promise<ApiError>}
 */
async function refusal(response) {
  const said = await response.json().catch(() => null);
  const { message, code, issues } = said?.error ?? {};
  const text = typeof message === 'string' ? message : typeof code === 'string' ? code : `The gateway answered ${response.status}.`;
  return new ApiError(response.status, text, Array.isArray(issues) ? issues : []);
}

/**
 * @param {string} path
 * @param {RequestInit} options
 * @returns {Promise<Response>}
 */
async function send(path, options) {
  const headers = {
    accept: 'application/json',
    ...options.headers,
    authorization: `Bearer ${readToken() ?? ''}`,
    ...(options.body ? { 'content-type': 'application/json' } : {}),
  };
  const response = await fetch(path, { cache: 'no-store', redirect: 'error', ...options, headers }).catch((cause) => {
    if (options.signal?.aborted) throw cause;
    throw new ApiError(0, 'The gateway does not answer.');
  });
  if (!response.ok) throw await refusal(response);
  return response;
}

/**
 * One call of the admin API; rejects with ApiError.
 *
 * @param {string} path such as `/admin/settings`
 * @param {{ method?: string, body?: unknown, signal?: AbortSignal }} [options]
 * @returns {Promise<any>} what was answered, null where nothing was
 */
export async function call(path, { method = 'GET', body, signal } = {}) {
  const response = await send(path, { method, signal: signal ?? null, body: body === undefined ? null : JSON.stringify(body) });
  const text = await response.text();
  return text === '' ? null : JSON.parse(text);
}

/**
 * @param {string} id of an account
 * @param {string} [part] what of it, or what is done to it
 * @returns {string}
 */
export function accountPath(id, part) {
  return ['/admin/accounts', encodeURIComponent(id), ...(part === undefined ? [] : [part])].join('/');
}

/**
 * The open event stream. Rejects with ApiError.
 *
 * @param {AbortSignal} signal
 * @returns {Promise<ReadableStream<Uint8Array>>}
 */
export async function openEvents(signal) {
  const response = await send('/admin/events', { signal, headers: { accept: 'text/event-stream' } });
  if (response.body === null) throw new ApiError(0, 'The event stream is empty.');
  return response.body;
}
