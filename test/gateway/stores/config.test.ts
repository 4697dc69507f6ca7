import { resolve } from 'node:path';
import { expect, it } from 'vitest';
import { ConfigError, loadConfig } from '../../../examples/gateway/config.js';

function issuesOf(environment: Readonly<Record<string, string>>): readonly string[] {
  try {
    loadConfig(environment);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.issues;
    throw error;
  }
}

it('needs nothing: the embedded stores, the loopback, and the real hosts', () => {
  const config = loadConfig({ PORT: '', UNRELATED: 'x' });
  expect(config).toMatchObject({
    port: 8080,
    host: '127.0.0.1',
    databaseUrl: null,
    redisUrl: null,
    secretKey: null,
    clientKey: null,
    adminToken: null,
    accountsFile: null,
  });
  expect(config.dataDir).toBe(resolve('.gateway'));
  expect(config.origins.anthropic).toBe('https://api.anthropic.com');
  expect(config.tokenUrls.google).toBe('https://oauth2.googleapis.com/token');
});

it('reads what is set', () => {
  const key = Buffer.alloc(32, 5).toString('base64');
  const config = loadConfig({
    PORT: '0',
    GATEWAY_SECRET_KEY: key,
    OPENAI_ORIGIN: 'http://127.0.0.1:4000/',
    DATABASE_URL: 'postgres://a@b/c',
    ACCOUNTS_FILE: 'x.json',
  });
  expect(config.port).toBe(0);
  expect(Buffer.from(config.secretKey ?? []).equals(Buffer.alloc(32, 5))).toBe(true);
  expect(config.origins.openai).toBe('http://127.0.0.1:4000');
  expect(config.accountsFile).toBe(resolve('x.json'));
});

it.each([
  ['PORT', '70000', /PORT must be a port number/],
  ['PORT', '80a', /PORT must be a port number/],
  ['DATABASE_URL', 'mysql://a/b', /DATABASE_URL must be an address like postgres/],
  ['REDIS_URL', 'localhost:6379', /REDIS_URL must be an address like redis/],
  ['GATEWAY_SECRET_KEY', 'c2hvcnQ=', /GATEWAY_SECRET_KEY must be 32 bytes/],
  ['GATEWAY_CLIENT_KEY', 'short', /GATEWAY_CLIENT_KEY must have at least 16/],
  ['GATEWAY_ADMIN_TOKEN', 'thirty-one-characters-are-short', /GATEWAY_ADMIN_TOKEN must be 32 to 256 characters of ASCII/],
  ['GATEWAY_ADMIN_TOKEN', `a blank ${'x'.repeat(32)}`, /GATEWAY_ADMIN_TOKEN must be 32/],
  ['GATEWAY_ADMIN_TOKEN', 'é'.repeat(40), /GATEWAY_ADMIN_TOKEN must be 32/],
  ['GATEWAY_ADMIN_TOKEN', 'x'.repeat(257), /GATEWAY_ADMIN_TOKEN must be 32/],
  ['ANTHROPIC_ORIGIN', 'http://api.anthropic.com', /ANTHROPIC_ORIGIN must be an https origin/],
  ['GEMINI_ORIGIN', 'https://example.com/v1', /GEMINI_ORIGIN must be an https origin without a path/],
  ['OPENAI_ORIGIN', 'https://user:secret@example.com', /OPENAI_ORIGIN must be an https origin/],
  ['GOOGLE_TOKEN_URL', 'ftp://example.com', /GOOGLE_TOKEN_URL must be an https address/],
])('says what is wrong with %s=%s, and shows no value', (name, value, message) => {
  const issues = issuesOf({ [name]: value });
  expect(issues).toHaveLength(1);
  expect(issues[0]).toMatch(message);
  expect(issues[0]).not.toContain(value);
});

it('says everything that is wrong at once', () => {
  expect(issuesOf({ PORT: 'x', REDIS_URL: 'y' })).toHaveLength(2);
});
