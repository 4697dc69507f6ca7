/** The settings: numbers within their ranges, and what the gateway says of each beside it. */

import { ApiError, call } from './api.js';
import { byId, element, setText } from './element.js';

/** Each number, the switch it belongs to, and its range: `SETTING_RANGES` of poolwarden. */
const FIELDS = [
  {
    path: 'overload.cooldownMinutes',
    toggle: 'overload.enabled',
    title: 'Upstream overloaded (529)',
    toggleLabel: 'Hold the account',
    label: 'Cooldown in minutes',
    min: 1,
    max: 120,
  },
  {
    path: 'rateLimitFallback.cooldownSeconds',
    toggle: 'rateLimitFallback.enabled',
    title: 'Rate limited without a reset (429)',
    toggleLabel: 'Hold the account',
    label: 'Cooldown in seconds',
    min: 1,
    max: 7200,
  },
  {
    path: 'oauth401CooldownMinutes',
    toggle: null,
    title: 'Credential refused (401)',
    toggleLabel: '',
    label: 'Cooldown in minutes',
    min: 1,
    max: 1440,
  },
];

/** @param {any} settings @param {string} path @returns {any} */
function read(settings, path) {
  return path.split('.').reduce((value, key) => value?.[key], settings);
}

/** @param {Record<string, any>} settings @param {string} path @param {unknown} value */
function write(settings, path, value) {
  const [first = '', second] = path.split('.');
  settings[first] = second === undefined ? value : { ...settings[first], [second]: value };
}

/** One setting with its switch, its number and its error. @param {(typeof FIELDS)[number]} field */
function createField({ path, toggle, title, toggleLabel, label, min, max }) {
  const id = path.replace('.', '-');
  const check = toggle === null ? null : /** @type {HTMLInputElement} */ (element('input', { type: 'checkbox', id: `${id}-on` }));
  const number = /** @type {HTMLInputElement} */ (
    element('input', { type: 'number', id, min, max, step: 1, inputmode: 'numeric', 'aria-describedby': `${id}-range ${id}-error` })
  );
  const error = element('p', { class: 'field-error', id: `${id}-error` });
  const root = element(
    'fieldset',
    {},
    element('legend', {}, title),
    check === null ? null : element('label', { class: 'switch' }, check, ` ${toggleLabel}`),
    element('label', { for: id }, label),
    element('div', { class: 'number' }, number, element('span', { class: 'muted', id: `${id}-range` }, `${min} to ${max}`)),
    error,
  );
  const isOn = () => check?.checked ?? true;
  check?.addEventListener('change', () => {
    number.disabled = !isOn();
  });

  return {
    path,
    toggle,
    root,
    number,
    isOn,
    /** @param {string} text */
    complain(text) {
      setText(error, text);
      number.setAttribute('aria-invalid', String(text !== ''));
    },
    /** What is wrong with the number; empty: nothing. @returns {string} */
    problem() {
      const value = number.valueAsNumber;
      const isRight = Number.isInteger(value) && value >= min && value <= max;
      return !isOn() || isRight ? '' : `A whole number from ${min} to ${max}.`;
    },
    /** @param {any} settings */
    show(settings) {
      if (check !== null && toggle !== null) check.checked = read(settings, toggle) === true;
      number.value = String(read(settings, path) ?? '');
      number.disabled = !isOn();
    },
  };
}

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
