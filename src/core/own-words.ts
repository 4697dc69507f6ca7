/** The words of an upstream's own sentence, without those that a caller chose. */
import { normalizeForMatch, prose } from './text.js';

/** A shorter name is found in ordinary words, and is too short to be a phrase. */
const SHORTEST_ECHO = 3;
/** The head of a name that the end of a message cuts off counts from this length on: no phrase that matters is shorter. */
const SHORTEST_CUT_ECHO = 8;
/** Stands for a name. Plain ASCII, so that a plain message stays one. */
const PLACE_OF_NAME = '*';

function withoutEcho(text: string, echo: string | null): string {
  return echo === null || echo.length < SHORTEST_ECHO ? text : text.replaceAll(echo, PLACE_OF_NAME);
}

function withoutCutEcho(text: string, echo: string): string {
  for (let length = Math.min(echo.length, text.length); length >= SHORTEST_CUT_ECHO; length -= 1) {
    if (text.endsWith(echo.slice(0, length))) return text.slice(0, -length) + PLACE_OF_NAME;
  }
  return text;
}

/**
 * All words of a message, normalised, but for the model's name: a caller chose that, and the upstream repeats it. `message` as it came: what was redacted or shortened may hide an
 * echo, or the words behind it. Pure, total.
 */
export function wordsOf(message: string, model: string | null): string {
  return normalizeForMatch(withoutEcho(message, model));
}

/**
 * A message as phrases are looked for in it: `wordsOf`, up to the first quotation.
 *
 * @example ownWords('Unknown model: Credit Balance', 'credit balance') // 'unknown model: *'
 */
export function ownWords(message: string, model: string | null): string {
  const text = wordsOf(message, model);
  if (model === null) return prose(text);
  const echo = normalizeForMatch(model);
  return prose(withoutCutEcho(withoutEcho(text, echo), echo));
}
