/** `poolwarden/refresh`: OAuth credentials that survive: no rotation is lost, and no account is condemned for a race. */
export type { AttemptEffect, RefreshReport, RefreshReportCode } from './refresh/attempt-effect.js';
export type { AttemptEvent } from './refresh/attempt-event.js';
export {
  type Answer,
  type AttemptPlan,
  type AttemptStage,
  type AttemptState,
  type Grant,
  newAttempt,
  pendingOf,
} from './refresh/attempt-state.js';
export { type BackgroundRefresher, type BackgroundRefresherOptions, createBackgroundRefresher } from './refresh/background.js';
export { isRefreshCandidate } from './refresh/background-candidates.js';
export type {
  AccountProgress,
  PassSummary,
  PlatformTrouble,
  ProgressListener,
  RefreshProgress,
  SkipReason,
} from './refresh/background-progress.js';
export { classifyRefreshFailure, type RefreshTrouble } from './refresh/classify-refresh-failure.js';
export type { ApplyActions } from './refresh/contain-apply.js';
export { createRefresher, type RefresherOptions } from './refresh/create-refresher.js';
export { createTokenExchange, type TokenExchangeOptions } from './refresh/exchange.js';
export { type OAuthClient, PUBLIC_CLIENTS, TOKEN_ENDPOINTS, type TokenEndpoint } from './refresh/exchange-endpoints.js';
export type { TokenFetch } from './refresh/exchange-send.js';
export { mergeCredentials } from './refresh/merge-credentials.js';
export { needsRefresh, refreshWindowMs } from './refresh/needs-refresh.js';
export type { Refresher, RefreshFailure, RefreshOutcome, RefreshRequest } from './refresh/outcome.js';
export type { Pause } from './refresh/pause.js';
export type {
  AccessTokenCache,
  BeginResult,
  CachedAccessToken,
  CommitResult,
  CondemnCode,
  CredentialRepository,
  Credentials,
  CredentialValue,
  ExchangeRequest,
  ExchangeResult,
  NextCredentials,
  SecretCodec,
  SecretContext,
  StoredCredentials,
  TokenExchange,
} from './refresh/ports.js';
export { type RawTokenAnswer, readTokenAnswer, type TokenAnswer } from './refresh/read-token-answer.js';
export { refreshReducer } from './refresh/reducer.js';
export { EXHAUSTED_HOLD_MS, EXHAUSTED_RULE, type RefreshFailedOptions, refreshFailed } from './refresh/refresh-failed.js';
export { REFRESH_TIMING, type RefreshTiming } from './refresh/timing.js';
export { createTokenProvider, type TokenProvider, type TokenProviderOptions } from './refresh/token-provider.js';
export { REQUEST_POLICIES, type RequestPolicy } from './refresh/token-provider-policy.js';
export type { NoTokenReason, TokenResult } from './refresh/token-provider-result.js';
