/** Streams as upstreams send them: healthy ones whose content speaks of errors, and the errors that may end them. */
import type { UpstreamResponse } from '../../src/core/exchange.js';
import { createStreamWatcher, type StreamWatcher } from '../../src/core/stream-watcher.js';

const encoder = new TextEncoder();

/** Text as the bytes of a stream. */
export const bytes = (text: string): Uint8Array => encoder.encode(text);

/** What a model may write that looks like an error. */
export const CONTENT = `event: error\ndata: {"error":{"type":"overloaded_error"}} — "error": {"message":"\\"détail\\" 日本 😀"} {"detail":"x"}\r\n\r\n[{"error":1}]`;

const named = (type: string, data: object): string => `event: ${type}\ndata: ${JSON.stringify({ type, ...data })}\n\n`;
const unnamed = (data: object): string => `data: ${JSON.stringify(data)}\n\n`;

const chunk = (content: string): object => ({
  id: 'chatcmpl-1',
  object: 'chat.completion.chunk',
  error: null,
  choices: [{ index: 0, delta: { content }, finish_reason: null }],
});
const candidate = (text: string): object => ({
  candidates: [{ content: { role: 'model', parts: [{ text }] } }],
  modelVersion: 'gemini-3-pro',
});

/** A healthy stream. `body` is the whole of it. */
export interface Stream {
  readonly title: string;
  readonly platform: string;
  readonly body: string;
}

/** Healthy streams of every platform and form. */
export const HEALTHY: readonly Stream[] = [
  {
    title: 'Anthropic messages',
    platform: 'anthropic',
    body: [
      named('message_start', { message: { id: 'msg_1', role: 'assistant', content: [], stop_reason: null } }),
      named('content_block_start', {
        index: 0,
        content_block: { type: 'web_search_tool_result', content: { error_code: 'unavailable', error: 'x' } },
      }),
      ': keep-alive\n\n',
      named('ping', {}),
      named('content_block_delta', { index: 0, delta: { type: 'text_delta', text: CONTENT } }),
      named('content_block_delta', { index: 1, delta: { type: 'input_json_delta', partial_json: '{"error":{"message":' } }),
      named('message_stop', {}),
    ].join(''),
  },
  {
    title: 'OpenAI responses',
    platform: 'openai',
    body: [
      named('response.created', { response: { id: 'resp_1', status: 'in_progress', error: null, incomplete_details: null } }),
      named('response.output_item.done', { item: { type: 'mcp_call', error: { type: 'http_error', code: 500, message: 'tool' } } }),
      named('response.output_text.delta', { delta: CONTENT }),
      named('response.incomplete', { response: { id: 'resp_1', status: 'incomplete', error: null } }),
    ].join(''),
  },
  {
    title: 'OpenAI chat completions',
    platform: 'openai',
    body: `: OPENROUTER PROCESSING\n\n${unnamed(chunk('An error? '))}${unnamed(chunk(CONTENT))}id: 7\nretry: 3000\ndata: ${JSON.stringify(chunk('x'))}\n\ndata: [DONE]\n\n`,
  },
  {
    title: 'Gemini events with CRLF',
    platform: 'gemini',
    body: `data: ${JSON.stringify(candidate('a'))}\r\n\r\ndata: ${JSON.stringify(candidate(CONTENT))}\r\n\r\n`,
  },
  {
    title: 'Gemini events with CR',
    platform: 'gemini',
    body: `data: ${JSON.stringify(candidate(CONTENT))}\r\rdata: ${JSON.stringify(candidate('b'))}\r\r`,
  },
  {
    title: 'a Gemini array',
    platform: 'gemini',
    body: `[${JSON.stringify(candidate('a'), null, 2)}\n,\r\n${JSON.stringify(candidate(CONTENT))}\n]`,
  },
  {
    title: 'Antigravity events',
    platform: 'antigravity',
    body: unnamed({ response: candidate(CONTENT), traceId: 't', remainingCredits: [] }) + unnamed({ response: candidate('b') }),
  },
  { title: 'objects one after another', platform: 'elsewhere', body: `{"text":${JSON.stringify(CONTENT)}}\n{"text":"}{"}\n` },
  {
    title: 'a whole answer',
    platform: 'anthropic',
    body: JSON.stringify({ type: 'message', content: [{ type: 'text', text: CONTENT }], detail: 'x' }),
  },
  { title: 'a bare text in quotes', platform: 'elsewhere', body: `data: ${JSON.stringify('{"error":{"type":"overloaded_error"}}')}\n\n` },
];

/** An error as it comes inside of a stream. */
export interface StreamError {
  readonly title: string;
  readonly platform: string;
  /** The frame, complete. */
  readonly frame: string;
  readonly status: number;
}

const anthropic = (type: string): string => named('error', { error: { details: null, type, message: 'No' }, request_id: 'req_1' });

