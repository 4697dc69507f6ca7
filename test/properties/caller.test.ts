import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Account } from '../../src/core/account.js';
import type { Decision } from '../../src/core/decision.js';
import type { Exchange } from '../../src/core/exchange.js';
import { evaluate } from '../../src/evaluate.js';
import { NOW } from '../support/accounts.js';
import {
  accounts,
  actionsOf,
  CAPTURES,
  callerText,
  damaged,
  durable,
  envelope,
  headers,
  reached,
  runs,
  STATUSES,
  TELLING_WORDS,
} from '../support/hostile.js';

type Decide = (exchange: Exchange) => Decision;
/** Why a property failed; null: it did not. */
type Failure = string | null;

const QUOTES = ['"', '`', "'"] as const;
/** Sentences of upstreams in which the caller's words stand at %. */
const SENTENCES: readonly string[] = [
  'The model % does not exist or you do not have access to it.',
  'Invalid model name passed in model=%',
  '% is not a valid model ID',
  'Unsupported value: %',
  'Unknown model: %',
  "Invalid value: %. Supported values are: 'text' and 'image'.",
];
const ORDINARY = 'some-model';

interface Echo {
  readonly account: Account;
  readonly status: number;
  readonly sentence: string;
  readonly style: number;
  readonly words: { readonly type?: string; readonly code?: string };
  readonly quote: string;
  readonly text: string;
  readonly asModel: boolean;
}

const echoes: fc.Arbitrary<Echo> = fc.record({
  account: accounts({ modes: false }),
  status: fc.constantFrom(...STATUSES.filter((status) => status >= 400)),
  sentence: fc.constantFrom(...SENTENCES),
  style: fc.nat({ max: 6 }),
  words: fc.constantFrom({}, { type: 'invalid_request_error' }, { code: 'model_not_found' }, { type: 'authentication_error' }),
  quote: fc.constantFrom(...QUOTES, ''),
  text: callerText,
  asModel: fc.boolean(),
});

/** The answer that repeats a text: in quotes, or as the model it is. */
function answerTo({ account, status, sentence, style, words, quote }: Echo, text: string, model: string): Exchange {
  const message = sentence.replace('%', () => quote + text + quote);
  const body = JSON.stringify(envelope(style, message, words));
  return { account, model, receivedAt: NOW, response: { status, headers: { 'content-type': 'application/json' }, body } };
}

/** Antigravity's 403 is judged by its raw body (design section 5): there a caller's words may turn one error into another. */
function isJudgedRaw({ account, status }: Echo): boolean {
  return account.platform === 'antigravity' && status === 403;
}

/** I21: what a person would have to lift is the same whatever text the caller chose. */
function interferes(decide: Decide, echo: Echo, note: (situation: string) => void): Failure {
  if (isJudgedRaw(echo)) return null;
  const asModel = echo.asModel || echo.quote === '';
  const usual = decide(answerTo(echo, ORDINARY, asModel ? ORDINARY : 'm1'));
  const chosen = decide(answerTo(echo, echo.text, asModel ? echo.text : 'm1'));
  note(`${echo.quote}${asModel ? ' model' : ''}`);
  if (durable(usual).length > 0) note('durable');
  // The answer was taken to be about the model, which costs the account less.
  if (chosen.verdict.kind === 'model_unavailable' && durable(chosen).length === 0) return null;
  const [before, after] = [durable(usual).join(), durable(chosen).join()];
  return before === after ? null : `${chosen.verdict.rule}: ${after} instead of ${before}`;
}

/** A naive engine: it looks for the words of billing and bans anywhere in the body. */
const naive: Decide = (exchange) => {
  const decision = evaluate(exchange);
  const text = 'failure' in exchange.response ? '' : String(exchange.response.body).toLowerCase();
  const kind = text.includes('credit balance') ? 'billing' : text.includes('organization has been disabled') ? 'organization' : null;
  if (kind === null) return decision;
  const { id } = exchange.account;
  const error = {
    type: 'set_error',
    accountId: id,
    kind,
    message: '',
    link: null,
    rule: 'naive',
    at: NOW,
    generation: 0,
    credentialRevision: -1,
  } as const;
  return { ...decision, actions: [...decision.actions, error] };
};

/** Runs a property, and tells whether it found a counterexample. */
function finds<T>(arbitrary: fc.Arbitrary<T>, fails: (value: T) => Failure): boolean {
  return fc.check(
    fc.property(arbitrary, (value) => fails(value) === null),
    { numRuns: 5_000, endOnFailure: true },
  ).failed;
}

