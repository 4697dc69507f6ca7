/** Gemini's answer, whole and in the pieces of a stream. */
import type { Reply } from './answers.js';

type Json = Readonly<Record<string, unknown>>;

function piece({ id, model }: Reply, text: string, more: Json = {}): Json {
  return { candidates: [{ content: { role: 'model', parts: [{ text }] }, index: 0, ...more }], modelVersion: model, responseId: id };
}

function counted({ words }: Reply): Json {
  return { usageMetadata: { promptTokenCount: 9, candidatesTokenCount: words.length, totalTokenCount: 9 + words.length } };
}

/** The answer, complete. */
export function geminiAnswer(reply: Reply): Json {
  return { ...piece(reply, reply.words.join(''), { finishReason: 'STOP' }), ...counted(reply) };
}

/** Its pieces, in order: not yet frames, since Antigravity puts each into an envelope. */
export function geminiFrames(reply: Reply): readonly Json[] {
  const last = { ...piece(reply, '', { finishReason: 'STOP' }), ...counted(reply) };
  return [...reply.words.map((word) => piece(reply, word)), last];
}
