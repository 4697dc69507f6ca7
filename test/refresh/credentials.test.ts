import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { evaluate } from '../../src/evaluate.js';
import { mergeCredentials } from '../../src/refresh/merge-credentials.js';
import { needsRefresh, refreshWindowMs } from '../../src/refresh/needs-refresh.js';
import type { Credentials } from '../../src/refresh/ports.js';
import { readTokenAnswer } from '../../src/refresh/read-token-answer.js';
import { REFRESH_TIMING, storeRetryMs } from '../../src/refresh/timing.js';
import { account, NOW } from '../support/accounts.js';

const RUNS = Number(process.env.FC_RUNS ?? 1_000);
const MINUTE = 60_000;

describe('needsRefresh', () => {
  const at = (
    leftMs: number | null,
    facts: { readonly platform?: string; readonly refreshable?: boolean; readonly revision?: number | null } = {},
    requested = -1,
  ) => {
    const { platform = 'openai', refreshable = true, revision = 5 } = facts;
    const expiresAt = leftMs === null ? null : NOW + leftMs;
    return account({ platform, credential: { revision, expiresAt, refreshable }, health: { refreshRequestedFor: requested } });
  };

  it.each([
    ['ends within three minutes', at(3 * MINUTE - 1), true],
    ['ends in three minutes', at(3 * MINUTE), false],
    ['is over', at(-1), true],
    ['has no known end', at(null), false],
    ['has no known end, and a 401 was seen on it', at(null, {}, 5), true],
    ['is good for a day, and a 401 was seen on it', at(1_440 * MINUTE, {}, 5), true],
    ['is good for a day, and a 401 was seen on a later one', at(1_440 * MINUTE, {}, 6), true],
    ['is good for a day, and a 401 was seen on the one before', at(1_440 * MINUTE, {}, 4), false],
    ['is over and cannot be refreshed', at(-1, { refreshable: false }, 5), false],
    ['is over and has no revision', at(-1, { revision: null }, 5), false],
    ["is Antigravity's and ends within a quarter of an hour", at(15 * MINUTE - 1, { platform: 'antigravity' }), true],
    ["is Antigravity's and ends in a quarter of an hour", at(15 * MINUTE, { platform: 'antigravity' }), false],
  ])('a token that %s: %s', (_, subject, expected) => {
    expect(needsRefresh(subject, { now: NOW })).toBe(expected);
  });

  it('takes the window that it is given, but for a platform that has its own', () => {
    expect(needsRefresh(at(29 * MINUTE), { now: NOW, windowMs: 30 * MINUTE })).toBe(true);
    expect(needsRefresh(at(29 * MINUTE, { platform: 'antigravity' }), { now: NOW, windowMs: 30 * MINUTE })).toBe(false);
    expect([
      refreshWindowMs('gemini'),
      refreshWindowMs('gemini', 7),
      refreshWindowMs('antigravity', 7),
      refreshWindowMs('toString', 7),
    ]).toEqual([180_000, 7, 900_000, 7]);
  });

  it('asks the parent of a shadow', () => {
    const parent = at(MINUTE);
    const shadow = account({ id: 's', parent, credential: { revision: 0, expiresAt: null, refreshable: false } });
    expect(needsRefresh(shadow, { now: NOW })).toBe(true);
  });

  it('F1, I7: a 401 on a stale snapshot asks for a refresh, writes no credential, and means nothing once the next revision is there', () => {
    const before = account({ credential: { revision: 5, expiresAt: NOW + 60 * MINUTE, refreshable: true } });
    const { actions } = evaluate({ account: before, model: null, receivedAt: NOW, response: { status: 401, headers: {}, body: '{}' } });
    const requested = actions.find(({ type }) => type === 'request_refresh');
    expect(requested).toEqual({ type: 'request_refresh', accountId: 'a1', credentialRevision: 5 });
    expect(JSON.stringify(actions)).not.toMatch(/refresh_token|access_token/);
    expect(needsRefresh(at(60 * MINUTE, { revision: 5 }, 5), { now: NOW })).toBe(true);
    expect(needsRefresh(at(60 * MINUTE, { revision: 6 }, 5), { now: NOW })).toBe(false);
  });
});