const ignore = (): void => undefined;

describe('I21: a caller cannot take an account out', () => {
  it('by a model name, or by text that the upstream repeats', () => {
    const { note, check } = reached('"', '`', "'", '" model', ' model', 'durable');
    fc.assert(
      fc.property(echoes, (echo) => {
        expect(interferes(evaluate, echo, note)).toBeNull();
      }),
      { numRuns: runs(10_000) },
    );
    check();
  });

  it('but could with an engine that looks for words anywhere', () => {
    expect(finds(echoes, (echo) => interferes(naive, echo, ignore))).toBe(true);
  });

  it.each([
    ['cut off by the length of a message', `credit balance ${'x'.repeat(4_000)}`, 'Unknown model: %'],
    ['with a quote in it', 'credit balance"', 'Unknown model: %'],
    ['with something like a key in it', 'sk-abcdef credit balance', 'Unknown model: %'],
    ['that is JSON', '{"error":{"code":"insufficient_quota","message":"m"}}', 'Unknown model: %'],
    ['with a line break', 'a\ncredit balance', 'Unknown model: %'],
    ['in capitals', 'CREDIT  BALANCE', 'The model % is unknown'],
  ])('a model name %s', (_, model, sentence) => {
    for (const platform of ['anthropic', 'openai', 'gemini'] as const) {
      const decision = evaluate({
        account: { ...account, platform },
        model,
        receivedAt: NOW,
        response: {
          status: 400,
          headers: {},
          body: JSON.stringify({ error: { type: 'invalid_request_error', message: sentence.replace('%', model) } }),
        },
      });
      expect(durable(decision)).toEqual([]);
    }
  });
});

describe('an answer about the model stays one, whatever the model is called (I21, F68)', () => {
  it.each(['does not exist', 'x'.repeat(3_000), 'token="', '"', 'model', '__proto__'])('%.20s', (model) => {
    for (const type of ['oauth', 'api_key'] as const) {
      const body = JSON.stringify(envelope(1, `The model ${model} does not exist or you do not have access to it.`));
      const decision = evaluate({
        account: { ...account, type, platform: 'openai' },
        model,
        receivedAt: NOW,
        response: { status: 401, headers: {}, body },
      });
      expect(decision.verdict.rule).toBe('unknown_model_401');
      expect(decision.actions).toEqual([]);
    }
  });
});

const [account] = fc.sample(
  accounts({ modes: false }).filter(({ parent }) => parent === null),
  { numRuns: 1, seed: 1 },
) as [Account];

interface Unreadable {
  readonly account: Account;
  readonly status: number;
  readonly headers: Exchange['response'] extends infer R ? (R extends { readonly headers: infer H } ? H : never) : never;
  readonly body: string;
}

