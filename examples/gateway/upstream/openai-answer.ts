/** OpenAI's answers: a Response and a chat completion, each whole and as a stream. */
import type { Reply } from './answers.js';

type Json = Readonly<Record<string, unknown>>;

const CREATED = 1_780_000_000;

function messageItem({ id, words }: Reply, status: 'in_progress' | 'completed'): Json {
  const text = words.join('');
  const content = status === 'completed' ? [{ type: 'output_text', text, annotations: [] }] : [];
  return { id: `msg_${id}`, type: 'message', role: 'assistant', status, content };
}

/** The response, complete. */
export function responseObject(reply: Reply): Json {
  return {
    id: `resp_${reply.id}`,
    object: 'response',
    created_at: CREATED,
    status: 'completed',
    model: reply.model,
    output: [messageItem(reply, 'completed')],
    usage: { input_tokens: 9, output_tokens: reply.words.length, total_tokens: 9 + reply.words.length },
    error: null,
    incomplete_details: null,
  };
}

/** Its events, in order. */
export function responseFrames(reply: Reply): readonly string[] {
  const begun = { ...responseObject(reply), status: 'in_progress', output: [], usage: null };
  const place = { item_id: `msg_${reply.id}`, output_index: 0, content_index: 0 };
  const part = { type: 'output_text', text: reply.words.join(''), annotations: [] };
  const events: readonly (Json & { readonly type: string })[] = [
    { type: 'response.created', response: begun },
    { type: 'response.output_item.added', output_index: 0, item: messageItem(reply, 'in_progress') },
    { type: 'response.content_part.added', ...place, part: { ...part, text: '' } },
    ...reply.words.map((delta) => ({ type: 'response.output_text.delta', ...place, delta })),
    { type: 'response.output_text.done', ...place, text: part.text },
    { type: 'response.content_part.done', ...place, part },
    { type: 'response.output_item.done', output_index: 0, item: messageItem(reply, 'completed') },
    { type: 'response.completed', response: responseObject(reply) },
  ];
  return events.map((event, index) => `event: ${event.type}\ndata: ${JSON.stringify({ ...event, sequence_number: index })}\n\n`);
}

/** The chat completion, complete. */
export function chatCompletion({ id, model, words }: Reply): Json {
  return {
    id: `chatcmpl-${id}`,
    object: 'chat.completion',
    created: CREATED,
    model,
    choices: [{ index: 0, message: { role: 'assistant', content: words.join(''), refusal: null }, logprobs: null, finish_reason: 'stop' }],
    usage: { prompt_tokens: 9, completion_tokens: words.length, total_tokens: 9 + words.length },
  };
}

/** Its chunks, in order, and the mark of the end. */
export function chatFrames({ id, model, words }: Reply): readonly string[] {
  const chunk = (delta: Json, finish: 'stop' | null = null): string => {
    const choices = [{ index: 0, delta, logprobs: null, finish_reason: finish }];
    return `data: ${JSON.stringify({ id: `chatcmpl-${id}`, object: 'chat.completion.chunk', created: CREATED, model, choices })}\n\n`;
  };
  return [chunk({ role: 'assistant', content: '' }), ...words.map((content) => chunk({ content })), chunk({}, 'stop'), 'data: [DONE]\n\n'];
}
