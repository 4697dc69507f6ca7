/** What the shell needs of its host, and what it offers. Adapters implement the first three. */
import type { Account, CredentialRef } from '../core/account.js';
import type { Action } from '../core/action.js';
import type { Decision } from '../core/decision.js';
import type { Exchange } from '../core/exchange.js';
import type { AccountHealth } from '../core/health.js';
import type { HealthPatch } from '../core/patch.js';
import type { Policy } from '../core/policy.js';

/** News of one account from a store. A field that is absent did not change; a `credential` without a revision says that the credentials were removed. */
export interface HealthChange {
  readonly accountId: string;
  readonly health?: AccountHealth;
  readonly credential?: CredentialRef;
}

/**
 * Where health is kept. Narrow on purpose: it can read and patch health, and nothing else. The semantics of `patch` are `mergeHealth`: each cell becomes the
 * maximum of what is stored and what is written, so a patch may be repeated, batched and reordered.
 */
export interface HealthRepository {
  /** The health of these accounts. One that was never patched may be absent: it is `EMPTY_HEALTH`. */
  load(accountIds: readonly string[]): Promise<ReadonlyMap<string, AccountHealth>>;
  /** Joins the cells into the account's health and returns all of it as it then is. A rejection may also mean that it is not known whether the write took place. */
  patch(accountId: string, patch: HealthPatch): Promise<AccountHealth>;
  /** Tells of changes, by whomever they were made, until the returned function is called. */
  subscribe?(listener: (change: HealthChange) => void): Promise<() => Promise<void>>;
}

/** Where access tokens are cached. */
export interface TokenCache {
  /** Drops the token of this credential revision and of older ones; a newer token stays. */
  invalidate(accountId: string, credentialRevision: number): Promise<void>;
}

/** Where settings are kept: text by key. */
export interface SettingsRepository {
  get(key: string): Promise<string | null>;
  set(key: string, value: string): Promise<void>;
}

/** What an engine is made of. */
export interface EngineDeps {
  /** Default: the policy of all defaults. A function is asked for each exchange; where it throws, the last policy stays. */
  readonly policy?: Policy | (() => Policy);
  readonly health: HealthRepository;
  /** Without it, tokens are not invalidated. */
  readonly tokens?: TokenCache;
  /** Removes secrets from every text before it leaves the engine (see `createRedactor`). Where it throws, the text becomes `[redacted]`. */
  readonly redact?: (text: string) => string;
  /** Default `enforce`. `shadow` decides and writes nothing. */
  readonly mode?: 'enforce' | 'shadow';
  /** How long samples of usage are gathered before they are written. Default 1000; 0: written at once. */
  readonly usageWriteIntervalMs?: number;
  /** Told each decision, redacted, with the exchange as it was given. What it throws is ignored. */
  readonly onDecision?: (decision: Decision, exchange: Exchange) => void;
}

/** An action that was not carried out, and why. A failed health action is kept and written again later. */
export interface FailedAction {
  readonly action: Action;
  readonly error: unknown;
}

/** What became of actions. */
export interface Saved {
  /** The health of each account that was written, as it now is. A host with an older snapshot takes it over. */
  readonly health: ReadonlyMap<string, AccountHealth>;
  readonly failed: readonly FailedAction[];
  /** Actions without effect, because the cell was cleared after their exchange had begun. */
  readonly voided: readonly Action[];
}

/** A decision, and the writes behind it. */
export interface Observed {
  readonly decision: Decision;
  /** Never rejects. Settles when everything of this decision was written or has failed; samples of usage are written with their interval. */
  readonly saved: Promise<Saved>;
}

/** How an engine is closed. */
export interface CloseOptions {
  /** How long the writes may take, in milliseconds. Default: as long as they do. */
  readonly timeoutMs?: number;
}

/** Decides about exchanges and carries decisions out. */
export interface Engine {
  /** Decides at once; the writes follow. */
  observe(exchange: Exchange): Observed;
  /** Carries actions out, such as those of a retry that is not made. Never rejects. */
  apply(actions: readonly Action[]): Promise<Saved>;
  /** Lifts what holds an account: for an operator, or after a passed connection test. Never rejects. */
  recover(account: Account, options?: { readonly model?: string }): Promise<Saved>;
  /**
   * Writes all that is waiting, also what had failed, and then waits for nothing any more. Resolves with what the store has not confirmed, by account: empty where everything is written. Without `timeoutMs` it
   * waits as long as the store does; with it no longer than that, and what is then still under way may yet be written. Never rejects; afterwards the engine still works, and gathers no samples.
   */
  close(options?: CloseOptions): Promise<ReadonlyMap<string, HealthPatch>>;
}
