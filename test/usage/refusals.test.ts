import { describe, expect, it } from 'vitest';
import type { UsageInfo } from '../../src/core/usage-info.js';
import { usageFromResponse } from '../../src/usage/usage-from-response.js';
import { NOW } from '../support/accounts.js';
import { CAPTURES } from '../support/captures.js';
import { usageInfo } from '../support/usage-info.js';

const refused = (platform: string, status: number, body: string): UsageInfo =>
  usageFromResponse(platform, { status, headers: {}, body }, NOW);
const failed = (failure: unknown): UsageInfo => usageFromResponse('antigravity', { failure }, NOW);
const degraded = (errorCode: UsageInfo['errorCode'], error: string): UsageInfo =>
  usageInfo({ errorCode, error: `usage API error: ${error}`, needsReauth: errorCode === 'unauthenticated' });
const google = (message: string, rest: object = {}): string =>
  JSON.stringify({ error: { code: 403, message, status: 'PERMISSION_DENIED', ...rest } });

describe('a 403 of the account', () => {
  it.each([
    { body: google('VALIDATION_REQUIRED'), type: 'validation' },
    { body: 'Please verify your account to continue', type: 'validation' },
    { body: google('x', { details: [{ metadata: { validation_url: 'https://accounts.google.com/x' } }] }), type: 'validation' },
    { body: google('Your account has been suspended for Terms of Service violation'), type: 'violation' },
    { body: 'Account suspended due to policy violation', type: 'violation' },
    { body: google('Please verify your account. Policy violation.'), type: 'validation' },
    { body: 'Access denied', type: 'forbidden' },
    { body: '{"error":{}}', type: 'forbidden' },
  ] as const)('$type: $body', ({ body, type }) => {
    expect(refused('antigravity', 403, body)).toMatchObject({
      forbidden: { type },
      needsVerify: type === 'validation',
      isBanned: type === 'violation',
      needsReauth: false,
      errorCode: 'forbidden',
      error: null,
      updatedAt: NOW,
    });
  });

  it('says what the upstream said', () => {
    expect(refused('antigravity', 403, google('No licence')).forbidden?.reason).toBe('No licence');
    expect(refused('antigravity', 403, 'Access denied\n').forbidden?.reason).toBe('Access denied');
    expect(refused('antigravity', 403, '{"a":1}').forbidden?.reason).toBe('{"a":1}');
  });

  it('has the link of its owner, trusted or not', () => {
    const linked = (url: string) =>
      google('Verify your account', { details: [{ reason: 'VALIDATION_REQUIRED', metadata: { validation_url: url } }] });
    expect(refused('antigravity', 403, linked('https://accounts.google.com/verify')).forbidden?.link).toEqual({
      url: 'https://accounts.google.com/verify',
      trusted: true,
    });
    expect(refused('antigravity', 403, linked('https://example.com/verify')).forbidden?.link?.trusted).toBe(false);
    const own = { verificationHosts: ['example.com'] };
    const response = { status: 403, headers: {}, body: linked('https://example.com/verify') };
    expect(usageFromResponse('antigravity', response, NOW, own).forbidden?.link?.trusted).toBe(true);
    expect(refused('antigravity', 403, linked('javascript:alert(1)')).forbidden?.link).toBeNull();
  });

  it('a link with a credential in it is not trusted any more', () => {
    const url = `https://accounts.google.com/verify?token=${'a1b2c3'.repeat(5)}`;
    const body = google('Verify your account', { details: [{ metadata: { validation_url: url } }] });
    expect(refused('antigravity', 403, body).forbidden?.link).toEqual({
      url: 'https://accounts.google.com/verify?token=[redacted]',
      trusted: false,
    });
  });

  it('one that is cut off accuses nobody', () => {
    const body = google(
      'This account is closed for violation of Terms of Service. Verify your account: https://accounts.google.com/x',
    ).slice(0, -4);
    expect(refused('antigravity', 403, body)).toMatchObject({
      forbidden: { type: 'forbidden', link: null },
      isBanned: false,
      needsVerify: false,
    });
  });
});

