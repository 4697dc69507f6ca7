/** The quota endpoints: what each account has used, growing with its requests. */
import type { Answer } from './captured-answer.js';
import type { Scenario } from './scenarios.js';

/** What a usage answer is made from. */
export interface UsageFacts {
  readonly scenario: Scenario;
  /** Of the 5-hour window, 0 to 1. */
  readonly used: number;
  readonly now: number;
  readonly windowEnd: number;
}

const WEEK_MS = 7 * 24 * 3_600_000;
const percent = (fraction: number): number => Math.round(fraction * 1000) / 10;
const instant = (at: number): string => new Date(at).toISOString();

function anthropicUsage({ used, windowEnd, now }: UsageFacts): unknown {
  return {
    five_hour: { utilization: percent(used), resets_at: instant(windowEnd) },
    seven_day: { utilization: percent(used / 4), resets_at: instant(now + WEEK_MS / 2) },
    seven_day_opus: null,
    extra_usage: { is_enabled: false, monthly_limit: null, used_credits: null, utilization: null },
  };
}

function chatgptUsage({ used, windowEnd, now, scenario }: UsageFacts): unknown {
  const window = (fraction: number, seconds: number, end: number): unknown => ({
    used_percent: percent(fraction),
    limit_window_seconds: seconds,
    reset_after_seconds: Math.ceil((end - now) / 1000),
    reset_at: Math.ceil(end / 1000),
  });
  return {
    plan_type: scenario.tier ?? 'plus',
    rate_limit: {
      allowed: true,
      limit_reached: used >= 1,
      primary_window: window(used, 18_000, windowEnd),
      secondary_window: window(used / 4, 604_800, now + WEEK_MS / 2),
    },
    credits: { has_credits: false, unlimited: false, balance: '0' },
  };
}

function codeAssist({ scenario }: UsageFacts): unknown {
  const amount = scenario.allowOverages === true ? '25000' : '0';
  const availableCredits = [{ creditType: 'GOOGLE_ONE_AI', creditAmount: amount, minimumCreditAmountForUsage: '50' }];
  return {
    currentTier: { id: 'free-tier', name: 'Antigravity' },
    paidTier: { id: scenario.tier ?? 'free-tier', availableCredits },
    cloudaicompanionProject: 'scripted-project',
  };
}

const quotaOf = ({ used, windowEnd }: UsageFacts): { remainingFraction: number; resetTime: string } => ({
  remainingFraction: Math.round((1 - used) * 100) / 100,
  resetTime: instant(windowEnd),
});

/** The quota endpoints, by path. */
const ENDPOINTS: Readonly<Record<string, (facts: UsageFacts) => unknown>> = {
  '/api/oauth/usage': anthropicUsage,
  '/backend-api/wham/usage': chatgptUsage,
  '/v1internal:loadCodeAssist': codeAssist,
  '/v1internal:retrieveUserQuota': (facts) => ({ buckets: [{ modelId: 'gemini-3-pro', tokenType: 'REQUESTS', ...quotaOf(facts) }] }),
  '/v1internal:fetchAvailableModels': (facts) => ({
    models: {
      'claude-sonnet-4-6': { displayName: 'Claude Sonnet 4.6', quotaInfo: quotaOf(facts) },
      'gemini-3-pro': { quotaInfo: { remainingFraction: 1, resetTime: instant(facts.windowEnd) } },
    },
  }),
};

/** Whether a quota endpoint has this path. */
export function isUsagePath(path: string): boolean {
  return Object.hasOwn(ENDPOINTS, path);
}

/** What the quota endpoint of this path says. A set-up token has no right to ask. */
export function answerUsageRequest(path: string, facts: UsageFacts): Answer {
  const headers = { 'content-type': 'application/json' };
  if (facts.scenario.type === 'setup_token') {
    const error = { type: 'permission_error', message: 'OAuth token does not meet scope requirement user:profile' };
    return { status: 403, headers, body: JSON.stringify({ type: 'error', error }) };
  }
  return { status: 200, headers, body: JSON.stringify(ENDPOINTS[path]?.(facts) ?? {}) };
}
