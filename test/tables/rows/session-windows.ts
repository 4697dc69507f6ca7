/** behaviour.md 3.1: the 5-hour window of a successful answer, samples, and recovery. Boundaries to the second. */
import type { AccountInput } from '../../../src/core/define-account.js';
import { answered, DAY, given, HOUR, MINUTE, NOW, SECOND, seconds, unified } from '../../support/exchanges.js';
import type { ExpectedAction, Row } from '../../support/rows.js';

const IN_3H = NOW + 3 * HOUR;
const IN_4H = NOW + 4 * HOUR;
const IN_4D = NOW + 4 * DAY;
/** 10:00 and 15:00 UTC: the hour in which NOW lies, whatever the zone of the machine. */
const PREDICTED = { start: Date.UTC(2026, 2, 2, 10), end: Date.UTC(2026, 2, 2, 15), source: 'predicted' } as const;
const UNKNOWN = { utilization: null, resetAt: null, sampledAt: NOW };
const CLEARED = { '5h': UNKNOWN, '7d': UNKNOWN, '7d_oi': UNKNOWN };

const running = (end: number, status = 'allowed'): Partial<AccountInput> => ({
  health: { sessionWindow: { start: end - 5 * HOUR, end, status, source: 'header' } },
});
const fromHeader = (end: number): ExpectedAction & { type: 'update_session_window' } => ({
  type: 'update_session_window',
  window: { start: end - 5 * HOUR, end, source: 'header' },
  observedAt: NOW,
});
const noWindow = (status: string): ExpectedAction => ({ type: 'update_session_window', window: null, status, observedAt: NOW });
const records = (samples: Extract<ExpectedAction, { type: 'record_usage' }>['samples']): ExpectedAction =>
  samples === undefined ? { type: 'record_usage' } : { type: 'record_usage', samples };

interface Session {
  readonly name: string;
  readonly facts?: Partial<AccountInput>;
  readonly headers: Readonly<Record<string, string | number>>;
  readonly actions: readonly ExpectedAction[];
}

