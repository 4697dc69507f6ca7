const PRINTABLE_ASCII = /^[\x20-\x7e]*$/;
/** Four characters in a step: a compiled expression then compares them at once, which halves the time of a whole message. */
const ASCII = /^(?:[^\x80-\uffff][^\x80-\uffff][^\x80-\uffff][^\x80-\uffff])*[^\x80-\uffff]?[^\x80-\uffff]?[^\x80-\uffff]?$/;
const DELETE = '\x7f';
// biome-ignore lint/suspicious/noControlCharactersInRegex: terminal escapes begin with a control character
const TERMINAL_ESCAPES = /[\u001b\u009b]\[?[0-9;?]{0,32}[ -/]{0,4}[@-~]/g;
const LINE_BREAKS = /[\t\n\v\f\r\u0085\u2028\u2029]+/g;
const IDENTIFIER = /^[a-z0-9_.:-]{1,64}$/;
const MAX_MODEL_LENGTH = 256;
const MAX_MATCHED = 2048;

// Patterns with properties of characters are slow to make, and few texts need them: each is made where it is used, so that importing costs nothing.
/** Control and format characters (bidirectional marks, zero-width, tags). */
const invisible = (): RegExp => /[\p{Cc}\p{Cf}]+/gu;
const loneSurrogates = (): RegExp => /\p{Cs}/gu;
const modelKey = (): RegExp => /^[^\p{Cc}\p{Cs}]{1,256}$/u;
/** Double quote, backtick or apostrophe, and their typographic and full-width kin; an apostrophe behind a letter belongs to the word. */
const quote = (): RegExp => /["`\u201c-\u201e\u00ab\u00bb\u300c\u300e\uff02\uff40]|(?<!\p{L})['\u2018-\u201a\uff07]/u;

/** Whether a text is printable ASCII. `mayHaveControls` false: it is known to have no control characters below the blank, as texts of JSON without a backslash. Pure, total, linear. */
export function isPrintable(text: string, mayHaveControls: boolean = true): boolean {
  return mayHaveControls ? PRINTABLE_ASCII.test(text) : ASCII.test(text) && !text.includes(DELETE);
}

/** The longest head of `text` of at most `maxBytes` UTF-8 bytes that ends between two code points. */
function cutToBytes(text: string, maxBytes: number): string {
  if (text.length * 3 <= maxBytes) return text;
  let bytes = 0;
  let index = 0;
  while (index < text.length) {
    const code = text.codePointAt(index) ?? 0;
    bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    if (bytes > maxBytes) return text.slice(0, index);
    index += code < 0x10000 ? 1 : 2;
  }
  return text;
}

/**
 * Text that any store, log and page can hold: one line, without control, bidirectional and zero-width characters or terminal
 * escapes, well-formed, at most `maxBytes` UTF-8 bytes (default 512). A run of line breaks becomes one space. Pure, total, linear, idempotent.
 */
export function cleanText(text: string, maxBytes: number = 512): string {
  if (text.length <= maxBytes && PRINTABLE_ASCII.test(text)) return text;
  const oneLine = text.replace(TERMINAL_ESCAPES, '').replace(LINE_BREAKS, ' ').replace(invisible(), '');
  return cutToBytes(oneLine.replace(loneSurrogates(), '\ufffd'), maxBytes);
}

/**
 * Text as phrases are looked for in it: NFKC, without control, bidirectional and zero-width characters, blanks collapsed and trimmed,
 * lower-case by the rules of no language (F77). Only the first 2,048 characters are read, and no more are returned. Pure, total.
 */
export function normalizeForMatch(text: string): string {
  const head = text.length > MAX_MATCHED ? text.slice(0, MAX_MATCHED) : text;
  if (PRINTABLE_ASCII.test(head) && !head.includes('  ')) return head.trim().toLowerCase();
  const visible = head.normalize('NFKC').replace(LINE_BREAKS, ' ').replace(invisible(), '').replace(/\s+/g, ' ');
  // A dotted capital I is `i` and a combining dot in lower case.
  return visible
    .trim()
    .toLowerCase()
    .replace(/i\u0307/g, 'i')
    .slice(0, MAX_MATCHED);
}

/**
 * The part of a message that the upstream itself worded: what stands before the first double quote, backtick, or apostrophe that no
 * letter precedes. Behind it a caller's own words may be echoed, and they decide nothing. Pure, total, linear.
 *
 * @example prose("Can't find 'credit balance'") // "Can't find "
 */
export function prose(message: string): string {
  const end = message.search(quote());
  return end === -1 ? message : message.slice(0, end);
}

/** Whether text is an identifier of a rule, kind, status or piece of evidence: 1 to 64 of `a-z 0-9 _ . : -`, so that every store orders it alike. Pure, total. */
export function isIdentifier(text: string): boolean {
  return IDENTIFIER.test(text);
}

/** Whether a model name may become a key: 1 to 256 characters, well-formed, no control characters; any other characters are data. Pure, total. */
export function isModelKey(model: string): boolean {
  // Nearly every name is plain, and that is the cheaper question.
  return model.length > 0 && model.length <= MAX_MODEL_LENGTH && (PRINTABLE_ASCII.test(model) || modelKey().test(model));
}
