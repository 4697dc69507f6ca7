import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { UpstreamResponse } from '../../src/core/exchange.js';
import { MAX_MODEL_CELLS, type UsageSample } from '../../src/core/health.js';
import { redactShapes } from '../../src/core/redact.js';
import { isModelKey } from '../../src/core/text.js';
import { MAX_INSTANT } from '../../src/core/time.js';
import type { UsageInfo } from '../../src/core/usage-info.js';
import { combineUsage } from '../../src/usage/combine-usage.js';
import { creditBalance } from '../../src/usage/credit-balance.js';
import { enrichUsage } from '../../src/usage/enrich-usage.js';
import { usageActions } from '../../src/usage/usage-actions.js';
import { usageFromHealth } from '../../src/usage/usage-from-health.js';
import { usageFromResponse } from '../../src/usage/usage-from-response.js';
import { usageTtlMs } from '../../src/usage/usage-ttl.js';
import { describeAccount } from '../../src/view/describe-account.js';
import { NOW } from '../support/accounts.js';
import { accounts, body, callerText, headers, hostileObjects, PLATFORMS, reached, runs, status, texts } from '../support/hostile.js';
import { ANTHROPIC_FLAT, ANTHROPIC_LIMITS, AVAILABLE_MODELS, CHATGPT, LOAD_CODE_ASSIST, USER_QUOTA } from './payloads.js';

const PAYLOADS = [ANTHROPIC_FLAT, ANTHROPIC_LIMITS, AVAILABLE_MODELS, CHATGPT, LOAD_CODE_ASSIST, USER_QUOTA].map((payload) =>
  JSON.stringify(payload),
);
const VALUES = [
  'null',
  '1e400',
  '-1',
  '0',
  '"x"',
  '"50"',
  '[]',
  '{}',
  'true',
  '1772445600',
  '1772445600000',
  '17724456000000000',
  '"2026-03-02T12:00:00Z"',
  '"9999-12-31T23:59:59Z"',
];
const SECRET = 'sk-ant-oat01-AbCdEf0123456789AbCdEf0123456789';

/** Payloads with some of their values replaced. */
const payload: fc.Arbitrary<string> = fc
  .tuple(
    fc.constantFrom(...PAYLOADS),
    fc.array(
      fc.tuple(
        fc.nat(),
        fc.oneof(
          fc.constantFrom(...VALUES),
          callerText.map((text) => JSON.stringify(text)),
          fc.constant(JSON.stringify(`see ${SECRET}`)),
        ),
      ),
      { maxLength: 6 },
    ),
  )
  .map(([text, changes]) => changes.reduce(changeOne, text));

