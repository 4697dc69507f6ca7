/** How the suites say that a store does not keep its contract. */

/** What was found where something else was expected. */
export interface Mismatch {
  readonly expected: string;
  readonly found: string;
}

/** A store breaks a rule of its contract. `rule` is the name of the contract test. */
export class ContractViolationError extends Error {
  readonly rule: string;
  readonly expected: string;
  readonly found: string;

  constructor(rule: string, { expected, found }: Mismatch, options: ErrorOptions = {}) {
    super(`${rule}: expected ${expected}, found ${found}`, options);
    this.name = 'ContractViolationError';
    this.rule = rule;
    this.expected = expected;
    this.found = found;
  }
}

/** Longer texts say no more to a reader. */
const LONGEST_TEXT = 2_000;

function brief(text: string): string {
  return text.length <= LONGEST_TEXT ? text : `${text.slice(0, LONGEST_TEXT)}…`;
}

/** Thrown inside a test, which then gives it the name of its rule. */
export function mismatch(expected: string, found: string): ContractViolationError {
  return new ContractViolationError('', { expected: brief(expected), found: brief(found) });
}

function messageOf(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}

/** The same violation under the name of its rule; any other error is one that the store threw. */
export function underRule(rule: string, error: unknown): ContractViolationError {
  if (error instanceof ContractViolationError) return new ContractViolationError(rule, error, { cause: error.cause });
  return new ContractViolationError(rule, { expected: 'an answer', found: `an error: ${brief(messageOf(error))}` }, { cause: error });
}