describe('a 403 that is no verdict on the account', () => {
  const scope =
    '{"type":"error","error":{"type":"permission_error","message":"OAuth token does not meet scope requirement\\n  user:profile"}}';

  it('a token without the scope to ask is a healthy one', () => {
    expect(refused('anthropic', 403, scope)).toEqual(
      degraded(null, 'HTTP 403: OAuth token does not meet scope requirement   user:profile'),
    );
    expect(refused('openai', 403, scope).forbidden).not.toBeNull();
  });

  it.each([
    { title: 'a page of the edge', platform: 'openai', body: '<!DOCTYPE html><title>Attention Required!</title>' },
    { title: 'an empty body', platform: 'openai', body: '' },
    { title: "Anthropic's region block", platform: 'anthropic', body: '{"error":{"type":"forbidden","message":"Request not allowed"}}' },
    {
      title: "OpenAI's region block",
      platform: 'openai',
      body: '{"error":{"code":"unsupported_country_region_territory","message":"No"}}',
    },
  ])('$title blocks the way', ({ platform, body }) => {
    expect(refused(platform, 403, body)).toMatchObject({ errorCode: 'network_error', forbidden: null, needsReauth: false });
  });

  it('a revoked token needs its owner', () => {
    const body =
      '{"type":"error","error":{"type":"permission_error","message":"OAuth token has been revoked. Please obtain a new token."}}';
    expect(refused('anthropic', 403, body)).toMatchObject({ errorCode: 'unauthenticated', needsReauth: true, forbidden: null });
  });
});

describe('other refusals', () => {
  it.each([
    { status: 401, body: '{"error":{"message":"No"}}', code: 'unauthenticated', said: 'HTTP 401: No' },
    { status: 401, body: 'Unauthorized', code: 'unauthenticated', said: 'HTTP 401: Unauthorized' },
    { status: 401, body: '', code: 'unauthenticated', said: 'HTTP 401: an empty body' },
    { status: 401, body: '<html>', code: 'network_error', said: 'HTTP 401: a web page' },
    { status: 401, body: '{"detail":"Unauthorized"}', code: 'unauthenticated', said: 'HTTP 401: Unauthorized' },
    { status: 400, body: '{"error":"invalid_grant"}', code: 'unauthenticated', said: 'HTTP 400: invalid_grant' },
    { status: 500, body: '{"error":{"status":"UNAUTHENTICATED","message":"No"}}', code: 'unauthenticated', said: 'HTTP 500: No' },
    { status: 400, body: '{"error":{"message":"not an invalid_grant"}}', code: 'network_error', said: 'HTTP 400: not an invalid_grant' },
    { status: 429, body: '{"error":{"message":"Rate limited."}}', code: 'rate_limited', said: 'HTTP 429: Rate limited.' },
    { status: 429, body: '<html>', code: 'rate_limited', said: 'HTTP 429: a web page' },
    { status: 503, body: '', code: 'network_error', said: 'HTTP 503: an empty body' },
    { status: 404, body: '{"a":', code: 'network_error', said: 'HTTP 404: unreadable JSON' },
    { status: 302, body: '', code: 'network_error', said: 'HTTP 302: an empty body' },
    { status: 200, body: '', code: 'network_error', said: 'HTTP 200: an empty body' },
    { status: 200, body: '<html>', code: 'network_error', said: 'HTTP 200: a web page' },
    { status: 200, body: '{"five_hour":', code: 'network_error', said: 'HTTP 200: unreadable JSON' },
    { status: 200, body: '[]', code: 'network_error', said: 'HTTP 200: []' },
    { status: 200, body: '{"detail":{"code":"token_expired","message":"x"}}', code: 'unauthenticated', said: 'HTTP 401: x' },
    { status: 200, body: '{"error":{"type":"rate_limit_error","message":"x"}}', code: 'rate_limited', said: 'HTTP 429: x' },
    { status: 0, body: '', code: 'network_error', said: 'HTTP 0: an empty body' },
  ] as const)('$status $body', ({ status, body, code, said }) => {
    expect(refused('anthropic', status, body)).toEqual(degraded(code, said));
  });

  it('a refusal inside of an answer of status 200', () => {
    expect(refused('antigravity', 200, google('Policy violation'))).toMatchObject({ isBanned: true, errorCode: 'forbidden' });
  });
});

