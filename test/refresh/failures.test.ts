import { describe, expect, it } from 'vitest';
import type { Account } from '../../src/core/account.js';
import { isErrorActive, isHoldActive } from '../../src/core/active.js';
import { mergeHealth } from '../../src/core/merge-health.js';
import { PolicyError } from '../../src/core/policy-error.js';
import { schedulability } from '../../src/core/schedulability.js';
import { toPatches } from '../../src/core/to-patches.js';
import { classifyRefreshFailure, type RefreshTrouble } from '../../src/refresh/classify-refresh-failure.js';
import type { RefreshFailure } from '../../src/refresh/outcome.js';
import { refreshFailed } from '../../src/refresh/refresh-failed.js';
import { account, accountError, hold, NOW } from '../support/accounts.js';

type Row = readonly [name: string, trouble: RefreshTrouble, kind: RefreshFailure['kind'], code: string];
const body = (value: unknown): string => JSON.stringify(value);
const oauth = (error: string): RefreshTrouble => ({ status: 400, body: body({ error, error_description: 'x' }) });
const openai = (code: string, status = 401): RefreshTrouble => ({
  status,
  body: body({ error: { message: 'x', type: 'invalid_request_error', param: null, code } }),
});

const ROWS: readonly Row[] = [
  [
    'Anthropic: the token is unknown',
    { status: 400, body: body({ error: 'invalid_grant', error_description: 'Refresh token not found or invalid' }) },
    'invalid_grant',
    'invalid_grant',
  ],
  [
    'Google: the token is revoked',
    { status: 400, body: body({ error: 'invalid_grant', error_description: 'Bad Request' }) },
    'invalid_grant',
    'invalid_grant',
  ],
  ['OpenAI: the token came twice', openai('refresh_token_reused'), 'invalid_grant', 'refresh_token_reused'],
  ['OpenAI: the token is too old', openai('refresh_token_expired'), 'invalid_grant', 'refresh_token_expired'],
  ['OpenAI: the token was invalidated', openai('refresh_token_invalidated'), 'invalid_grant', 'refresh_token_invalidated'],
  [
    'OpenAI: the code stands beside a sentence',
    { status: 401, body: body({ error: 'Your session has ended', code: 'refresh_token_revoked' }) },
    'invalid_grant',
    'refresh_token_revoked',
  ],
  ['in capital letters', oauth('Invalid_Grant'), 'invalid_grant', 'invalid_grant'],
  ['without a status', { body: body({ error: 'invalid_grant' }) }, 'invalid_grant', 'invalid_grant'],
  ['F14: a 200 with an error', { status: 200, body: body({ error: 'invalid_grant' }) }, 'invalid_grant', 'invalid_grant'],
  ['access_denied', oauth('access_denied'), 'non_retryable', 'access_denied'],
  ['app_session_terminated', openai('app_session_terminated'), 'non_retryable', 'app_session_terminated'],
  ['F12: invalid_client', { status: 401, body: body({ error: 'invalid_client' }) }, 'provider_wide', 'invalid_client'],
  ['F12: another client', { status: 401, body: body({ error: 'unauthorized_client' }) }, 'provider_wide', 'unauthorized_client'],
  ['F12: the grant type', oauth('unsupported_grant_type'), 'provider_wide', 'unsupported_grant_type'],
  ['F12: the scope', oauth('invalid_scope'), 'provider_wide', 'invalid_scope'],
  [
    'the client comes before the token',
    { status: 400, body: body({ error: { code: 'invalid_grant', type: 'invalid_client' } }) },
    'provider_wide',
    'invalid_client',
  ],
  [
    'an endpoint that moved',
    { status: 404, body: body({ type: 'error', error: { type: 'not_found_error', message: 'Not found' } }) },
    'provider_wide',
    'http_404',
  ],
  ['a redirect', { status: 302, body: '' }, 'provider_wide', 'http_302'],
  ['a host that has no client', { error: new PolicyError('token_request_incomplete', []) }, 'provider_wide', 'token_request_incomplete'],
  ['F11: a server error', { status: 500, body: body({ error: 'server_error' }) }, 'retryable', 'server_error'],
  ['F11: a server error that names the token', { status: 500, body: body({ error: 'invalid_grant' }) }, 'retryable', 'invalid_grant'],
  ['F11: a page of a proxy', { status: 502, body: '<html>invalid_grant</html>' }, 'retryable', 'http_502'],
  [
    'F11: too many requests',
    { status: 429, body: body({ error: { type: 'rate_limit_error', message: 'x' } }) },
    'retryable',
    'rate_limit_error',
  ],
  ['F66: a page of a firewall', { status: 403, body: '<!doctype html>invalid_client' }, 'retryable', 'http_403'],
  [
    'F25: the description names the token',
    { status: 400, body: body({ error: 'server_error', error_description: 'invalid_grant' }) },
    'retryable',
    'server_error',
  ],
  [
    'F24: the account is called so',
    { status: 400, body: body({ error: 'temporarily_unavailable', account: 'invalid_grant', message: 'account invalid_grant' }) },
    'retryable',
    'temporarily_unavailable',
  ],
  ['F24: a thrown error says so', { error: new Error('invalid_grant: token of invalid_client') }, 'retryable', 'network_error'],
  [
    'a nested JSON says so',
    { status: 400, body: body({ error: { message: '{"error":"invalid_grant"}', code: null } }) },
    'retryable',
    'http_400',
  ],
  ['an unknown word', oauth('invalid_request'), 'retryable', 'invalid_request'],
  ['a secret where the word should be', oauth('sk-ant-ort01-Abc123'), 'retryable', 'http_400'],
  ['a time limit', { error: new DOMException('x', 'TimeoutError') }, 'retryable', 'timeout'],
  ['nothing at all', {}, 'retryable', 'network_error'],
  ['an inherited error', { status: 400, body: '{"__proto__":{"error":"invalid_grant"}}' }, 'retryable', 'http_400'],
  ['an array', { status: 400, body: '[]' }, 'retryable', 'http_400'],
];

