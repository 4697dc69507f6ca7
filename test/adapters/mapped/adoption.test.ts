/** What another program changes in the owner's columns is adopted, once, by `load` and by `patch` alike. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createMappedRepository } from '../../../src/adapters/postgres/create-mapped-repository.js';
import type { AccountError, AccountHealth, Hold } from '../../../src/core/health.js';
import type { HealthPatch } from '../../../src/core/patch.js';
import { HOUR_MS, MAX_INSTANT, SECOND_MS } from '../../../src/core/time.js';
import { toPatches } from '../../../src/core/to-patches.js';
import { hold } from '../../support/accounts.js';
import { MAPPING, type MappedDatabase, openMapped } from './support.js';

/** Well ahead of the server's clock, on a whole second. */
const UNTIL = (Math.floor(Date.now() / SECOND_MS) + 3_600) * SECOND_MS;
const LATER = UNTIL + HOUR_MS;
const at = (ms: number): string => new Date(ms).toISOString();

let database: MappedDatabase;

beforeAll(async () => {
  database = await openMapped();
});

afterAll(async () => {
  await database.close();
});

const error = (message: string, more: Partial<AccountError> = {}): AccountError => ({
  generation: 0,
  credentialRevision: -1,
  at: UNTIL - 2 * HOUR_MS,
  rule: 'some_rule',
  message,
  link: null,
  ...more,
});

const limited: HealthPatch = [{ cell: 'rateLimit', value: hold(UNTIL) }];
const clearedLimit: HealthPatch = [{ cell: 'rateLimit', value: hold(0, { generation: 1, rule: 'cleared', kind: 'temporary' }) }];
const modelLimited = (...models: readonly string[]): HealthPatch =>
  models.map((key) => ({ cell: 'modelRateLimits', key, value: hold(UNTIL) }));
const billing: HealthPatch = [{ cell: 'errors', key: 'billing', value: error('Payment required (402): no money') }];

const adopted = (until: number, more: Partial<Hold> = {}): Hold => ({ ...hold(until), rule: 'adopted', ...more });
const cleared = (generation: number): Hold => ({ ...hold(0), generation, rule: 'cleared', kind: 'temporary' });

interface Case {
  readonly title: string;
  /** What is ours before. */
  readonly ours?: HealthPatch;
  /** What another program then does: `set …`. */
  readonly foreign: string;
  readonly parameters?: readonly unknown[];
  readonly cell: (health: AccountHealth) => unknown;
  readonly becomes: unknown;
  /** What the columns then are. */
  readonly columns?: Readonly<Record<string, unknown>>;
}

const rateLimit = ({ rateLimit: cell }: AccountHealth): unknown => cell;
const models = ({ modelRateLimits }: AccountHealth): unknown => Object.fromEntries(modelRateLimits);
const session = ({ sessionWindow }: AccountHealth): unknown => sessionWindow;
const errors = (health: AccountHealth): unknown =>
  Object.fromEntries([...health.errors].map(([kind, { generation, rule }]) => [kind, [generation, rule]]));
const entry = (until: string): string => JSON.stringify({ rate_limited_at: at(UNTIL), rate_limit_reset_at: until });

