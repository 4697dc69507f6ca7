/** Rows from before there were cells: the pure import, and that the server reads them alike. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { importRow } from '../../../src/adapters/postgres/mapped/import-row.js';
import type { MappedTable } from '../../../src/adapters/postgres/mapped/mapping.js';
import type { ErrorKind } from '../../../src/core/health.js';
import { EMPTY_HEALTH } from '../../../src/core/health.js';
import { PolicyError } from '../../../src/core/policy-error.js';
import { MAX_INSTANT } from '../../../src/core/time.js';
import { hold, NOW } from '../../support/accounts.js';
import { MAPPING, type MappedDatabase, openMapped } from './support.js';

const at = (ms: number): string => new Date(ms).toISOString();
const WINDOW_MS = 5 * 3_600_000;

let database: MappedDatabase;

beforeAll(async () => {
  database = await openMapped();
});

afterAll(async () => {
  await database.close();
});

/** Texts of behaviour 0.5, 1.1, 2.5 and 6.3, and what they are about. */
const TEXTS: readonly (readonly [text: string, kind: ErrorKind])[] = [
  ['Organization disabled (400): This organization has been disabled.', 'organization'],
  ['Credit balance exhausted (400): Your credit balance is too low', 'billing'],
  ['Identity verification required (400): Identity verification is required', 'verification'],
  ['Workspace deactivated (402): workspace has been deactivated', 'organization'],
  ['Workspace deactivated (402): team-linked error triggered by account #7', 'organization'],
  ['Payment required (402): insufficient balance or billing issue', 'billing'],
  ['Custom error code 418: Custom error code triggered', 'custom'],
  ['Token revoked (401): account authentication permanently revoked', 'credential'],
  ['Unauthorized (401): account authentication failed permanently', 'credential'],
  ['OAuth 401 (no refresh_token): invalid', 'credential'],
  ['Authentication failed (401): invalid or expired credentials', 'credential'],
  ['Token refresh failed (non-retryable): invalid_grant', 'credential'],
  ['Validation required (403): account needs Google verification', 'verification'],
  ['Account violation (403): terms of service violation', 'violation'],
  ['Access forbidden (403): account may be suspended or lack permissions | consecutive_403=3/3', 'forbidden'],
  ['INTERNAL 500 consecutive failures: 3 rounds', 'custom'],
  // What a caller or an upstream words stands behind the head, and decides nothing.
  ['Custom error code 400: account violation', 'custom'],
  ['Unauthorized (401): Organization disabled', 'credential'],
  ['', 'custom'],
  ['   ', 'custom'],
];

