/** The policy, as the stored settings have it now. */
import { DEFAULT_SETTINGS, definePolicy, type Policy, type PolicySettings, type SettingsRepository } from 'poolwarden';
import { type GatewaySettings, loadGatewaySettings, saveSettings } from './gateway-settings.js';

/** A policy that follows its settings. */
export interface LivePolicy {
  /** The policy for the next exchange: for `createEngine({ policy })`. The same object until a setting changes. */
  readonly policy: () => Policy;
  settings(): GatewaySettings;
  /** Stores settings that were checked. They hold here at once, and in every other process with its next look. Rejects as the store does; nothing changes here then. */
  save(settings: GatewaySettings): Promise<void>;
  /** Looks no more. */
  close(): void;
}

/** What a live policy is made of. */
export interface LivePolicyOptions {
  readonly settings: SettingsRepository;
  /** How often the store is looked at. Default 2000. */
  readonly intervalMs?: number;
}

const INTERVAL_MS = 2_000;

/**
 * Makes a live policy and waits for its first look. A store that does not answer changes nothing: the last settings stay. Never rejects.
 *
 * @example const live = await createLivePolicy({ settings: stores.settings });
 */
export async function createLivePolicy({ settings: store, intervalMs = INTERVAL_MS }: LivePolicyOptions): Promise<LivePolicy> {
  let settings: PolicySettings = DEFAULT_SETTINGS;
  let policy = definePolicy({ settings });
  let saves = 0;

  function take(next: PolicySettings): void {
    if (JSON.stringify(next) === JSON.stringify(settings)) return;
    policy = definePolicy({ settings: next });
    settings = next;
  }
  async function look(): Promise<void> {
    const savesBefore = saves;
    const found = await loadGatewaySettings(store, settings);
    // What was read may be older than what was saved meanwhile.
    if (savesBefore === saves) take(found);
  }

  await look();
  const timer = setInterval(() => void look(), intervalMs);
  return {
    policy: () => policy,
    settings: () => ({
      overload: settings.overload,
      rateLimitFallback: settings.rateLimitFallback,
      oauth401CooldownMinutes: settings.oauth401CooldownMinutes,
    }),
    async save(wanted) {
      await saveSettings(store, wanted);
      saves += 1;
      await look();
    },
    close: () => clearInterval(timer),
  };
}
