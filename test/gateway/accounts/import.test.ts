import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createEngine } from 'poolwarden';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { importAccounts, importFile } from '../../../examples/gateway/accounts/import-accounts.js';
import { readImport } from '../../../examples/gateway/accounts/read-import.js';
import type { Stores } from '../../../examples/gateway/stores/open-stores.js';
import { StartError } from '../../../examples/gateway/stores/start-error.js';
import { createTestStores, type TestStores } from '../stores/test-stores.js';

const KEY = { id: 'key-1', platform: 'openai', type: 'api_key', credentials: { api_key: 'planted-key-0001' } };
const MAX = {
  id: 'max-1',
  label: 'Max',
  platform: 'anthropic',
  type: 'oauth',
  organization: 'org',
  settings: { priority: 2 },
  credentials: {
    access_token: 'planted-access-0001',
    refresh_token: 'planted-refresh-0001',
    expires_at: '2026-01-01T00:00:00Z',
    scope: 'a b',
  },
};
const SETUP = {
  id: 'setup-1',
  platform: 'anthropic',
  type: 'setup_token',
  enabled: false,
  credentials: { setup_token: 'planted-setup-0001' },
};

function issuesOf(list: unknown): readonly string[] {
  return readImport(list).problems.flatMap(({ index, issues }) => issues.map(({ path, message }) => `${index} ${path}: ${message}`));
}

