/** An account as the gateway keeps it, and the live list of them. */
import type { Account, AccountHealth } from 'poolwarden';

/** An account of the pool, and where its requests go. */
export interface GatewayAccount {
  readonly account: Account;
  /** What a person calls it. */
  readonly label: string;
  /** The upstream's origin, from the configuration and never from a request: `https://api.anthropic.com`. */
  readonly baseUrl: string;
  /** The Google project that Antigravity and Code Assist requests name; null elsewhere. */
  readonly projectId: string | null;
}

/** The accounts as this process knows them now: loaded at the start, then kept fresh by the store's news and by the engine's own writes. */
export interface Directory {
  /** Every account; the same array until something changes. */
  accounts(): readonly GatewayAccount[];
  find(accountId: string): GatewayAccount | undefined;
  /** Joins newer health, such as that of the engine's `Saved`. Old news changes nothing. */
  takeHealth(health: ReadonlyMap<string, AccountHealth>): void;
  /** Told after each change, with the accounts that changed, until the returned function is called. */
  onChange(listener: (accountIds: readonly string[]) => void): () => void;
}
