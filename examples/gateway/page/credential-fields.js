/** Which credentials an account has, by its type. */

/** @typedef {{ name: string, label: string, hint?: string, isSecret: boolean, isNeeded?: boolean }} CredentialField `name`: what the admin API calls it */

/** @type {CredentialField} */
const EXPIRY = {
  name: 'expires_at',
  label: 'Expires at',
  hint: 'Like 2026-01-31T12:00:00Z, or seconds or milliseconds since 1970. Empty: not known.',
  isSecret: false,
};

/** What a person may hand in: `read-credentials.ts` of the gateway. @type {Readonly<Record<string, readonly CredentialField[]>>} */
const BY_TYPE = {
  api_key: [{ name: 'api_key', label: 'API key', isSecret: true, isNeeded: true }],
  setup_token: [{ name: 'setup_token', label: 'Setup token', isSecret: true, isNeeded: true }, EXPIRY],
  oauth: [
    { name: 'access_token', label: 'Access token', isSecret: true },
    { name: 'refresh_token', label: 'Refresh token', isSecret: true },
    EXPIRY,
  ],
};

/** Google refreshes a token only for the client that it was given to, and no client is known beforehand. @type {readonly CredentialField[]} */
const CLIENT = [
  { name: 'client_id', label: 'Client id', hint: 'The client that the account signed in with.', isSecret: false },
  { name: 'client_secret', label: 'Client secret', isSecret: true },
];

const GOOGLE = ['gemini', 'antigravity'];

/**
 * The fields of an account's credentials, in the order in which they are asked for; null: none can be handed in.
 *
 * @param {{ type: string, platform: string }} account
 * @returns {readonly CredentialField[] | null}
 */
export function credentialFields({ type, platform }) {
  const fields = Object.hasOwn(BY_TYPE, type) ? BY_TYPE[type] : undefined;
  if (fields === undefined) return null;
  return type === 'oauth' && GOOGLE.includes(platform) ? [...CLIENT, ...fields] : fields;
}

/**
 * What the form says as the API takes it: what is empty is left out, and a number may stand for an instant.
 *
 * @param {readonly { name: string, value: string }[]} entries
 * @returns {Record<string, string | number>}
 */
export function toCredentials(entries) {
  const filled = entries.map(({ name, value }) => ({ name, value: value.trim() })).filter(({ value }) => value !== '');
  return Object.fromEntries(
    filled.map(({ name, value }) => [name, name === EXPIRY.name && /^\d+(\.\d+)?$/.test(value) ? Number(value) : value]),
  );
}