describe('reading a list', () => {
  it('takes API keys, OAuth accounts and setup tokens', () => {
    const { entries, problems } = readImport([KEY, MAX, SETUP]);
    expect(problems).toEqual([]);
    expect(entries.map(({ account }) => account)).toEqual([
      {
        id: 'key-1',
        label: 'key-1',
        platform: 'openai',
        type: 'api_key',
        organization: null,
        parent: null,
        project: null,
        settings: {},
        enabled: true,
      },
      {
        id: 'max-1',
        label: 'Max',
        platform: 'anthropic',
        type: 'oauth',
        organization: 'org',
        parent: null,
        project: null,
        settings: { priority: 2 },
        enabled: true,
      },
      {
        id: 'setup-1',
        label: 'setup-1',
        platform: 'anthropic',
        type: 'setup_token',
        organization: null,
        parent: null,
        project: null,
        settings: {},
        enabled: false,
      },
    ]);
    expect(entries[1]?.next).toEqual({
      credentials: { access_token: 'planted-access-0001', refresh_token: 'planted-refresh-0001', scope: 'a b' },
      expiresAt: Date.UTC(2026, 0, 1),
    });
  });

  it.each([
    [1_767_225_600, Date.UTC(2026, 0, 1)],
    [1_767_225_600_000, Date.UTC(2026, 0, 1)],
    ['2026-01-01T01:00:00+01:00', Date.UTC(2026, 0, 1)],
    [null, null],
  ])('takes the end %j', (expires_at, expected) => {
    const { entries } = readImport([{ ...MAX, credentials: { refresh_token: 'planted', expires_at } }]);
    expect(entries[0]?.next?.expiresAt).toBe(expected);
  });

  it.each<[string, unknown, RegExp]>([
    ['no list', { id: 'a' }, /^0 : must be a list of at most 10000 accounts$/],
    ['no object', ['planted-text'], /^0 : must be an object$/],
    ['an unknown platform', [{ ...KEY, platform: 'planted' }], /^0 platform: must be anthropic, openai, gemini or antigravity$/],
    ['an unknown type', [{ ...KEY, type: 'cookie' }], /^0 type: must be oauth, setup_token or api_key$/],
    ['a wrong id', [{ ...KEY, id: 'a/b' }], /^0 id: must be 1 to 128 letters/],
    ['no id', [{ ...KEY, id: undefined }], /^0 id: is missing/],
    ['an unknown field', [{ ...KEY, api_key: 'planted-key-0001' }], /^0 : has a field that is not known: api_key$/],
    ['an organization that fits in no header', [{ ...MAX, organization: 'planted Zürich' }], /^0 organization: must have neither blanks/],
    ['no credentials', [{ ...KEY, credentials: undefined }], /^0 credentials: must be an object$/],
    ['no key', [{ ...KEY, credentials: {} }], /^0 credentials\.api_key: is missing, or no text$/],
    [
      'a token beside the key',
      [{ ...KEY, credentials: { api_key: 'x', token: 'planted' } }],
      /^0 credentials: has a field that is not known: token$/,
    ],
    ['a blank key', [{ ...KEY, credentials: { api_key: '  ' } }], /^0 credentials\.api_key: must not be blank$/],
    [
      'a key with a line break',
      [{ ...KEY, credentials: { api_key: 'planted\r\nx: y' } }],
      /^0 credentials\.api_key: must have neither blanks/,
    ],
    ['neither token', [{ ...MAX, credentials: { scope: 'planted' } }], /^0 credentials: must have an access_token or a refresh_token$/],
    [
      'a wrong end',
      [{ ...MAX, credentials: { ...MAX.credentials, expires_at: 'soon' } }],
      /^0 credentials\.expires_at: must be a date like/,
    ],
    [
      'a refresh token of Google without its client',
      [{ ...MAX, platform: 'gemini', credentials: { refresh_token: 'planted' } }],
      /^0 credentials\.client_id: is missing: Google needs it to renew the token$/,
    ],
    ['a wrong setting', [{ ...KEY, settings: { priority: 'planted' } }], /^0 settings\.priority: must be a finite number$/],
    ['the switch among the settings', [{ ...KEY, settings: { enabled: false } }], /^0 settings\.enabled: stands beside the settings/],
    ['a setup token of OpenAI', [{ ...SETUP, platform: 'openai' }], /^0 type: setup tokens are of Anthropic only$/],
    ['a key of Antigravity', [{ ...KEY, platform: 'antigravity' }], /^0 type: Antigravity takes oauth only$/],
    ['a parent and credentials', [{ ...KEY, parent: 'other' }], /^0 credentials: an account with a parent has none of its own$/],
    ['itself as its parent', [{ ...KEY, parent: 'key-1', credentials: undefined }], /^0 parent: must be another account$/],
    ['an id that comes twice', [KEY, MAX, KEY], /^2 id: stands in the list twice$/],
  ])('says what is wrong with %s, and shows no value', (_what, list, expected) => {
    const issues = issuesOf(list);
    expect(issues).toHaveLength(1);
    expect(issues[0]).toMatch(expected);
    expect(issues[0]).not.toContain('planted');
  });

  it('says what is wrong with each entry', () => {
    const issues = issuesOf([KEY, { ...MAX, type: 'x', platform: 'y' }, SETUP, 7]);
    expect(issues.map((issue) => issue.slice(0, 10))).toEqual(['1 platform', '1 type: mu', '3 : must b']);
  });
});

