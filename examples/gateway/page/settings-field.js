/** One setting of the form: a number within its range, and the switch it belongs to. */

import { element } from './element.js';
import { createComplaint } from './field-issues.js';

/** Each number, the switch it belongs to, and its range: `SETTING_RANGES` of poolwarden. */
export const FIELDS = [
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

/** Sets what a path of the settings names, and leaves the object that was given alone below it. @param {Record<string, any>} settings @param {string} path @param {unknown} value */
export function write(settings, path, value) {
  const [first = '', second] = path.split('.');
  settings[first] = second === undefined ? value : { ...settings[first], [second]: value };
}

/** One setting with its switch, its number and its error. @param {(typeof FIELDS)[number]} field */
export function createField({ path, toggle, title, toggleLabel, label, min, max }) {
  const id = path.replace('.', '-');
  const check = toggle === null ? null : /** @type {HTMLInputElement} */ (element('input', { type: 'checkbox', id: `${id}-on` }));
  const number = /** @type {HTMLInputElement} */ (
    element('input', { type: 'number', id, min, max, step: 1, inputmode: 'numeric', 'aria-describedby': `${id}-range ${id}-error` })
  );
  const { root: error, complain } = createComplaint(number);
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
    paths: toggle === null ? [path] : [path, toggle],
    root,
    number,
    isOn,
    focus: () => number.focus(),
    complain,
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
