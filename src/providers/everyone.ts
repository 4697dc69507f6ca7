/** Rules of every platform: what an operator decided, what the edge does, and what a status alone says. */
import type { Platform } from '../core/account.js';
import type { Outcome, Rule, StatusRange } from '../core/rule.js';

/** The platforms whose answers are known; any other is treated with care. */
export const KNOWN_PLATFORMS: readonly Platform[] = ['anthropic', 'openai', 'gemini', 'antigravity'];
const errors: readonly StatusRange[] = [[400, 599]];

const nothing = { type: 'none' } as const;
const ignored: Outcome = { kind: 'by_status', scope: 'request', exit: 'none', effect: nothing, course: 'respond' };
const byTemporaryRule: Outcome = {
  kind: 'by_status',
  scope: 'account',
  exit: 'time',
  effect: { type: 'temporary_rule' },
  course: 'fail_over',
};
const customError: Outcome = {
  kind: 'by_status',
  scope: 'account',
  exit: 'operator',
  effect: {
    type: 'error',
    kind: 'custom',
    title: 'Custom error code {status}: ',
    missing: 'Custom error code {status}: Custom error code triggered',
  },
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
    status: errors,
    when: { purpose: ['usage'] },
    then: ignored,
  },
  {
    id: 'custom_codes_unlisted',
    status: errors,
    when: { errorCodes: ['unlisted'] },
    then: { ...ignored, status: 500 },
  },
  {
    id: 'custom_code_529',
    status: [529],
    when: { errorCodes: ['listed'] },
    then: customError,
  },
  {
    id: 'pool_mode_temporary_rule',
    status: [
      [400, 400],
      [402, 599],
    ],
    when: { errorCodes: ['off'], poolMode: true, temporaryRule: true },
    then: byTemporaryRule,
  },
  {
    id: 'pool_mode_hands_off',
    status: errors,
    when: { errorCodes: ['off'], poolMode: true },
    then: { ...ignored, course: 'fail_over' },
  },
];

/** What every platform's answers prove, before an operator's temporary rules. */
export const sharedEvidence: readonly Rule[] = [
  {
    id: 'overloaded_529',
    status: [529],
    when: {},
    then: { kind: 'overloaded', scope: 'provider', exit: 'time', effect: { type: 'overload' }, course: 'fail_over' },
  },
  {
    id: 'upstream_404_model_not_found',
    status: [404],
    when: {
      modelKnown: true,
      body: ['json', 'text'],
      anywhere: ['model not found', 'unknown model', 'not found', 'does not exist'],
      anywhereToo: ['model'],
    },
    then: modelMissing,
  },
  {
    id: 'upstream_400_codex_plan_gated_model',
    platform: ['openai'],
    type: ['oauth'],
    status: [400],
    when: { modelKnown: true, anywhere: ['model is not supported when using codex'] },
    then: modelMissing,
  },
  {
    id: 'unknown_model_401',
    status: [401],
    when: { anywhere: ['unknown model', 'model is not supported', 'is not supported', 'does not exist'], anywhereToo: ['model'] },
    then: { kind: 'model_unavailable', scope: 'request', exit: 'none', effect: nothing, course: 'fail_over' },
  },
];

/** The account's own temporary rules. With custom error codes they are not asked. */
export const temporaryRules: readonly Rule[] = [
  {
    id: 'temporary_rule_401',
    exceptPlatform: ['antigravity'],
    status: [401],
    when: { errorCodes: ['off'], purpose: ['request', 'probe'], authenticationSeen: false, temporaryRule: true },
    then: { ...byTemporaryRule, scope: 'credential' },
  },
  {
    id: 'temporary_rule_401_antigravity',
    platform: ['antigravity'],
    status: [401],
    when: { errorCodes: ['off'], purpose: ['request', 'probe'], temporaryRule: true },
    then: { ...byTemporaryRule, scope: 'credential' },
  },
  {
    id: 'temporary_rule',
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
    status: errors,
    when: { body: ['html'] },
    then: { kind: 'blocked_egress', scope: 'network', exit: 'none', effect: nothing, course: 'fail_over' },
  },
  {
    id: 'blocked_egress_empty_403',
    status: [403],
    when: { body: ['empty'] },
    then: { kind: 'blocked_egress', scope: 'network', exit: 'none', effect: nothing, course: 'fail_over' },
  },
];

const organizationDisabled: Rule = {
  id: 'organization_disabled',
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
  status: [400],
  when: { errorType: ['invalid_request_error', 'none'], phrases: ['identity verification is required'] },
  then: {
    kind: 'verification_required',
    scope: 'organization',
    exit: 'operator',
    effect: {
      type: 'error',
      kind: 'verification',
      title: 'Identity verification required (400): ',
      missing: 'Identity verification required (400)',
    },
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
    platform: KNOWN_PLATFORMS,
    status: [401],
    when: { purpose: ['connection_test'] },
    then: failed('Authentication failed (401): ', 'Authentication failed (401): invalid or expired credentials'),
  },
  {
    id: 'oauth_401_no_refresh_token',
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
    status: [402],
    when: {},
    then: {
      kind: 'billing',
      scope: 'organization',
      exit: 'operator',
      effect: {
        type: 'error',
        kind: 'billing',
        title: 'Payment required (402): ',
        missing: 'Payment required (402): insufficient balance or billing issue',
      },
      course: 'fail_over',
    },
  },
  {
    id: 'access_forbidden',
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
    status: [429],
    when: {},
    then: {
      kind: 'rate_limited',
      scope: 'account',
      exit: 'time',
      effect: { type: 'limit', on: 'account', kind: 'quota', until: 'stated' },
      course: 'fail_over',
    },
  },
  {
    id: 'no_reset_time',
    status: [429],
    when: {},
    then: {
      kind: 'rate_limited',
      scope: 'account',
      exit: 'time',
      effect: { type: 'limit', on: 'account', kind: 'quota', until: 'fallback' },
      course: 'fail_over',
    },
  },
  {
    id: 'invalid_request',
    status: [400, 404, 405, 406, 413, 414, 415, 416, 417, 422, 431],
    when: { errorCodes: ['off'] },
    then: { kind: 'invalid_request', scope: 'request', exit: 'none', effect: nothing, course: 'respond' },
  },
  {
    id: 'invalid_request_listed',
    status: [400],
    when: { errorCodes: ['listed'] },
    then: { kind: 'invalid_request', scope: 'request', exit: 'none', effect: nothing, course: 'respond' },
  },
  {
    id: 'custom_code',
    status: errors,
    when: { errorCodes: ['listed'] },
    then: customError,
  },
  {
    id: 'upstream_error',
    status: [[500, 599]],
    when: {},
    then: { kind: 'upstream_error', scope: 'provider', exit: 'none', effect: nothing, course: 'fail_over' },
  },
  {
    id: 'client_abort',
    status: [0],
    when: { failure: ['client_abort'] },
    then: { kind: 'transport', scope: 'request', exit: 'none', effect: nothing, course: 'respond' },
  },
  {
    id: 'transport_failure',
    status: [0],
    when: { failure: ['connect', 'reset'] },
    then: { kind: 'transport', scope: 'network', exit: 'none', effect: nothing, course: 'retry_once' },
  },
  {
    id: 'no_answer',
    status: [0],
    when: { failure: ['timeout', 'empty_stream'] },
    then: { kind: 'transport', scope: 'provider', exit: 'none', effect: nothing, course: 'fail_over' },
  },
  {
    id: 'unknown_status',
    status: 'any',
    when: {},
    then: { kind: 'unknown', scope: 'request', exit: 'none', effect: nothing, course: 'respond' },
  },
];
