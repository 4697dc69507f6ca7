/** OpenAI: API keys and ChatGPT/Codex OAuth (providers.md sections 2 and 3, behaviour.md 4.2). */
import type { Provider } from '../core/provider.js';
import type { Outcome, Rule } from '../core/rule.js';
import { CODEX_WINDOWS, hasAnyCodexWindow, hasCodexWindows, isCodexUnchanged, readCodexWindows, readOpenaiRest } from './openai-limits.js';
import { BLOCKED_EGRESS, billing, credentialRefused, rateLimited } from './outcomes.js';

const openai = ['openai'] as const;

/** Codes that only a payment or a raised limit cures. */
export const BILLING_CODES: readonly string[] = [
  'insufficient_quota',
  'billing_not_active',
  'credit_balance_exhausted',
  'organization_spend_limit_exceeded',
  'project_spend_limit_exceeded',
  'organization_usage_limit_exceeded',
  'billing_hard_limit_reached',
];

const planSpent: Outcome = {
  kind: 'quota_exhausted',
  scope: 'account',
  exit: 'time',
  effect: { type: 'limit', on: 'account', kind: 'quota', until: 'windows' },
  course: 'fail_over',
};

const codexWindows: readonly Rule[] = [...CODEX_WINDOWS].reverse().map(({ name }) => ({
  id: `openai_${name}_window_exhausted`,
  platform: openai,
  status: [429],
  when: { exhausted: [name] },
  then: planSpent,
}));

/** What OpenAI's answers prove by structure, before an operator's temporary rules. */
export const openaiEvidence: readonly Rule[] = [
  ...codexWindows,
  {
    id: 'openai_billing',
    platform: openai,
    status: [400, 402, 429],
    when: { code: BILLING_CODES },
    then: billing('Payment required ({status}): ', 'Payment required ({status}): insufficient balance or billing issue'),
  },
  {
    id: 'openai_request_too_large',
    platform: openai,
    status: [429],
    when: { phrases: ['request too large'] },
    then: { kind: 'invalid_request', scope: 'request', exit: 'none', effect: { type: 'none' }, course: 'respond' },
  },
  {
    id: 'openai_usage_limit_reached',
    platform: openai,
    status: [429],
    when: { code: ['usage_limit_reached', 'GoUsageLimitError'] },
    then: { ...planSpent, effect: { type: 'limit', on: 'account', kind: 'quota', until: 'stated' } },
  },
  {
    id: 'openai_rate_limit_exceeded',
    platform: openai,
    status: [429],
    when: { code: ['rate_limit_exceeded'] },
    then: rateLimited('model', 'stated'),
  },
  {
    id: 'openai_rate_limit_exceeded_undated',
    platform: openai,
    status: [429],
    when: { code: ['rate_limit_exceeded'] },
    then: rateLimited('model', 'fallback'),
  },
  {
    id: 'openai_overloaded',
    platform: openai,
    status: [500, 503],
    when: { code: ['server_is_overloaded', 'service_unavailable_error'] },
    then: { kind: 'overloaded', scope: 'provider', exit: 'none', effect: { type: 'none' }, course: 'fail_over' },
  },
  {
    id: 'openai_unsupported_country',
    platform: openai,
    status: [403],
    when: { code: ['unsupported_country_region_territory'] },
    then: BLOCKED_EGRESS,
  },
  {
    id: 'openai_workspace_deactivated',
    platform: openai,
    status: [402],
    when: { code: ['deactivated_workspace'] },
    then: billing('Workspace deactivated (402): ', 'Workspace deactivated (402): workspace has been deactivated', { kind: 'organization' }),
  },
];

/** An API key's limits count by model, also where the answer does not say which limit it was. */
const apiKeyLimits: readonly Rule[] = (['stated', 'fallback'] as const).map((until) => ({
  id: until === 'stated' ? 'openai_api_key_rate_limit' : 'openai_api_key_rate_limit_undated',
  platform: openai,
  type: ['api_key'],
  status: [429],
  when: {},
  then: rateLimited('model', until),
}));

/** What OpenAI's answers mean where nothing else decided. */
export const openaiDefaults: readonly Rule[] = [
  ...apiKeyLimits,
  {
    id: 'openai_401_missing_scopes',
    platform: openai,
    status: [401],
    when: { phrases: ['insufficient permissions for this operation'], anywhere: ['missing scopes'] },
    then: { kind: 'forbidden', scope: 'request', exit: 'none', effect: { type: 'none' }, course: 'fail_over' },
  },
  {
    id: 'openai_token_revoked',
    platform: openai,
    status: [401],
    when: { code: ['token_invalidated', 'token_revoked'] },
    then: credentialRefused('Token revoked (401): ', 'Token revoked (401): account authentication permanently revoked'),
  },
  {
    id: 'openai_detail_unauthorized',
    platform: openai,
    status: [401],
    when: { detail: ['Unauthorized'] },
    then: credentialRefused('Unauthorized (401): ', 'Unauthorized (401): account authentication failed permanently'),
  },
  {
    id: 'openai_account_deactivated',
    platform: openai,
    status: [401, 403],
    when: { code: ['account_deactivated'] },
    then: {
      kind: 'violation',
      scope: 'account',
      exit: 'operator',
      effect: { type: 'error', kind: 'violation', title: 'Account deactivated ({status}): ', missing: 'Account deactivated ({status})' },
      course: 'fail_over',
    },
  },
  {
    id: 'openai_403_strikes',
    platform: openai,
    status: [403],
    when: {},
    then: {
      kind: 'forbidden',
      scope: 'account',
      exit: 'time',
      effect: {
        type: 'strikes',
        kind: 'forbidden',
        title: 'Access forbidden (403): ',
        missing: 'Access forbidden (403): account may be suspended or lack permissions',
        pausedTitle: 'OpenAI 403 temporary cooldown ({count}/{threshold}): ',
      },
      course: 'fail_over',
    },
  },
];

/** How OpenAI's headers are read. */
export const openaiProvider: Provider = {
  platform: 'openai',
  readWindows: readCodexWindows,
  readRest: readOpenaiRest,
  isUnchanged: isCodexUnchanged,
  hasWindows: hasCodexWindows,
  hasAnyWindow: hasAnyCodexWindow,
};
