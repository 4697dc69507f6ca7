import type { Account, AccountSettings } from '../../src/core/account.js';
import { type AccountError, type AccountHealth, EMPTY_HEALTH, type Hold, type UsageSample } from '../../src/core/health.js';
import { DEFAULT_SETTINGS, type Policy, type PolicySettings } from '../../src/core/policy.js';

/** An ordinary instant: 2026-03-02T10:00:00Z. */
export const NOW: number = 1_772_445_600_000;

/** Settings under which an account serves. */
export const SETTINGS: AccountSettings = {
  enabled: true,
  expiresAt: null,
  pauseOnExpiry: true,
  customErrorCodes: null,
  poolMode: false,
  temporaryRules: [],
  allowOverages: false,
  tier: null,
  modelMapping: {},
  schedulingThresholdPercent: null,
  priority: 0,
  weight: 1,
};

/** What a test says of an account; the rest is ordinary. */
export type AccountFacts = Partial<Omit<Account, 'settings' | 'health'>> & {
  readonly settings?: Partial<AccountSettings>;
  readonly health?: Partial<AccountHealth>;
};

/** A healthy OAuth account of Anthropic, but for what the test says. */
export function account({ settings, health, ...facts }: AccountFacts = {}): Account {
  return {
    id: 'a1',
    platform: 'anthropic',
    type: 'oauth',
    parent: null,
    organizationId: null,
    credential: { revision: 0, expiresAt: null, refreshable: true },
    ...facts,
    settings: { ...SETTINGS, ...settings },
    health: { ...EMPTY_HEALTH, ...health },
  };
}

/** A quota hold until an instant, but for what the test says. */
export function hold(until: number, facts: Partial<Hold> = {}): Hold {
  return { generation: 0, credentialRevision: -1, until, rule: 'some_rule', kind: 'quota', detail: '', ...facts };
}

/** An error, but for what the test says. */
export function accountError(facts: Partial<AccountError> = {}): AccountError {
  return { generation: 0, credentialRevision: -1, at: NOW - 1_000, rule: 'some_error', message: 'Some error', link: null, ...facts };
}

/** A sample taken a minute ago. */
export function sample(utilization: number | null, resetAt: number | null, sampledAt: number = NOW - 60_000): UsageSample {
  return { utilization, resetAt, sampledAt };
}

/** A policy of which only settings matter. */
export function policyOf(settings: Partial<PolicySettings>): Policy {
  return { settings: { ...DEFAULT_SETTINGS, ...settings }, rules: [] };
}
