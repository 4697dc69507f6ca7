import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import type { SecretContext } from 'poolwarden/refresh';
import { describe, expect, it } from 'vitest';
import { createKnownSecrets } from '../../../examples/gateway/accounts/known-secrets.js';
import { createSecretCodec } from '../../../examples/gateway/accounts/secrets.js';

const codec = createSecretCodec(randomBytes(32));
const OURS: SecretContext = { accountId: 'max-1', purpose: 'credentials' };

it('opens what it sealed, and seals the same text differently each time', async () => {
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: 'binary', maxLength: 300 }), async (text) => {
      const sealed = await codec.seal(text, OURS);
      expect(await codec.open(sealed, OURS)).toBe(text);
      expect(await codec.seal(text, OURS)).not.toBe(sealed);
      expect(sealed).toMatch(/^v1\.[0-9a-f]{16}\.[A-Za-z0-9_-]{38,}$/);
    }),
    { numRuns: 200 },
  );
});

it('refuses a text of which anything was changed, and says so without showing any of it', async () => {
  const secret = 'planted-secret';
  const sealed = String(await codec.seal(secret, OURS));
  const messages = new Set<string>();
  for (let index = 0; index < sealed.length; index += 1) {
    const other = sealed[index] === 'A' ? 'B' : 'A';
    const changed = sealed.slice(0, index) + other + sealed.slice(index + 1);
    // The last character of base64 may hold bits that stand for nothing.
    if (index === sealed.length - 1) continue;
    const opening = (async () => codec.open(changed, OURS))();
    await expect(opening).rejects.toThrow(/^A stored secret /);
    messages.add(await opening.catch((error: Error) => error.message));
  }
  expect(messages.size).toBe(3);
  for (const message of messages) expect(message).not.toContain(secret);
});

it.each<[string, SecretContext]>([
  ['another account', { ...OURS, accountId: 'max-2' }],
  ['another purpose', { ...OURS, purpose: 'access_token' }],
  ['an account whose id looks like both', { accountId: 'max-1","credentials', purpose: 'credentials' }],
])('opens nothing that was sealed for %s', async (_what, theirs) => {
  const sealed = await codec.seal('planted-secret', theirs);
  expect(await codec.open(sealed, theirs)).toBe('planted-secret');
  await expect((async () => codec.open(sealed, OURS))()).rejects.toThrow(/sealed for another account or purpose/);
});

it.each([
  ['', /unknown form/],
  ['{"access_token":"plain"}', /unknown form/],
  [`v1.${codec.keyId}.`, /cut short/],
  [`v1.${codec.keyId}.AAAA`, /cut short/],
  [`v2.${codec.keyId}.AAAA`, /unknown form/],
])('refuses %j', async (sealed, message) => {
  await expect((async () => codec.open(sealed, OURS))()).rejects.toThrow(message);
});

it('names the key that it has when a text was sealed with another one', async () => {
  const other = createSecretCodec(randomBytes(32));
  await expect((async () => codec.open(await other.seal('x', OURS), OURS))()).rejects.toThrow(
    `another key than GATEWAY_SECRET_KEY (${codec.keyId})`,
  );
  expect(() => createSecretCodec(randomBytes(16))).toThrow(RangeError);
});

describe('known secrets', () => {
  const secretOf = (account: number, version: number): string => `opaque${version}value${account}x${account * 7919}`;

  it('are taken out of every text, also of thousands of accounts, and those of the version before', () => {
    const secrets = createKnownSecrets();
    expect(secrets.redact('before: opaque-one-112233')).toBe('before: opaque-one-112233');
    secrets.add('empty', '');
    for (let account = 0; account < 700; account += 1) {
      secrets.add(`a${account}`, secretOf(account, 0));
      secrets.add(`a${account}`, secretOf(account, 0));
    }
    for (let account = 0; account < 700; account += 3) secrets.add(`a${account}`, secretOf(account, 1));
    for (let account = 0; account < 700; account += 1) {
      expect(secrets.redact(`it said ${secretOf(account, 0)}, did it`)).toBe('it said [redacted], did it');
      if (account % 3 === 0) expect(secrets.redact(secretOf(account, 1))).toBe('[redacted]');
    }
    expect(secrets.redact('sk-ant-api03-abcdefghijklmnop')).toBe('sk-[redacted]');
  });

  it('are forgotten at some time after they were rotated, and the last two never', () => {
    const secrets = createKnownSecrets();
    secrets.add('other', 'of-another-account-1');
    for (let version = 0; version < 1_500; version += 1) secrets.add('a', secretOf(5, version));
    expect(secrets.redact(secretOf(5, 0))).toBe(secretOf(5, 0));
    for (const version of [1_498, 1_499]) expect(secrets.redact(secretOf(5, version))).toBe('[redacted]');
    expect(secrets.redact('of-another-account-1')).toBe('[redacted]');
  });
});
