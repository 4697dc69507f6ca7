/** Payloads of quota endpoints, as they came in October 2026 or as several clients describe them. */
import { NOW } from '../support/accounts.js';

const HOUR = 3_600_000;

type Payload = Readonly<Record<string, unknown>>;

/** An instant so many hours after `NOW`, as RFC 3339. */
export const inHours = (hours: number): string => new Date(NOW + hours * HOUR).toISOString();
/** The same as epoch seconds. */
export const inHoursSeconds = (hours: number): number => Math.round((NOW + hours * HOUR) / 1000);
/** The same as epoch milliseconds. */
export const inHoursMs = (hours: number): number => NOW + hours * HOUR;

/** Anthropic's flat form. */
export const ANTHROPIC_FLAT: Payload = {
  five_hour: { utilization: 61, resets_at: inHours(2) },
  seven_day: { utilization: 22.5, resets_at: inHours(100) },
  seven_day_oauth_apps: null,
  seven_day_opus: { utilization: 0, resets_at: null },
  seven_day_sonnet: { utilization: 101, resets_at: inHours(90) },
  iguana_necktie: null,
  extra_usage: { is_enabled: false, monthly_limit: null, used_credits: null, utilization: null },
};

/** Anthropic's list of limits. */
export const ANTHROPIC_LIMITS: Payload = {
  limits: [
    { kind: 'session', percent: 40, resets_at: inHours(3), scope: null },
    { kind: 'weekly_all', percent: 7, resets_at: inHours(120), scope: null },
    { kind: 'weekly_scoped', percent: 90, resets_at: inHours(80), scope: { model: { display_name: 'Claude Opus' } } },
    { kind: 'weekly_scoped', percent: 12, resets_at: inHours(70), scope: { model: { display_name: 'Fable 5' } } },
    { kind: 'weekly_scoped', percent: 33, resets_at: inHours(60), scope: { model: { display_name: 'Parable' } } },
    { kind: 'of_a_kind_to_come', percent: 99, resets_at: inHours(1) },
  ],
};

/** ChatGPT's usage of a plan whose first window is the month. */
export const CHATGPT: Payload = {
  plan_type: 'plus',
  rate_limit: {
    allowed: true,
    limit_reached: false,
    primary_window: { used_percent: 12, limit_window_seconds: 604_800, reset_after_seconds: 360_000, reset_at: inHoursSeconds(100) },
    secondary_window: { used_percent: 80.5, limit_window_seconds: 18_000, reset_after_seconds: 7_200, reset_at: null },
  },
  additional_rate_limits: [
    {
      limit_name: 'GPT-5.3-Codex-Spark',
      metered_feature: 'codex_bengalfox',
      rate_limit: {
        primary_window: { used_percent: 5, limit_window_seconds: 18_000, reset_at: inHoursSeconds(1) },
        secondary_window: { used_percent: 50, limit_window_seconds: 604_800, reset_at: inHoursSeconds(20) },
      },
    },
  ],
  credits: { has_credits: true, unlimited: false, balance: '1348.7450000000' },
  rate_limit_reset_credits: 1,
  spend_control: { reached: false },
};

/** `loadCodeAssist` of a paid account. */
export const LOAD_CODE_ASSIST: Payload = {
  currentTier: { id: 'free-tier', name: 'Antigravity' },
  paidTier: {
    id: 'g1-pro-tier',
    availableCredits: [{ creditType: 'GOOGLE_ONE_AI', creditAmount: '25000', minimumCreditAmountForUsage: '50' }],
  },
  cloudaicompanionProject: 'some-project',
};

/** `retrieveUserQuota`. */
export const USER_QUOTA: Payload = {
  buckets: [
    { modelId: 'gemini-2.5-pro', tokenType: 'REQUESTS', remainingFraction: 0.25, resetTime: inHours(14) },
    { modelId: 'gemini-2.5-pro', tokenType: 'TOKENS', remainingFraction: 0.1, resetTime: inHours(14) },
    { modelId: 'gemini-2.5-flash', tokenType: 'REQUESTS', remainingFraction: 1, resetTime: inHours(14) },
    { modelId: 'gemini-3-pro', tokenType: 'REQUESTS', resetTime: inHours(14) },
  ],
};

/** `fetchAvailableModels` of Antigravity. */
export const AVAILABLE_MODELS: Payload = {
  models: {
    'claude-sonnet-4': { displayName: 'Claude Sonnet 4', quotaInfo: { remainingFraction: 0.8, resetTime: inHours(4) } },
    'gemini-2.5-pro': { quotaInfo: { remainingFraction: 0.5, resetTime: '' } },
    'gemini-3-pro': { quotaInfo: { resetTime: inHours(100) } },
    chat_20706: { displayName: 'internal' },
  },
  deprecatedModelIds: { 'gemini-old': { newModelId: 'gemini-2.5-pro' } },
};
