/** Accounts for tests of the admin API. */

const IN_AN_HOUR = Date.now() + 3_600_000;
/** One account of each kind that is tested; every secret has the word in it that no answer may have. */
export const ACCOUNTS: readonly ({ readonly id: string } & Readonly<Record<string, unknown>>)[] = [
  { id: 'key', label: 'A key', platform: 'openai', type: 'api_key', credentials: { api_key: 'planted-api-key' } },
  {
    id: 'max',
    platform: 'anthropic',
    type: 'oauth',
    credentials: { access_token: 'planted-access', refresh_token: 'planted-refresh', expires_at: IN_AN_HOUR },
  },
  { id: 'setup', platform: 'anthropic', type: 'setup_token', credentials: { setup_token: 'planted-setup' } },
  { id: 'codex', platform: 'openai', type: 'oauth', credentials: { access_token: 'planted-codex', expires_at: IN_AN_HOUR } },
  {
    id: 'google',
    platform: 'gemini',
    type: 'oauth',
    project: 'p-1',
    credentials: { access_token: 'planted-google', expires_at: IN_AN_HOUR },
  },
  {
    id: 'gravity',
    platform: 'antigravity',
    type: 'oauth',
    project: 'p-2',
    credentials: { access_token: 'planted-gravity', expires_at: IN_AN_HOUR },
  },
];
