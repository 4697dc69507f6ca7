/** What happens to the accounts of the scripted upstream: data. An account's requests are counted, and its script tells what each of them meets. */

/** What one request meets. */
export type Step =
  | { readonly type: 'answer' }
  /** A captured refusal, its resets `resetInMs` from now. */
  | {
      readonly type: 'refuse';
      readonly capture: string;
      readonly resetInMs?: number;
      readonly bodyOf?: string;
      readonly replace?: readonly [string, string];
    }
  /** The access token is revoked: refused from now on, until the account comes with a newer one. */
  | { readonly type: 'revoke_token' }
  /** The answer begins well; then an error comes inside the stream, or the connection breaks. */
  | { readonly type: 'break_stream'; readonly how: 'error_event' | 'reset' };

/** So many requests in a row that meet the same. */
export interface Span {
  readonly times: number;
  readonly step: Step;
  /** Only requests of models with this in their name; the others are answered and are not counted. */
  readonly model?: string;
  /** What a request with paid credits meets instead. */
  readonly withCredits?: Step;
}

/** The spans follow each other, then begin again; one with `times: Infinity` is never left. */
export interface Scenario {
  readonly platform: 'anthropic' | 'openai' | 'gemini' | 'antigravity';
  readonly type: 'oauth' | 'api_key' | 'setup_token';
  readonly spans: readonly Span[];
  /** How long an access token lives; default an hour. Under three minutes it is renewed for nearly each request. */
  readonly tokenLifetimeSeconds?: number;
  readonly allowOverages?: boolean;
  readonly tier?: string;
  readonly label: string;
}

const ANSWER: Step = { type: 'answer' };
const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const QUOTA = 'antigravity-429-individual-quota-1h46m-claude';

const well = (times: number): Span => ({ times, step: ANSWER });
const forEver = (step: Step): Span => ({ times: Number.POSITIVE_INFINITY, step });
const refuse = (capture: string, more: { readonly resetInMs?: number; readonly bodyOf?: string } = {}): Step => ({
  type: 'refuse',
  capture,
  ...more,
});

const WINDOW_SPENT: Step = refuse('anthropic-429-unified-5h-rejected', {
  resetInMs: 90 * SECOND,
  bodyOf: 'anthropic-429-account-rate-limit-oauth',
});
const CODEX_SPENT: Step = refuse('codex-429-headers-free-empty-secondary', { resetInMs: 2 * MINUTE });
const QUOTA_SPENT: Step = refuse(QUOTA, { resetInMs: 3 * MINUTE });
/** Only the reason of this refusal is known: the rest is that of a spent quota. */
const CREDITS_SPENT: Step = {
  type: 'refuse',
  capture: QUOTA,
  resetInMs: 3 * MINUTE,
  replace: ['"QUOTA_EXHAUSTED"', '"INSUFFICIENT_G1_CREDITS_BALANCE"'],
};

const anthropic = { platform: 'anthropic', type: 'oauth' } as const;
const antigravity = { platform: 'antigravity', type: 'oauth' } as const;

