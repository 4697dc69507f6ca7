import { describe, expect, it } from 'vitest';
import type { Action } from '../../src/core/action.js';
import { EMPTY_HEALTH, type Hold } from '../../src/core/health.js';
import { mergeHealth } from '../../src/core/merge-health.js';
import type { CellWrite, HealthPatch } from '../../src/core/patch.js';
import { MAX_INSTANT } from '../../src/core/time.js';
import { toPatches } from '../../src/core/to-patches.js';
import { NOW, sample } from '../support/accounts.js';

const accountId = 'a1';
const facts = { accountId, until: NOW, rule: 'some_rule', kind: 'quota', detail: 'why', generation: 3 } as const;
const stored: Hold = { generation: 3, credentialRevision: -1, until: NOW, rule: 'some_rule', kind: 'quota', detail: 'why' };
const cleared: Hold = { generation: 4, credentialRevision: -1, until: 0, rule: 'cleared', kind: 'temporary', detail: '' };
const link = { url: 'https://accounts.google.com/v', trusted: true };

const ROWS: readonly { readonly action: Action; readonly patch: HealthPatch }[] = [
  {
    action: {
      type: 'set_error',
      accountId,
      kind: 'credential',
      message: 'no',
      link,
      rule: 'r',
      at: NOW,
      generation: 2,
      credentialRevision: 7,
    },
    patch: [
      { cell: 'errors', key: 'credential', value: { generation: 2, credentialRevision: 7, at: NOW, rule: 'r', message: 'no', link } },
    ],
  },
  {
    action: { type: 'clear_error', accountId, kind: 'billing', generation: 2 },
    patch: [
      { cell: 'errors', key: 'billing', value: { generation: 3, credentialRevision: -1, at: 0, rule: 'cleared', message: '', link: null } },
    ],
  },
  { action: { type: 'set_rate_limited', ...facts, credentialRevision: -1 }, patch: [{ cell: 'rateLimit', value: stored }] },
  { action: { type: 'set_overloaded', ...facts, credentialRevision: -1 }, patch: [{ cell: 'overload', value: stored }] },
  {
    action: { type: 'set_temp_unschedulable', cell: 'temporary', ...facts, credentialRevision: -1 },
    patch: [{ cell: 'temporary', value: stored }],
  },
  {
    action: { type: 'set_temp_unschedulable', cell: 'authentication', ...facts, credentialRevision: 5 },
    patch: [{ cell: 'authentication', value: { ...stored, credentialRevision: 5 } }],
  },
  { action: { type: 'set_model_rate_limit', ...facts, model: 'a.b' }, patch: [{ cell: 'modelRateLimits', key: 'a.b', value: stored }] },
  {
    action: { type: 'clear_model_rate_limit', accountId, model: 'AICredits', generation: 3 },
    patch: [{ cell: 'modelRateLimits', key: 'AICredits', value: cleared }],
  },
  {
    action: {
      type: 'clear_holds',
      accountId,
      holds: [
        { cell: 'rateLimit', generation: 3 },
        { cell: 'authentication', generation: 0 },
      ],
    },
    patch: [
      { cell: 'rateLimit', value: cleared },
      { cell: 'authentication', value: { ...cleared, generation: 1 } },
    ],
  },
  {
    action: {
      type: 'update_session_window',
      accountId,
      window: { start: NOW - 5, end: NOW, source: 'header' },
      status: 'allowed',
      observedAt: NOW - 1,
    },
    patch: [
      { cell: 'sessionWindow.header', value: { observedAt: NOW - 1, end: NOW } },
      { cell: 'sessionWindow.status', value: { observedAt: NOW - 1, status: 'allowed' } },
    ],
  },
  {
    action: {
      type: 'update_session_window',
      accountId,
      window: { start: NOW - 5, end: NOW, source: 'predicted' },
      status: 'allowed',
      observedAt: NOW - 1,
    },
    patch: [
      { cell: 'sessionWindow.status', value: { observedAt: NOW - 1, status: 'allowed' } },
      { cell: 'sessionWindow.predicted', value: { start: NOW - 5 } },
    ],
  },
  {
    action: { type: 'update_session_window', accountId, window: null, status: 'rejected', observedAt: NOW },
    patch: [{ cell: 'sessionWindow.status', value: { observedAt: NOW, status: 'rejected' } }],
  },
  {
    action: { type: 'record_usage', accountId, samples: { '5h': sample(0.5, NOW), '7d': sample(null, null) } },
    patch: [
      { cell: 'usage', key: '5h', value: sample(0.5, NOW) },
      { cell: 'usage', key: '7d', value: sample(null, null) },
    ],
  },
  {
    action: { type: 'add_strike', accountId, kind: 'forbidden', at: NOW, evidenceId: 'r:0', generation: 1 },
    patch: [{ cell: 'strikes', key: 'forbidden', value: { generation: 1, evidence: new Map([['r:0', NOW]]) } }],
  },
  {
    action: { type: 'clear_strikes', accountId, kind: 'forbidden', generation: 1 },
    patch: [{ cell: 'strikes', key: 'forbidden', value: { generation: 2, evidence: new Map() } }],
  },
  { action: { type: 'request_refresh', accountId, credentialRevision: 4 }, patch: [{ cell: 'refreshRequestedFor', value: 4 }] },
];

