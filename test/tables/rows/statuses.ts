/** behaviour.md 0.5: the order of evaluation, and what 400, 402 and the rest mean. */
import { answered, anthropicError, failed, given, HOUR, MINUTE, MODEL, NOW, rpc, says } from '../../support/exchanges.js';
import { error, failOver, paused, type Row } from '../../support/rows.js';

const anthropic = given('anthropic', 'api_key');
const openai = given('openai', 'oauth');
const invalid = (message: string): object => anthropicError('invalid_request_error', message);
const ignored: Pick<Row, 'rule' | 'verdict' | 'disposition'> = {
  rule: 'invalid_request',
  verdict: { kind: 'invalid_request', scope: 'request', exit: 'none' },
  disposition: { type: 'respond' },
};

/** Sentences of a 400 that say something about the account, each with what is stored. */
const SENTENCES = [
  {
    rule: 'organization_disabled',
    sentence: 'This organization has been disabled.',
    title: 'Organization disabled (400): ',
    errorKind: 'organization',
    kind: 'violation',
  },
  {
    rule: 'anthropic_400_credit_balance',
    sentence: 'Your credit balance is too low to access the Anthropic API.',
    title: 'Credit balance exhausted (400): ',
    errorKind: 'billing',
    kind: 'billing',
  },
  {
    rule: 'identity_verification_required',
    sentence: 'Identity verification is required to continue.',
    title: 'Identity verification required (400): ',
    errorKind: 'verification',
    kind: 'verification_required',
  },
] as const;

const sentences: readonly Row[] = SENTENCES.flatMap(({ rule, sentence, title, errorKind, kind }): Row[] => [
  {
    name: `0.5 400: ${sentence}`,
    exchange: answered(anthropic, 400, { body: invalid(sentence) }),
    rule,
    verdict: { kind, scope: 'organization', exit: 'operator' },
    actions: [error(errorKind, `${title}${sentence}`)],
    disposition: failOver(503),
  },
  {
    name: `0.5 400: ${sentence} In upper case, without a type`,
    exchange: answered(anthropic, 400, { body: says(sentence.toUpperCase()) }),
    rule,
    actions: [error(errorKind, `${title}${sentence.toUpperCase()}`)],
  },
  {
    name: `0.5 400: ${sentence} Under another type it decides nothing`,
    exchange: answered(anthropic, 400, { body: anthropicError('api_error', sentence) }),
    ...ignored,
  },
  {
    name: `0.5 400: ${sentence} Quoted from a caller it decides nothing`,
    exchange: answered(anthropic, 400, { body: invalid(`messages.0: unexpected value "${sentence}"`) }),
    ...ignored,
  },
  {
    name: `0.5 400: ${sentence} In a body that does not parse it decides nothing`,
    exchange: answered(anthropic, 400, { body: `{"error":{"message":"${sentence}"` }),
    ...ignored,
  },
]);

const elsewhere: readonly Row[] = ['openai', 'gemini', 'antigravity', 'azure'].flatMap((platform): Row[] => [
  {
    name: `0.5 400 of ${platform}: a credit balance is Anthropic's sentence`,
    exchange: answered(given(platform, 'api_key'), 400, { body: says('Your credit balance is too low') }),
    ...ignored,
  },
  {
    name: `0.5 400 of ${platform}: a disabled organization is`,
    exchange: answered(given(platform, 'api_key'), 400, { body: says('This organization has been disabled.') }),
    rule: 'organization_disabled',
    actions: [error('organization', 'Organization disabled (400): This organization has been disabled.')],
  },
]);