const HOLDS: readonly Case[] = [
  {
    title: 'a later end extends',
    ours: limited,
    foreign: 'rate_limit_reset_at = $2',
    parameters: [at(LATER)],
    cell: rateLimit,
    becomes: adopted(LATER),
  },
  {
    title: 'microseconds round up',
    ours: limited,
    foreign: `rate_limit_reset_at = $2::timestamptz + interval '1 microsecond'`,
    parameters: [at(LATER)],
    cell: rateLimit,
    becomes: adopted(LATER + 1),
  },
  {
    title: 'an earlier end shortens nothing, and is overwritten',
    ours: limited,
    foreign: `rate_limit_reset_at = $2`,
    parameters: [at(UNTIL - SECOND_MS)],
    cell: rateLimit,
    becomes: hold(UNTIL),
    columns: { rate_limit_reset_at: UNTIL },
  },
  {
    title: 'an emptied column clears',
    ours: limited,
    foreign: 'rate_limit_reset_at = null, rate_limited_at = null',
    cell: rateLimit,
    becomes: cleared(1),
  },
  {
    title: 'a hold that is over and emptied stays as it is',
    ours: [{ cell: 'rateLimit', value: hold(UNTIL - 10 * HOUR_MS) }],
    foreign: 'rate_limit_reset_at = null',
    cell: rateLimit,
    becomes: hold(UNTIL - 10 * HOUR_MS),
  },
  {
    title: 'a hold after a clear is one of the new generation',
    ours: clearedLimit,
    foreign: 'rate_limit_reset_at = $2',
    parameters: [at(UNTIL)],
    cell: rateLimit,
    becomes: adopted(UNTIL, { generation: 1 }),
  },
  {
    title: 'a hold where there was none is imported',
    foreign: 'rate_limit_reset_at = $2',
    parameters: [at(UNTIL)],
    cell: rateLimit,
    becomes: adopted(UNTIL, { rule: 'imported' }),
  },
  {
    title: 'an endless hold ends in 2100 (fault F44)',
    ours: limited,
    foreign: "rate_limit_reset_at = 'infinity'",
    cell: rateLimit,
    becomes: adopted(MAX_INSTANT),
  },
  {
    title: 'a hold from before all time is none',
    ours: limited,
    foreign: "rate_limit_reset_at = '-infinity'",
    cell: rateLimit,
    becomes: cleared(1),
  },
  {
    title: 'the reason comes with the hold',
    foreign: 'temp_unschedulable_until = $2, temp_unschedulable_reason = $3',
    parameters: [at(UNTIL), 'OAuth 401: token\u0007 expired'],
    cell: ({ temporary }) => temporary,
    becomes: adopted(UNTIL, { rule: 'imported', kind: 'temporary', detail: 'OAuth 401: token expired' }),
    columns: { temp_unschedulable_reason: 'OAuth 401: token\u0007 expired' },
  },
  {
    title: 'a reason in JSON is its message',
    foreign: 'temp_unschedulable_until = $2, temp_unschedulable_reason = $3',
    parameters: [at(UNTIL), '{"until_unix":1,"status_code":503,"error_message":"over \\"there\\" \\u00e9"}'],
    cell: ({ temporary }) => temporary,
    becomes: adopted(UNTIL, { rule: 'imported', kind: 'temporary', detail: 'over "there" é' }),
  },
  {
    title: 'a reason that is broken JSON is itself',
    foreign: 'temp_unschedulable_until = $2, temp_unschedulable_reason = $3',
    parameters: [at(UNTIL), '{"error_message":"half \\ud800"'],
    cell: ({ temporary }) => temporary,
    becomes: adopted(UNTIL, { rule: 'imported', kind: 'temporary', detail: '{"error_message":"half \\ud800"' }),
  },
];

const setEntry = `extra = jsonb_set(extra, array['model_rate_limits', $2], $3::jsonb)`;

