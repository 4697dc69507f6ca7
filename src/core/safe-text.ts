/** Text that may leave a decision: clean, bounded, and without credentials of a known shape. */
import { redactShapes } from './redact.js';
import { cleanText } from './text.js';

/** Longer texts are cut, so they are never safe as they are. */
const MAX_BYTES = 512;
/** How much of a longer text is looked at for credentials before it is cut. */
const READ_BYTES = 4_096;
/** Printable ASCII without `%`, `=`, `@` and the backslash: without them no address, assignment or escape is possible. */
const HARMLESS = /^[ -$&-<>?A-[\]-~]*$/;
const SCHEMES = /bearer|basic/i;
/** The rarest character of each prefix of a credential, and the prefixes that have it. */
const PREFIXES: readonly (readonly [rare: string, prefixes: readonly string[]])[] = [
  ['-', ['sk-', 'xai-', 'GOCSPX-']],
  ['_', ['gsk_']],
  ['z', ['AIz']],
  ['J', ['eyJ']],
  ['9', ['ya29']],
  ['/', ['1/']],
];
/** The last letters of the names that announce a value, and a quote or blank between name and colon. */
const BEFORE_COLON = 'yntdleYNTDLE"\' ';

function hasPrefix(text: string, rare: string, prefixes: readonly string[]): boolean {
  for (let at = text.indexOf(rare); at !== -1; at = text.indexOf(rare, at + 1)) {
    for (const prefix of prefixes) {
      if (text.startsWith(prefix, at + 1 - prefix.length)) return true;
    }
  }
  return false;
}

/** Whether a colon stands where a name might end. */
function mayAnnounce(text: string): boolean {
  for (let at = text.indexOf(':'); at !== -1; at = text.indexOf(':', at + 1)) {
    if (BEFORE_COLON.includes(text.charAt(at - 1))) return true;
  }
  return false;
}

/**
 * Whether cleaning or redaction might change a text. Nearly every message has nothing of the kind, and this is the cheap way to know: searches for single rare characters.
 * It may say yes to a harmless text, never no to another: a test compares it with the full treatment.
 */
function isSuspect(text: string): boolean {
  if (text.length > MAX_BYTES || !HARMLESS.test(text)) return true;
  for (const [rare, prefixes] of PREFIXES) if (hasPrefix(text, rare, prefixes)) return true;
  return mayAnnounce(text) || SCHEMES.test(text);
}

/** Machine words, such as `rate_limit_error`, `PERMISSION_DENIED` and `429`: no credential looks like that. */
const MACHINE_WORD = /^(?!gsk_)[a-z_]{1,40}$|^[A-Z_]{1,40}$|^\d{1,4}$/;

/** `safeText` for a type, a code or a reason, which hardly ever are anything but a machine word. */
export function safeWord(text: string): string {
  return MACHINE_WORD.test(text) ? text : safeText(text);
}

/** One line of at most 512 bytes, well-formed, without control characters and credentials. Pure, total, linear, idempotent. */
export function safeText(text: string): string {
  if (!isSuspect(text)) return text;
  // Redacted before it is cut: half a credential has no shape any more.
  return cleanText(redactShapes(cleanText(text, READ_BYTES)));
}
