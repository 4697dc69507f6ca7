/** A Message of Anthropic, whole and as a stream of events. */
import type { Reply } from './answers.js';

interface Message {
  readonly id: string;
  readonly type: 'message';
  readonly role: 'assistant';
  readonly model: string;
  readonly content: readonly { readonly type: 'text'; readonly text: string }[];
  readonly stop_reason: 'end_turn' | null;
  readonly stop_sequence: null;
  readonly usage: { readonly input_tokens: number; readonly output_tokens: number };
}

/** The message, complete. */
export function anthropicMessage({ id, model, words }: Reply): Message {
  return {
    id: `msg_${id}`,
    type: 'message',
    role: 'assistant',
    model,
    content: [{ type: 'text', text: words.join('') }],
    stop_reason: 'end_turn',
    stop_sequence: null,
    usage: { input_tokens: 9, output_tokens: words.length },
  };
}

/** Its events, in order: one a frame, a delta a word. */
export function anthropicFrames(reply: Reply): readonly string[] {
  const begun = { ...anthropicMessage(reply), content: [], stop_reason: null, usage: { input_tokens: 9, output_tokens: 1 } };
  const events: readonly { readonly type: string; readonly [field: string]: unknown }[] = [
    { type: 'message_start', message: begun },
    { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
    { type: 'ping' },
    ...reply.words.map((text) => ({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text } })),
    { type: 'content_block_stop', index: 0 },
    { type: 'message_delta', delta: { stop_reason: 'end_turn', stop_sequence: null }, usage: { output_tokens: reply.words.length } },
    { type: 'message_stop' },
  ];
  return events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`);
}
