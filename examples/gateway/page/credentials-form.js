/** New credentials for an account. What is entered goes to the gateway and is shown nowhere; the fields are emptied as soon as it has them, or nobody wants them any more. */

import { ApiError, accountPath, call } from './api.js';
import { credentialFields, toCredentials } from './credential-fields.js';
import { element } from './element.js';
import { createFeedback, failureWords, whileBusy } from './feedback.js';
import { createComplaint, showIssues } from './field-issues.js';

/** @typedef {import('./account-row.js').AccountRow} AccountRow */

/** @param {import('./credential-fields.js').CredentialField} facts */
function createCredentialField({ name, label, hint = '', isSecret, isNeeded = false }) {
  const id = `credential-${name}`;
  const attributes = {
    type: isSecret ? 'password' : 'text',
    'aria-describedby': `${id}-hint ${id}-error`,
    'aria-required': isNeeded ? 'true' : null,
    autocomplete: 'off',
    autocapitalize: 'off',
    spellcheck: 'false',
  };
  const input = /** @type {HTMLInputElement} */ (element('input', { id, ...attributes }));
  const { root: error, complain } = createComplaint(input);
  return {
    name,
    paths: [`credentials.${name}`],
    root: element(
      'div',
      { class: 'field' },
      element('label', { for: id }, label),
      input,
      element('p', { class: 'muted hint', id: `${id}-hint` }, hint),
      error,
    ),
    value: () => input.value,
    focus: () => input.focus(),
    complain,
  };
}

/**
 * The form of an account that has credentials of its own.
 *
 * @param {AccountRow} account
 * @param {{ facts: readonly import('./credential-fields.js').CredentialField[], onRow: (row: AccountRow) => void }} options
 * @returns {HTMLElement}
 */
function createForm({ id }, { facts, onRow }) {
  const fields = facts.map(createCredentialField);
  const feedback = createFeedback();
  const submit = element('button', { type: 'submit', class: 'primary' }, 'Replace credentials');
  const form = /** @type {HTMLFormElement} */ (
    element('form', { novalidate: true }, element('p', { class: 'muted' }, 'They replace all that is stored: what is left empty is gone.'))
  );
  form.append(...fields.map(({ root }) => root), element('div', { class: 'buttons' }, submit, feedback.root));

  /** Nothing that was entered, and nothing that was said of it. */
  function empty() {
    form.reset();
    showIssues(fields, []);
    feedback.say('gray', '');
  }
  async function replace() {
    const body = toCredentials(fields.map(({ name, value }) => ({ name, value: value() })));
    feedback.say('gray', 'Storing …');
    try {
      const row = await call(accountPath(id, 'credentials'), { method: 'PUT', body });
      empty();
      feedback.say('green', 'The new credentials are stored.');
      onRow(row);
    } catch (error) {
      const others = error instanceof ApiError ? showIssues(fields, error.issues) : [];
      const why = failureWords(error);
      feedback.say('red', others.length === 0 ? why : `${why.replace(/\.$/, '')}: ${others.join(', ')}.`);
    }
  }
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    void whileBusy(submit, replace);
  });
  const details = /** @type {HTMLDetailsElement} */ (
    element('details', { class: 'credentials' }, element('summary', {}, 'New credentials'), form)
  );
  details.addEventListener('toggle', () => {
    if (details.open) fields[0]?.focus();
    else empty();
  });
  return details;
}

/**
 * The form, or why there is none.
 *
 * @param {AccountRow} account
 * @param {(row: AccountRow) => void} onRow told of the account as the gateway answers it
 * @returns {HTMLElement | null}
 */
export function credentialsForm(account, onRow) {
  const { parent } = account;
  if (parent !== null) return element('p', { class: 'muted' }, 'Its credentials are those of ', element('b', {}, parent), '.');
  const facts = credentialFields(account);
  return facts === null ? null : createForm(account, { facts, onRow });
}
