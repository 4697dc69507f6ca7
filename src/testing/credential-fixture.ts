/** What the contract of credential repositories is tested on. */
import type { CredentialRepository } from '../refresh/ports.js';
import type { Rule, StoreFixture } from './contract-test.js';

/** What a store says of itself: whether what it acknowledged survives a crash of it. */
export type Durability =
  | { readonly kind: 'durable' }
  | { readonly kind: 'not_durable'; readonly problems: readonly string[] }
  | { readonly kind: 'unknown' };

/** A credential repository to test. What is left out belongs to tests that name it in `needs`. */
export interface CredentialFixture extends StoreFixture<CredentialRepository> {
  /** How long an attempt lasts whose end is waited for, in milliseconds. Default 100. */
  readonly leaseMs?: number;
  /** Lets so many milliseconds pass on the store's clock. Default: waits. */
  readonly wait?: (durationMs: number) => void | Promise<void>;
  /** Asks the store whether it is durable: `durable`. */
  readonly durability?: () => Durability | Promise<Durability>;
  /** A repository whose store does not answer: `unreachable`. */
  readonly unreachable?: () => CredentialRepository | Promise<CredentialRepository>;
}

/** A rule of credential repositories. */
export type CredentialRule = Rule<CredentialFixture>;
