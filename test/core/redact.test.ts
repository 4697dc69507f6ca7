import { Buffer } from 'node:buffer';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRedactor, redactShapes } from '../../src/core/redact.js';
import { createSecretFinder } from '../../src/core/secret-finder.js';
import { cleanText } from '../../src/core/text.js';
import { hostileText } from './hostile-text.js';

const KEY = 'sk-ant-oat01-AbCdEf0123456789_xyz-ABCDEF';
const JWT = 'eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.c2lnbmF0dXJl-_x';

describe('redactShapes removes (I29, F83)', () => {
  it.each<[what: string, text: string, redacted: string]>([
    ['an Anthropic key', `invalid x-api-key ${KEY}.`, 'invalid x-api-key sk-[redacted].'],
    ['an OpenAI key', 'Incorrect API key provided: sk-proj-abc_DEF123.', 'Incorrect API key provided: sk-[redacted].'],
    ['a masked key', 'Incorrect API key provided: sk-abc12***********wxyz. You', 'Incorrect API key provided: sk-[redacted]. You'],
    ['a key in a word', 'xsk-abcdefghijklmnopqrstuvwxyz', 'xsk-[redacted]'],
    ['a key behind an escape', '\\nsk-abcdefghijklmnopqrstuvwxyz', '\\nsk-[redacted]'],
    ['a Google key', 'API key AIzaSyA-1234567890_abcdefghijklmnopqrstu not valid', 'API key AIza[redacted] not valid'],
    ['a Google access token', 'got ya29.a0AfH6SMB_x-y.z1', 'got [redacted]'],
    ['a Google refresh token', 'posted 1//0gAbCdEfGhIjKl-_', 'posted [redacted]'],
    ['a refresh token in escaped JSON', 'posted 1\\/\\/0gAbCdEfGhIjKl-_', 'posted [redacted]'],
    ['a refresh token in a URL', 'posted 1%2F%2F0gAbCdEfGhIjKl-_', 'posted [redacted]'],
    ['a client secret', 'GOCSPX-abcdefghijklmnop', '[redacted]'],
    ['a JSON web token', `jwt ${JWT} expired`, 'jwt [redacted] expired'],
    ['a bearer value', 'Authorization was Bearer abcDEF0123 and', 'Authorization was Bearer [redacted] and'],
    ['a long bearer value', 'bearer abcdefghijklmnopqrstuvw', 'bearer [redacted]'],
    ['a basic value', 'Basic dXNlcjpwYXNz', 'Basic [redacted]'],
    ['a bearer value in a URL', 'h=Bearer%20abcDEF0123', 'h=Bearer%20[redacted]'],
    ['a bearer value behind a name', 'token= Bearer  hunter, x', 'token= [redacted], x'],
    ['schemes in a row', 'token=Bearer Basic  hunter x', 'token=[redacted] x'],
    ['a scheme alone', 'token=Bearer&x=1', 'token=[redacted]&x=1'],
    ['an authorization header', 'authorization: Bearer hunter\r\nhost: x', 'authorization: [redacted]\r\nhost: x'],
    ['a key in a query', 'GET https://x/v1?key=hunter2&alt=sse', 'GET https://x/v1?key=[redacted]&alt=sse'],
    ['a token in a query', '?access_token=a.b-c#top', '?access_token=[redacted]#top'],
    ['an encoded query', 'u=%3Fkey%3Dhunter2', 'u=%3Fkey%3D[redacted]'],
    ['a JSON value', '{"refresh_token":"rt_1","x":1}', '{"refresh_token":"[redacted]","x":1}'],
    ['a spaced JSON value', '{"api_key" : "a b\\"c", "x":1}', '{"api_key" : "[redacted]", "x":1}'],
    ['JSON in JSON', '{"m":"{\\"accessToken\\":\\"a\\\\\\"b\\",\\"x\\":1}"}', '{"m":"{\\"accessToken\\":\\"[redacted]\\",\\"x\\":1}"}'],
    ['an array', '{"cookie": ["sid=1; a=2"]}', '{"cookie": ["[redacted]"]}'],
    ['a cut value', '{"client_secret":"abc', '{"client_secret":"[redacted]'],
    ['a Python repr', "{'password': 'p w'}", "{'password': '[redacted]'}"],
    ['a cookie', 'Set-Cookie: sid=abc; Path=/\nx: y', 'Set-Cookie: [redacted]\nx: y'],
    ['a random value behind a colon', 'x-goog-api-key: abcd1234', 'x-goog-api-key: [redacted]'],
    ['a value with escaped slashes', 'token=abc\\/def x', 'token=[redacted] x'],
    ['a value before an escape', 'token=abc\\n next', 'token=[redacted]\\n next'],
    ['the shortest run', 'sk-123456', 'sk-[redacted]'],
    ['the shortest run in a word', `xsk-${'a'.repeat(20)}`, 'xsk-[redacted]'],
    ['the shortest random value', 'bearer abcdefg1', 'bearer [redacted]'],
    ['the shortest long value', `bearer ${'a'.repeat(20)}`, 'bearer [redacted]'],
    ['an address at the start', 'jane@example.com said', '[redacted] said'],
    ['an address of another script', 'jané@exämple.com', '[redacted]'],
    ['an address', 'user jane.doe+x@mail.example.com.', 'user [redacted].'],
    ['an encoded address', 'user=jane%40example.com', 'user=[redacted]'],
    ['a password in a URL', 'https://u:hunter2@db.example.com/x', 'https://u:[redacted]/x'],
  ])('%s', (_, text, redacted) => {
    expect(redactShapes(text)).toBe(redacted);
  });
});