/** Errors of every platform, and the status that each would have had outside of a stream. */
export const ERRORS: readonly StreamError[] = [
  { title: 'Anthropic overloaded', platform: 'anthropic', frame: anthropic('overloaded_error'), status: 529 },
  { title: 'Anthropic rate limit', platform: 'anthropic', frame: anthropic('rate_limit_error'), status: 429 },
  { title: 'Anthropic api error', platform: 'anthropic', frame: anthropic('api_error'), status: 500 },
  { title: 'Anthropic authentication', platform: 'anthropic', frame: anthropic('authentication_error'), status: 401 },
  { title: 'Anthropic permission', platform: 'anthropic', frame: anthropic('permission_error'), status: 403 },
  { title: 'Anthropic request', platform: 'anthropic', frame: anthropic('invalid_request_error'), status: 400 },
  { title: 'Anthropic, of a new type', platform: 'anthropic', frame: anthropic('nobody_knows_error'), status: 500 },
  {
    title: 'Anthropic without the event',
    platform: 'anthropic',
    frame: unnamed({ type: 'error', error: { type: 'timeout_error', message: 'No' } }),
    status: 504,
  },
  { title: 'an event named error with a text', platform: 'anthropic', frame: 'event: error\ndata: Overloaded\n\n', status: 500 },
  {
    title: 'responses failed',
    platform: 'openai',
    frame: named('response.failed', {
      response: { id: 'r', status: 'failed', error: { code: 'rate_limit_exceeded', message: 'Rate limit reached' } },
    }),
    status: 429,
  },
  {
    title: 'responses failed, server',
    platform: 'openai',
    frame: named('response.failed', { response: { error: { code: 'server_error', message: 'x' } } }),
    status: 500,
  },
  {
    title: 'responses error event',
    platform: 'openai',
    frame: named('error', { code: 'insufficient_quota', message: 'No', param: null, sequence_number: 1 }),
    status: 429,
  },
  {
    title: 'responses overloaded',
    platform: 'openai',
    frame: named('error', { error: { type: 'service_unavailable_error', code: 'server_is_overloaded', message: 'x' } }),
    status: 503,
  },
  {
    title: 'chat error',
    platform: 'openai',
    frame: unnamed({ error: { message: 'No', type: 'server_error', param: null, code: null } }),
    status: 500,
  },
  {
    title: 'chat error beside choices',
    platform: 'openai',
    frame: unnamed({ ...chunk(''), error: { code: 429, message: 'Provider returned error' } }),
    status: 429,
  },
  { title: 'chat error as a text', platform: 'openai', frame: unnamed({ error: 'slow_down', error_description: 'too many' }), status: 429 },
  { title: 'ChatGPT detail', platform: 'openai', frame: unnamed({ detail: { code: 'token_expired', message: 'expired' } }), status: 401 },
  {
    title: 'Gemini',
    platform: 'gemini',
    frame: unnamed({ error: { code: 503, message: 'High demand', status: 'UNAVAILABLE' } }),
    status: 503,
  },
  {
    title: 'Gemini with CRLF',
    platform: 'gemini',
    frame: 'data: {"error": {"code": 429,"status": "RESOURCE_EXHAUSTED"}}\r\n\r\n',
    status: 429,
  },
  { title: 'Gemini as an array', platform: 'gemini', frame: 'data: [{"error":{"code":400,"status":"INVALID_ARGUMENT"}}]\n\n', status: 400 },
  { title: 'an event with CRLF', platform: 'anthropic', frame: 'event: error\r\ndata: {"message":\r\ndata: "No"}\r\n\r\n', status: 500 },
  { title: 'a code in text', platform: 'openai', frame: unnamed({ error: { code: '402', message: 'No' } }), status: 402 },
  {
    title: 'Antigravity',
    platform: 'antigravity',
    frame: unnamed({ error: { code: 403, status: 'PERMISSION_DENIED', message: 'é😀' } }),
    status: 403,
  },
  {
    title: 'JSON over several lines of data',
    platform: 'gemini',
    frame: 'data: {"error":\ndata:  {"code": 500,\ndata: "status":"INTERNAL"}}\n\n',
    status: 500,
  },
  {
    title: 'JSON over lines without a field',
    platform: 'openai',
    frame: 'event: error\ndata: {"error":{"code":\n   "token_revoked"}}\nevent: response.failed\n',
    status: 401,
  },
  { title: 'JSON without any field', platform: 'gemini', frame: '{"error":{"code":429,"status":"RESOURCE_EXHAUSTED"}}\n', status: 429 },
];

/** Gives a stream to a watcher in pieces that end at these places, and returns the error and after how many bytes it came. */
export function watch(
  platform: string,
  stream: Uint8Array,
  cuts: readonly number[] = [],
): { error: UpstreamResponse | null; at: number; watcher: StreamWatcher } {
  const watcher = createStreamWatcher(platform);
  let from = 0;
  for (const cut of [...cuts, stream.length]) {
    // A copy that is overwritten behind the watcher's back, as a connection's buffer is.
    const piece = stream.slice(from, cut);
    const error = watcher.push(piece);
    piece.fill(0);
    if (error !== null) return { error, at: cut, watcher };
    from = cut;
  }
  return { error: watcher.end(), at: stream.length, watcher };
}
