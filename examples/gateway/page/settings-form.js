/** The settings: numbers within their ranges, and what the gateway says of each beside it. */

import { ApiError, call } from './api.js';
import { byId, element } from './element.js';
import { createFeedback, failureWords, whileBusy } from './feedback.js';
import { showIssues } from './field-issues.js';
import { createField, FIELDS, write } from './settings-field.js';

/** The form; `load` asks the gateway for what holds now. */
export function createSettingsForm() {
  const form = byId('settings-form');
  const fields = FIELDS.map(createField);
  const feedback = createFeedback();
  const submit = element('button', { type: 'submit', class: 'primary' }, 'Save');
  form.append(...fields.map(({ root }) => root), element('div', { class: 'buttons' }, submit, feedback.root));
  /** @type {any} */
  let settings = {};

  /** @param {readonly import('./field-issues.js').Issue[]} issues */
  function complain(issues) {
    feedback.say('red', ['Not saved.', ...showIssues(fields, issues)].join(' '));
  }

  /** What the form says, over what it does not show. A switched-off number stays as it was. */
  function collect() {
    const wanted = { ...settings };
    for (const { path, toggle, number, isOn } of fields) {
      if (toggle !== null) write(wanted, toggle, isOn());
      if (isOn()) write(wanted, path, number.valueAsNumber);
    }
    return wanted;
  }

  /** @param {any} next */
  function show(next) {
    settings = next;
    for (const field of fields) field.show(settings);
    showIssues(fields, []);
  }

  async function save() {
    feedback.say('gray', 'Saving …');
    try {
      show(await call('/admin/settings', { method: 'PUT', body: collect() }));
      feedback.say('green', 'Saved.');
    } catch (error) {
      if (error instanceof ApiError && error.issues.length > 0) complain(error.issues);
      else feedback.say('red', failureWords(error));
    }
  }
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    const problems = fields.map((field) => ({ path: field.path, message: field.problem() })).filter(({ message }) => message !== '');
    if (problems.length > 0) complain(problems);
    else void whileBusy(submit, save);
  });

  return {
    async load() {
      try {
        show(await call('/admin/settings'));
        feedback.say('gray', '');
      } catch (error) {
        feedback.say('red', failureWords(error));
      }
    },
  };
}
