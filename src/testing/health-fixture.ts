/** What the contract of health repositories is tested on. */
import type { EpochMs } from '../core/time.js';
import type { HealthRepository } from '../shell/ports.js';
import type { Rule, StoreFixture } from './contract-test.js';

/** A health repository to test. What is left out belongs to tests that name it in `needs`. */
export interface HealthFixture extends StoreFixture<HealthRepository> {
  /** Stores a cell that this version does not know, as a newer one would have: the text is its value. `unknown_cells`. */
  readonly storeUnknownCell?: (accountId: string, cell: string, text: string) => void | Promise<void>;
  /** How long news may take, in milliseconds. Default 5000. */
  readonly newsWithinMs?: number;
  /** Drops what may be forgotten at this instant: `compact`. */
  readonly compact?: (now: EpochMs) => void | Promise<void>;
}

/** A rule of health repositories. */
export type HealthRule = Rule<HealthFixture>;
