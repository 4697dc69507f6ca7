/** The settings: numbers within their ranges, and what the gateway says of each beside it. */

import { ApiError, call } from './api.js';
import { byId, element, setText } from './element.js';
import { createField, FIELDS, write } from './settings-field.js';

/** The form; `load` asks the gateway for what holds now. */
export function createSettingsForm() {
  const form = byId('settings-form');
  const fields = FIELDS.map(createField);
  const feedback = element('p', { class: 'feedback', role: 'status' });
  const submit = element('button', { type: 'submit', class: 'primary' }, 'Save');
  form.append(...fields.map(({ root }) => root), element('div', { class: 'buttons' }, submit, feedback));
  /** @type {any} */
  let settings = {};

  /** @param {string} tone @param {string} text */
  function say(tone, text) {
    feedback.dataset.tone = tone;
    setText(feedback, text);
  }

  /** Shows each problem beside its field, and goes to the first; what belongs to none is said below. @param {readonly { path: string, message: string }[]} issues */
  function complain(issues) {
    const isAbout = (/** @type {string} */ issuePath, /** @type {string | null} */ path) =>
      path !== null && (issuePath === path || issuePath.endsWith(`.${path}`));
    const pathOf = (/** @type {{ path: unknown }} */ { path }) => (Array.isArray(path) ? path.join('.') : String(path));
    const mine = fields.map((field) =>
      issues.filter((issue) => isAbout(pathOf(issue), field.path) || isAbout(pathOf(issue), field.toggle)),
    );
    for (const [index, field] of fields.entries()) field.complain((mine[index] ?? []).map(({ message }) => message).join(' '));
    fields.find((_, index) => (mine[index] ?? []).length > 0)?.number.focus();
    const others = issues.filter((issue) => !mine.some((some) => some.includes(issue)));
    say('red', ['Not saved.', ...others.map(({ message }) => message)].join(' '));
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
    for (const field of fields) {
      field.show(settings);
      field.complain('');
    }
  }

  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    const problems = fields.map((field) => ({ path: field.path, message: field.problem() })).filter(({ message }) => message !== '');
    if (problems.length > 0) return complain(problems);
    if (submit.getAttribute('aria-disabled') === 'true') return;
    submit.setAttribute('aria-disabled', 'true');
    say('gray', 'Saving …');
    try {
      const saved = await call('/admin/settings', { method: 'PUT', body: collect() });
      show(saved?.overload === undefined ? await call('/admin/settings') : saved);
      say('green', 'Saved.');
    } catch (error) {
      if (error instanceof ApiError && error.issues.length > 0) complain(error.issues);
      else say('red', error instanceof Error ? error.message : 'Not saved.');
    }
    submit.removeAttribute('aria-disabled');
  });

  return {
    async load() {
      try {
        show(await call('/admin/settings'));
        say('gray', '');
      } catch (error) {
        say('red', error instanceof Error ? error.message : 'The settings cannot be read.');
      }
    },
  };
}