describe('classifyRefreshFailure', () => {
  it.each(ROWS)('%s', (_, trouble, kind, code) => {
    expect(classifyRefreshFailure(trouble)).toEqual({ kind, code });
  });
});

const DEAD: RefreshFailure = { kind: 'invalid_grant', code: 'revoked' };
const at = (revision: number | null, facts: Parameters<typeof account>[0] = {}): Account =>
  account({ credential: { revision, expiresAt: null, refreshable: true }, ...facts });
const options = { postedRevision: 3, storedRevision: 3, now: NOW };

/** The account after actions. */
function resulting(before: Account, failure: RefreshFailure): Account {
  const patch = toPatches(refreshFailed(before, failure, options)).get(before.id) ?? [];
  return { ...before, health: mergeHealth(before.health, patch) };
}

describe('refreshFailed', () => {
  it('makes a dead token an error of its revision, which the next revision lifts', () => {
    const condemned = resulting(at(3), DEAD);
    const error = condemned.health.errors.get('credential');
    expect(error).toMatchObject({ credentialRevision: 3, rule: 'refresh_revoked', at: NOW });
    expect(schedulability(condemned, { model: null, now: NOW }).schedulable).toBe(false);
    const rotated: Account = { ...condemned, credential: { revision: 4, expiresAt: null, refreshable: true } };
    expect(schedulability(rotated, { model: null, now: NOW }).schedulable).toBe(true);
    expect(error !== undefined && isErrorActive(error, 4)).toBe(false);
  });

  it('drops the cached token of a dead credential', () => {
    expect(refreshFailed(at(3), DEAD, options)[1]).toEqual({ type: 'invalidate_token', accountId: 'a1', credentialRevision: 3 });
  });

  it('F9, F20: tells a lost rotation from a revoked token, and says what to do', () => {
    const lost = refreshFailed(at(3), { kind: 'invalid_grant', code: 'lost_rotation' }, options)[0];
    expect(lost).toMatchObject({
      type: 'set_error',
      rule: 'refresh_lost_rotation',
      message: expect.stringMatching(/lost rotation.*sign in again/),
    });
    expect(refreshFailed(at(3), DEAD, options)[0]).toMatchObject({
      rule: 'refresh_revoked',
      message: expect.stringMatching(/^Token refresh failed \(non-retryable\): revoked.*sign in again/),
    });
  });

  it('says of what asking again cannot help: access_denied', () => {
    const [error] = refreshFailed(at(3), { kind: 'non_retryable', code: 'access_denied' }, options);
    expect(error).toMatchObject({
      rule: 'refresh_refused',
      kind: 'credential',
      message: 'Token refresh failed (non-retryable): access_denied',
    });
  });

  it('F11: makes exhausted retries a rest of ten minutes that ends with the revision', () => {
    const [action, ...more] = refreshFailed(at(3), { kind: 'retryable', code: 'http_502' }, options);
    expect(more).toEqual([]);
    expect(action).toMatchObject({
      type: 'set_temp_unschedulable',
      cell: 'authentication',
      until: NOW + 600_000,
      credentialRevision: 3,
      detail: 'token refresh retry exhausted: http_502',
    });
    const rest = resulting(at(3), { kind: 'retryable', code: 'http_502' }).health.authentication;
    expect(rest !== null && [isHoldActive(rest, 3, NOW), isHoldActive(rest, 4, NOW), isHoldActive(rest, 3, NOW + 600_000)]).toEqual([
      true,
      false,
      false,
    ]);
  });

  it('F12: blames no account where the client is refused', () => {
    expect(refreshFailed(at(3), { kind: 'provider_wide', code: 'invalid_client' }, options)).toEqual([]);
  });

  it.each([4, 2, null])('F7, F8: does nothing where the store has revision %s', (storedRevision) => {
    for (const kind of ['invalid_grant', 'non_retryable', 'retryable'] as const) {
      expect(refreshFailed(at(3), { kind, code: 'x' }, { ...options, storedRevision })).toEqual([]);
    }
  });

  it("acts on the parent of a shadow, with the parent's generations", () => {
    const parent = at(3, {
      id: 'p',
      health: { errors: new Map([['credential', accountError({ generation: 7, at: 0 })]]), authentication: hold(0, { generation: 9 }) },
    });
    const shadow = account({ id: 's', parent });
    expect(refreshFailed(shadow, DEAD, options)[0]).toMatchObject({ accountId: 'p', generation: 7 });
    expect(refreshFailed(shadow, { kind: 'retryable', code: 'x' }, options)[0]).toMatchObject({ accountId: 'p', generation: 9 });
  });

  it('says nothing that the account shows already', () => {
    const condemned = resulting(at(3), DEAD);
    expect(refreshFailed(condemned, DEAD, options)).toEqual([]);
    const resting = resulting(at(3), { kind: 'retryable', code: 'x' });
    expect(refreshFailed(resting, { kind: 'retryable', code: 'x' }, options)).toEqual([]);
    expect(refreshFailed(resting, { kind: 'retryable', code: 'x' }, { ...options, now: NOW + 1 })).toHaveLength(1);
  });
});
