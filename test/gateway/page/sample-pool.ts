/** Accounts and decisions as the gateway tells of them: real accounts, described by poolwarden. */
import { type Account, type AccountView, describeAccount, type UsageInfo } from 'poolwarden';
import { type AccountFacts, account, accountError, hold, NOW, sample } from '../../support/accounts.js';
import { usageInfo } from '../../support/usage-info.js';
import type { Script } from './page-server.js';
import { TOKEN } from './page-server.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

export const TRUSTED = { url: 'https://accounts.google.com/signin/continue?plt=abc', trusted: true };
export const UNTRUSTED = { url: 'https://verify.example.net/accounts.google.com', trusted: false };

/** An account as the admin API tells of it. */
export interface Row {
  readonly id: string;
  readonly label: string;
  readonly platform: Account['platform'];
  readonly type: Account['type'];
  readonly enabled: boolean;
  readonly parent: string | null;
  readonly view: AccountView;
  readonly usage: object | null;
  readonly lastUsedAt: number | null;
}

/** The row of an account at an instant. */
export function row(id: string, facts: AccountFacts = {}, usage: UsageInfo | null = null, now: number = NOW): Row {
  const one = account({ id, ...facts });
  const told =
    usage === null ? null : { updatedAt: usage.updatedAt, errorCode: usage.errorCode, error: usage.error, credits: usage.credits };
  const { platform, type, parent, settings } = one;
  const view = describeAccount(one, { now, usage });
  return {
    id,
    label: id,
    platform,
    type,
    enabled: settings.enabled,
    parent: parent?.id ?? null,
    view,
    usage: told,
    lastUsedAt: now - 3 * MINUTE,
  };
}

const windows = (short: number, long: number, shortEnd = 2 * HOUR + 13 * MINUTE): AccountFacts['health'] => ({
  usage: new Map([
    ['5h', sample(short, NOW + shortEnd)],
    ['7d', sample(long, NOW + 3 * DAY + 4 * HOUR)],
  ]),
});
const antigravity = (facts: AccountFacts = {}): AccountFacts => ({ ...facts, platform: 'antigravity' });
const failed = (
  kind: 'violation' | 'verification' | 'credential' | 'forbidden' | 'billing',
  message: string,
  link: typeof TRUSTED | null = null,
): AccountFacts => ({
  health: { errors: new Map([[kind, accountError({ message, link, rule: `antigravity_403_${kind}` })]]) },
});
const limited = (...entries: readonly (readonly [string, ReturnType<typeof hold>])[]): Pick<AccountFacts, 'health'> => ({
  health: { modelRateLimits: new Map(entries) },
});

/** What the quota endpoint says of an account with quotas by model. */
const quotas = (sonnet: number, gemini: number, credits: number): UsageInfo =>
  usageInfo({
    models: new Map([
      ['claude-sonnet-4-5', sample(sonnet, NOW + 47 * MINUTE)],
      ['gemini-3-pro', sample(gemini, NOW + 47 * MINUTE)],
    ]),
    credits: [{ type: 'GOOGLE_ONE_AI', amount: credits, minimum: 5 }],
  });

/** A pool with a little of everything, as a person may have it. */
export function samplePool(): readonly Row[] {
  const sonnet = hold(NOW + 47 * MINUTE, { rule: 'antigravity_quota', detail: 'Resource has been exhausted' });
  const rows: readonly (readonly [string, AccountFacts, UsageInfo?])[] = [
    ['claude-anna', { health: windows(0.31, 0.44) ?? {} }],
    [
      'claude-bruno',
      { health: { ...windows(1.02, 0.67), rateLimit: hold(NOW + 2 * HOUR + 13 * MINUTE, { rule: 'anthropic_5h_window_exhausted' }) } },
    ],
    ['claude-chen', { health: windows(0.86, 0.52) ?? {} }],
    ['claude-dora', { health: { ...windows(0.12, 0.2), overload: hold(NOW + 9 * MINUTE, { rule: 'overloaded_529', kind: 'overload' }) } }],
    ['codex-team-1', { platform: 'openai', health: windows(0.58, 0.91, HOUR) ?? {} }],
    ['codex-team-2', { platform: 'openai', ...failed('credential', 'Token refresh failed: the refresh token was revoked') }],
    ['gemini-key', { platform: 'gemini', type: 'api_key', settings: { enabled: false } }],
    ['gemini-oauth', { platform: 'gemini' }, usageInfo({ forbidden: { type: 'forbidden', reason: 'Permission denied', link: null } })],
    [
      'gravity-pro-1',
      antigravity({ settings: { tier: 'g1-pro-tier', allowOverages: true }, ...limited(['claude-sonnet-4-5', sonnet]) }),
      quotas(1, 0.35, 120),
    ],
    [
      'gravity-pro-2',
      antigravity({
        settings: { tier: 'g1-pro-tier', allowOverages: true },
        ...limited(['claude-sonnet-4-5', sonnet], ['AICredits', hold(NOW + 4 * HOUR, { kind: 'credits' })]),
      }),
      quotas(1, 0.84, 0),
    ],
    [
      'gravity-ultra',
      antigravity({ settings: { tier: 'g1-ultra-tier' }, ...failed('verification', 'Verify your account to continue', TRUSTED) }),
    ],
    [
      'gravity-free-1',
      antigravity({
        settings: { tier: 'free-tier' },
        ...failed('violation', 'This account was disabled for a violation of the Terms of Service'),
      }),
    ],
    ['gravity-free-2', antigravity({ settings: { tier: 'free-tier' }, ...failed('verification', 'Verify your account', UNTRUSTED) })],
  ];
  return rows.map(([id, facts, usage]) => row(id, facts, usage ?? null));
}

