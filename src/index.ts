/** `poolwarden`: the pure core, the shell around it, and what a person looks at. */

// Everything pure: accounts, exchanges, decisions, patches, policies.
export * from './core.js';

// The shell: decisions at once, writes behind them.
export { createEngine } from './create-engine.js';
export type {
  CloseOptions,
  Engine,
  EngineDeps,
  FailedAction,
  HealthChange,
  HealthRepository,
  Observed,
  Saved,
  SettingsRepository,
  TokenCache,
} from './shell/ports.js';
export { type CompareAndSwap, patchByCas, SwapConflictError, type Versioned } from './shell/patch-by-cas.js';
export { loadSettings, type RawSettings, saveOverloadSettings, saveRateLimitFallbackSettings } from './shell/settings.js';

// Errors inside of streams.
export { createStreamWatcher, type StreamWatcher } from './core/stream-watcher.js';

// The view: an account as a person sees it.
export {
  type AccountView,
  type Badge,
  type BadgeKind,
  type DescribeOptions,
  describeAccount,
  type Tone,
  type WindowView,
} from './view/describe-account.js';
export { formatCountdown } from './view/format-countdown.js';
export { normalizeTier } from './view/normalize-tier.js';
export type { UsageCredits, UsageForbidden, UsageInfo } from './core/usage-info.js';