describe('redactShapes keeps', () => {
  it.each([
    '',
    'Invalid bearer token',
    'unauthorized: token expired',
    'invalid x-api-key',
    'Rate limit reached for gpt-4o on tokens per min (TPM): Limit 30000. Visit https://platform.openai.com/account/rate-limits',
    'This request would exceed the rate limit of 30,000 input tokens per minute',
    'OAuth token has been revoked. Please obtain a new token.',
    '"type":"token_expired"',
    'disk-usage, task-manager, risk-aversion',
    'sk-12345',
    `xsk-${'a'.repeat(19)}`,
    'bearer abcdef1',
    `bearer ${'a'.repeat(19)}`,
    '1 + 1 == 2, SK-ABCDEFGH',
    'x: 1',
    'sk-...',
    'Authentication Fails (auth header format should be Bearer sk-...)',
    'API key: ****xxxx is invalid',
    'basic authentication',
    'a@b and @mention',
    '1/2 of 1//2',
    'key: value',
    'max_tokens: 4096',
    'basic: 50% off',
  ])('%j', (text) => {
    expect(redactShapes(text)).toBe(text);
  });

  it('is idempotent and total on any text', () => {
    let redacted = 0;
    fc.assert(
      fc.property(hostileText, (text) => {
        const once = redactShapes(text);
        if (once !== text) redacted += 1;
        expect(redactShapes(once)).toBe(once);
      }),
      { numRuns: 5000 },
    );
    expect(redacted).toBeGreaterThan(100);
  });

  it('removes each shape out of any surroundings that end a word', () => {
    const shapes = fc.constantFrom(
      KEY,
      JWT,
      'AIzaSyA-1234567890abcdefghij',
      'ya29.a0AfH6SMBxyz0123',
      '1//0gAbCdEfGhIjKlMnOp',
      'Bearer abcDEF0123456',
    );
    fc.assert(
      fc.property(hostileText, shapes, hostileText, (before, shape, after) => {
        expect(redactShapes(`${before} ${shape} ${after}`)).not.toContain(shape.slice(8));
      }),
      { numRuns: 3000 },
    );
  });
});