const MODELS: readonly Case[] = [
  {
    title: 'a later entry extends',
    ours: modelLimited('a', 'b'),
    foreign: setEntry,
    parameters: ['a', entry(at(LATER))],
    cell: models,
    becomes: { a: adopted(LATER), b: hold(UNTIL) },
  },
  {
    title: 'an entry with an offset and nanoseconds is read',
    ours: modelLimited('a'),
    foreign: setEntry,
    parameters: ['a', entry(at(LATER + 2 * HOUR_MS).replace('.000Z', '.000000001+02:00'))],
    cell: models,
    becomes: { a: adopted(LATER + 1) },
  },
  {
    title: 'an entry that is gone clears its model only',
    ours: modelLimited('a', 'b'),
    foreign: "extra = extra #- '{model_rate_limits,a}'",
    cell: models,
    becomes: { a: cleared(1), b: hold(UNTIL) },
  },
  {
    title: 'entries that are all gone clear all',
    ours: modelLimited('a', '__proto__'),
    foreign: "extra = extra - 'model_rate_limits'",
    cell: (health) => [...health.modelRateLimits.values()],
    becomes: [cleared(1), cleared(1)],
  },
  { title: 'an emptied column clears all', ours: modelLimited('a'), foreign: 'extra = null', cell: models, becomes: { a: cleared(1) } },
  {
    title: 'a day that no calendar has is no end',
    ours: modelLimited('a'),
    foreign: setEntry,
    parameters: ['a', entry('2099-02-31T00:00:00Z')],
    cell: models,
    becomes: { a: cleared(1) },
  },
  {
    title: 'an entry of any other form is no end',
    ours: modelLimited('a'),
    foreign: setEntry,
    parameters: ['a', '[17]'],
    cell: models,
    becomes: { a: cleared(1) },
  },
  {
    title: 'a year after 2100 is 2100 (fault F44)',
    ours: modelLimited('a'),
    foreign: setEntry,
    parameters: ['a', entry('9999-12-31T23:59:59Z')],
    cell: models,
    becomes: { a: adopted(MAX_INSTANT) },
  },
  {
    title: 'new models are imported, the credits as credits, with their reason',
    foreign: 'extra = $2',
    parameters: [
      {
        model_rate_limits: {
          "o'brien{,}": { rate_limit_reset_at: at(UNTIL), reason: 'busy' },
          AICredits: { rate_limit_reset_at: at(UNTIL) },
        },
      },
    ],
    cell: models,
    becomes: {
      "o'brien{,}": adopted(UNTIL, { rule: 'imported', detail: 'busy' }),
      AICredits: adopted(UNTIL, { rule: 'imported', kind: 'credits' }),
    },
  },
];

const observedAt = UNTIL - 4 * HOUR_MS;
const window: HealthPatch = [
  { cell: 'sessionWindow.header', value: { observedAt, end: UNTIL } },
  { cell: 'sessionWindow.status', value: { observedAt, status: 'allowed' } },
];

const SESSIONS: readonly Case[] = [
  {
    title: 'another end is a later observation, also an earlier end',
    ours: window,
    foreign: 'session_window_end = $2',
    parameters: [at(UNTIL - HOUR_MS)],
    cell: session,
    becomes: { header: { observedAt: observedAt + 1, end: UNTIL - HOUR_MS }, status: { observedAt, status: 'allowed' }, predicted: null },
  },
  {
    title: 'another status is a later observation',
    ours: window,
    foreign: "session_window_status = 'rejected'",
    cell: session,
    becomes: { header: { observedAt, end: UNTIL }, status: { observedAt: observedAt + 1, status: 'rejected' }, predicted: null },
  },
  {
    title: 'emptied columns say nothing',
    ours: window,
    foreign: 'session_window_end = null, session_window_status = null',
    cell: session,
    becomes: { header: { observedAt, end: UNTIL }, status: { observedAt, status: 'allowed' }, predicted: null },
  },
  {
    title: 'a guessed window that we showed is no observation',
    ours: [{ cell: 'sessionWindow.predicted', value: { start: observedAt } }],
    foreign: "name = 'x'",
    cell: session,
    becomes: { header: null, status: null, predicted: { start: observedAt } },
    columns: { session_window_start: observedAt, session_window_end: observedAt + 5 * HOUR_MS },
  },
  {
    title: 'a window where there was none is imported',
    foreign: "session_window_end = $2, session_window_status = 'allowed'",
    parameters: [at(UNTIL)],
    cell: session,
    becomes: {
      header: { observedAt: UNTIL - 5 * HOUR_MS, end: UNTIL },
      status: { observedAt: UNTIL - 5 * HOUR_MS, status: 'allowed' },
      predicted: null,
    },
  },
];

const fails = (message: string): string => `status = 'error', schedulable = false, error_message = '${message}'`;

