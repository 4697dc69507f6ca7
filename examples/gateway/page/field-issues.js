/** What is wrong with single fields, beside them. */

import { element, setText } from './element.js';

/** @typedef {{ path: string, message: string }} Issue */
/** @typedef {{ paths: readonly string[], complain(text: string): void, focus(): void }} Field `paths`: what the gateway calls it; `complain`: empty takes it back */

/**
 * The line that says what is wrong with a field, which has to be described by it: its id is that of the field and `-error`.
 *
 * @param {HTMLInputElement} input
 * @returns {{ root: HTMLElement, complain(text: string): void }}
 */
export function createComplaint(input) {
  const root = element('p', { class: 'field-error', id: `${input.id}-error` });
  return {
    root,
    complain(text) {
      setText(root, text);
      input.setAttribute('aria-invalid', String(text !== ''));
    },
  };
}

/** @param {Field} field @param {Issue} issue @returns {boolean} */
function isAbout({ paths }, { path }) {
  return paths.some((one) => path === one || path.endsWith(`.${one}`));
}

/**
 * Shows each issue at its field, takes back what was said of the others, and goes to the first that is wrong.
 *
 * @param {readonly Field[]} fields
 * @param {readonly Issue[]} issues
 * @returns {readonly string[]} what belongs to none of the fields
 */
export function showIssues(fields, issues) {
  for (const field of fields) {
    const mine = issues.filter((issue) => isAbout(field, issue));
    field.complain(mine.map(({ message }) => message).join(' '));
  }
  fields.find((field) => issues.some((issue) => isAbout(field, issue)))?.focus();
  return issues.filter((issue) => !fields.some((field) => isAbout(field, issue))).map(({ message }) => message);
}