describe('importing', () => {
  let test: TestStores;
  let stores: Stores;
  beforeAll(async () => {
    test = await createTestStores();
    stores = await test.open();
  });
  afterAll(() => test.close());

  it('adds all, or nothing where any entry is wrong', async () => {
    const refused = await importAccounts([KEY, { ...MAX, type: 'x' }], stores);
    expect(refused.added).toEqual([]);
    expect(await stores.accounts.list()).toEqual([]);
    expect(await importAccounts([KEY, MAX, SETUP], stores)).toEqual({ added: ['key-1', 'max-1', 'setup-1'], existing: [], problems: [] });
    expect((await stores.accounts.list()).map(({ id }) => id)).toEqual(['key-1', 'max-1', 'setup-1']);
    expect((await stores.credentials.read('key-1'))?.credentials).toEqual({ api_key: 'planted-key-0001' });
  });

  it('never writes over tokens that were rotated since', async () => {
    await stores.credentials.replace('max-1', { credentials: { refresh_token: 'rotated' }, expiresAt: null });
    expect(await importAccounts([MAX], stores)).toEqual({ added: [], existing: ['max-1'], problems: [] });
    expect((await stores.credentials.read('max-1'))?.credentials).toEqual({ refresh_token: 'rotated' });
  });

  it('completes an import that was cut short', async () => {
    await stores.accounts.add({
      id: 'half',
      label: 'half',
      platform: 'openai',
      type: 'api_key',
      organization: null,
      parent: null,
      project: null,
      settings: {},
      enabled: true,
    });
    await importAccounts([{ ...KEY, id: 'half' }], stores);
    expect((await stores.credentials.read('half'))?.revision).toBe(0);
  });

  it('imports a list once, though every process does so at its start', async () => {
    const others = await Promise.all([test.open(), test.open(), test.open()]);
    const list = Array.from({ length: 20 }, (_, index) => ({ ...KEY, id: `many-${index}` }));
    const all = await Promise.all(others.map((one) => importAccounts(list, one)));
    expect(all.flatMap(({ added }) => added)).toHaveLength(20);
    const references = await stores.credentials.references(list.map(({ id }) => id));
    expect([...references.values()].every(({ revision }) => revision === 0)).toBe(true);
  });

  it('lets nothing hold an account whose id was in use before', async () => {
    const engine = createEngine({ health: stores.health });
    const error = {
      kind: 'forbidden',
      message: '',
      link: null,
      rule: 'test',
      at: Date.now(),
      generation: 3,
      credentialRevision: -1,
    } as const;
    await engine.apply([{ type: 'set_error', accountId: 'used-before', ...error }]);
    await importAccounts([{ ...KEY, id: 'used-before' }], stores);
    const errorNow = async () => (await stores.health.load(['used-before'])).get('used-before')?.errors.get('forbidden');
    expect(await errorNow()).toMatchObject({ at: 0, generation: 4 });
    // What is found out from now on counts, and no later import lifts it.
    await engine.apply([{ type: 'set_error', accountId: 'used-before', ...error, generation: 4 }]);
    await importAccounts([{ ...KEY, id: 'used-before' }], stores);
    expect(await errorNow()).toMatchObject({ at: error.at, generation: 4 });
  });

  it('takes shadows of accounts that are there or in the list, and no others', async () => {
    const shadow = { id: 'shadow', platform: 'anthropic', type: 'oauth', parent: 'max-1' };
    const orphan = { ...shadow, id: 'orphan', parent: 'nobody' };
    expect((await importAccounts([shadow, orphan], stores)).problems).toEqual([
      { index: 1, id: 'orphan', issues: [{ path: 'parent', message: 'is no account of the list or the pool' }] },
    ]);
    expect((await importAccounts([shadow], stores)).added).toEqual(['shadow']);
    expect((await importAccounts([{ ...shadow, id: 'second', parent: 'shadow' }], stores)).problems[0]?.issues[0]?.message).toBe(
      'has a parent itself',
    );
  });

  it('says what is wrong with a file, and shows none of it', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'gateway-import-'));
    const path = join(folder, 'accounts.json');
    await expect(importFile(path, stores)).rejects.toThrow(/cannot be read/);
    writeFileSync(path, '[{"id": "a", "credentials": {"api_key": "planted-key"');
    const failure = await importFile(path, stores).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(StartError);
    expect(String(failure)).toMatch(/is no JSON/);
    expect(String(failure)).not.toContain('planted');
    writeFileSync(path, JSON.stringify([KEY, { ...MAX, id: 'other', platform: 'x' }]));
    await expect(importFile(path, stores)).rejects.toThrow(/entry 2 \(other\): platform must be anthropic/);
    writeFileSync(path, JSON.stringify([{ ...KEY, id: 'from-file' }]));
    expect((await importFile(path, stores)).added).toEqual(['from-file']);
    rmSync(folder, { recursive: true });
  });
});