const EXAMPLES: readonly Session[] = [
  {
    name: 'no window, allowed, a reset: the window begins, and the usage with it',
    headers: { '5h-status': 'allowed', '5h-reset': seconds(IN_3H) },
    actions: [{ ...fromHeader(IN_3H), status: 'allowed' }, records(CLEARED)],
  },
  {
    name: 'no window, allowed_warning, no reset: the hour is a guess',
    headers: { '5h-status': 'allowed_warning' },
    actions: [{ type: 'update_session_window', window: PREDICTED, status: 'allowed_warning' }],
  },
  {
    name: 'no window, allowed, no reset: the same',
    headers: { '5h-status': 'allowed' },
    actions: [{ type: 'update_session_window', window: PREDICTED, status: 'allowed' }],
  },
  { name: 'no window, rejected, no reset: no guess', headers: { '5h-status': 'rejected' }, actions: [noWindow('rejected')] },
  {
    name: 'no window, another status, no reset: no guess',
    headers: { '5h-status': 'queueing_soft' },
    actions: [noWindow('queueing_soft')],
  },
  {
    name: 'a running window, another reset: corrected, the usage stays',
    facts: running(NOW + 2 * HOUR),
    headers: { '5h-status': 'allowed', '5h-reset': seconds(IN_4H) },
    actions: [{ ...fromHeader(IN_4H), status: 'allowed' }],
  },
  {
    name: 'a running window, the same reset: only the status',
    facts: running(IN_3H),
    headers: { '5h-status': 'allowed', '5h-reset': seconds(IN_3H) },
    actions: [noWindow('allowed')],
  },
  {
    name: 'a running guess, a real reset: corrected, the usage stays',
    facts: { health: { sessionWindow: { header: null, status: null, predicted: { start: PREDICTED.start } } } },
    headers: { '5h-status': 'allowed', '5h-reset': seconds(IN_4H) },
    actions: [{ ...fromHeader(IN_4H), status: 'allowed' }],
  },
  {
    name: 'a running window, no reset: no guess',
    facts: running(IN_3H),
    headers: { '5h-status': 'allowed' },
    actions: [noWindow('allowed')],
  },
  {
    name: 'a new window with a utilization',
    headers: { '5h-status': 'allowed', '5h-reset': seconds(IN_3H), '5h-utilization': 0.15 },
    actions: [
      { ...fromHeader(IN_3H), status: 'allowed' },
      records({ '5h': { utilization: 0.15, resetAt: IN_3H, sampledAt: NOW }, '7d': UNKNOWN, '7d_oi': UNKNOWN }),
    ],
  },
  {
    name: 'a corrected window with a utilization',
    facts: running(NOW + 2 * HOUR),
    headers: { '5h-status': 'allowed', '5h-reset': seconds(IN_4H), '5h-utilization': 0.3 },
    actions: [{ ...fromHeader(IN_4H), status: 'allowed' }, records({ '5h': { utilization: 0.3, resetAt: IN_4H, sampledAt: NOW } })],
  },
  {
    name: '7d and 7d_oi, without a reset of the session',
    facts: running(IN_3H),
    headers: {
      '5h-status': 'allowed',
      '7d-utilization': '0.42',
      '7d-reset': seconds(IN_4D),
      '7d_oi-utilization': '0.87',
      '7d_oi-reset': IN_4D,
    },
    actions: [
      noWindow('allowed'),
      records({
        '7d': { utilization: 0.42, resetAt: IN_4D, sampledAt: NOW },
        '7d_oi': { utilization: 0.87, resetAt: IN_4D, sampledAt: NOW },
      }),
    ],
  },
  {
    name: 'a window that is over: the next one begins',
    facts: running(NOW - SECOND),
    headers: { '5h-status': 'allowed', '5h-reset': seconds(IN_3H) },
    actions: [{ ...fromHeader(IN_3H), status: 'allowed' }, records(CLEARED)],
  },
  {
    name: 'a window that ends now still runs',
    facts: running(NOW),
    headers: { '5h-status': 'allowed', '5h-reset': seconds(IN_3H) },
    actions: [{ ...fromHeader(IN_3H), status: 'allowed' }],
  },
  {
    name: 'a utilization above 1 is kept',
    facts: running(IN_3H),
    headers: { '5h-status': 'rejected', '5h-reset': seconds(IN_3H), '5h-utilization': '1.02' },
    actions: [noWindow('rejected'), records({ '5h': { utilization: 1.02, resetAt: IN_3H, sampledAt: NOW } })],
  },
  { name: 'no status and no window: nothing', headers: {}, actions: [] },
  {
    name: 'no status, but a utilization: a sample and nothing else',
    headers: { '5h-utilization': '0.5', '5h-reset': seconds(IN_3H) },
    actions: [records({ '5h': { utilization: 0.5, resetAt: IN_3H, sampledAt: NOW } })],
  },
  {
    name: 'the aggregate reset that speaks of the session, where its own is missing',
    headers: { '5h-status': 'allowed', status: 'allowed', reset: seconds(IN_3H), 'representative-claim': 'five_hour' },
    actions: [{ ...fromHeader(IN_3H), status: 'allowed' }, records(CLEARED)],
  },
  {
    name: 'an aggregate reset that speaks of the week does not move the session',
    headers: { '5h-status': 'allowed', status: 'allowed', reset: seconds(IN_4D), 'representative-claim': 'seven_day' },
    actions: [{ type: 'update_session_window', window: PREDICTED, status: 'allowed' }],
  },
];