const value = fc.oneof(fc.string(), fc.constantFrom('', '  ', null, 0, false), fc.integer(), fc.constant(undefined));
const credentials = fc.dictionary(
  fc.oneof(fc.constantFrom('access_token', 'refresh_token', '__proto__', 'constructor', 'project_id'), fc.string()),
  value,
  { noNullPrototype: true },
);

describe('mergeCredentials', () => {
  it('property: new keys win, blank ones keep what is stored, nothing is lost, invented or changed, whatever the names', () => {
    const reached = { won: 0, kept: 0, proto: 0 };
    fc.assert(
      fc.property(credentials, credentials, (stored, answer) => {
        const [before, given] = [Object.freeze({ ...stored }) as Credentials, Object.freeze({ ...answer }) as Credentials];
        const merged = mergeCredentials(before, given);
        expect(Object.getPrototypeOf(merged)).toBe(Object.prototype);
        for (const name of new Set([...Object.keys(before), ...Object.keys(given), ...Object.keys(merged)])) {
          const said = Object.hasOwn(given, name) ? given[name] : undefined;
          const isBlank = said === undefined || said === null || (typeof said === 'string' && said.trim() === '');
          const expected = isBlank ? (Object.hasOwn(before, name) ? before[name] : undefined) : said;
          expect(Object.hasOwn(merged, name) ? merged[name] : undefined).toEqual(expected);
          if (!isBlank) reached.won += 1;
          else if (Object.hasOwn(before, name)) reached.kept += 1;
          if (name === '__proto__') reached.proto += 1;
        }
      }),
      { numRuns: RUNS },
    );
    for (const count of Object.values(reached)) expect(count).toBeGreaterThan(RUNS / 100);
  });

  it('takes a name called __proto__ as a name', () => {
    const answer = JSON.parse('{"__proto__":"x","access_token":"a"}') as Credentials;
    expect(Object.entries(mergeCredentials({ refresh_token: 'r' }, answer))).toEqual([
      ['refresh_token', 'r'],
      ['__proto__', 'x'],
      ['access_token', 'a'],
    ]);
  });

  it('takes nothing for empty on either side', () => {
    expect([mergeCredentials(null, { a: 1 }), mergeCredentials({ a: 1 }, undefined), mergeCredentials(null, null)]).toEqual([
      { a: 1 },
      { a: 1 },
      {},
    ]);
  });
});

const anyBody = fc.oneof(
  fc.json(),
  fc.string(),
  credentials.map((some) => JSON.stringify(some)),
  credentials.map((some) => JSON.stringify({ ...some, access_token: 'a1' })),
);