const payment: readonly Row[] = [
  {
    name: '0.5 402 of OpenAI: the workspace is deactivated',
    exchange: answered(openai, 402, { body: { detail: { code: 'deactivated_workspace' } } }),
    rule: 'openai_workspace_deactivated',
    verdict: { kind: 'billing', scope: 'organization', exit: 'operator' },
    actions: [error('organization', 'Workspace deactivated (402): workspace has been deactivated')],
    disposition: failOver(503),
    events: [],
  },
  {
    name: '0.5 402 of OpenAI: the workspace is deactivated, and others share it',
    exchange: answered(given('openai', 'oauth', { organizationId: 'team-1' }), 402, {
      body: { detail: { code: 'deactivated_workspace' } },
    }),
    rule: 'openai_workspace_deactivated',
    actions: [error('organization', 'Workspace deactivated (402): workspace has been deactivated')],
    events: ['organization_affected'],
  },
  {
    name: "0.5 402 of Anthropic: that code is OpenAI's alone",
    exchange: answered(anthropic, 402, { body: { detail: { code: 'deactivated_workspace' } } }),
    rule: 'payment_required',
    actions: [error('billing', 'Payment required (402): insufficient balance or billing issue')],
  },
  ...['anthropic', 'openai', 'gemini', 'antigravity'].map(
    (platform): Row => ({
      name: `0.5 402 of ${platform}`,
      exchange: answered(given(platform, 'api_key'), 402, { body: says('Top up first') }),
      rule: 'payment_required',
      verdict: { kind: 'billing', scope: 'organization', exit: 'operator' },
      actions: [error('billing', 'Payment required (402): Top up first')],
      disposition: failOver(503),
    }),
  ),
  {
    name: '0.5 402 with an empty body',
    exchange: answered(anthropic, 402),
    rule: 'payment_required',
    actions: [error('billing', 'Payment required (402): insufficient balance or billing issue')],
  },
  {
    name: '0.5 402 that does not parse',
    exchange: answered(anthropic, 402, { body: '{"error":' }),
    rule: 'payment_required',
    actions: [paused(NOW + 10 * MINUTE, 'Payment required (402): insufficient balance or billing issue')],
    events: ['durable_softened'],
  },
  {
    name: '0.5 402 of an unknown platform',
    exchange: answered(given('copilot', 'oauth'), 402, { body: says('You have no quota') }),
    rule: 'unknown_platform_402',
    verdict: { kind: 'billing', exit: 'time' },
    actions: [paused(NOW + 10 * MINUTE, '402: You have no quota')],
  },
  {
    name: 'the same error again changes nothing',
    exchange: answered(
      given('anthropic', 'api_key', {
        health: {
          errors: {
            billing: {
              generation: 2,
              credentialRevision: -1,
              at: NOW - HOUR,
              rule: 'payment_required',
              message: 'Payment required (402): Top up first',
              link: null,
            },
          },
        },
      }),
      402,
      { body: says('Top up first') },
    ),
    rule: 'payment_required',
    actions: [],
    disposition: failOver(503),
  },
];

const callers: readonly Row[] = [400, 405, 406, 413, 414, 415, 416, 417, 422, 431].map((status) => ({
  name: `${status} is the caller's mistake`,
  exchange: answered(openai, status, { body: says('No') }),
  ...ignored,
  verdict: { kind: 'invalid_request' as const, scope: 'request' as const, exit: 'none' as const },
}));

const servers: readonly Row[] = [500, 501, 502, 503, 504, 520, 522, 599].map((status) => ({
  name: `0.5 ${status} says nothing about the account`,
  exchange: answered(anthropic, status, { body: says('No') }),
  rule: 'upstream_error',
  verdict: { kind: 'upstream_error', scope: 'provider', exit: 'none' },
  disposition: failOver(502),
  events: ['upstream_error'],
}));

const others: readonly Row[] = [408, 409, 418, 451, 499, 600, 999, 0, 99, Number.NaN].map((status) => ({
  name: `${status} is unknown`,
  exchange: answered(anthropic, status, { body: says('No') }),
  rule: 'unknown_status',
  verdict: { kind: 'unknown', scope: 'request' },
  disposition: { type: 'respond' },
}));

