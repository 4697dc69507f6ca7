/** behaviour.md 5: AI credits, from the first 429 to the retry and back. */
import type { AccountInput } from '../../../src/core/define-account.js';
import type { Exchange } from '../../../src/core/exchange.js';
import { evaluate } from '../../../src/evaluate.js';
import {
  type Answer,
  answered,
  errorInfo,
  failed,
  given,
  HOUR,
  MODEL,
  NOW,
  retryInfo,
  rpc,
  SECOND,
  says,
} from '../../support/exchanges.js';
import { type ExpectedAction, failOver, modelLimited, type Row, struck } from '../../support/rows.js';

const QUOTA_END = NOW + 3 * HOUR;
const CREDITS_END = NOW + 5 * HOUR;
const spentFor = (delay: string): object =>
  rpc('RESOURCE_EXHAUSTED', 'Quota reached', [errorInfo('QUOTA_EXHAUSTED', { model: 'm', quotaResetDelay: delay })]);
const spent = spentFor('3h');
const rate = rpc('RESOURCE_EXHAUSTED', 'Slow', [errorInfo('RATE_LIMIT_EXCEEDED', { model: 'm' }), retryInfo('0.5s')]);
const insufficient = says('Insufficient GOOGLE_ONE_AI credits');

const withOverages = (facts: Partial<AccountInput> = {}) =>
  given('antigravity', 'oauth', { ...facts, settings: { allowOverages: true, ...facts.settings } });
const credits = (until: number): object => ({
  modelRateLimits: { AICredits: { generation: 2, credentialRevision: -1, until, rule: 'r', kind: 'credits' } },
});
const marked = (rule: string): ExpectedAction => ({
  type: 'set_model_rate_limit',
  model: 'AICredits',
  until: CREDITS_END,
  kind: 'credits',
  rule,
});
const quotaHoldUntil = (until: number): ExpectedAction =>
  ({ ...modelLimited(MODEL, until), kind: 'quota', rule: 'google_quota_exhausted' }) as ExpectedAction;
const quotaHold: ExpectedAction = quotaHoldUntil(QUOTA_END);

const first: Exchange = answered(withOverages(), 429, { body: spent });
/** The answer to the retry with credits. */
const second = (status: number, answer: Answer = {}): Exchange =>
  answered(withOverages(), status, { previous: evaluate(first), withCredits: true, attempt: 2, ...answer });

const asking: readonly Row[] = [
  {
    name: '5.6 the quota is spent, credits may be: once more with credits, nothing is held yet',
    exchange: first,
    rule: 'google_quota_exhausted',
    verdict: { kind: 'quota_exhausted', scope: 'model', resetAt: QUOTA_END },
    actions: [],
    disposition: {
      type: 'retry',
      delayMs: 0,
      withCredits: true,
      otherwise: [
        {
          type: 'set_model_rate_limit',
          accountId: 'a1',
          model: MODEL,
          until: QUOTA_END,
          rule: 'google_quota_exhausted',
          kind: 'quota',
          detail: 'google_quota_exhausted (429)',
          generation: 0,
        },
      ],
    },
  },
  ...(['available', 'unknown'] as const).map(
    (balance): Row => ({
      name: `5.6 a balance that is ${balance}: try`,
      exchange: answered(withOverages(), 429, { body: spent, credits: balance }),
      rule: 'google_quota_exhausted',
      disposition: 'retry',
    }),
  ),
  {
    name: '5.6 the balance is too low: marked, and the model waits',
    exchange: answered(withOverages(), 429, { body: spent, credits: 'insufficient' }),
    rule: 'google_quota_exhausted',
    actions: [quotaHold, marked('google_quota_exhausted')],
    disposition: failOver(429, QUOTA_END),
  },
  {
    name: '5.6 the credits are marked as used up: the model waits',
    exchange: answered(withOverages({ health: credits(NOW + 1) }), 429, { body: spent }),
    rule: 'google_quota_exhausted',
    actions: [quotaHold],
    disposition: failOver(429, QUOTA_END),
  },
  {
    name: '5.1 a mark that ends now is over',
    exchange: answered(withOverages({ health: credits(NOW) }), 429, { body: spent }),
    rule: 'google_quota_exhausted',
    disposition: 'retry',
  },
  {
    name: '5.1 without overages no credits',
    exchange: answered(given('antigravity', 'oauth'), 429, { body: spent }),
    rule: 'google_quota_exhausted',
    actions: [quotaHold],
    disposition: failOver(429, QUOTA_END),
  },
  {
    name: "5.1 credits are Antigravity's alone",
    exchange: answered(given('gemini', 'oauth', { settings: { allowOverages: true } }), 429, { body: spent }),
    rule: 'google_quota_exhausted',
    actions: [quotaHold],
    disposition: failOver(429, QUOTA_END),
  },
  {
    name: '5.6 a rate limit is not paid for',
    exchange: answered(withOverages(), 429, { body: rate }),
    rule: 'google_model_rate_limit',
    actions: [],
    disposition: { type: 'retry', delayMs: SECOND, withCredits: false, otherwise: [expectedRate()] },
  },
  {
    name: '5.6 after the first byte there is no retry: the model waits',
    exchange: answered(withOverages(), 429, { body: spent, phase: 'mid_stream' }),
    rule: 'google_quota_exhausted',
    actions: [quotaHold],
    disposition: { type: 'respond' },
  },
];

function expectedRate(): Extract<import('../../../src/core/action.js').Action, { type: 'set_model_rate_limit' }> {
  return {
    type: 'set_model_rate_limit',
    accountId: 'a1',
    model: MODEL,
    until: NOW + SECOND,
    rule: 'google_model_rate_limit',
    kind: 'quota',
    detail: 'google_model_rate_limit (429)',
    generation: 0,
  };
}