describe('failures', () => {
  it.each([
    {
      failure: new Error('fetch failed', { cause: new Error('connect ECONNREFUSED') }),
      code: 'network_error',
      said: 'fetch failed: connect ECONNREFUSED',
    },
    {
      failure: new Error('fetch failed', { cause: Object.assign(new Error('closed'), { code: 'UND_ERR_SOCKET' }) }),
      code: 'network_error',
      said: 'fetch failed: closed (UND_ERR_SOCKET)',
    },
    { failure: new Error('token refresh: HTTP 401: no'), code: 'unauthenticated', said: 'token refresh: HTTP 401: no' },
    { failure: new Error('x', { cause: 'invalid_grant' }), code: 'unauthenticated', said: 'x: invalid_grant' },
    { failure: 'status UNAUTHENTICATED', code: 'unauthenticated', said: 'status UNAUTHENTICATED' },
    { failure: 'HTTP 429', code: 'rate_limited', said: 'HTTP 429' },
    { failure: 'timeout', code: 'network_error', said: 'timeout' },
    { failure: null, code: 'network_error', said: 'no answer' },
    { failure: {}, code: 'network_error', said: 'no answer' },
  ] as const)('$said', ({ failure, code, said }) => {
    expect(failed(failure)).toEqual(degraded(code, said));
  });

  it('an error that is its own cause ends', () => {
    const error = new Error('again');
    error.cause = error;
    expect(failed(error).error).toBe('usage API error: again: again: again');
  });
});

describe('captured refusals', () => {
  const seen = new Map(CAPTURES.map((capture) => [capture.id, usageFromResponse(capture.platform, capture, NOW)]));

  it.each([
    ['anthropic-429-usage-endpoint-retry-after-0', { errorCode: 'rate_limited', forbidden: null }],
    ['anthropic-403-scope-user-profile-details', { errorCode: null, forbidden: null, needsReauth: false }],
    ['anthropic-403-oauth-revoked', { errorCode: 'unauthenticated', needsReauth: true }],
    ['anthropic-401-invalid-bearer-token', { errorCode: 'unauthenticated', needsReauth: true }],
    ['anthropic-529-overloaded', { errorCode: 'network_error', needsReauth: false }],
    ['anthropic-token-400-invalid-grant-expired', { errorCode: 'unauthenticated' }],
    ['codex-403-cloudflare-html', { errorCode: 'network_error', forbidden: null }],
    ['codex-403-empty-body', { errorCode: 'network_error', forbidden: null }],
    ['openai-403-unsupported-country', { errorCode: 'network_error', forbidden: null }],
    ['codex-401-token-invalidated', { errorCode: 'unauthenticated', needsReauth: true }],
    ['antigravity-403-validation-required-redacted', { needsVerify: true, isBanned: false, forbidden: { type: 'validation' } }],
    [
      'antigravity-403-tos-violation-reason',
      {
        needsVerify: false,
        isBanned: true,
        forbidden: { type: 'violation', link: { url: 'https://forms.gle/hGzM9MEUv2azZsrb9', trusted: false } },
      },
    ],
    ['antigravity-403-tos-via-proxy-retry-exhausted', { isBanned: true }],
    ['antigravity-403-subscription-required', { forbidden: { type: 'forbidden' }, isBanned: false, needsVerify: false }],
    ['antigravity-403-service-disabled-foreign-project', { forbidden: { type: 'forbidden' }, isBanned: false, needsVerify: false }],
    ['codeassist-403-consumer-invalid-array', { forbidden: { type: 'forbidden' } }],
    ['antigravity-429-individual-quota-71h', { errorCode: 'rate_limited' }],
  ])('%s', (id, expected) => {
    expect(seen.get(id)).toMatchObject(expected);
  });

  it('each refusal is degraded or refused, and none needs two things of its owner', () => {
    const refusals = CAPTURES.filter(({ status }) => status >= 400);
    expect(refusals.length).toBeGreaterThan(90);
    for (const { id } of refusals) {
      const info = seen.get(id);
      expect(info?.error ?? info?.forbidden, id).not.toBeNull();
      expect([info?.needsReauth, info?.needsVerify, info?.isBanned].filter(Boolean).length, id).toBeLessThanOrEqual(1);
    }
  });
});