/** The scenarios, by name. */
export const SCENARIOS: Readonly<Record<string, Scenario>> = {
  healthy: { ...anthropic, label: 'Max, healthy', spans: [forEver(ANSWER)] },
  healthy_key: { platform: 'anthropic', type: 'api_key', label: 'API key, healthy', spans: [forEver(ANSWER)] },
  setup_token: { platform: 'anthropic', type: 'setup_token', label: 'Set-up token, healthy', spans: [forEver(ANSWER)] },
  window_spent: { ...anthropic, label: 'Max, spends its 5 hours', spans: [well(12), { times: 1, step: WINDOW_SPENT }] },
  overload_storm: {
    ...anthropic,
    label: 'Max, in an overload storm',
    spans: [well(6), { times: 2, step: refuse('anthropic-529-overloaded-with-headers') }],
  },
  revoked_token: { ...anthropic, label: 'Max, token revoked now and then', spans: [well(8), { times: 1, step: { type: 'revoke_token' } }] },
  rotation: { ...anthropic, label: 'Max, short-lived tokens', spans: [forEver(ANSWER)], tokenLifetimeSeconds: 210 },
  stream_overload: {
    ...anthropic,
    label: 'Max, overload inside streams',
    spans: [well(5), { times: 1, step: { type: 'break_stream', how: 'error_event' } }],
  },
  stream_reset: {
    ...anthropic,
    label: 'Max, connection breaks',
    spans: [well(7), { times: 1, step: { type: 'break_stream', how: 'reset' } }],
  },
  billing: {
    platform: 'anthropic',
    type: 'api_key',
    label: 'API key, balance used up',
    spans: [well(4), forEver(refuse('anthropic-400-credit-balance'))],
  },
  model_limit: {
    ...anthropic,
    label: 'Max, one model used up',
    spans: [
      { times: Number.POSITIVE_INFINITY, model: 'opus', step: refuse('anthropic-429-unified-7d_oi-overage-only', { resetInMs: HOUR }) },
    ],
  },
  openai_key: { platform: 'openai', type: 'api_key', label: 'OpenAI key, healthy', spans: [forEver(ANSWER)] },
  codex: { platform: 'openai', type: 'oauth', tier: 'plus', label: 'ChatGPT Plus, healthy', spans: [forEver(ANSWER)] },
  codex_spent: {
    platform: 'openai',
    type: 'oauth',
    tier: 'free',
    label: 'ChatGPT, spends its window',
    spans: [well(6), { times: 1, step: CODEX_SPENT }],
  },
  openai_stream_overload: {
    platform: 'openai',
    type: 'api_key',
    label: 'OpenAI key, overload inside streams',
    spans: [well(4), { times: 1, step: { type: 'break_stream', how: 'error_event' } }],
  },
  html_block: {
    platform: 'openai',
    type: 'oauth',
    label: 'ChatGPT, blocked at the edge',
    spans: [well(5), { times: 2, step: refuse('codex-403-cloudflare-html') }],
  },
  quota_key: {
    platform: 'openai',
    type: 'api_key',
    label: 'OpenAI key, no quota',
    spans: [well(3), forEver(refuse('openai-429-insufficient-quota'))],
  },
  gemini_key: { platform: 'gemini', type: 'api_key', label: 'Gemini key, healthy', spans: [forEver(ANSWER)] },
  gemini_stream_overload: {
    platform: 'gemini',
    type: 'api_key',
    label: 'Gemini key, overload inside streams',
    spans: [well(4), { times: 1, step: { type: 'break_stream', how: 'error_event' } }],
  },
  gemini_wrong_key: {
    platform: 'gemini',
    type: 'api_key',
    label: 'Gemini key, wrong',
    spans: [forEver(refuse('gemini-400-api-key-invalid'))],
  },
  code_assist: { platform: 'gemini', type: 'oauth', label: 'Google sign-in, healthy', spans: [forEver(ANSWER)] },
  code_assist_spent: {
    platform: 'gemini',
    type: 'oauth',
    label: 'Google sign-in, spends its day',
    spans: [well(4), { times: 1, step: refuse('codeassist-429-free-quota-sse-corrupt-domain', { resetInMs: HOUR }) }],
  },
  antigravity: { ...antigravity, tier: 'g1-pro-tier', label: 'Antigravity Pro, healthy', spans: [forEver(ANSWER)] },
  credits: {
    ...antigravity,
    tier: 'g1-ultra-tier',
    allowOverages: true,
    label: 'Antigravity Ultra, on credits',
    spans: [well(3), { times: 20, step: QUOTA_SPENT, withCredits: ANSWER }],
  },
  credits_spent: {
    ...antigravity,
    tier: 'g1-pro-tier',
    allowOverages: true,
    label: 'Antigravity Pro, credits used up',
    spans: [well(3), { times: 20, step: QUOTA_SPENT, withCredits: CREDITS_SPENT }],
  },
  validation: {
    ...antigravity,
    label: 'Antigravity, to be verified',
    spans: [well(2), forEver(refuse('antigravity-403-validation-required-redacted'))],
  },
  violation: { ...antigravity, label: 'Antigravity, banned', spans: [well(2), forEver(refuse('antigravity-403-tos-violation-reason'))] },
  capacity: {
    ...antigravity,
    label: 'Antigravity, model at capacity',
    spans: [well(4), { times: 2, step: refuse('antigravity-503-model-capacity-claude-4-5') }],
  },
};

/** What the request with this number (from 0) meets. */
export function stepOf(spans: readonly Span[], number: number): Span {
  const round = spans.reduce((sum, { times }) => sum + times, 0);
  let left = Number.isFinite(round) ? number % round : number;
  for (const span of spans) {
    if (left < span.times) return span;
    left -= span.times;
  }
  return { times: 1, step: ANSWER };
}