/** A decision as the admin API tells of it. */
export function decision(id: string, facts: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    id,
    at: NOW - 20_000,
    requestId: `req_${id}`,
    accountId: 'claude-bruno',
    label: 'claude-bruno',
    model: 'claude-sonnet-4-5',
    status: 429,
    verdict: {
      kind: 'quota_exhausted',
      scope: 'account',
      rule: 'anthropic_5h_window_exhausted',
      message: 'This request would exceed your account’s rate limit.',
      resetAt: NOW + 2 * HOUR + 13 * MINUTE,
      exit: 'time',
    },
    disposition: { type: 'fail_over', otherwise: { status: 429, retryAt: NOW + 2 * HOUR } },
    changes: ['Holds claude-bruno for 2h 13m: its 5-hour window is used up'],
    explanation: {
      rules: [
        { id: 'anthropic_extra_usage', matched: false, why: 'bodyIncludes: wanted "extra usage"' },
        { id: 'anthropic_long_context', matched: false, why: 'bodyIncludes: wanted "long context"' },
        { id: 'anthropic_5h_window_exhausted', matched: true, why: 'all conditions hold' },
      ],
    },
    ...facts,
  };
}

const verdict = (kind: string, scope: string, rule: string, exit: string): object => ({
  kind,
  scope,
  rule,
  message: null,
  resetAt: null,
  exit,
});

/** Some decisions, newest first. */
export function sampleDecisions(): readonly Record<string, unknown>[] {
  const who = (id: string): object => ({ accountId: id, label: id });
  return [
    decision('6', { at: NOW - 4_000 }),
    decision('5', {
      ...who('claude-dora'),
      at: NOW - 31_000,
      status: 529,
      verdict: verdict('overloaded', 'account', 'overloaded_529', 'time'),
    }),
    decision('4', {
      ...who('gravity-ultra'),
      at: NOW - 64_000,
      model: 'gemini-3-pro',
      status: 403,
      verdict: verdict('verification_required', 'account', 'antigravity_403_validation', 'operator'),
    }),
    decision('3', {
      ...who('codex-team-2'),
      at: NOW - 92_000,
      model: 'gpt-5-codex',
      status: 401,
      verdict: verdict('unauthenticated', 'credential', 'openai_token_revoked', 'operator'),
    }),
    decision('2', {
      ...who('claude-anna'),
      at: NOW - 95_000,
      status: 200,
      verdict: verdict('ok', 'request', 'success', 'none'),
      disposition: { type: 'respond' },
      changes: [],
    }),
    decision('1', {
      ...who('gravity-free-1'),
      at: NOW - 170_000,
      model: 'gemini-3-pro',
      status: 403,
      verdict: verdict('violation', 'account', 'antigravity_403_violation', 'operator'),
    }),
  ];
}

/** Half an hour of traffic with a rough patch in it. */
export function sampleSeries(): readonly { readonly at: number; readonly requests: number; readonly failures: number }[] {
  return Array.from({ length: 30 }, (_, index) => {
    const requests = 22 + Math.round(9 * Math.sin(index / 3) + ((index * 7) % 5));
    return { at: NOW - (29 - index) * MINUTE, requests, failures: index > 17 && index < 22 ? index - 14 : index % 9 === 0 ? 1 : 0 };
  });
}

/** An API that says all of this. */
export function sampleScript(facts: Partial<Script> = {}): Script {
  return {
    now: () => NOW,
    accounts: samplePool(),
    decisions: sampleDecisions(),
    series: sampleSeries(),
    settings: {
      overload: { enabled: true, cooldownMinutes: 10 },
      rateLimitFallback: { enabled: true, cooldownSeconds: 5 },
      oauth401CooldownMinutes: 10,
    },
    decision: (id) => sampleDecisions().find((one) => one.id === id) ?? decision(id),
    token: TOKEN,
    answer: () => undefined,
    ...facts,
  };
}