const ERRORS: readonly Case[] = [
  {
    title: 'an error where there was none is imported',
    foreign: fails('Access forbidden (403): x'),
    cell: errors,
    becomes: { forbidden: [0, 'imported'] },
  },
  { title: 'a text that nobody knows is of kind custom', foreign: fails('what?'), cell: errors, becomes: { custom: [0, 'imported'] } },
  {
    title: 'an error without a text is of kind custom',
    foreign: "status = 'error'",
    cell: errors,
    becomes: { custom: [0, 'imported'] },
    columns: { error_message: null, schedulable: true },
  },
  {
    title: 'words of ours that would be of another kind are no news',
    ours: [{ cell: 'errors', key: 'billing', value: error('Account violation (403): quoted') }],
    foreign: "name = 'x'",
    cell: errors,
    becomes: { billing: [0, 'some_rule'] },
    columns: { error_message: 'Account violation (403): quoted', status: 'error', schedulable: false },
  },
  {
    title: 'an error that was lifted is cleared, and the account switched on (behaviour 10.7)',
    ours: billing,
    foreign: "status = 'active', error_message = ''",
    cell: errors,
    becomes: { billing: [1, 'cleared'] },
    columns: { status: 'active', error_message: '', schedulable: true },
  },
  {
    title: 'an error after a clear is one of the new generation',
    ours: [{ cell: 'errors', key: 'billing', value: error('', { generation: 3, at: 0, rule: 'cleared' }) }],
    foreign: fails('Payment required (402): x'),
    cell: errors,
    becomes: { billing: [3, 'adopted'] },
  },
  {
    title: 'a second error of another kind is added, and its text stays',
    ours: billing,
    foreign: fails('Account violation (403): x'),
    cell: errors,
    becomes: { billing: [0, 'some_rule'], violation: [0, 'imported'] },
    columns: { error_message: 'Account violation (403): x' },
  },
  {
    title: 'a second error of the same kind adds nothing',
    ours: billing,
    foreign: fails('Payment required (402): still'),
    cell: errors,
    becomes: { billing: [0, 'some_rule'] },
    columns: { error_message: 'Payment required (402): still' },
  },
  {
    title: 'an account that an operator switched off keeps its errors',
    ours: billing,
    foreign: "status = 'disabled'",
    cell: errors,
    becomes: { billing: [0, 'some_rule'] },
    columns: { status: 'disabled' },
  },
  {
    title: "a pause without an error is the operator's",
    foreign: 'schedulable = false',
    cell: errors,
    becomes: {},
    columns: { status: 'active', schedulable: false },
  },
];

async function version(id: string): Promise<unknown> {
  const { rows } = await database.pool.query('select xmin::text, ctid::text from accounts where id = $1', [id]);
  return rows[0];
}

const load = async (id: string): Promise<AccountHealth | undefined> => (await database.repository.load([id])).get(id);

describe.each([
  { group: 'holds', cases: HOLDS },
  { group: 'models', cases: MODELS },
  { group: 'session windows', cases: SESSIONS },
  { group: 'errors', cases: ERRORS },
])('$group', ({ cases }) => {
  it.each(cases)('$title', async ({ ours, foreign, parameters, cell, becomes, columns }) => {
    const id = await database.addRow();
    if (ours !== undefined) await database.repository.patch(id, ours);
    await database.foreign(id, foreign, parameters);
    const loaded = await load(id);
    expect(loaded && cell(loaded)).toEqual(becomes);
    expect(await load(id)).toEqual(loaded);
    // The statement that also writes adopts the same, and what it adopted is no change any more.
    expect(await database.repository.patch(id, [])).toEqual(loaded);
    const settled = await version(id);
    expect(await database.repository.patch(id, [])).toEqual(loaded);
    expect(await load(id)).toEqual(loaded);
    expect(await version(id)).toEqual(settled);
    expect(await database.rowOf(id)).toMatchObject(columns ?? {});
  });
});