describe('importRow', () => {
  it.each(TEXTS)('%s is of kind %s', async (text, kind) => {
    const row = { status: 'error', schedulable: false, error_message: text };
    const { errors } = importRow(row, MAPPING);
    expect([...errors]).toEqual([[kind, { generation: 0, credentialRevision: -1, at: 1, rule: 'imported', message: text, link: null }]]);
    const id = await database.addRow(row);
    expect((await database.repository.load([id])).get(id)).toEqual(importRow(row, MAPPING));
  });

  it('finds the link of a verification in its text, and hides what looks like a secret', async () => {
    const row = {
      status: 'error',
      error_message:
        'Validation required (403): verify | validation_url: https://accounts.google.com/signin/continue?sarp=1&x=y token sk-ant-oat01-abcdefghijklmnopqrstuvwxyz0123456789',
    };
    const { errors } = importRow(row, MAPPING);
    expect(errors.get('verification')).toMatchObject({
      link: { trusted: true },
      message: expect.not.stringContaining('abcdefghijklmnopqrstuvwxyz'),
    });
    const id = await database.addRow(row);
    expect((await database.repository.load([id])).get(id)?.errors).toEqual(errors);
  });

  const ROWS: readonly (readonly [title: string, row: Readonly<Record<string, unknown>>, health: object])[] = [
    ['an empty row is empty health', {}, {}],
    ['a hold is of generation 0', { rate_limit_reset_at: at(NOW + 1) }, { rateLimit: hold(NOW + 1, { rule: 'imported' }) }],
    ['also one that is long over', { overload_until: at(5) }, { overload: hold(5, { rule: 'imported', kind: 'overload' }) }],
    [
      'a reason may be a sentence or JSON',
      { temp_unschedulable_until: at(NOW), temp_unschedulable_reason: '{"status_code":503,"error_message":"busy"}' },
      { temporary: hold(NOW, { rule: 'imported', kind: 'temporary', detail: 'busy' }) },
    ],
    [
      'a session window',
      { session_window_start: at(NOW), session_window_end: at(NOW + WINDOW_MS), session_window_status: 'allowed' },
      {
        sessionWindow: {
          header: { observedAt: NOW, end: NOW + WINDOW_MS },
          status: { observedAt: NOW, status: 'allowed' },
          predicted: null,
        },
      },
    ],
    [
      'models, whatever they are called; what is no instant is no limit',
      {
        extra: JSON.stringify({
          other: 1,
          model_rate_limits: {
            'a.b': { rate_limit_reset_at: at(NOW) },
            "o'brien{,}": { rate_limit_reset_at: at(NOW).replace('.000Z', '.0000001+00:00') },
            AICredits: { rate_limit_reset_at: at(NOW) },
            far: { rate_limit_reset_at: '3000-01-01T00:00:00Z' },
            zero: { rate_limit_reset_at: '0001-01-01T00:00:00Z' },
            noDay: { rate_limit_reset_at: '2026-02-30T00:00:00Z' },
            farNoDay: { rate_limit_reset_at: '3000-02-30T00:00:00Z' },
            number: { rate_limit_reset_at: 17 },
            none: null,
            list: [],
          },
        }),
      },
      {
        modelRateLimits: new Map([
          ['a.b', hold(NOW, { rule: 'imported' })],
          ["o'brien{,}", hold(NOW + 1, { rule: 'imported' })],
          ['AICredits', hold(NOW, { rule: 'imported', kind: 'credits' })],
          ['far', hold(MAX_INSTANT, { rule: 'imported' })],
        ]),
      },
    ],
    ["a pause without an error is the operator's", { schedulable: false }, {}],
    ["a status of the owner's own is no error", { status: 'disabled', error_message: 'Payment required (402): x' }, {}],
    ['columns of another form', { extra: '[1]' }, {}],
    ['an object that is none', { extra: '{"model_rate_limits": [1]}' }, {}],
  ];

  it.each(ROWS)('%s', async (_, row, health) => {
    expect(importRow(row, MAPPING)).toEqual({ ...EMPTY_HEALTH, ...health });
    const id = await database.addRow(row);
    expect((await database.repository.load([id])).get(id)).toEqual(importRow(row, MAPPING));
    expect(await database.repository.patch(id, [])).toEqual(importRow(row, MAPPING));
  });

  it('reads instants in every form that drivers give', () => {
    const forms = [new Date(NOW), NOW, at(NOW), '2026-03-02 10:00:00+00', '2026-03-02 11:30:00.000+01'];
    const until = forms.map((form) => importRow({ overload_until: form }, MAPPING).overload?.until);
    expect(until).toEqual([NOW, NOW, NOW, Date.UTC(2026, 2, 2, 10), Date.UTC(2026, 2, 2, 10, 30)]);
    for (const form of [null, undefined, '', 'soon', true, Number.NaN, new Date(Number.NaN)]) {
      expect(importRow({ overload_until: form }, MAPPING).overload).toBeNull();
    }
    expect(importRow({ overload_until: Number.POSITIVE_INFINITY }, MAPPING).overload?.until).toBe(MAX_INSTANT);
  });

  it('without a column for the status, a message and the switch say that there is an error', () => {
    const table: MappedTable = { ...MAPPING, cells: { errors: { message: 'error_message', schedulable: 'schedulable' } } };
    const kinds = (row: Readonly<Record<string, unknown>>) => [...importRow(row, table).errors.keys()];
    expect(kinds({ error_message: 'Payment required (402): x', schedulable: false })).toEqual(['billing']);
    expect(kinds({ error_message: 'Payment required (402): x', schedulable: true })).toEqual([]);
    expect(kinds({ error_message: ' ', schedulable: false })).toEqual([]);
    const only: MappedTable = { ...MAPPING, cells: { errors: { message: 'error_message', heads: [['Kaput', 'organization']] } } };
    expect([...importRow({ error_message: 'kaput!' }, only).errors.keys()]).toEqual(['organization']);
  });

  it("a wrong mapping is a programmer's mistake", () => {
    expect(() => importRow({}, { ...MAPPING, table: '' })).toThrow(PolicyError);
  });
});
