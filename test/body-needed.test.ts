import { describe, expect, it } from 'vitest';
import { bodyNeeded } from '../src/body-needed.js';
import type { Decision } from '../src/core/decision.js';
import type { Exchange, UpstreamResponse } from '../src/core/exchange.js';
import { DEFAULT_POLICY, definePolicy } from '../src/define-policy.js';
import { evaluate } from '../src/evaluate.js';
import { answered, given, HOUR, NOW, says, seconds, unified } from './support/exchanges.js';
import type { Row } from './support/rows.js';
import { ALL_ROWS } from './tables/rows/all.js';

const CAP = 65_536;
const encoder = new TextEncoder();

interface Answered extends Row {
  readonly response: UpstreamResponse;
}

/** Rows whose answer is a failure by its status: the body of a success belongs to the client. */
const FAILURES: readonly Answered[] = ALL_ROWS.flatMap((row) => {
  const { response } = row.exchange;
  return 'failure' in response || !(response.status >= 400) ? [] : [{ ...row, response }];
});

function cut(body: UpstreamResponse['body'], bytes: number): UpstreamResponse['body'] & (string | Uint8Array | null) {
  if (bytes === 0 || typeof body !== 'string') return null;
  return encoder.encode(body).subarray(0, bytes);
}

/** All of a decision but what a body that was not read cannot show. */
function essence({ verdict, ...rest }: Decision, bytes: number): object {
  const { signal: _signal, message, ...shown } = verdict;
  return bytes === 0 ? { ...rest, verdict: shown } : { ...rest, verdict: { ...shown, message } };
}

function withDate(exchange: Exchange, response: UpstreamResponse): UpstreamResponse {
  return { ...response, headers: { date: new Date(exchange.receivedAt).toUTCString(), ...(response.headers as Record<string, string>) } };
}

describe('bodyNeeded', () => {
  it.each([
    ['without a Date', (_exchange: Exchange, response: UpstreamResponse) => response],
    ['with a Date', withDate],
  ])('is all that a decision wants, %s', (_, prepare) => {
    const reached = { none: 0, cap: 0, sparedABody: 0 };
    for (const { name, exchange, policy = DEFAULT_POLICY, response: given } of FAILURES) {
      const response = prepare(exchange, given);
      const bytes = bodyNeeded(response, exchange.account, policy);
      expect([0, CAP], name).toContain(bytes);
      const whole = evaluate({ ...exchange, response }, policy);
      const part = evaluate({ ...exchange, response: { ...response, body: cut(response.body, bytes) } }, policy);
      expect(essence(part, bytes), name).toEqual(essence(whole, bytes));
      reached[bytes === 0 ? 'none' : 'cap'] += 1;
      if (bytes === 0 && typeof response.body === 'string') reached.sparedABody += 1;
    }
    expect(reached.none).toBeGreaterThan(40);
    expect(reached.sparedABody).toBeGreaterThan(20);
    expect(reached.cap).toBeGreaterThan(500);
  });

  const date = new Date(NOW).toUTCString();
  const spent = unified({ '5h-status': 'rejected', '5h-reset': seconds(NOW + HOUR) });

  it.each([
    ['a success', given('anthropic', 'oauth'), 200, {}, 0],
    ['a redirect', given('anthropic', 'oauth'), 302, {}, 0],
    ['an overload', given('anthropic', 'oauth'), 529, {}, 0],
    ['a spent window, where the upstream tells its clock', given('anthropic', 'oauth'), 429, { date, ...spent }, 0],
    ['a spent window, where it does not', given('anthropic', 'oauth'), 429, spent, CAP],
    ['a limit by other means', given('anthropic', 'oauth'), 429, { date }, CAP],
    ['a refusal', given('openai', 'oauth'), 401, {}, CAP],
    ['a server error may be a page', given('anthropic', 'oauth'), 502, {}, CAP],
    ['a status that an account does not list', given('openai', 'api_key', { settings: { customErrorCodes: [500] } }), 429, {}, 0],
    ['a pool', given('openai', 'api_key', { settings: { poolMode: true } }), 401, {}, 0],
    [
      'a pool with a temporary rule',
      given('openai', 'api_key', {
        settings: { poolMode: true, temporaryRules: [{ statusCode: 503, keywords: ['a'], durationMinutes: 1 }] },
      }),
      503,
      {},
      CAP,
    ],
  ] as const)('%s', (_, account, status, headers, bytes) => expect(bodyNeeded({ status, headers }, account)).toBe(bytes));

  it('follows the policy', () => {
    const policy = definePolicy({ rules: [{ id: 'overloaded_529', mode: 'off' }] });
    expect(bodyNeeded({ status: 529, headers: {} }, given('anthropic', 'oauth'), policy)).toBe(CAP);
  });

  it('a row of the tables with a longer body decides the same', () => {
    const long = answered(given('openai', 'oauth'), 402, { body: `${JSON.stringify(says('Top up'))}${' '.repeat(CAP)}` });
    expect(evaluate(long).verdict.rule).toBe('payment_required');
    expect(evaluate(long).actions.map(({ type }) => type)).toEqual(['set_temp_unschedulable']);
  });
});
