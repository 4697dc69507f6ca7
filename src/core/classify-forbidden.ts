const MAX_READ = 65_536;
/** Blanks between two words, real or as escapes of JSON in JSON (`Terms of\n\t\tService`). */
const GAPS = /(?:\s|\\{1,4}[nrt])+/g;
const VALIDATION = /validation_required|verify your account|validation_url/i;
const VIOLATION = /terms of service|violation/i;

/**
 * What a 403 body says of the account: its owner has to verify it, it broke the terms, or neither. Where it says both, `validation`:
 * the owner can cure that. Reads the raw body, any letter case, its first 64 Ki characters. Pure, total, linear. Source: sub2api `classifyForbiddenType`.
 */
export function classifyForbidden(body: string): 'validation' | 'violation' | 'forbidden' {
  const text = body.slice(0, MAX_READ).replace(GAPS, ' ');
  if (VALIDATION.test(text)) return 'validation';
  return VIOLATION.test(text) ? 'violation' : 'forbidden';
}
