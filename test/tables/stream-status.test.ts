/** Errors that come inside a stream are judged as outside of one: what the request is wrong about is nobody else's affair. */
import { describe, expect, it } from 'vitest';
import { statusOfError } from '../../src/core/stream-status.js';
import { createStreamWatcher } from '../../src/core/stream-watcher.js';
import { evaluate } from '../../src/evaluate.js';
import { account, NOW } from '../support/accounts.js';

type Event = Readonly<Record<string, unknown>>;

/** The forms in which the Responses API tells an error inside a stream. */
const FORMS: readonly (readonly [string, (code: string, message: string) => Event])[] = [
  ['response.failed', (code, message) => ({ type: 'response.failed', response: { id: 'r', status: 'failed', error: { code, message } } })],
  ['error, flat', (code, message) => ({ type: 'error', code, message, param: null, sequence_number: 3 })],
  ['error, nested', (code, message) => ({ type: 'error', error: { type: null, code, message, param: null } })],
];

/** The decision of a gateway whose client has nothing yet, and what the watcher made of the event. */
function judge(event: Event, type: 'oauth' | 'api_key') {
  const frame = `event: ${String(event.type)}\ndata: ${JSON.stringify(event)}\n\n`;
  const response = createStreamWatcher('openai').push(new TextEncoder().encode(frame));
  if (response === null) throw new Error('no error');
  const exchange = {
    account: account({ platform: 'openai', type }),
    model: 'gpt-5',
    response,
    receivedAt: NOW,
    phase: 'first_event',
  } as const;
  return { status: response.status, decision: evaluate(exchange) };
}

/** The codes of `ResponseError` in OpenAI's API reference that speak of the request, and those that Codex knows beside them. */
const OF_THE_REQUEST: readonly string[] = [
  'invalid_request',
  'invalid_prompt',
  'context_length_exceeded',
  'content_policy_violation',
  'content_filter',
  'moderation_blocked',
  'cyber_policy',
  'bio_policy',
  'previous_response_not_found',
  'invalid_image',
  'invalid_image_format',
  'invalid_image_mode',
  'invalid_image_url',
  'invalid_base64_image',
  'image_too_large',
  'image_too_small',
  'image_file_too_large',
  'image_file_not_found',
  'image_parse_error',
  'image_content_policy_violation',
  'unsupported_image_media_type',
  'empty_image_file',
  'failed_to_download_image',
];

describe.each(FORMS)('in the form %s', (_form, make) => {
  it.each(OF_THE_REQUEST)('%s is the request’s own: the client gets it, nobody else is asked, nothing is counted', (code) => {
    for (const type of ['oauth', 'api_key'] as const) {
      const { status, decision } = judge(make(code, 'No.'), type);
      expect(status).toBe(400);
      expect(decision).toMatchObject({ verdict: { kind: 'invalid_request' }, disposition: { type: 'respond' }, actions: [], events: [] });
    }
  });

  it('model_not_found is the model’s: another account may have it, and only the model waits', () => {
    const { status, decision } = judge(
      make('model_not_found', 'The model `gpt-5` does not exist or you do not have access to it.'),
      'oauth',
    );
    expect(status).toBe(404);
    expect(decision).toMatchObject({
      verdict: { kind: 'model_unavailable', scope: 'model' },
      disposition: { type: 'fail_over' },
      events: [],
    });
    expect(decision.actions.map(({ type }) => type)).toEqual(['set_model_rate_limit']);
  });

  it.each([
    ['billing_not_active', 429, 'billing'],
    ['credit_balance_exhausted', 429, 'billing'],
    ['organization_spend_limit_exceeded', 429, 'billing'],
    ['project_spend_limit_exceeded', 429, 'billing'],
    ['organization_usage_limit_exceeded', 429, 'billing'],
    ['insufficient_quota', 429, 'billing'],
    ['billing_hard_limit_reached', 400, 'billing'],
    ['deactivated_workspace', 402, 'billing'],
    ['account_deactivated', 401, 'violation'],
    ['unsupported_country_region_territory', 403, 'blocked_egress'],
    ['server_is_overloaded', 503, 'overloaded'],
    ['server_error', 500, 'upstream_error'],
    ['vector_store_timeout', 500, 'upstream_error'],
    ['data_residency_mismatch', 500, 'upstream_error'],
    ['nobody_knows_this', 500, 'upstream_error'],
  ])('%s is a %i and no mistake of the request', (code, status, kind) => {
    const judged = judge(make(code, 'No.'), 'api_key');
    expect(judged).toMatchObject({ status, decision: { verdict: { kind }, disposition: { type: 'fail_over' } } });
  });
});

it.each([
  ['INVALID_ARGUMENT', 400],
  ['FAILED_PRECONDITION', 400],
  ['OUT_OF_RANGE', 400],
  ['NOT_FOUND', 404],
  ['RESOURCE_EXHAUSTED', 429],
  ['UNAVAILABLE', 503],
])('Google’s %s is a %i, where no number says so', (word, status) => {
  expect(statusOfError(null, word)).toBe(status);
});

it('a code says more than a type, in any case of letters, and an unknown one leaves it to the type', () => {
  expect(statusOfError('Model_Not_Found', 'invalid_request_error')).toBe(404);
  expect(statusOfError('unsupported_parameter', 'invalid_request_error')).toBe(400);
  expect(statusOfError('unsupported_parameter', null)).toBeNull();
  expect(statusOfError(null, null)).toBeNull();
});
