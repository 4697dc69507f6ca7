/** Rules of every platform: what an operator decided, what the edge does, and what a status alone says. */
import type { Platform } from '../core/account.js';
import type { Outcome, Rule, StatusRange } from '../core/rule.js';

/** The platforms whose answers are known; any other is treated with care. */
export const KNOWN_PLATFORMS: readonly Platform[] = ['anthropic', 'openai', 'gemini', 'antigravity'];
const errors: readonly StatusRange[] = [[400, 599]];

const nothing = { type: 'none' } as const;
const ignored: Outcome = { kind: 'by_status', scope: 'request', exit: 'none', effect: nothing, course: 'respond' };
const byTemporaryRule: Outcome = { kind: 'by_status', scope: 'account', exit: 'time', effect: { type: 'temporary_rule' }, course: 'fail_over' };
const customError: Outcome = {
  kind: 'by_status',
  scope: 'account',
  exit: 'operator',
  effect: { type: 'error', kind: 'custom', title: 'Custom error code {status}: ', missing: 'Custom error code {status}: Custom error code triggered' },
  course: 'fail_over',
};
const modelMissing: Outcome = {
  kind: 'model_unavailable',
  scope: 'model',
  exit: 'time',
  effect: { type: 'limit', on: 'model_only', kind: 'unavailable', until: 30 },
  course: 'fail_over',
};

function failed(title: string, missing: string): Outcome {
  return {
    kind: 'unauthenticated',
    scope: 'credential',
    exit: 'operator',
    effect: { type: 'error', kind: 'credential', title, missing },
    course: 'fail_over',
  };
}

/** The purpose of the exchange, custom error codes and pool mode: before anything that an upstream says. */
export const operatorRules: readonly Rule[] = [
  {
    id: 'usage_answer',
    note: 'The answer of a usage endpoint speaks of that endpoint: samples are taken, nothing else changes.',
    status: errors,
    when: { purpose: ['usage'] },
    then: ignored,
  },
  {
    id: 'custom_codes_unlisted',
    note: 'The account counts only some statuses as errors, and this is none of them: the client gets 500, nothing changes.',
    status: errors,
    when: { errorCodes: ['unlisted'] },
    then: { ...ignored, status: 500 },
  },
  {
    id: 'custom_code_529',
    note: 'A 529 that the account lists is an error, not an overload.',
    status: [529],
    when: { errorCodes: ['listed'] },
    then: customError,
  },
  {
    id: 'pool_mode_temporary_rule',
    note: 'The upstream is a pool, and a temporary rule of the account matches.',
    status: [
      [400, 400],
      [402, 599],
    ],
    when: { errorCodes: ['off'], poolMode: true, temporaryRule: true },
    then: byTemporaryRule,
  },
  {
    id: 'pool_mode_hands_off',
    note: 'The upstream is a pool: its accounts are its own affair.',
    status: errors,
    when: { errorCodes: ['off'], poolMode: true },
    then: { ...ignored, course: 'fail_over' },
  },
];

/** What every platform's answers prove, before an operator's temporary rules. */
export const sharedEvidence: readonly Rule[] = [
  {
    id: 'overloaded_529',
    note: 'The upstream is overloaded, for everybody: a short hold, if the settings want one.',
    status: [529],
    when: {},
    then: { kind: 'overloaded', scope: 'provider', exit: 'time', effect: { type: 'overload' }, course: 'fail_over' },
  },
  {
    id: 'upstream_404_model_not_found',
    note: 'The upstream does not know the model: only that model waits.',
    status: [404],
    when: { modelKnown: true, body: ['json', 'text'], anywhere: ['model not found', 'unknown model', 'not found', 'does not exist'], anywhereToo: ['model'] },
    then: modelMissing,
  },
  {
    id: 'upstream_400_codex_plan_gated_model',
    note: 'The ChatGPT plan has no such model.',
    platform: ['openai'],
    type: ['oauth'],
    status: [400],
    when: { modelKnown: true, anywhere: ['model is not supported when using codex'] },
    then: modelMissing,
  },
  {
    id: 'unknown_model_401',
    note: 'A 401 about a model is no verdict on the credential.',
    status: [401],
    when: { anywhere: ['unknown model', 'model is not supported', 'is not supported', 'does not exist'], anywhereToo: ['model'] },
    then: { kind: 'model_unavailable', scope: 'request', exit: 'none', effect: nothing, course: 'fail_over' },
  },
];