/** The reset as a fact: from five hours ago to seven days ahead. What is not one leaves the hour to be guessed. */
const BOUNDS: readonly (readonly [name: string, reset: string, end: number | null])[] = [
  ['five hours ago', seconds(NOW - 5 * HOUR), NOW - 5 * HOUR],
  ['five hours and a second ago', seconds(NOW - 5 * HOUR - SECOND), null],
  ['seven days ahead', seconds(NOW + 7 * DAY), NOW + 7 * DAY],
  ['seven days and a second ahead', seconds(NOW + 7 * DAY + SECOND), null],
  ['milliseconds', String(IN_3H), IN_3H],
  ['milliseconds too far ahead', '4102444800000', null],
  ['not a number', 'tomorrow', null],
  ['an empty text', '', null],
  ['a negative number', '-5', null],
  ['zero', '0', null],
  ['hexadecimal', '0x69a565ee', null],
];

const bounds: readonly Session[] = BOUNDS.map(([name, reset, end]) => ({
  name: `a reset: ${name}`,
  headers: { '5h-status': 'allowed', '5h-reset': reset },
  actions:
    end === null
      ? [{ type: 'update_session_window', window: PREDICTED, status: 'allowed' }]
      : [{ ...fromHeader(end), status: 'allowed' }, records(CLEARED)],
}));

const sessions: readonly Row[] = [...EXAMPLES, ...bounds].map(({ name, facts, headers, actions }) => ({
  name: `3.1 ${name}`,
  exchange: answered(given('anthropic', 'oauth', facts), 200, { headers: unified(headers) }),
  rule: 'ok',
  actions,
  disposition: { type: 'respond' },
  events: [],
}));

const limited = (extra: object = {}): Partial<AccountInput> => ({
  health: {
    rateLimit: { generation: 5, credentialRevision: -1, until: IN_3H, rule: 'r' },
    sessionWindow: { start: IN_3H - 5 * HOUR, end: IN_3H, status: 'rejected', source: 'header' },
    ...extra,
  },
});
const allowed = { '5h-status': 'allowed', '5h-reset': seconds(IN_3H) };
const cleared: ExpectedAction = { type: 'clear_holds', holds: [{ cell: 'rateLimit', generation: 5 }] };

