/** Text that may leave a decision: clean, bounded, and without credentials of a known shape. */
import { redactShapes } from './redact.js';
import { cleanText, isPrintable } from './text.js';

/** Longer texts are cut, so they are never safe as they are. */
const MAX_BYTES = 512;
/** How much of a longer text is looked at for credentials before it is cut. */
const READ_BYTES = 4_096;
/** Without them no address, assignment or escape is possible. */
const MARKS: readonly string[] = ['%', '=', '@', '\\'];
/** Of each prefix of a credential the piece that is rarest in sentences, which makes it the quickest to look for. */
const PREFIXES = /k[-_]|xai-|GOCSPX-|AIz|yJ|29|1\//;
const SCHEMES = /bearer|basic/i;
/** The last letters of the names that announce a value, and a quote or blank between name and colon. */
const BEFORE_COLON: ReadonlySet<number> = new Set([...'yntdleYNTDLE"\' '].map((letter) => letter.charCodeAt(0)));

/** Whether a colon stands where a name might end. */
function mayAnnounce(text: string): boolean {
  for (let at = text.indexOf(':'); at !== -1; at = text.indexOf(':', at + 1)) {
    if (BEFORE_COLON.has(text.charCodeAt(at - 1))) return true;
  }
  return false;
}

function hasMark(text: string): boolean {
  for (const mark of MARKS) if (text.includes(mark)) return true;
  return false;
}

/**
 * Whether a text is printable ASCII without anything that cleaning or redaction might change. Nearly every message is, and this is the
 * cheap way to know: searches for what is rare in sentences. It may say no to a harmless text, never yes to another: a test compares it with the full treatment.
 * `mayHaveControls` as for `isPrintable`.
 */
export function isHarmless(text: string, mayHaveControls: boolean = true): boolean {
  if (text.length > MAX_BYTES || !isPrintable(text, mayHaveControls) || hasMark(text)) return false;
  return !PREFIXES.test(text) && !mayAnnounce(text) && !SCHEMES.test(text);
}

/** Machine words, such as `rate_limit_error`, `PERMISSION_DENIED` and `429`: no credential looks like that. */
const MACHINE_WORD = /^(?!gsk_)[a-z_]{1,40}$|^[A-Z_]{1,40}$|^\d{1,4}$/;

/** `safeText` for a type, a code or a reason, which hardly ever are anything but a machine word. */
export function safeWord(text: string): string {
  return MACHINE_WORD.test(text) ? text : safeText(text);
}

/** One line of at most 512 bytes, well-formed, without control characters and credentials. Pure, total, linear, idempotent. `mayHaveControls` as for `isPrintable`. */
export function safeText(text: string, mayHaveControls: boolean = true): string {
  if (isHarmless(text, mayHaveControls)) return text;
  // Redacted before it is cut: half a credential has no shape any more.
  return cleanText(redactShapes(cleanText(text, READ_BYTES)));
}
