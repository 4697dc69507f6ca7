/** Gemini's `generateContent`: the model and the wish for a stream are in the path. */
import { googleErrorBody } from './google-error.js';
import { anyAccountOf, fillNothing, type MatchTarget } from './protocol.js';

const PATH = /^\/v1beta\/models\/([^/:]{1,256}):(generateContent|streamGenerateContent)$/;

function decoded(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}

/** `/v1beta/models/{model}:generateContent` and `:streamGenerateContent`. */
export const matchGemini: MatchTarget = (path) => {
  const [, name = '', method = ''] = PATH.exec(path) ?? [];
  const model = decoded(name);
  if (model === null || model === '') return null;
  return {
    protocol: 'gemini',
    canServe: anyAccountOf('gemini'),
    pathModel: model,
    pathStreams: method === 'streamGenerateContent',
    upstreamPath: (name) => `/v1beta/models/${encodeURIComponent(name)}:${method}`,
    fill: fillNothing,
    errorBody: googleErrorBody,
  };
};