const recovery: readonly Row[] = [
  {
    name: '3.1 allowed: the limit is over',
    exchange: answered(given('anthropic', 'oauth', limited()), 200, { headers: unified(allowed) }),
    rule: 'ok',
    actions: [noWindow('allowed'), cleared],
  },
  {
    name: '3.1 allowed: the overload is over too',
    exchange: answered(
      given('anthropic', 'oauth', limited({ overload: { generation: 2, credentialRevision: -1, until: IN_3H, rule: 'r' } })),
      200,
      { headers: unified(allowed) },
    ),
    rule: 'ok',
    actions: [
      noWindow('allowed'),
      {
        type: 'clear_holds',
        holds: [
          { cell: 'rateLimit', generation: 5 },
          { cell: 'overload', generation: 2 },
        ],
      },
    ],
  },
  {
    name: '3.1 allowed_warning proves nothing',
    exchange: answered(given('anthropic', 'oauth', limited()), 200, { headers: unified({ ...allowed, '5h-status': 'allowed_warning' }) }),
    rule: 'ok',
    actions: [noWindow('allowed_warning')],
  },
  {
    name: '3.1 allowed, but another window is used up',
    exchange: answered(given('anthropic', 'oauth', limited()), 200, { headers: unified({ ...allowed, '7d-utilization': '1.0' }) }),
    rule: 'ok',
    actions: [noWindow('allowed'), { type: 'record_usage' }],
  },
  {
    name: '3.1 allowed, but another window is rejected',
    exchange: answered(given('anthropic', 'oauth', limited()), 200, { headers: unified({ ...allowed, '7d_oi-status': 'rejected' }) }),
    rule: 'ok',
    actions: [noWindow('allowed')],
  },
  {
    name: '3.1 allowed, and the overage is rejected: healthy',
    exchange: answered(given('anthropic', 'oauth', limited()), 200, { headers: unified({ ...allowed, 'overage-status': 'rejected' }) }),
    rule: 'ok',
    actions: [noWindow('allowed'), cleared],
  },
  ...(['headers', 'first_event', 'mid_stream'] as const).map(
    (phase): Row => ({
      name: `3.1 allowed, at ${phase}: not yet`,
      exchange: answered(given('anthropic', 'oauth', limited()), 200, { headers: unified(allowed), phase }),
      rule: 'ok',
      actions: [noWindow('allowed')],
    }),
  ),
  {
    name: '3.1 allowed, without a limit: nothing to clear',
    exchange: answered(given('anthropic', 'oauth', running(IN_3H)), 200, { headers: unified(allowed) }),
    rule: 'ok',
    actions: [noWindow('allowed')],
  },
  {
    name: '3.1 a shadow observes nothing of the shared plan',
    exchange: answered(given('anthropic', 'oauth', { parent: given('anthropic', 'oauth', { id: 'parent' }) }), 200, {
      headers: unified(allowed),
    }),
    rule: 'ok',
    actions: [],
  },
  {
    name: "samples are as old as the answer's Date says",
    exchange: answered(given('anthropic', 'oauth', running(IN_3H)), 200, {
      headers: { ...unified({ ...allowed, '5h-utilization': '0.5' }), date: 'Mon, 02 Mar 2026 10:20:20 GMT' },
    }),
    rule: 'ok',
    actions: [
      { type: 'update_session_window', observedAt: NOW - 10 * SECOND },
      records({ '5h': { utilization: 0.5, resetAt: IN_3H, sampledAt: NOW - 10 * SECOND } }),
    ],
  },
  {
    name: 'a Date that is more than a day off is no clock',
    exchange: answered(given('anthropic', 'oauth', running(IN_3H)), 200, {
      headers: { ...unified({ ...allowed, '5h-utilization': '0.5' }), date: 'Sat, 28 Feb 2026 10:20:20 GMT' },
    }),
    rule: 'ok',
    actions: [{ type: 'update_session_window', observedAt: NOW }, records({ '5h': { utilization: 0.5, resetAt: IN_3H, sampledAt: NOW } })],
  },
];

const fresh = (sampledAt: number): Partial<AccountInput> => ({
  health: {
    sessionWindow: { start: IN_3H - 5 * HOUR, end: IN_3H, status: 'allowed', source: 'header' },
    usage: { '5h': { utilization: 0.5, resetAt: IN_3H, sampledAt } },
  },
});
const same = unified({ ...allowed, '5h-utilization': '0.5' });

/** Answers that say nothing new: the one shared decision. */
export const nothingNewRows: readonly Row[] = [
  { name: 'no headers', exchange: answered(given('openai', 'api_key'), 200), rule: 'ok' },
  { name: 'unchanged', exchange: answered(given('anthropic', 'oauth', fresh(NOW - 59 * SECOND)), 200, { headers: same }), rule: 'ok' },
  { name: 'a healthy body', exchange: answered(given('openai', 'api_key'), 200, { body: { id: 'x', error: null } }), rule: 'ok' },
  { name: 'a redirect', exchange: answered(given('openai', 'api_key'), 304), rule: 'ok' },
];

export const sessionWindowRows: readonly Row[] = [
  ...sessions,
  ...recovery,
  {
    name: 'unchanged, but the samples are a minute old',
    exchange: answered(given('anthropic', 'oauth', fresh(NOW - MINUTE)), 200, { headers: same }),
    rule: 'ok',
    actions: [noWindow('allowed'), records({ '5h': { utilization: 0.5, resetAt: IN_3H, sampledAt: NOW } })],
  },
  {
    name: 'a change of a ten-thousandth is a change',
    exchange: answered(given('anthropic', 'oauth', fresh(NOW - SECOND)), 200, {
      headers: unified({ ...allowed, '5h-utilization': '0.5001' }),
    }),
    rule: 'ok',
    actions: [noWindow('allowed'), records({ '5h': { utilization: 0.5001, resetAt: IN_3H, sampledAt: NOW } })],
  },
];