describe('toPatches', () => {
  it.each(ROWS)('$action.type', ({ action, patch }) => {
    expect(toPatches([action])).toEqual(new Map([[accountId, patch]]));
  });

  it.each<Action>([
    { type: 'invalidate_token', accountId, credentialRevision: 4 },
    { type: 'request_refresh', accountId, credentialRevision: -1 },
    { type: 'record_usage', accountId, samples: {} },
    { type: 'clear_holds', accountId, holds: [] },
  ])('$type is no patch where it changes no cell', (action) => {
    expect(toPatches([action]).size).toBe(0);
  });

  it('keeps the order of accounts, and writes each cell once', () => {
    const patches = toPatches([
      { type: 'set_overloaded', ...facts, accountId: 'b', credentialRevision: -1 },
      { type: 'set_rate_limited', ...facts, accountId: 'a', credentialRevision: -1 },
      { type: 'set_overloaded', ...facts, accountId: 'b', credentialRevision: -1, until: NOW + 5 },
      { type: 'clear_holds', accountId: 'a', holds: [{ cell: 'rateLimit', generation: 3 }] },
    ]);
    expect([...patches]).toEqual([
      ['b', [{ cell: 'overload', value: { ...stored, until: NOW + 5 } }]],
      ['a', [{ cell: 'rateLimit', value: cleared }]],
    ]);
  });

  it('joins strikes of one batch', () => {
    const strike = { type: 'add_strike', accountId, kind: 'forbidden', generation: 0 } as const;
    const patch = toPatches([
      { ...strike, at: NOW, evidenceId: 'r:0' },
      { ...strike, at: NOW + 1, evidenceId: 'r:1' },
    ]).get(accountId);
    const evidence = new Map([
      ['r:0', NOW],
      ['r:1', NOW + 1],
    ]);
    expect(patch).toEqual([{ cell: 'strikes', key: 'forbidden', value: { generation: 0, evidence } }]);
  });

  it.each([
    ['a NUL', 'a\0b', 'ab'],
    ['a lone surrogate', 'a\ud800b', 'a\ufffdb'],
    ['two lines', 'a\r\nb', 'a b'],
    ['too much', 'é'.repeat(400), 'é'.repeat(256)],
  ])('F40: stores text without %s', (_, detail, expected) => {
    const writes = toPatches([
      { type: 'set_rate_limited', ...facts, credentialRevision: -1, detail },
      {
        type: 'set_error',
        accountId,
        kind: 'billing',
        message: detail,
        link: null,
        rule: 'r',
        at: NOW,
        generation: 0,
        credentialRevision: -1,
      },
    ]).get(accountId);
    expect(writes?.map(({ value }) => value)).toMatchObject([{ detail: expected }, { message: expected }]);
  });

  it.each([
    'a.b',
    'a,b',
    '{}',
    "o'brien{,}",
    '"',
    '$',
    ':',
    '*',
    '__proto__',
    'constructor',
    'toString',
    'hasOwnProperty',
    'x'.repeat(256),
  ])('F37, F38: %j is an ordinary model', (model) => {
    const patch = toPatches([{ type: 'set_model_rate_limit', ...facts, model }]).get(accountId) ?? [];
    const { modelRateLimits } = mergeHealth(EMPTY_HEALTH, patch);
    expect([...modelRateLimits]).toEqual([[model, stored]]);
  });

  it.each(['', 'x'.repeat(257), 'y'.repeat(10_240), 'a\0b', 'a\nb', '\ud800'])('F37: %j never becomes a key', (model) => {
    expect(toPatches([{ type: 'set_model_rate_limit', ...facts, model }]).size).toBe(0);
  });

  it.each<readonly [number, number | null]>([
    [Number.POSITIVE_INFINITY, MAX_INSTANT],
    [1e300, MAX_INSTANT],
    [-5, 0],
    [NOW + 0.2, NOW + 1],
    [Number.NaN, null],
  ])('I17: an end of %d is stored as %j', (until, expected) => {
    const [write] = toPatches([{ type: 'set_overloaded', ...facts, credentialRevision: -1, until }]).get(accountId) ?? [];
    expect(write === undefined ? null : (write.value as Hold).until).toBe(expected);
  });

  it('F46: leaves out what it does not know, and takes the rest', () => {
    const unknown = { type: 'set_quota_scope', accountId, until: NOW } as unknown as Action;
    const known: Action = { type: 'set_overloaded', ...facts, credentialRevision: -1 };
    const expected: CellWrite = { cell: 'overload', value: stored };
    expect(toPatches([unknown, known])).toEqual(new Map([[accountId, [expected]]]));
  });
});
