import { createEngine } from 'poolwarden';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createAuthorizer, type LiveAuthorizer } from '../../../examples/gateway/accounts/authorize.js';
import { createDirectory, type LiveDirectory } from '../../../examples/gateway/accounts/directory.js';
import type { GatewayAccount } from '../../../examples/gateway/accounts/gateway-account.js';
import { importAccounts } from '../../../examples/gateway/accounts/import-accounts.js';
import { createKnownSecrets } from '../../../examples/gateway/accounts/known-secrets.js';
import type { Authorization } from '../../../examples/gateway/proxy/authorizer.js';
import type { Stores } from '../../../examples/gateway/stores/open-stores.js';
import type { GatewayEvent } from '../../../examples/gateway/telemetry/observer.js';
import { createTestStores, type TestStores, until } from '../stores/test-stores.js';
import { createLoopback, type Loopback } from './loopback.js';

let test: TestStores;
let stores: Stores;
let upstream: Loopback;
let directory: LiveDirectory;
let authorizer: LiveAuthorizer;
const events: GatewayEvent[] = [];
const secrets = createKnownSecrets();
let reads = 0;

beforeAll(async () => {
  test = await createTestStores();
  const opened = await test.open();
  const credentials: Stores['credentials'] = {
    ...opened.credentials,
    read(accountId) {
      reads += 1;
      return opened.credentials.read(accountId);
    },
  };
  stores = { ...opened, credentials };
  upstream = await createLoopback();
  directory = await createDirectory({ stores, origins: upstream.origins });
  const engine = createEngine({ health: stores.health, tokens: stores.tokens });
  authorizer = createAuthorizer({
    stores,
    directory,
    engine,
    secrets,
    tokenUrls: upstream.tokenUrls,
    observe: (event) => events.push(event),
  });
});
afterAll(async () => {
  await authorizer.close();
  await directory.close();
  await upstream.close();
  await test.close();
});
beforeEach(() => {
  reads = 0;
  events.length = 0;
  upstream.asked.length = 0;
});

async function add(account: { readonly id: string } & Readonly<Record<string, unknown>>): Promise<GatewayAccount> {
  const { problems } = await importAccounts([account], stores);
  expect(problems).toEqual([]);
  await directory.reload(account.id);
  return find(account.id);
}

function find(id: string): GatewayAccount {
  const account = directory.find(id);
  if (account === undefined) throw new Error(`no account ${id}`);
  return account;
}

function headersOf(authorization: Authorization): Readonly<Record<string, string>> {
  if (authorization.type === 'unavailable') throw new Error(authorization.reason);
  return authorization.headers;
}

const inAnHour = (): number => Date.now() + 3_600_000;

describe('the headers', () => {
  it.each([
    ['anthropic', 'api_key', { api_key: 'secret-value-1' }, { 'x-api-key': 'secret-value-1' }],
    [
      'anthropic',
      'setup_token',
      { setup_token: 'secret-value-2' },
      { authorization: 'Bearer secret-value-2', 'anthropic-beta': 'oauth-2025-04-20' },
    ],
    [
      'anthropic',
      'oauth',
      { access_token: 'secret-value-3' },
      { authorization: 'Bearer secret-value-3', 'anthropic-beta': 'oauth-2025-04-20' },
    ],
    ['openai', 'api_key', { api_key: 'secret-value-4' }, { authorization: 'Bearer secret-value-4' }],
    ['openai', 'oauth', { access_token: 'secret-value-5' }, { authorization: 'Bearer secret-value-5', 'chatgpt-account-id': 'workspace' }],
    ['gemini', 'api_key', { api_key: 'secret-value-6' }, { 'x-goog-api-key': 'secret-value-6' }],
    ['gemini', 'oauth', { access_token: 'secret-value-7' }, { authorization: 'Bearer secret-value-7' }],
    ['antigravity', 'oauth', { access_token: 'secret-value-8' }, { authorization: 'Bearer secret-value-8' }],
  ])('of %s with %s carry the secret as the upstream wants it', async (platform, type, credentials, expected) => {
    const timed = type === 'oauth' ? { ...credentials, expires_at: inAnHour() } : credentials;
    const account = await add({ id: `${platform}-${type}`, platform, type, organization: 'workspace', credentials: timed });
    const authorization = await authorizer.authorize(account);
    expect(authorization).toEqual({ type: 'authorized', headers: expected, credentialRevision: 0 });
    const [secret = ''] = Object.values(credentials);
    expect(secrets.redact(`it said ${secret}!`)).toBe('it said [redacted]!');
  });
});