/** The account's own temporary rules. With custom error codes they are not asked. */
export const temporaryRules: readonly Rule[] = [
  {
    id: 'temporary_rule_401',
    note: 'A temporary rule holds the credential at its first 401; a second 401 of the same revision falls through.',
    exceptPlatform: ['antigravity'],
    status: [401],
    when: { errorCodes: ['off'], purpose: ['request', 'probe'], authenticationSeen: false, temporaryRule: true },
    then: { ...byTemporaryRule, scope: 'credential' },
  },
  {
    id: 'temporary_rule_401_antigravity',
    note: "Antigravity's 401 stays with the temporary rule, however often it comes.",
    platform: ['antigravity'],
    status: [401],
    when: { errorCodes: ['off'], purpose: ['request', 'probe'], temporaryRule: true },
    then: { ...byTemporaryRule, scope: 'credential' },
  },
  {
    id: 'temporary_rule',
    note: 'The status and a word of the body are those of a temporary rule of the account.',
    status: [
      [400, 400],
      [402, 599],
    ],
    when: { errorCodes: ['off'], temporaryRule: true },
    then: byTemporaryRule,
  },
];

/** What is not an upstream's own answer. */
export const edgeRules: readonly Rule[] = [
  {
    id: 'blocked_egress_html',
    note: 'A page instead of an answer comes from the edge or a proxy, whatever its status: nobody is punished.',
    status: errors,
    when: { body: ['html'] },
    then: { kind: 'blocked_egress', scope: 'network', exit: 'none', effect: nothing, course: 'fail_over' },
  },
  {
    id: 'blocked_egress_empty_403',
    note: 'A 403 without a body is the edge.',
    status: [403],
    when: { body: ['empty'] },
    then: { kind: 'blocked_egress', scope: 'network', exit: 'none', effect: nothing, course: 'fail_over' },
  },
];

const organizationDisabled: Rule = {
  id: 'organization_disabled',
  note: 'The organization was closed by the upstream.',
  status: [400],
  when: { errorType: ['invalid_request_error', 'none'], phrases: ['organization has been disabled'] },
  then: {
    kind: 'violation',
    scope: 'organization',
    exit: 'operator',
    effect: { type: 'error', kind: 'organization', title: 'Organization disabled (400): ', missing: 'Organization disabled (400)' },
    course: 'fail_over',
  },
};

const identityVerification: Rule = {
  id: 'identity_verification_required',
  note: 'The owner has to prove who they are.',
  status: [400],
  when: { errorType: ['invalid_request_error', 'none'], phrases: ['identity verification is required'] },
  then: {
    kind: 'verification_required',
    scope: 'organization',
    exit: 'operator',
    effect: { type: 'error', kind: 'verification', title: 'Identity verification required (400): ', missing: 'Identity verification required (400)' },
    course: 'fail_over',
  },
};

/** A platform that is not known may mean anything by these statuses: ten minutes, and no person is asked. */
const unknownPlatform: readonly Rule[] = [
  { status: 401, kind: 'unauthenticated' as const },
  { status: 402, kind: 'billing' as const },
  { status: 403, kind: 'forbidden' as const },
].map(({ status, kind }) => ({
  id: `unknown_platform_${status}`,
  note: `A ${status} of a platform that is not known holds the account ten minutes.`,
  exceptPlatform: KNOWN_PLATFORMS,
  status: [status],
  when: {},
  then: {
    kind,
    scope: 'account',
    exit: 'time',
    effect: { type: 'pause', minutes: 10, title: '{status}: ', missing: 'status {status}' },
    course: 'fail_over',
  },
}));

const unauthenticated: readonly Rule[] = [
  {
    id: 'connection_test_401',
    note: 'A person tested the account, and it was refused.',
    platform: KNOWN_PLATFORMS,
    status: [401],
    when: { purpose: ['connection_test'] },
    then: failed('Authentication failed (401): ', 'Authentication failed (401): invalid or expired credentials'),
  },
  {
    id: 'oauth_401_no_refresh_token',
    note: 'Refused, and nothing to refresh it with.',
    platform: KNOWN_PLATFORMS,
    exceptPlatform: ['antigravity'],
    type: ['oauth'],
    status: [401],
    when: { refreshable: false },
    then: {
      ...failed('', ''),
      effect: {
        type: 'error',
        kind: 'credential',
        title: 'OAuth 401 (no refresh_token): ',
        missing: 'Authentication failed (401): refresh_token missing, cannot recover',
        invalidate: true,
      },
    },
  },
  {
    id: 'oauth_401',
    note: 'Refused, and it can be refreshed: this revision is held, and the next one is back at once.',
    platform: KNOWN_PLATFORMS,
    exceptPlatform: ['antigravity'],
    type: ['oauth'],
    status: [401],
    when: {},
    then: {
      kind: 'unauthenticated',
      scope: 'credential',
      exit: 'refresh',
      effect: { type: 'authentication', title: 'OAuth 401: ', missing: 'Authentication failed (401): invalid or expired credentials' },
      course: 'fail_over',
    },
  },
  {
    id: 'authentication_failed',
    note: 'An API key or setup token that is refused stays refused.',
    platform: KNOWN_PLATFORMS,
    status: [401],
    when: {},
    then: failed('Authentication failed (401): ', 'Authentication failed (401): invalid or expired credentials'),
  },
];

