/** What the simulated clients ask for: data. */

/** One kind of request. */
export interface SampleRequest {
  readonly path: string;
  readonly body: Readonly<Record<string, unknown>>;
}

const CONTENTS = [{ role: 'user', parts: [{ text: 'Say hello.' }] }];
const MESSAGES = [{ role: 'user', content: 'Say hello.' }];

function message(model: string, stream: boolean): SampleRequest {
  return { path: '/v1/messages', body: { model, max_tokens: 256, stream, messages: MESSAGES } };
}

/** The requests, in the order in which each client walks through them. */
export const SAMPLE_REQUESTS: readonly SampleRequest[] = [
  message('claude-sonnet-4-6', true),
  message('claude-opus-4-6', true),
  { path: '/v1/responses', body: { model: 'gpt-5.3', input: 'Say hello.', stream: true } },
  message('claude-sonnet-4-6', false),
  { path: '/v1beta/models/gemini-3-pro:streamGenerateContent?alt=sse', body: { contents: CONTENTS } },
  { path: '/v1internal:streamGenerateContent?alt=sse', body: { model: 'claude-sonnet-4-6', request: { contents: CONTENTS } } },
  { path: '/v1/chat/completions', body: { model: 'gpt-5.3', messages: MESSAGES, stream: true } },
  { path: '/v1internal:generateContent', body: { model: 'gemini-3-pro', request: { contents: CONTENTS } } },
  { path: '/v1beta/models/gemini-3-flash:generateContent', body: { contents: CONTENTS } },
];