const answers: readonly Row[] = [
  {
    name: '5.6 the retry succeeds: no limit of the model is written',
    exchange: second(200),
    rule: 'ok',
    actions: [],
    disposition: { type: 'respond' },
  },
  {
    name: '5.6 the retry succeeds under an old mark: only the mark is cleared',
    exchange: answered(
      withOverages({
        health: {
          modelRateLimits: {
            AICredits: { generation: 2, credentialRevision: -1, until: NOW - 1, rule: 'r', kind: 'credits' },
            [MODEL]: { generation: 0, credentialRevision: -1, until: QUOTA_END, rule: 'r', kind: 'quota' },
          },
        },
      }),
      200,
      { previous: evaluate(first), withCredits: true, attempt: 2 },
    ),
    rule: 'ok',
    actions: [{ type: 'clear_model_rate_limit', model: 'AICredits', generation: 2 }],
  },
  {
    name: '5.6 a cleared mark is not cleared again',
    exchange: answered(
      withOverages({
        health: { modelRateLimits: { AICredits: { generation: 3, credentialRevision: -1, until: 0, rule: 'cleared', kind: 'credits' } } },
      }),
      200,
      { withCredits: true },
    ),
    rule: 'ok',
    actions: [],
  },
  {
    name: '5.6 the retry fails for want of credits: marked once, and the model waits',
    exchange: second(403, { body: insufficient }),
    rule: 'antigravity_credits_exhausted',
    verdict: { kind: 'credits_exhausted', scope: 'account', exit: 'time' },
    actions: [quotaHold, marked('antigravity_credits_exhausted')],
    disposition: failOver(429),
  },
  {
    name: '5.6 the retry fails for another reason: the model waits, no mark',
    exchange: second(500, { body: insufficient }),
    rule: 'upstream_error',
    actions: [quotaHold],
    disposition: failOver(502),
  },
  {
    name: '5.6 the retry finds no connection: the model waits, no mark',
    exchange: failed(withOverages(), 'timeout', { previous: evaluate(first), withCredits: true, attempt: 2 }),
    rule: 'no_answer',
    actions: [quotaHold],
  },
  {
    name: '5.6 the retry meets the same quota: the model waits, said once, and there is no third try',
    exchange: second(429, { body: spent }),
    rule: 'google_quota_exhausted',
    actions: [quotaHold],
    disposition: failOver(429, QUOTA_END),
  },
  {
    name: '5.6 the retry meets a quota that ends sooner: what was known before stays',
    exchange: second(429, { body: spentFor('1h') }),
    rule: 'google_quota_exhausted',
    actions: [quotaHold, quotaHoldUntil(NOW + HOUR)],
    disposition: failOver(429, NOW + HOUR),
  },
  {
    name: '5.6 the first request had credits (the model was limited): marked',
    exchange: answered(withOverages(), 403, { body: insufficient, withCredits: true }),
    rule: 'antigravity_credits_exhausted',
    actions: [marked('antigravity_credits_exhausted')],
  },
  {
    name: '5.6 a 402 without the balance, said by structure',
    exchange: answered(withOverages(), 429, { body: rpc('RESOURCE_EXHAUSTED', 'x', [errorInfo('INSUFFICIENT_G1_CREDITS_BALANCE')]) }),
    rule: 'google_credits_exhausted',
    verdict: { kind: 'credits_exhausted', scope: 'account' },
    actions: [marked('google_credits_exhausted')],
  },
];

/** 5.4: whether the answer to a request with credits says that they are used up. */
const WORDS: readonly (readonly [status: number, body: object, exhausted: boolean])[] = [
  [403, says('insufficient credit balance'), true],
  [403, says('not enough credits for this request'), true],
  [403, says('Credits exhausted'), true],
  [403, says('minimumCreditAmountForUsage requirement not met'), true],
  [403, says('permission denied'), false],
  [429, rpc('RESOURCE_EXHAUSTED', 'Resource has been exhausted (e.g. check quota).'), true],
  [429, says('Resource has been exhausted'), true],
  [429, rate, false],
  [408, says('Insufficient credits'), false],
  [500, says('Insufficient credits'), false],
];

const words: readonly Row[] = WORDS.map(([status, body, exhausted]) => {
  const exchange = answered(withOverages(), status, { body, withCredits: true, attempt: 2 });
  const isMarked = (action: ExpectedAction): boolean => action.type === 'set_model_rate_limit' && action.model === 'AICredits';
  const other = evaluate(exchange);
  return {
    name: `5.4 ${status} ${JSON.stringify(body).slice(0, 90)}: ${exhausted ? '' : 'not '}used up`,
    exchange,
    rule: exhausted ? 'antigravity_credits_exhausted' : other.verdict.rule,
    actions: exhausted ? [marked('antigravity_credits_exhausted')] : other.actions.filter((action) => !isMarked(action)),
  };
});

const undatedQuota: readonly Row[] = [
  {
    name: '5.6 a spent quota without a reset, and no credits',
    exchange: answered(given('antigravity', 'oauth'), 429, {
      body: rpc('RESOURCE_EXHAUSTED', 'x', [errorInfo('QUOTA_EXHAUSTED', { model: 'm' })]),
    }),
    rule: 'google_quota_exhausted_undated',
    actions: [struck, modelLimited(MODEL, NOW + 5 * SECOND)],
  },
];

export const creditRows: readonly Row[] = [...asking, ...answers, ...words, ...undatedQuota];
