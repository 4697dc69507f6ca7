import { safeText } from '../core/safe-text.js';

/** How much of a text is looked at for secrets before it is cut. */
const READ_LENGTH = 4_096;
const REDACTED = '[redacted]';
const UNNAMED = 'no answer';
/** An error, its cause, and the cause of that: what runtimes say of a failed connection is in the second. */
const MAX_CAUSES = 3;

/**
 * A function that makes a text safe: the host's secrets removed, then whatever has the shape of a credential, one line, at most 512 bytes. Where `redact` throws, nothing of the text is
 * shown. Total.
 */
export function cleaner(redact: (text: string) => string = (text) => text): (text: string) => string {
  return (text) => {
    try {
      // Redacted before it is cut: half a secret is not recognised any more.
      return safeText(redact(text.slice(0, READ_LENGTH))).trim();
    } catch {
      return REDACTED;
    }
  };
}

function messageOf(failure: unknown): string {
  if (typeof failure === 'string') return failure;
  if (!(failure instanceof Error)) return '';
  const code: unknown = Reflect.get(failure, 'code');
  return typeof code === 'string' && !failure.message.includes(code) ? `${failure.message} (${code})` : failure.message;
}

/** What a failure says of itself, with its causes: a text, an `Error`, or anything else. Not yet safe. Total. */
export function describeFailure(failure: unknown): string {
  try {
    const messages: string[] = [];
    let next: unknown = failure;
    for (let depth = 0; depth < MAX_CAUSES && next !== undefined && next !== null; depth += 1) {
      messages.push(messageOf(next).slice(0, READ_LENGTH));
      next = next instanceof Error ? next.cause : undefined;
    }
    const said = messages.filter((message) => message !== '').join(': ');
    return said === '' ? UNNAMED : said;
  } catch {
    return UNNAMED;
  }
}
