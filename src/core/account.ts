/** The account of an exchange: who sent it, with which settings, in which health. */
import type { AccountHealth } from './health.js';
import type { EpochMs } from './time.js';

/** Whose protocol an account speaks. Unknown names are allowed and are treated with care (docs/rules.md). */
export type Platform = 'anthropic' | 'openai' | 'gemini' | 'antigravity' | (string & {});

/** How an account authenticates. Unknown names are allowed. */
export type AccountType = 'oauth' | 'setup_token' | 'api_key' | (string & {});

/**
 * Facts about a credential, never the secret.
 *
 * `revision` grows by each rotation and never restarts for an id; `null` means that the gateway keeps none, so nothing is bound
 * to it and no refresh is requested. `expiresAt` is null where unknown. `refreshable`: a non-blank refresh token is stored.
 */
export interface CredentialRef {
  readonly revision: number | null;
  readonly expiresAt: EpochMs | null;
  readonly refreshable: boolean;
}

/** A rule that an operator gives one account: this status with one of these words holds it for so many minutes. */
export interface TemporaryRule {
  readonly statusCode: number;
  /** Searched without regard to case in the first 64 KiB of the body; an empty body never matches. */
  readonly keywords: readonly string[];
  readonly durationMinutes: number;
}

/** What an operator decides about an account. The machine never writes these. */
export interface AccountSettings {
  /** The operator's switch. */
  readonly enabled: boolean;
  /** The subscription's end (not the token's). */
  readonly expiresAt: EpochMs | null;
  /** Whether the account pauses when its subscription ends. */
  readonly pauseOnExpiry: boolean;
  /** null: off. `[]` is read as `'all'`. API keys only. A listed status is an error; an unlisted one changes nothing. */
  readonly customErrorCodes: null | 'all' | readonly number[];
  /** The upstream is itself a pool: keep hands off but for explicit rules. Not for OAuth and setup tokens. */
  readonly poolMode: boolean;
  readonly temporaryRules: readonly TemporaryRule[];
  /** Spend AI credits when a model's quota is used up (Antigravity). */
  readonly allowOverages: boolean;
  /** The raw subscription tier, for the label. */
  readonly tier: string | null;
  /** Requested model name to upstream model name. */
  readonly modelMapping: Readonly<Record<string, string>>;
  /** Pause the account at this percentage of a window (1 to 100); null: the platform's setting. */
  readonly schedulingThresholdPercent: number | null;
  /** Lower is preferred. */
  readonly priority: number;
  readonly weight: number;
}

/** One upstream account. Make one with `defineAccount`. */
export interface Account {
  readonly id: string;
  readonly platform: Platform;
  readonly type: AccountType;
  /** A shadow account's parent, which owns the credential and has no parent itself; null for every other account. */
  readonly parent: Account | null;
  /** Groups the accounts of one workspace or team. */
  readonly organizationId: string | null;
  readonly credential: CredentialRef;
  readonly settings: AccountSettings;
  readonly health: AccountHealth;
}

/** The account that owns the credential: a shadow's parent, else the account itself. Total, pure. */
export function credentialOwner(account: Account): Account {
  return account.parent ?? account;
}

/** The upstream's name for a requested model, by `settings.modelMapping`. Total, pure. */
export function resolveModel(account: Account, model: string): string {
  const mapping = account.settings.modelMapping;
  return Object.hasOwn(mapping, model) ? (mapping[model] ?? model) : model;
}