function changeOne(text: string, [at, value]: readonly [number, string]): string {
  const places = [...text.matchAll(/(?<=[:[,])(?:"[^"]{0,100}"|[\d.]{1,20}|null|true|false)(?=[,}\]])/g)];
  const place = places[at % Math.max(1, places.length)];
  return place === undefined ? text : text.slice(0, place.index) + value + text.slice(place.index + place[0].length);
}

const platform: fc.Arbitrary<string> = fc.constantFrom(...PLATFORMS);
const answer: fc.Arbitrary<UpstreamResponse> = fc
  .tuple(fc.oneof(fc.constantFrom(200, 200, 403, 401, 429), status), headers, fc.oneof({ weight: 2, arbitrary: payload }, body))
  .map(([code, given, found]): UpstreamResponse => ({ status: code, headers: given, body: found ?? null }));

/** Objects that throw take their places only in here, for what runs a property has to look at its values. */
function spoiled(response: UpstreamResponse): UpstreamResponse {
  const { body: found } = response;
  if (typeof found !== 'object' || found === null || !Object.hasOwn(found, 'placeholder')) return response;
  return { ...response, body: hostileObjects()[Number(Reflect.get(found, 'placeholder'))] ?? null };
}

function checkSample({ utilization, resetAt, sampledAt }: UsageSample): void {
  if (utilization !== null)
    expect(utilization >= 0 && utilization <= 100 && Math.abs(utilization * 1e4 - Math.round(utilization * 1e4)) < 1e-6).toBe(true);
  if (resetAt !== null) expect(Number.isInteger(resetAt) && resetAt >= 0 && resetAt <= MAX_INSTANT).toBe(true);
  expect(Number.isInteger(sampledAt)).toBe(true);
}

/** The mark in a secret's place, where the longest length that a text may have has cut it. */
const CUT_MARK = /\[[a-z]{0,8}$/;

function checkInfo(info: UsageInfo): void {
  for (const sample of [...info.windows.values(), ...info.models.values()]) checkSample(sample);
  expect(info.models.size).toBeLessThanOrEqual(MAX_MODEL_CELLS);
  for (const name of info.models.keys()) expect(isModelKey(name)).toBe(true);
  for (const { amount, minimum } of info.credits) expect(Number.isFinite(amount) && Number.isFinite(minimum)).toBe(true);
  expect([info.needsVerify, info.isBanned, info.needsReauth].filter(Boolean).length).toBeLessThanOrEqual(1);
  expect(info.forbidden !== null).toBe(info.errorCode === 'forbidden');
  for (const [, text] of texts(info)) {
    expect(text.isWellFormed()).toBe(true);
    const whole = text.replace(CUT_MARK, '');
    expect(redactShapes(whole)).toBe(whole);
    expect(new TextEncoder().encode(text).length).toBeLessThanOrEqual(2_048);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: what no page and no log may hold
    expect(text).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202e]/);
  }
}

describe('whatever an endpoint answers', () => {
  it('is a usage answer: bounded, plausible, clean, without credentials, and the same again', () => {
    const situations = reached(
      'windows',
      'models',
      'credits',
      'forbidden',
      'unauthenticated',
      'rate_limited',
      'network_error',
      'success',
      'a redacted secret',
    );
    fc.assert(
      fc.property(platform, answer, accounts(), (on, response, account) => {
        const read = () => usageFromResponse(on, spoiled(response), NOW);
        const info = read();
        checkInfo(info);
        if (typeof response.body === 'string') expect(read()).toEqual(info);
        const enriched = enrichUsage(info, account);
        expect(usageTtlMs(enriched)).toBeGreaterThanOrEqual(60_000);
        expect(describeAccount(account, { now: NOW, usage: enriched }).accountId).toBe(account.id);
        for (const { samples } of usageActions(info, account)) expect(Object.keys(samples).length).toBeGreaterThan(0);
        checkInfo(combineUsage([info, usageFromHealth(account, NOW), info], NOW));
        if (info.errorCode !== null) expect(creditBalance(info)).toBe('unknown');
        situations.note(info.errorCode ?? 'success');
        if (info.windows.size > 0) situations.note('windows');
        if (info.models.size > 0) situations.note('models');
        if (info.credits.length > 0) situations.note('credits');
        if (
          typeof response.body === 'string' &&
          response.body.includes(SECRET) &&
          texts(info).some(([, text]) => text.includes('[redacted]'))
        )
          situations.note('a redacted secret');
      }),
      { numRuns: runs(1_500) },
    );
    situations.check();
  });

  it('is one too where the answer itself is hostile', () => {
    const hostile = [null, undefined, 7, 'x', [], {}, ...hostileObjects()];
    for (const one of hostile) {
      for (const asked of [one, { failure: one }, { status: one, headers: one, body: one }, { status: 403, headers: {}, body: one }]) {
        const info = usageFromResponse('antigravity', asked as UpstreamResponse, NOW);
        checkInfo(info);
        expect(info.error ?? info.forbidden ?? info.models).not.toBeNull();
      }
    }
  });

  it('shows no credential that a failure repeats', () => {
    const situations = reached('in an error', 'in a cause', 'in a text');
    fc.assert(
      fc.property(fc.constantFrom('in an error', 'in a cause', 'in a text'), callerText, (where, text) => {
        const said = `${text} Authorization: Bearer ${SECRET} ${text}`;
        const failure = {
          'in an error': new Error(said),
          'in a cause': new Error('failed', { cause: new Error(said) }),
          'in a text': said,
        }[where];
        const info = usageFromResponse('openai', { failure }, NOW);
        checkInfo(info);
        expect(info.error).not.toContain(SECRET);
        situations.note(where);
      }),
      { numRuns: runs(150) },
    );
    situations.check();
  });
});