const base64 = (text: string): string => Buffer.from(text).toString('base64');
/** How an upstream may echo a secret. */
const ECHOES: Readonly<Record<string, (secret: string) => string>> = {
  raw: (secret) => secret,
  'URL-encoded': encodeURIComponent,
  'URL-encoded twice': (secret) => encodeURIComponent(encodeURIComponent(secret)),
  'URL-encoded in lower case': (secret) => encodeURIComponent(secret).replace(/%../g, (byte) => byte.toLowerCase()),
  'form-encoded': (secret) => encodeURIComponent(secret).replaceAll('%20', '+'),
  'JSON-escaped': (secret) => JSON.stringify(secret).slice(1, -1),
  'JSON in JSON': (secret) => JSON.stringify(JSON.stringify(secret).slice(1, -1)).slice(1, -1),
  'JSON with escaped slashes': (secret) => JSON.stringify(secret).slice(1, -1).replaceAll('/', '\\/'),
  'JSON with escaped marks': (secret) =>
    JSON.stringify(secret)
      .slice(1, -1)
      .replace(/[<>&='+]/g, (mark) => `\\u00${mark.charCodeAt(0).toString(16)}`),
  base64: base64,
  base64url: (secret) => Buffer.from(secret).toString('base64url'),
  'split by a line break': (secret) => `${secret.slice(0, 3)}\n${secret.slice(3)}`,
  'split by an escaped line break': (secret) => `${secret.slice(0, 4)}\\r\\n    ${secret.slice(4)}`,
  'split by a zero-width space': (secret) => `${secret.slice(0, 5)}\u200b${secret.slice(5)}`,
  'base64, split': (secret) => base64(secret).replace(/.{4}/g, '$&\r\n'),
};

describe('createRedactor', () => {
  /** At least 6 characters that stay where a secret is split. */
  const isLongEnough = (text: string): boolean => text.replace(/[\s\p{Cc}\p{Cf}]/gu, '').length >= 6;
  const secrets = fc
    .oneof(
      fc.stringMatching(/^[A-Za-z0-9+/=_.~-]{6,60}$/),
      fc.string({ minLength: 6, maxLength: 40 }),
      fc.string({ unit: 'grapheme', minLength: 6, maxLength: 20 }),
    )
    .filter(isLongEnough);

  it.each(Object.entries(ECHOES))('removes a known secret: %s (I29, F84)', (name, echo) => {
    let planted = 0;
    fc.assert(
      fc.property(secrets, hostileText, hostileText, (padded, before, after) => {
        const secret = padded.trim();
        // A backslash before an escaped line break would be the escape of a backslash.
        fc.pre(name !== 'split by an escaped line break' || !(before.endsWith('\\') || secret.includes('\\')));
        const shown = echo(secret);
        const redacted = createRedactor([secret])(`${before}${shown}${after}`);
        const elsewhere = `${before}[redacted]${after}`.includes(shown) || '[redacted]'.includes(shown);
        if (!elsewhere) {
          planted += 1;
          expect(redacted).not.toContain(shown);
        }
        expect(redacted).toContain('[redacted]');
      }),
      { numRuns: 400 },
    );
    expect(planted).toBeGreaterThan(350);
  });

  it('removes what the end of a text leaves of a secret', () => {
    const redact = createRedactor([KEY, 'another/secret+with=marks']);
    for (const secret of [KEY, 'another/secret+with=marks']) {
      for (const echo of [ECHOES.raw, ECHOES['URL-encoded'], ECHOES['JSON with escaped slashes'], ECHOES.base64]) {
        const shown = echo?.(secret) ?? '';
        for (let length = 6; length < shown.length; length += 1) {
          expect(redact(`x ${shown.slice(0, length)}`)).toMatch(/^x (sk-)?\[redacted\](=|..?)?$/);
        }
        expect(redact(`x ${shown.slice(0, 5)}`)).toBe(`x ${shown.slice(0, 5)}`);
        expect(redact(`x ${shown.slice(0, 6)} y`)).toBe(`x ${shown.slice(0, 6)} y`);
      }
    }
  });

  it('removes a secret from within base64, at each alignment', () => {
    const redact = createRedactor([KEY]);
    for (const before of ['', 'u', 'us', 'use', 'user:']) {
      const redacted = redact(`Proxy said ${base64(`${before}${KEY}:tail`)} is wrong`);
      expect(Buffer.from(redacted, 'base64').toString('latin1')).not.toContain(KEY.slice(3, 12));
      expect(redacted).toMatch(/^Proxy said [^ ]*\[redacted\][^ ]* is wrong$/);
    }
  });

  it('removes a secret before and after the text is cleaned', () => {
    const text = `posted ${KEY.slice(0, 20)}\n\u200b${KEY.slice(20)}!`;
    const redact = createRedactor([KEY]);
    expect(redact(cleanText(text))).toBe('posted [redacted]!');
    expect(cleanText(redact(text))).toBe('posted [redacted]!');
  });

  it('removes each of many secrets, also where they touch, overlap or repeat', () => {
    const redact = createRedactor(['alpha-secret', 'secret-beta', 'gamma.secret', 'alpha-secret']);
    expect(redact('x alpha-secret-beta y gamma.secretalpha-secret z')).toBe('x [redacted] y [redacted] z');
    expect(createRedactor(['aaaaaa'])('aaaaaaaaaaaaaa b')).toBe('[redacted] b');
  });

  it('ignores what is too short, and removes shapes without any secret', () => {
    const text = `five5 ${KEY}`;
    expect(createRedactor(['five5', '', '      '])(text)).toBe('five5 sk-[redacted]');
    expect(createSecretFinder(['five5'])(`five5 ${base64('five5')}`)).toEqual([]);
  });

  it('takes a secret with outer blanks as the secret', () => {
    expect(createRedactor(['  hunter-two\n'])('x hunter-two')).toBe('x [redacted]');
  });

  it('finds where they are, and makes one of those that overlap', () => {
    const find = createSecretFinder(['beta-secret', 'alpha-beta-secret', 'beta-secret-gamma']);
    expect(find('alpha-beta-secret-gamma_beta-secret!')).toEqual([
      { from: 0, to: 23 },
      { from: 24, to: 35 },
    ]);
  });

  it('removes a whole secret before which another seems to be cut off', () => {
    expect(createRedactor(['one-two-three-four', 'three-four-five'])('one-two-three-four')).toBe('[redacted]');
  });

  it('is total for secrets and texts that are not well-formed', () => {
    const redact = createRedactor(['\ud800secret\udc00', '100%secret']);
    expect(redact('a \ud800secret\udc00 b 100%secret')).toBe('a [redacted] b [redacted]');
  });
});
