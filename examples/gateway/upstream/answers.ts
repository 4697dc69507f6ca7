/** Healthy answers in the upstreams' own words: plain ones, and the frames of streams. */
import { anthropicFrames, anthropicMessage } from './anthropic-answer.js';
import { geminiAnswer, geminiFrames } from './google-answer.js';
import { chatCompletion, chatFrames, responseFrames, responseObject } from './openai-answer.js';

/** What clients ask of an upstream: its protocols, and counting tokens. */
export type Asked = 'messages' | 'count_tokens' | 'responses' | 'chat' | 'gemini' | 'antigravity';

/** What an answer is made from. */
export interface Reply {
  readonly id: string;
  readonly model: string;
  /** In the pieces in which a stream would send it. */
  readonly words: readonly string[];
}

interface Voice {
  readonly plain: (reply: Reply) => unknown;
  readonly frames: (reply: Reply) => readonly string[];
  /** The frame by which an overload shows itself inside a stream. */
  readonly overload: string;
}

const frame = (data: unknown): string => `data: ${JSON.stringify(data)}\n\n`;
const GOOGLE_OVERLOAD = { error: { code: 503, message: 'The model is overloaded. Please try again later.', status: 'UNAVAILABLE' } };
const OPENAI_OVERLOAD = {
  type: 'service_unavailable_error',
  code: 'server_is_overloaded',
  message: 'Our servers are currently overloaded. Please try again later.',
  param: null,
};
const ANTHROPIC_OVERLOAD = { type: 'error', error: { details: null, type: 'overloaded_error', message: 'Overloaded' } };
const ANTHROPIC_OVERLOAD_FRAME = `event: error\n${frame(ANTHROPIC_OVERLOAD)}`;

/** How each of them answers. */
export const VOICES: Readonly<Record<Asked, Voice>> = {
  messages: { plain: anthropicMessage, frames: anthropicFrames, overload: ANTHROPIC_OVERLOAD_FRAME },
  count_tokens: { plain: ({ words }) => ({ input_tokens: words.length }), frames: anthropicFrames, overload: ANTHROPIC_OVERLOAD_FRAME },
  responses: {
    plain: responseObject,
    frames: responseFrames,
    overload: `event: error\n${frame({ type: 'error', error: OPENAI_OVERLOAD, sequence_number: 2 })}`,
  },
  chat: { plain: chatCompletion, frames: chatFrames, overload: frame({ error: OPENAI_OVERLOAD }) },
  gemini: { plain: geminiAnswer, frames: (reply) => geminiFrames(reply).map(frame), overload: frame(GOOGLE_OVERLOAD) },
  antigravity: {
    plain: (reply) => ({ response: geminiAnswer(reply), traceId: reply.id }),
    frames: (reply) => geminiFrames(reply).map((response) => frame({ response, traceId: reply.id })),
    overload: frame(GOOGLE_OVERLOAD),
  },
};

/** What the scripted upstream has to say. With signs of two, three and four bytes, since streams are cut anywhere. */
export const WORDS: readonly string[] = ['Hello', ' from', ' a', ' scripted', ' upstream', ': ', 'grüße', ', ', '世界', ' ', '🎉', '.'];
