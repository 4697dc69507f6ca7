/** All protocols of the gateway. A new one is a file beside this one, and a line here. */
import { matchAnthropic } from './anthropic.js';
import { matchAntigravity } from './antigravity.js';
import { matchGemini } from './gemini.js';
import { matchOpenai } from './openai.js';
import type { MatchTarget } from './protocol.js';

const PROTOCOLS: readonly MatchTarget[] = [matchAnthropic, matchOpenai, matchGemini, matchAntigravity];

/** The target that a path names; null: none that the proxy knows. */
export const matchTarget: MatchTarget = (path) => {
  for (const match of PROTOCOLS) {
    const target = match(path);
    if (target !== null) return target;
  }
  return null;
};
