/**
 * `poolwarden/core`: everything pure, with the four providers, and no dependency at all. Runs wherever JavaScript does.
 *
 * The arrows of the design, in order: `readSignal`, `classify`, `decide` (together: `evaluate`), `toPatches`, `mergeHealth`.
 */

// The account: who sent a request, with which settings, in which health.
export {
  type Account,
  type AccountSettings,
  type AccountType,
  type CredentialRef,
  type Platform,
  resolveModel,
  type TemporaryRule,
} from './core/account.js';
export { type AccountInput, defineAccount } from './core/define-account.js';
export type { Dictionary, ErrorInput, HealthInput, HoldInput, SessionWindowInput, StrikesInput } from './core/health-input.js';
export {
  type AccountError,
  type AccountHealth,
  CREDITS_KEY,
  EMPTY_HEALTH,
  ERROR_KINDS,
  type ErrorKind,
  type Hold,
  type HoldCell,
  type HoldKind,
  type SessionHeader,
  type SessionStatus,
  type SessionWindowCells,
  type StrikeSet,
  type UsageSample,
} from './core/health.js';
export { activeErrors } from './core/active-errors.js';
export { compactHealth } from './core/compact-health.js';
export { type HealthJson, healthFromJson, healthToJson } from './core/health-json.js';
export { currentSessionWindow, type SessionWindow } from './core/session-window.js';
export type { EpochMs } from './core/time.js';

// The question and the answer.
export type { Phase, Purpose, TransportFailure } from './core/circumstances.js';
export type { Exchange, HeadersLike, UpstreamResponse } from './core/exchange.js';
export type { BodyKind, BodyLimits, LimitFacts, Signal, WindowReading } from './core/signal.js';
export type { Decision, Disposition, EventCode, Exit, PolicyEvent, Scope, Verdict, VerdictKind } from './core/decision.js';
export { NOTHING_NEW } from './core/decide-success.js';
export { evaluate } from './evaluate.js';
export { bodyNeeded } from './body-needed.js';
export { fromFetch } from './from-fetch.js';
export { classify, decide, readSignal } from './stages.js';
export { explain, type Explanation, type RuleExplanation } from './explain.js';

// What changes: actions, patches, and the join.
export type {
  Action,
  AddStrike,
  ClearError,
  ClearHolds,
  ClearModelRateLimit,
  ClearStrikes,
  InvalidateToken,
  RecordUsage,
  RequestRefresh,
  SetAccountHold,
  SetError,
  SetModelRateLimit,
  SetTempUnschedulable,
  UpdateSessionWindow,
} from './core/action.js';
export type { CellWrite, HealthPatch } from './core/patch.js';
export { toPatches } from './core/to-patches.js';
export { joinHealth, mergeHealth } from './core/merge-health.js';
export { encodeCell } from './core/encode-cell.js';
export { decodeCell } from './core/decode-cell.js';
export { recover } from './core/recover.js';

// May this account serve?
export { type Blocker, type Schedulability, type ServeRequest, schedulability } from './core/schedulability.js';
export { nextEligibleAt } from './core/next-eligible-at.js';
export { modelKeys } from './core/model-keys.js';
export { type AccountStatus, accountStatus } from './core/account-status.js';
export { thresholdMessage } from './core/scheduling-threshold.js';

// The policy: settings, and rules as data.
export { DEFAULT_POLICY, type DeepPartial, definePolicy, type PolicyOverrides } from './define-policy.js';
export { DEFAULT_SETTINGS, type Policy, type PolicySettings, SETTING_RANGES } from './core/policy.js';
export type {
  Condition,
  Course,
  Effect,
  Outcome,
  PolicyRule,
  Rule,
  RuleMode,
  RuleOverride,
  StatusRange,
  UntilSource,
} from './core/rule.js';
export { BUILT_IN_RULES, RULE_STAGES } from './rule-table.js';
export { lintPolicy, type PolicyIssue } from './lint-policy.js';
export { PolicyError, type PolicyErrorIssue } from './core/policy-error.js';

// Helpers that gateways call by themselves.
export { classifyForbidden } from './core/classify-forbidden.js';
export { DEFAULT_VERIFICATION_HOSTS, extractVerificationLink, type VerificationLink } from './core/verification-link.js';
export { CREDITS_EXHAUSTED_WORDS, creditsWereExhausted, injectEnabledCreditTypes } from './core/credits.js';
export { createRedactor } from './core/redact.js';