const html = fc.tuple(
  fc.constantFrom('<!DOCTYPE html>', '<html>', '  <HTML>', '\ufeff<?xml ?>'),
  fc.constantFrom(...TELLING_WORDS),
  damaged,
);
/** Bodies that begin like JSON and do not parse. */
const broken: fc.Arbitrary<string> = fc
  .oneof(
    damaged.filter((text) => /^[ \t\r\n]{0,9}[[{]/.test(text)),
    fc
      .tuple(fc.nat({ max: 6 }), fc.constantFrom(...TELLING_WORDS))
      .map(([style, words]) => JSON.stringify(envelope(style, words, { code: words })).slice(0, -1)),
  )
  .filter((text) => {
    try {
      JSON.parse(text);
      return false;
    } catch {
      return true;
    }
  });

const unreadable: fc.Arbitrary<Unreadable> = fc.record({
  account: accounts({ modes: false }),
  status: fc.constantFrom(...STATUSES.filter((status) => status >= 400)),
  headers,
  body: fc.oneof(
    html.map((parts) => parts.join(' ')),
    broken,
  ),
});

function condemns(decide: Decide, { body, ...rest }: Unreadable, note: (situation: string) => void): Failure {
  const decision = decide({
    account: rest.account,
    model: null,
    receivedAt: NOW,
    response: { status: rest.status, headers: rest.headers, body },
  });
  note(decision.verdict.signal?.body ?? 'none');
  for (const { code } of decision.events) note(code);
  for (const { type } of actionsOf(decision)) note(type);
  const errors = durable(decision);
  return errors.length === 0 ? null : `${decision.verdict.rule}: ${errors.join()}`;
}

describe('I22: only an answer that can be read makes anything durable', () => {
  it('HTML and broken JSON do not', () => {
    const { note, check } = reached(
      'html',
      'broken',
      'unread',
      'durable_softened',
      'set_temp_unschedulable',
      'set_rate_limited',
      'set_overloaded',
    );
    fc.assert(
      fc.property(unreadable, (answer) => {
        expect(condemns(evaluate, answer, note)).toBeNull();
      }),
      { numRuns: runs(6_000) },
    );
    check();
  });

  it('but would with an engine that looks for words anywhere', () => {
    expect(finds(unreadable, (answer) => condemns(naive, answer, ignore))).toBe(true);
  });

  it('also where an operator listed the status as an error: a page of an edge is no answer of the upstream', () => {
    for (const status of [401, 403, 500, 529]) {
      const listed: Account = {
        ...account,
        type: 'api_key',
        platform: 'openai',
        settings: { ...account.settings, customErrorCodes: 'all' },
      };
      const decision = evaluate({
        account: listed,
        model: null,
        receivedAt: NOW,
        response: { status, headers: {}, body: '<html>busy</html>' },
      });
      expect(durable(decision)).toEqual([]);
    }
  });
});

const jsonErrors = CAPTURES.filter(({ body, status }) => body.trimStart().startsWith('{') && status >= 400 && isJson(body));

function isJson(text: string): boolean {
  try {
    return typeof JSON.parse(text) === 'object';
  } catch {
    return false;
  }
}

interface Cut {
  readonly account: Account;
  readonly status: number;
  readonly whole: string;
  readonly share: number;
}

const cuts: fc.Arbitrary<Cut> = fc.record({
  account: accounts({ modes: false }),
  status: fc.constantFrom(...STATUSES.filter((status) => status >= 400)),
  whole: fc.oneof(
    fc.constantFrom(...jsonErrors).map(({ body }) => body.trim()),
    fc
      .tuple(fc.nat({ max: 4 }), callerText, fc.constantFrom(...TELLING_WORDS))
      .map(([style, text, code]) => JSON.stringify(envelope(style, text, { code }))),
  ),
  share: fc.double({ min: 0, max: 1, noNaN: true }),
});

/** How long an account may rest for an answer that was cut off, where the whole answer would have spared it. */
const LONGEST_REST_MS = 10 * 60_000;

/** The latest end of an account's own holds. */
function accountHold(decision: Decision): number {
  const holds = actionsOf(decision).flatMap((action) =>
    action.type.startsWith('set_') && action.type !== 'set_model_rate_limit' && 'until' in action ? [action.until] : [],
  );
  return Math.max(NOW, ...holds);
}

/** I23: an answer that was cut off never says more than the whole one. */
function hardens(decide: Decide, { account: one, status, whole, share }: Cut, note: (situation: string) => void): Failure {
  const ask = (body: string): Decision =>
    decide({ account: one, model: 'some-model', receivedAt: NOW, response: { status, headers: {}, body } });
  const all = ask(whole);
  const cut = ask(whole.slice(0, Math.max(1, Math.floor((whole.length - 1) * share))));
  if (durable(all).length > 0) note('the whole answer is durable');
  if (cut.verdict.rule !== all.verdict.rule) note('another rule');
  if (durable(cut).length > 0) return `${cut.verdict.rule}: ${durable(cut).join()}`;
  const isLonger = accountHold(cut) > Math.max(accountHold(all), NOW + LONGEST_REST_MS);
  return isLonger ? `${cut.verdict.rule}: held until ${accountHold(cut) - NOW}` : null;
}

/** A naive engine: what it cannot parse it takes for the worst that the status may mean. */
const severe: Decide = (exchange) => {
  const decision = evaluate(exchange);
  const isBroken = decision.verdict.signal?.body === 'broken' && decision.verdict.signal.status === 403;
  const { id } = exchange.account;
  if (!isBroken) return decision;
  const error = {
    type: 'set_error',
    accountId: id,
    kind: 'violation',
    message: '',
    link: null,
    rule: 'severe',
    at: NOW,
    generation: 0,
    credentialRevision: -1,
  } as const;
  return { ...decision, actions: [error] };
};

describe('I23: less evidence is not more severe', () => {
  it('an answer that was cut off makes nothing durable, and costs the account no more than ten minutes', () => {
    const { note, check } = reached('the whole answer is durable', 'another rule');
    fc.assert(
      fc.property(cuts, (cut) => {
        expect(hardens(evaluate, cut, note)).toBeNull();
      }),
      { numRuns: runs(6_000) },
    );
    check();
  });

  it('but would with an engine that assumes the worst', () => {
    expect(finds(cuts, (cut) => hardens(severe, cut, ignore))).toBe(true);
  });
});
