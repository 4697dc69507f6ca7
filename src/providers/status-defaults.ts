/** What a status means where nothing else decided, for every platform. */
import type { Rule } from '../core/rule.js';
import { ANY_ERROR, billing, CUSTOM_ERROR, credentialRefused, KNOWN_PLATFORMS, NO_EFFECT, rateLimited } from './outcomes.js';

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
    then: credentialRefused('Authentication failed (401): ', 'Authentication failed (401): invalid or expired credentials'),
  },
  {
    id: 'oauth_401_no_refresh_token',
    platform: KNOWN_PLATFORMS,
    exceptPlatform: ['antigravity'],
    type: ['oauth'],
    status: [401],
    when: { refreshable: false },
    then: {
      ...credentialRefused('', ''),
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
    then: credentialRefused('Authentication failed (401): ', 'Authentication failed (401): invalid or expired credentials'),
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
    then: billing('Payment required (402): ', 'Payment required (402): insufficient balance or billing issue'),
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
    then: rateLimited('account', 'stated'),
  },
  {
    id: 'no_reset_time',
    status: [429],
    when: {},
    then: rateLimited('account', 'fallback'),
  },
  {
    id: 'invalid_request',
    status: [400, 404, 405, 406, 413, 414, 415, 416, 417, 422, 431],
    when: { errorCodes: ['off'] },
    then: { kind: 'invalid_request', scope: 'request', exit: 'none', effect: NO_EFFECT, course: 'respond' },
  },
  {
    id: 'invalid_request_listed',
    status: [400],
    when: { errorCodes: ['listed'] },
    then: { kind: 'invalid_request', scope: 'request', exit: 'none', effect: NO_EFFECT, course: 'respond' },
  },
  {
    id: 'custom_code',
    status: ANY_ERROR,
    when: { errorCodes: ['listed'] },
    then: CUSTOM_ERROR,
  },
  {
    id: 'upstream_error',
    status: [[500, 599]],
    when: {},
    then: { kind: 'upstream_error', scope: 'provider', exit: 'none', effect: NO_EFFECT, course: 'fail_over' },
  },
  {
    id: 'client_abort',
    status: [0],
    when: { failure: ['client_abort'] },
    then: { kind: 'transport', scope: 'request', exit: 'none', effect: NO_EFFECT, course: 'respond' },
  },
  {
    id: 'transport_failure',
    status: [0],
    when: { failure: ['connect', 'reset'] },
    then: { kind: 'transport', scope: 'network', exit: 'none', effect: NO_EFFECT, course: 'retry_once' },
  },
  {
    id: 'no_answer',
    status: [0],
    when: { failure: ['timeout', 'empty_stream'] },
    then: { kind: 'transport', scope: 'provider', exit: 'none', effect: NO_EFFECT, course: 'fail_over' },
  },
  {
    id: 'unknown_status',
    status: 'any',
    when: {},
    then: { kind: 'unknown', scope: 'request', exit: 'none', effect: NO_EFFECT, course: 'respond' },
  },
];
