/** Each status of each platform and type of account, with a body that says nothing more: what it means, what changes, and what becomes of the request. */
import type { AccountType, Platform } from '../../../src/core/account.js';
import type { Action } from '../../../src/core/action.js';
import type { Disposition, Scope, VerdictKind } from '../../../src/core/decision.js';
import { answered, given, says } from '../../support/exchanges.js';
import type { ExpectedAction, Row } from '../../support/rows.js';

export const PLATFORMS: readonly Platform[] = ['anthropic', 'openai', 'gemini', 'antigravity', 'another'];
export const TYPES: readonly AccountType[] = ['oauth', 'setup_token', 'api_key', 'another'];

type Changes = readonly Action['type'][];
interface Line {
  readonly status: readonly number[];
  /** All, where left out. */
  readonly platform?: readonly Platform[];
  readonly type?: readonly AccountType[];
  readonly kind: VerdictKind;
  readonly scope: Scope;
  readonly changes: Changes;
  readonly then: Disposition['type'];
  readonly rule: string;
}

const KNOWN: readonly Platform[] = ['anthropic', 'openai', 'gemini', 'antigravity'];
const HELD: Changes = ['set_temp_unschedulable'];
const ERROR: Changes = ['set_error'];
const LIMITED: Changes = ['add_strike', 'set_rate_limited'];
const MODEL_LIMITED: Changes = ['add_strike', 'set_model_rate_limit'];

/** The first line that covers a status, platform and type is the expectation. */
const LINES: readonly Line[] = [
  { status: [400, 404, 405, 413, 422], kind: 'invalid_request', scope: 'request', changes: [], then: 'respond', rule: 'invalid_request' },
  {
    status: [401],
    platform: ['another'],
    kind: 'unauthenticated',
    scope: 'account',
    changes: HELD,
    then: 'fail_over',
    rule: 'unknown_platform_401',
  },
  {
    status: [401],
    platform: ['antigravity'],
    type: ['oauth'],
    kind: 'unauthenticated',
    scope: 'credential',
    changes: ['invalidate_token', 'set_error'],
    then: 'fail_over',
    rule: 'antigravity_401',
  },
  {
    status: [401],
    platform: KNOWN,
    type: ['oauth'],
    kind: 'unauthenticated',
    scope: 'credential',
    changes: ['invalidate_token', 'set_temp_unschedulable', 'request_refresh'],
    then: 'fail_over',
    rule: 'oauth_401',
  },
  {
    status: [401],
    platform: KNOWN,
    kind: 'unauthenticated',
    scope: 'credential',
    changes: ERROR,
    then: 'fail_over',
    rule: 'authentication_failed',
  },
  {
    status: [402],
    platform: ['another'],
    kind: 'billing',
    scope: 'account',
    changes: HELD,
    then: 'fail_over',
    rule: 'unknown_platform_402',
  },
  { status: [402], platform: KNOWN, kind: 'billing', scope: 'organization', changes: ERROR, then: 'fail_over', rule: 'payment_required' },
  {
    status: [403],
    platform: ['another'],
    kind: 'forbidden',
    scope: 'account',
    changes: HELD,
    then: 'fail_over',
    rule: 'unknown_platform_403',
  },
  {
    status: [403],
    platform: ['openai'],
    kind: 'forbidden',
    scope: 'account',
    changes: ['add_strike', 'set_temp_unschedulable'],
    then: 'fail_over',
    rule: 'openai_403_strikes',
  },
  { status: [403], platform: KNOWN, kind: 'forbidden', scope: 'account', changes: ERROR, then: 'fail_over', rule: 'access_forbidden' },
  { status: [408, 409, 418, 425, 451, 499], kind: 'unknown', scope: 'request', changes: [], then: 'respond', rule: 'unknown_status' },
  {
    status: [429],
    platform: ['openai'],
    type: ['api_key'],
    kind: 'rate_limited',
    scope: 'model',
    changes: MODEL_LIMITED,
    then: 'fail_over',
    rule: 'openai_api_key_rate_limit_undated',
  },
  { status: [429], kind: 'rate_limited', scope: 'account', changes: LIMITED, then: 'fail_over', rule: 'no_reset_time' },
  {
    status: [500, 502, 503, 504, 520, 599],
    kind: 'upstream_error',
    scope: 'provider',
    changes: [],
    then: 'fail_over',
    rule: 'upstream_error',
  },
  { status: [529], kind: 'overloaded', scope: 'provider', changes: ['set_overloaded'], then: 'fail_over', rule: 'overloaded_529' },
];

export const STATUSES: readonly number[] = [...new Set(LINES.flatMap(({ status }) => status))];

function lineFor(status: number, platform: Platform, type: AccountType): Line {
  const covers = (line: Line): boolean =>
    line.status.includes(status) && line.platform?.includes(platform) !== false && line.type?.includes(type) !== false;
  const line = LINES.find(covers);
  if (line === undefined) throw new Error(`no line covers ${status} ${platform} ${type}`);
  return line;
}

function rowFor(status: number, platform: Platform, type: AccountType): Row {
  const { rule, kind, scope, changes, then } = lineFor(status, platform, type);
  return {
    name: `${status} ${platform} ${type}`,
    exchange: answered(given(platform, type), status, { body: says('No') }),
    rule,
    verdict: { kind, scope, resetAt: null },
    actions: changes.map((change): ExpectedAction => ({ type: change })),
    disposition: then,
  };
}

export const matrixRows: readonly Row[] = STATUSES.flatMap((status) =>
  PLATFORMS.flatMap((platform) => TYPES.map((type) => rowFor(status, platform, type))),
);