const models: readonly Row[] = [
  ...['anthropic', 'openai', 'gemini', 'antigravity', 'azure'].flatMap((platform) =>
    ['model: a-model', 'The model `a-model` does not exist', 'unknown_model', 'MODEL-NOT-FOUND', 'model\nnot found'].map((message): Row => {
      const isAboutModel = message !== 'model: a-model';
      return {
        name: `8.5 404 of ${platform}: ${JSON.stringify(message)}`,
        exchange: answered(given(platform, 'api_key'), 404, { body: says(message) }),
        ...(isAboutModel
          ? {
              rule: 'upstream_404_model_not_found',
              verdict: { kind: 'model_unavailable', scope: 'model', exit: 'time' } as const,
              actions: [{ type: 'set_model_rate_limit', model: MODEL, until: NOW + 30 * MINUTE, kind: 'unavailable' }] as const,
              disposition: failOver(404, NOW + 30 * MINUTE),
            }
          : ignored),
      };
    }),
  ),
  {
    name: '8.5 404: the mapped model is limited',
    exchange: answered(given('openai', 'api_key', { settings: { modelMapping: { [MODEL]: 'upstream-model' } } }), 404, {
      body: says('Unknown model'),
    }),
    rule: 'upstream_404_model_not_found',
    actions: [{ type: 'set_model_rate_limit', model: 'upstream-model', until: NOW + 30 * MINUTE }],
  },
  {
    name: '8.5 404: without a model no state',
    exchange: answered(openai, 404, { body: says('model not found'), model: null }),
    ...ignored,
  },
  { name: '8.5 404: not found, but not a model', exchange: answered(openai, 404, { body: says('Not found') }), ...ignored },
  { name: '8.5 404: a model in a body that does not parse', exchange: answered(openai, 404, { body: '{"model not found"' }), ...ignored },
  {
    name: '8.5 404: a name that cannot be a key',
    exchange: answered(openai, 404, { body: says('model not found'), model: 'x'.repeat(257) }),
    rule: 'upstream_404_model_not_found',
    actions: [],
    events: ['model_key_refused'],
  },
  {
    name: '8.5 400 of Codex: the plan has no such model',
    exchange: answered(openai, 400, { body: { detail: "The 'gpt-5' model is not supported when using Codex with a ChatGPT account." } }),
    rule: 'upstream_400_codex_plan_gated_model',
    verdict: { kind: 'model_unavailable', scope: 'model' },
    actions: [{ type: 'set_model_rate_limit', model: MODEL, until: NOW + 30 * MINUTE, kind: 'unavailable' }],
  },
  {
    name: "8.5 400 of an OpenAI key: the same sentence is the caller's",
    exchange: answered(given('openai', 'api_key'), 400, { body: { detail: 'The model is not supported when using Codex' } }),
    ...ignored,
  },
  {
    name: '8.5 400 of Google: the tier has no such model',
    exchange: answered(given('antigravity', 'oauth'), 400, {
      body: rpc('INVALID_ARGUMENT', "You don't have access to this model or the model name is invalid"),
    }),
    rule: 'google_model_access',
    verdict: { kind: 'model_unavailable', scope: 'model' },
    actions: [{ type: 'set_model_rate_limit', model: MODEL, until: NOW + 30 * MINUTE }],
  },
];

const transports: readonly Row[] = [
  {
    name: 'no connection: once more',
    exchange: failed(openai, 'connect'),
    rule: 'transport_failure',
    verdict: { kind: 'transport', scope: 'network' },
    disposition: { type: 'retry', delayMs: 0, withCredits: false, otherwise: [] },
  },
  { name: 'a broken connection: once more', exchange: failed(openai, 'reset'), rule: 'transport_failure', disposition: 'retry' },
  {
    name: 'a broken connection twice: another account',
    exchange: failed(openai, 'reset', { attempt: 2 }),
    rule: 'transport_failure',
    disposition: failOver(502),
  },
  {
    name: 'a broken connection after the first byte',
    exchange: failed(openai, 'reset', { phase: 'mid_stream' }),
    rule: 'transport_failure',
    disposition: { type: 'respond' },
  },
  {
    name: 'no answer in time',
    exchange: failed(openai, 'timeout'),
    rule: 'no_answer',
    verdict: { kind: 'transport', scope: 'provider' },
    disposition: failOver(502),
  },
  { name: 'an empty stream', exchange: failed(openai, 'empty_stream'), rule: 'no_answer', disposition: failOver(502) },
  {
    name: '5.6 an empty stream of Antigravity: a minute',
    exchange: failed(given('antigravity', 'oauth'), 'empty_stream'),
    rule: 'antigravity_empty_stream',
    actions: [paused(NOW + MINUTE, 'empty stream')],
    disposition: failOver(502, NOW + MINUTE),
  },
  {
    name: 'the client went away',
    exchange: failed(given('antigravity', 'oauth'), 'client_abort'),
    rule: 'client_abort',
    verdict: { kind: 'transport', scope: 'request' },
    disposition: { type: 'respond' },
  },
];

export const statusRows: readonly Row[] = [
  ...sentences,
  ...elsewhere,
  ...payment,
  ...callers,
  ...servers,
  ...others,
  ...models,
  ...transports,
];