describe('keys and setup tokens', () => {
  it('are read once for each revision, however many requests want them', async () => {
    const account = await add({ id: 'read-once', platform: 'openai', type: 'api_key', credentials: { api_key: 'first' } });
    reads = 0;
    await Promise.all(Array.from({ length: 50 }, () => authorizer.authorize(account)));
    await authorizer.authorize(account);
    expect(reads).toBe(1);
    await stores.credentials.replace('read-once', { credentials: { api_key: 'second' }, expiresAt: null });
    await until(() => find('read-once').account.credential.revision === 1);
    expect(headersOf(await authorizer.authorize(find('read-once')))).toEqual({ authorization: 'Bearer second' });
    expect(reads).toBe(2);
  });

  it('that are gone make the account unavailable', async () => {
    const account = await add({ id: 'gone', platform: 'openai', type: 'api_key', credentials: { api_key: 'x' } });
    await stores.credentials.remove('gone');
    expect(await authorizer.authorize(account)).toEqual({ type: 'unavailable', reason: 'missing', retryAt: null, actions: [] });
  });
});

describe('OAuth tokens', () => {
  it('are renewed when they end soon, once for all who want them', async () => {
    upstream.says = () => ({ body: { access_token: 'renewed-access-1', refresh_token: 'renewed-refresh-1', expires_in: 3600 } });
    const credentials = { access_token: 'ending-access', refresh_token: 'ending-refresh', expires_at: Date.now() + 60_000 };
    const account = await add({ id: 'ends-soon', platform: 'anthropic', type: 'oauth', credentials });
    const all = await Promise.all(Array.from({ length: 10 }, () => authorizer.authorize(account)));
    for (const one of all) expect(headersOf(one).authorization).toBe('Bearer renewed-access-1');
    expect(upstream.asked).toHaveLength(1);
    expect(JSON.parse(upstream.asked[0]?.body ?? '')).toMatchObject({ grant_type: 'refresh_token', refresh_token: 'ending-refresh' });
    expect((await stores.credentials.read('ends-soon'))?.credentials.refresh_token).toBe('renewed-refresh-1');
    expect(events.some((event) => event.type === 'notice' && event.code === 'refresh_done')).toBe(true);
    expect(JSON.stringify(events)).not.toMatch(/ending-|renewed-/);
  });

  it('that a 401 named are renewed in the background at once, also where another process saw it', async () => {
    upstream.says = () => ({ body: { access_token: 'renewed-access-2', refresh_token: 'renewed-refresh-2', expires_in: 3600 } });
    const credentials = { access_token: 'refused-access', refresh_token: 'refused-refresh', expires_at: inAnHour() };
    const account = await add({ id: 'refused', platform: 'anthropic', type: 'oauth', credentials });
    expect(headersOf(await authorizer.authorize(account)).authorization).toBe('Bearer refused-access');
    const elsewhere = await test.open();
    await createEngine({ health: elsewhere.health }).apply([{ type: 'request_refresh', accountId: 'refused', credentialRevision: 0 }]);
    await until(() => find('refused').account.credential.revision === 1, 5_000);
    expect(headersOf(await authorizer.authorize(find('refused'))).authorization).toBe('Bearer renewed-access-2');
    expect(upstream.asked).toHaveLength(1);
  });

  it('whose sign-in is over make the account unavailable, and that is in its health at once', async () => {
    upstream.says = () => ({ status: 400, body: { error: 'invalid_grant', error_description: 'Refresh token not found or invalid' } });
    const credentials = { access_token: 'dead-access', refresh_token: 'dead-refresh', expires_at: Date.now() - 1_000 };
    const account = await add({ id: 'dead', platform: 'anthropic', type: 'oauth', credentials });
    const authorization = await authorizer.authorize(account);
    expect(authorization).toMatchObject({ type: 'unavailable', reason: 'refused', retryAt: null });
    await until(() => find('dead').account.health.errors.has('credential'));
    expect(JSON.stringify(authorization)).not.toContain('dead-');
  });

  it('are those of the parent where the account is a shadow', async () => {
    await add({
      id: 'owner',
      platform: 'anthropic',
      type: 'oauth',
      credentials: { access_token: 'owners-access', expires_at: inAnHour() },
    });
    const shadow = await add({ id: 'shadow', platform: 'anthropic', type: 'oauth', parent: 'owner' });
    expect(headersOf(await authorizer.authorize(shadow)).authorization).toBe('Bearer owners-access');
  });
});
