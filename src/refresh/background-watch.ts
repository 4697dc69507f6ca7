/** Telling a platform's trouble from an account's, within one pass. */
import type { Account, Platform } from '../core/account.js';
import type { PlatformTrouble } from './background-progress.js';
import type { RefreshFailure } from './outcome.js';

/** Watches the attempts of a pass. */
export interface PlatformWatch {
  /** An attempt failed. */
  failed(account: Account, failure: RefreshFailure): void;
  /** An attempt succeeded, or found that none was needed. */
  succeeded(account: Account): void;
  /** The systemic trouble of a platform; null: none. */
  troubleOf(platform: Platform): PlatformTrouble | null;
  /** Aborted when systemic trouble shows: retrying is in vain then. */
  signalOf(platform: Platform): AbortSignal;
}

/** So many accounts that fail alike, and such a share of those that are due, are the endpoint's trouble and nobody's verdict (F90). */
const SYSTEMIC_ACCOUNTS = 3;
const SYSTEMIC_SHARE = 0.3;

interface PlatformState {
  readonly due: number;
  /** Account id to the code of its last failure. */
  readonly failing: Map<string, string>;
  readonly told: Set<string>;
  readonly over: AbortController;
  trouble: PlatformTrouble | null;
}

function isSystemic({ due, failing }: PlatformState, code: string): boolean {
  let alike = 0;
  for (const other of failing.values()) if (other === code) alike += 1;
  return alike >= SYSTEMIC_ACCOUNTS && alike >= SYSTEMIC_SHARE * due;
}

/** Makes a watch for a pass over these accounts. `tell` hears of each trouble once. */
export function createPlatformWatch(due: readonly Account[], tell: (trouble: PlatformTrouble) => void): PlatformWatch {
  const states = new Map<Platform, PlatformState>();

  function stateOf(platform: Platform): PlatformState {
    const known = states.get(platform);
    if (known !== undefined) return known;
    const count = due.filter((account) => account.platform === platform).length;
    const state: PlatformState = { due: count, failing: new Map(), told: new Set(), over: new AbortController(), trouble: null };
    states.set(platform, state);
    return state;
  }

  return {
    failed({ id, platform }, { kind, code }) {
      const state = stateOf(platform);
      if (kind === 'provider_wide') {
        if (!state.told.has(code)) tell({ platform, kind, code });
        state.told.add(code);
        return;
      }
      state.failing.set(id, code);
      if (state.trouble !== null || !isSystemic(state, code)) return;
      state.trouble = { platform, kind: 'systemic', code };
      tell(state.trouble);
      state.over.abort();
    },
    succeeded({ id, platform }) {
      stateOf(platform).failing.delete(id);
    },
    troubleOf: (platform) => stateOf(platform).trouble,
    signalOf: (platform) => stateOf(platform).over.signal,
  };
}
