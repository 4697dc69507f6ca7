/** The words of an upstream's own sentence, without those that a caller chose. */
import { normalizeForMatch, prose } from './text.js';

/** A shorter name is found in ordinary words, and is too short to be a phrase. */
const SHORTEST_ECHO = 3;
/** `normalizeForMatch` reads no more of a text: an echo may be cut off there. */
const MAX_READ = 2048;
const ELLIPSIS = '\u2026';

/** `text` without the head of `echo` that its end cuts off. */
function withoutCutEcho(text: string, echo: string): string {
  for (let length = Math.min(echo.length, text.length); length >= SHORTEST_ECHO; length -= 1) {
    if (text.endsWith(echo.slice(0, length))) return text.slice(0, -length) + ELLIPSIS;
  }
  return text;
}

/**
 * A message as phrases are looked for in it: normalised, without the model's name (a caller chose that, and the upstream repeats it), up to the first quotation. `message` as
 * it came: what was redacted or shortened hides an echo. Pure, total, reads at most 2,048 characters.
 *
 * @example ownWords('Unknown model: Credit Balance', 'credit balance') // 'unknown model: …'
 */
export function ownWords(message: string, model: string | null): string {
  const text = normalizeForMatch(message);
  const echo = model === null ? '' : normalizeForMatch(model);
  if (echo.length < SHORTEST_ECHO) return prose(text);
  const rest = text.replaceAll(echo, ELLIPSIS);
  return prose(message.length > MAX_READ ? withoutCutEcho(rest, echo) : rest);
}