/** What the remaining statuses mean, for every platform. */
export const statusDefaults: readonly Rule[] = [
  organizationDisabled,
  identityVerification,
  ...unknownPlatform,
  ...unauthenticated,
  {
    id: 'payment_required',
    note: 'Somebody has to pay.',
    status: [402],
    when: {},
    then: {
      kind: 'billing',
      scope: 'organization',
      exit: 'operator',
      effect: { type: 'error', kind: 'billing', title: 'Payment required (402): ', missing: 'Payment required (402): insufficient balance or billing issue' },
      course: 'fail_over',
    },
  },
  {
    id: 'access_forbidden',
    note: 'The account may not; a person has to look at it.',
    status: [403],
    when: {},
    then: {
      kind: 'forbidden',
      scope: 'account',
      exit: 'operator',
      effect: {
        type: 'error',
        kind: 'forbidden',
        title: 'Access forbidden (403): ',
        missing: 'Access forbidden (403): account may be suspended or lack permissions',
      },
      course: 'fail_over',
    },
  },
  {
    id: 'rate_limited',
    note: 'A limit, for as long as the answer says.',
    status: [429],
    when: {},
    then: { kind: 'rate_limited', scope: 'account', exit: 'time', effect: { type: 'limit', on: 'account', kind: 'quota', until: 'stated' }, course: 'fail_over' },
  },
  {
    id: 'no_reset_time',
    note: 'A limit that states no end: a few seconds, doubled while it goes on.',
    status: [429],
    when: {},
    then: { kind: 'rate_limited', scope: 'account', exit: 'time', effect: { type: 'limit', on: 'account', kind: 'quota', until: 'fallback' }, course: 'fail_over' },
  },
  {
    id: 'invalid_request',
    note: "The caller's own mistake: another account would say the same.",
    status: [400, 404, 405, 406, 413, 414, 415, 416, 417, 422, 431],
    when: { errorCodes: ['off'] },
    then: { kind: 'invalid_request', scope: 'request', exit: 'none', effect: nothing, course: 'respond' },
  },
  {
    id: 'invalid_request_listed',
    note: 'A 400 keeps its own meaning where the account lists it as an error.',
    status: [400],
    when: { errorCodes: ['listed'] },
    then: { kind: 'invalid_request', scope: 'request', exit: 'none', effect: nothing, course: 'respond' },
  },
  {
    id: 'custom_code',
    note: 'The account lists this status as an error.',
    status: errors,
    when: { errorCodes: ['listed'] },
    then: customError,
  },
  {
    id: 'upstream_error',
    note: 'A server error says nothing about the account.',
    status: [[500, 599]],
    when: {},
    then: { kind: 'upstream_error', scope: 'provider', exit: 'none', effect: nothing, course: 'fail_over' },
  },
  {
    id: 'client_abort',
    note: 'The client went away.',
    status: [0],
    when: { failure: ['client_abort'] },
    then: { kind: 'transport', scope: 'request', exit: 'none', effect: nothing, course: 'respond' },
  },
  {
    id: 'transport_failure',
    note: 'No connection, or a broken one: once more, then elsewhere.',
    status: [0],
    when: { failure: ['connect', 'reset'] },
    then: { kind: 'transport', scope: 'network', exit: 'none', effect: nothing, course: 'retry_once' },
  },
  {
    id: 'no_answer',
    note: 'No answer in time, or none at all.',
    status: [0],
    when: { failure: ['timeout', 'empty_stream'] },
    then: { kind: 'transport', scope: 'provider', exit: 'none', effect: nothing, course: 'fail_over' },
  },
  {
    id: 'unknown_status',
    note: 'A status that says nothing here: the client gets it as it is.',
    status: 'any',
    when: {},
    then: { kind: 'unknown', scope: 'request', exit: 'none', effect: nothing, course: 'respond' },
  },
];
