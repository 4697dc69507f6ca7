/** An operator's temporary rules: this status with one of these words. */
import type { TemporaryRule } from './account.js';
import type { UpstreamResponse } from './exchange.js';
import { bodyText } from './read-body.js';

function occurs(keyword: string, text: string): boolean {
  const word = keyword.trim().toLowerCase();
  return word !== '' && text.includes(word);
}

/**
 * The index of the first rule of this status one of whose keywords occurs, without regard to case, in the first 64 KiB of the body; -1: none. An empty
 * body never matches. Total, pure, linear in the body for each keyword.
 */
export function matchTemporaryRule(rules: readonly TemporaryRule[], status: number, body: UpstreamResponse['body']): number {
  let text: string | null = null;
  for (let index = 0; index < rules.length; index += 1) {
    const rule = rules[index];
    if (rule === undefined || rule.statusCode !== status) continue;
    text ??= bodyText(body).toLowerCase();
    const found = text;
    if (rule.keywords.some((keyword) => occurs(keyword, found))) return index;
  }
  return -1;
}

/** Whether any rule of the account asks for the body of an answer of this status. Total, pure. */
export function hasTemporaryRule(rules: readonly TemporaryRule[], status: number): boolean {
  return rules.some((rule) => rule.statusCode === status);
}
