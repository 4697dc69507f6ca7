/** The one error of the library: a programmer's mistake, never an upstream's. */

/** One thing that is wrong, and where. */
export interface PolicyErrorIssue {
  /** A dotted path into the input, such as `settings.overload.cooldownMinutes`. */
  readonly path: string;
  readonly message: string;
}

/**
 * Thrown where a programmer's input is wrong (`defineAccount`, `definePolicy`, saving settings). `code` is stable; `issues` lists everything
 * that is wrong, not just the first.
 */
export class PolicyError extends Error {
  readonly code: string;
  readonly issues: readonly PolicyErrorIssue[];

  constructor(code: string, issues: readonly PolicyErrorIssue[]) {
    super(`${code}: ${issues.map((issue) => (issue.path === '' ? issue.message : `${issue.path}: ${issue.message}`)).join('; ')}`);
    this.name = 'PolicyError';
    this.code = code;
    this.issues = issues;
  }
}
