/** Anthropic: API keys, OAuth and setup tokens (providers.md section 1, behaviour.md 4.1). */
import type { AccountType } from '../core/account.js';
import { MODEL_FAMILIES } from '../core/model-keys.js';
import type { Provider } from '../core/provider.js';
import type { Outcome, Rule } from '../core/rule.js';
import { readAnthropicRest, readUnifiedWindows } from './anthropic-limits.js';
import { BLOCKED_EGRESS, billing, rateLimited } from './outcomes.js';
import { hasAnyUnifiedWindow, hasUnifiedWindows } from './unified-headers.js';
import { isUnifiedUnchanged } from './unified-unchanged.js';

const anthropic = ['anthropic'] as const;
const subscription: readonly AccountType[] = ['oauth', 'setup_token'];
/** A sentence counts only in Anthropic's own kind of error, or where no kind is given. */
const requestError = ['invalid_request_error', 'none'] as const;

const windowSpent: Outcome = {
  kind: 'quota_exhausted',
  scope: 'account',
  exit: 'time',
  effect: { type: 'limit', on: 'account', kind: 'quota', until: 'windows' },
  course: 'fail_over',
};

const accountWindows: readonly Rule[] = ['7d', '5h'].map((window) => ({
  id: `anthropic_${window}_window_exhausted`,
  platform: anthropic,
  status: [429],
  when: { exhausted: [window] },
  then: windowSpent,
}));

const familyWindows: readonly Rule[] = MODEL_FAMILIES.map(({ window, key }) => ({
  id: `anthropic_${window}_window_exhausted`,
  platform: anthropic,
  status: [429],
  when: { family: [window] },
  then: { ...windowSpent, scope: 'model', effect: { type: 'limit', on: 'model', key, kind: 'quota', until: 'family' } },
}));

const creditsRequired: readonly Rule[] = [
  { id: 'anthropic_fable_credits_required', until: 'aggregate' as const },
  { id: 'anthropic_fable_credits_required_undated', until: 'fallback' as const },
].map(({ id, until }) => ({
  id,
  platform: anthropic,
  status: [429],
  when: { reason: ['credits_required'], test: ({ model, namedModel }) => /fable/i.test(`${model ?? ''} ${namedModel ?? ''}`) },
  then: { ...windowSpent, scope: 'model', effect: { type: 'limit', on: 'model', key: 'claude-fable-5', kind: 'quota', until } },
}));

/** What Anthropic's answers prove by structure, before an operator's temporary rules. */
export const anthropicEvidence: readonly Rule[] = [
  ...accountWindows,
  ...familyWindows,
  ...creditsRequired,
  {
    id: 'anthropic_unified_rejected',
    platform: anthropic,
    status: [429],
    when: { aggregate: ['rejected'] },
    then: { ...windowSpent, effect: { type: 'limit', on: 'account', kind: 'quota', until: 'aggregate' } },
  },
  {
    id: 'anthropic_spend_limit',
    platform: anthropic,
    status: [429],
    when: { reason: ['enforced_spend_limit_reached'] },
    then: billing('Spend limit reached ({status}): ', 'Spend limit reached ({status}): enforced spend limit'),
  },
  {
    id: 'anthropic_403_egress',
    platform: anthropic,
    status: [403],
    when: { errorType: ['forbidden'] },
    then: BLOCKED_EGRESS,
  },
  {
    id: 'anthropic_403_scope_requirement',
    platform: anthropic,
    type: subscription,
    status: [403],
    when: { errorType: ['permission_error'], phrases: ['scope requirement'] },
    then: { kind: 'forbidden', scope: 'request', exit: 'none', effect: { type: 'none' }, course: 'respond' },
  },
];

/** What Anthropic's answers mean where nothing else decided. */
export const anthropicDefaults: readonly Rule[] = [
  {
    id: 'anthropic_400_credit_balance',
    platform: anthropic,
    status: [400],
    when: { errorType: requestError, phrases: ['credit balance'] },
    then: billing('Credit balance exhausted (400): ', 'Credit balance exhausted (400)'),
  },
  {
    id: 'anthropic_400_spend_limit',
    platform: anthropic,
    status: [400],
    when: { errorType: requestError, phrases: ['regain access'] },
    then: { ...windowSpent, scope: 'organization', effect: { type: 'limit', on: 'account', kind: 'quota', until: 'date' } },
  },
  {
    id: 'anthropic_extra_usage',
    platform: anthropic,
    type: subscription,
    status: [400, 429],
    when: { phrases: ['extra usage', 'long context'] },
    then: { kind: 'invalid_request', scope: 'request', exit: 'none', effect: { type: 'none' }, course: 'fail_over_once' },
  },
  {
    id: 'anthropic_429_unrecognised_client',
    platform: anthropic,
    type: subscription,
    status: [429],
    when: { message: ['Error'] },
    then: { kind: 'invalid_request', scope: 'request', exit: 'none', effect: { type: 'none' }, course: 'fail_over_once' },
  },
  {
    id: 'anthropic_api_key_rate_limit',
    platform: anthropic,
    type: ['api_key'],
    status: [429],
    when: {},
    then: rateLimited('model', 'stated'),
  },
  {
    id: 'anthropic_api_key_rate_limit_undated',
    platform: anthropic,
    type: ['api_key'],
    status: [429],
    when: { errorType: ['rate_limit_error'] },
    then: rateLimited('model', 'fallback'),
  },
  {
    id: 'anthropic_403_token_revoked',
    platform: anthropic,
    type: ['oauth'],
    status: [403],
    when: { refreshable: true, errorType: ['permission_error'], phrases: ['token has been revoked'] },
    then: {
      kind: 'unauthenticated',
      scope: 'credential',
      exit: 'refresh',
      effect: { type: 'authentication', title: 'OAuth 403: ', missing: 'Authentication failed (403): token revoked' },
      course: 'fail_over',
    },
  },
];

/** How Anthropic's headers are read. */
export const anthropicProvider: Provider = {
  platform: 'anthropic',
  readWindows: readUnifiedWindows,
  readRest: readAnthropicRest,
  isUnchanged: isUnifiedUnchanged,
  hasWindows: hasUnifiedWindows,
  hasAnyWindow: hasAnyUnifiedWindow,
};
