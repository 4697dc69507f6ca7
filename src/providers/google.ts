/** Google: Gemini (AI Studio keys, Code Assist, Vertex) and Antigravity (providers.md section 4, behaviour.md 4.3, 5, 6). */
import type { Platform } from '../core/account.js';
import type { Provider } from '../core/provider.js';
import type { Outcome, Rule } from '../core/rule.js';
import { noWindows } from './generic.js';
import { BLOCKED_EGRESS, credentialRefused, rateLimited } from './outcomes.js';

const google: readonly Platform[] = ['gemini', 'antigravity'];
const antigravity: readonly Platform[] = ['antigravity'];

const modelQuota: Outcome = {
  kind: 'quota_exhausted',
  scope: 'model',
  exit: 'time',
  effect: { type: 'limit', on: 'model', kind: 'quota', until: 'stated' },
  course: 'fail_over',
};

/** No capacity for the model, whoever asks: waited for, never held against the account. */
const noCapacity: Outcome = { kind: 'overloaded', scope: 'model', exit: 'none', effect: { type: 'none' }, course: 'retry_capacity' };

/** The owner has to verify the account. */
export const VERIFICATION: Outcome = {
  kind: 'verification_required',
  scope: 'account',
  exit: 'operator',
  effect: {
    type: 'error',
    kind: 'verification',
    title: 'Validation required (403): ',
    missing: 'Validation required (403): account needs Google verification',
    link: true,
  },
  course: 'fail_over',
};

/** The upstream closed the account. */
export const VIOLATION: Outcome = {
  kind: 'violation',
  scope: 'account',
  exit: 'operator',
  effect: {
    type: 'error',
    kind: 'violation',
    title: 'Account violation (403): ',
    missing: 'Account violation (403): terms of service violation',
    link: true,
  },
  course: 'fail_over',
};

/** What Google's answers prove by structure, before an operator's temporary rules. */
export const googleEvidence: readonly Rule[] = [
  {
    id: 'google_credits_exhausted',
    platform: google,
    status: [402, 403, 429],
    when: { reason: ['INSUFFICIENT_G1_CREDITS_BALANCE'] },
    then: { kind: 'credits_exhausted', scope: 'account', exit: 'time', effect: { type: 'credits' }, course: 'fail_over' },
  },
  {
    id: 'antigravity_credits_exhausted',
    platform: antigravity,
    status: [[400, 499]],
    when: { withCredits: true, creditsExhausted: true },
    then: { kind: 'credits_exhausted', scope: 'account', exit: 'time', effect: { type: 'credits' }, course: 'fail_over' },
  },
  {
    id: 'google_capacity_exhausted',
    platform: google,
    status: [429, 503],
    when: { reason: ['MODEL_CAPACITY_EXHAUSTED', 'MODEL_CAPACITY_EXCEEDED'] },
    then: noCapacity,
  },
  {
    id: 'google_daily_quota',
    platform: google,
    status: [429],
    when: { perDay: true, namesModel: true },
    then: { ...modelQuota, effect: { type: 'limit', on: 'model', kind: 'quota', until: 'daily' } },
  },
  {
    id: 'google_daily_quota_account',
    platform: google,
    status: [429],
    when: { perDay: true },
    then: { ...modelQuota, scope: 'account', effect: { type: 'limit', on: 'account', kind: 'quota', until: 'daily' } },
  },
  {
    id: 'google_quota_exhausted',
    platform: google,
    status: [429],
    when: { reason: ['QUOTA_EXHAUSTED'] },
    then: modelQuota,
  },
  {
    id: 'google_quota_exhausted_undated',
    platform: google,
    status: [429],
    when: { reason: ['QUOTA_EXHAUSTED'] },
    then: { ...modelQuota, effect: { type: 'limit', on: 'model', kind: 'quota', until: 'fallback' } },
  },
  {
    id: 'google_model_rate_limit',
    platform: google,
    status: [429],
    when: { namesModel: true },
    then: rateLimited('model', 'stated'),
  },
  {
    id: 'google_model_rate_limit_undated',
    platform: google,
    status: [429],
    when: { namesModel: true },
    then: rateLimited('model', 'fallback'),
  },
  {
    id: 'antigravity_rate_limit',
    platform: antigravity,
    status: [429],
    when: {},
    then: rateLimited('model', 'stated'),
  },
  {
    id: 'google_shared_capacity',
    platform: google,
    status: [429],
    when: {
      phrases: ['resource exhausted', 'resource has been exhausted'],
      test: ({ reason }) => reason === null || reason === 'rateLimitExceeded',
    },
    then: rateLimited('model', 'fallback'),
  },
  {
    id: 'google_user_location',
    platform: google,
    status: [400],
    when: { errorType: ['FAILED_PRECONDITION'], phrases: ['user location is not supported'] },
    then: BLOCKED_EGRESS,
  },
  {
    id: 'google_api_key_invalid',
    platform: google,
    status: [400],
    when: { reason: ['API_KEY_INVALID'] },
    then: credentialRefused('Authentication failed (400): ', 'Authentication failed (400): API key not valid'),
  },
  {
    id: 'google_invalid_project',
    platform: google,
    status: [400],
    when: { phrases: ['invalid project resource name'] },
    then: {
      kind: 'invalid_request',
      scope: 'account',
      exit: 'time',
      effect: { type: 'pause', minutes: 1, title: 'Project missing (400): ', missing: 'Project missing (400)' },
      course: 'fail_over',
    },
  },
  {
    id: 'google_model_access',
    platform: google,
    status: [400],
    when: { modelKnown: true, anywhere: ['have access to this model'] },
    then: {
      kind: 'model_unavailable',
      scope: 'model',
      exit: 'time',
      effect: { type: 'limit', on: 'model_only', kind: 'unavailable', until: 30 },
      course: 'fail_over',
    },
  },
  {
    id: 'google_high_demand',
    platform: google,
    status: [503],
    when: { phrases: ['high demand', 'overloaded', 'no capacity available'] },
    then: { kind: 'overloaded', scope: 'model', exit: 'none', effect: { type: 'none' }, course: 'fail_over' },
  },
  {
    id: 'google_validation_required',
    platform: google,
    status: [403],
    when: { reason: ['VALIDATION_REQUIRED'] },
    then: VERIFICATION,
  },
  {
    id: 'google_tos_violation',
    platform: google,
    status: [403],
    when: { reason: ['TOS_VIOLATION'] },
    then: VIOLATION,
  },
  {
    id: 'google_consumer_suspended',
    platform: google,
    status: [403],
    when: { reason: ['CONSUMER_SUSPENDED'] },
    then: VIOLATION,
  },
];

/** Gemini's headers speak of no windows. */
export const geminiProvider: Provider = { ...noWindows, platform: 'gemini' };