describe('a patch and a change of another program in one statement', () => {
  it('evidence from before the clear is void, evidence from after it counts', async () => {
    const id = await database.addRow();
    await database.repository.patch(id, limited);
    await database.foreign(id, 'rate_limit_reset_at = null');
    expect((await database.repository.patch(id, [{ cell: 'rateLimit', value: hold(LATER) }])).rateLimit).toEqual(cleared(1));
    expect((await database.rowOf(id)).rate_limit_reset_at).toBeNull();
    const fresh = hold(UNTIL, { generation: 1 });
    expect((await database.repository.patch(id, [{ cell: 'rateLimit', value: fresh }])).rateLimit).toEqual(fresh);
    expect((await database.rowOf(id)).rate_limit_reset_at).toBe(UNTIL);
  });

  it('the later of both ends stays', async () => {
    const id = await database.addRow();
    await database.repository.patch(id, limited);
    await database.foreign(id, 'rate_limit_reset_at = $2', [at(LATER)]);
    expect((await database.repository.patch(id, [{ cell: 'rateLimit', value: hold(LATER - 1) }])).rateLimit).toEqual(adopted(LATER));
    expect((await database.rowOf(id)).rate_limit_reset_at).toBe(LATER);
  });

  it('an imported hold is not shortened by the first patch', async () => {
    const id = await database.addRow({ rate_limit_reset_at: at(LATER) });
    expect((await database.repository.patch(id, limited)).rateLimit).toEqual(adopted(LATER, { rule: 'imported' }));
  });
});

describe('errors and the switch', () => {
  const clearBilling = toPatches([{ type: 'clear_error', accountId: 'x', kind: 'billing', generation: 0 }]).get('x') ?? [];

  it('an error switches the account off, and its end switches it on', async () => {
    const id = await database.addRow();
    await database.repository.patch(id, billing);
    expect(await database.rowOf(id)).toMatchObject({
      status: 'error',
      schedulable: false,
      error_message: 'Payment required (402): no money',
    });
    await database.repository.patch(id, clearBilling);
    expect(await database.rowOf(id)).toMatchObject({ status: 'active', schedulable: true, error_message: null });
  });

  it("an operator's pause outlasts the error", async () => {
    const id = await database.addRow({ schedulable: false });
    await database.repository.patch(id, billing);
    await database.repository.patch(id, clearBilling);
    expect(await database.rowOf(id)).toMatchObject({ status: 'active', schedulable: false });
  });

  it("the switch of an imported error is the error's", async () => {
    const id = await database.addRow({ status: 'error', schedulable: false, error_message: 'Payment required (402): x' });
    await database.repository.patch(id, clearBilling);
    expect(await database.rowOf(id)).toMatchObject({ status: 'active', schedulable: true, error_message: null });
  });

  it('the most severe of several errors is shown, and the next one when it ends', async () => {
    const id = await database.addRow();
    await database.repository.patch(id, [...billing, { cell: 'errors', key: 'violation', value: error('') }]);
    expect(await database.rowOf(id)).toMatchObject({ status: 'error', error_message: 'some_rule' });
    await database.repository.patch(
      id,
      toPatches([{ type: 'clear_error', accountId: 'x', kind: 'violation', generation: 0 }]).get('x') ?? [],
    );
    expect(await database.rowOf(id)).toMatchObject({
      status: 'error',
      schedulable: false,
      error_message: 'Payment required (402): no money',
    });
  });
});

describe('a mapping that comes later', () => {
  it('takes no empty column for a clear, shows the cell, and adopts from then on', async () => {
    const id = await database.addRow();
    await createMappedRepository(database.pool, { ...MAPPING, cells: {} }).patch(id, [...limited, ...billing, ...modelLimited('a')]);
    const before = await load(id);
    expect(before?.rateLimit).toEqual(hold(UNTIL));
    expect(await database.repository.patch(id, [])).toEqual(before);
    expect(await database.rowOf(id)).toMatchObject({ status: 'error', rate_limit_reset_at: UNTIL });
    await database.foreign(id, 'rate_limit_reset_at = null');
    expect((await load(id))?.rateLimit).toEqual(cleared(1));
  });
});