describe('readTokenAnswer', () => {
  const stored = { credentials: { access_token: 'a0', refresh_token: 'r0', project_id: 'p' }, expiresAt: NOW + 1 };
  const read = (body: string, status = 200) => readTokenAnswer({ status, body, receivedAt: NOW }, stored);
  const lifeOf = (text: string): number | null => {
    const answer = read(`{"access_token":"a1"${text}}`);
    return answer.kind === 'tokens' && answer.next.expiresAt !== null ? (answer.next.expiresAt - NOW) / 1_000 : null;
  };

  it.each([
    ['', 3_600],
    [',"expires_in":3600', 3_600],
    [',"expires_in":"3600"', 3_600],
    [',"expires_in":28800.5', 28_800.5],
    [',"expires_in":0', 60],
    [',"expires_in":-1', 60],
    [',"expires_in":59', 60],
    [',"expires_in":1e400', 3_600],
    [',"expires_in":1e12', 2_592_000],
    [',"expires_in":"soon"', 3_600],
    [',"expires_in":null', 3_600],
    [',"expires_in":{}', 3_600],
  ])('F15: a life of %s is %d seconds', (text, seconds) => {
    expect(lifeOf(text)).toBe(seconds);
  });

  it('F13: keeps the refresh token and everything else where the answer has none', () => {
    const expected = { access_token: 'a1', refresh_token: 'r0', project_id: 'p', scope: 's' };
    for (const refreshToken of ['', ',"refresh_token":""', ',"refresh_token":null', ',"refresh_token":7']) {
      expect(read(`{"access_token":"a1","scope":"s"${refreshToken}}`)).toMatchObject({ kind: 'tokens', next: { credentials: expected } });
    }
  });

  it('keeps nothing that speaks of the answer alone', () => {
    const answer = read('{"access_token":"a1","expires_in":60,"error":null}');
    expect(answer).toMatchObject({
      kind: 'tokens',
      isShortLived: true,
      next: { credentials: { access_token: 'a1', refresh_token: 'r0', project_id: 'p' } },
    });
    expect(JSON.stringify(answer)).not.toMatch(/expires_in|"error"/);
  });

  it.each([
    ['F14: a refresh token alone', 200, '{"refresh_token":"r1"}', 'partial', 'missing_access_token'],
    ['F14: a blank access token', 200, '{"access_token":" ","refresh_token":"r1"}', 'partial', 'missing_access_token'],
    ['F14: an access token that is no text', 200, '{"access_token":1}', 'unclear', 'missing_access_token'],
    ['F14: nothing', 200, '{}', 'unclear', 'missing_access_token'],
    ['F14: an error', 200, '{"error":"server_error"}', 'refused', 'server_error'],
    ['half an answer', 200, '{"access_token":"a1","refr', 'unclear', 'unreadable_answer'],
    ['no body', 204, '', 'unclear', 'unreadable_answer'],
    ['a page', 200, '<html>', 'unclear', 'unreadable_answer'],
    ['a server error', 503, '{"error":"invalid_grant"}', 'unclear', 'invalid_grant'],
    ['a time limit of a proxy', 408, '', 'unclear', 'http_408'],
    ['a refusal', 400, '{"error":"invalid_grant"}', 'refused', 'invalid_grant'],
    ['too many requests', 429, '', 'refused', 'http_429'],
    ['no status', Number.NaN, '', 'unclear', 'http_NaN'],
  ])('%s', (_, status, body, kind, code) => {
    expect(read(body, status)).toMatchObject({ kind, failure: { code } });
  });

  it('F14: what there is of an answer without an access token is kept, and its end is not made up', () => {
    expect(read('{"refresh_token":"r1"}')).toMatchObject({
      next: { credentials: { access_token: 'a0', refresh_token: 'r1', project_id: 'p' }, expiresAt: NOW + 1 },
    });
  });

  it('property: reads anything', () => {
    let tokens = 0;
    fc.assert(
      fc.property(anyBody, fc.integer(), (body, status) => {
        const answer = readTokenAnswer({ status: status % 2 === 0 ? 200 : status, body, receivedAt: NOW }, stored);
        if (answer.kind !== 'tokens') return;
        tokens += 1;
        expect(String(answer.next.credentials.access_token).trim()).not.toBe('');
        expect(String(answer.next.credentials.refresh_token).trim()).not.toBe('');
      }),
      { numRuns: RUNS },
    );
    expect(tokens).toBeGreaterThan(RUNS / 100);
  });
});

describe('storeRetryMs', () => {
  it('doubles, is capped, and is the same for the same account and failure', () => {
    const waits = [1, 2, 3, 10, 1_000_000].map((failures) => storeRetryMs(REFRESH_TIMING, failures, ['a', 1]));
    expect(waits).toEqual([1, 2, 3, 10, 1_000_000].map((failures) => storeRetryMs(REFRESH_TIMING, failures, ['a', 1])));
    const bounds = [500, 1_000, 2_000, 30_000, 30_000];
    for (const [index, wait] of waits.entries()) {
      expect(wait).toBeGreaterThanOrEqual((bounds[index] ?? 0) * 0.75);
      expect(wait).toBeLessThanOrEqual((bounds[index] ?? 0) * 1.25);
    }
  });
});
