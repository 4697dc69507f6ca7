/** What a person can do with an account. */

import { call } from './api.js';
import { element, setText } from './element.js';

/** Each action: its button, what is said when it is done, and for which accounts it is offered. */
const ACTIONS = [
  { path: 'disable', label: 'Switch off', done: 'Switched off.', offered: (/** @type {any} */ { enabled }) => enabled },
  { path: 'enable', label: 'Switch on', done: 'Switched on.', offered: (/** @type {any} */ { enabled }) => !enabled },
  { path: 'recover', label: 'Recover', done: 'Recovered: nothing holds it any more.', offered: () => true },
  { path: 'test', label: 'Test the connection', done: 'The connection works.', offered: () => true },
  { path: 'usage', label: 'Read usage', done: 'Usage was read.', offered: () => true },
];

/** What an answer says that was not refused, yet brings bad news; null: all is well. @param {any} answer @returns {string | null} */
function badNews(answer) {
  if (answer?.ok === false)
    return [answer.status, answer.message ?? answer.error ?? 'The test failed.']
      .filter((part) => part !== null && part !== undefined)
      .join(': ');
  return typeof answer?.error === 'string' ? answer.error : null;
}

/**
 * The buttons of one account, and a line that says how the last one went.
 *
 * @param {string} id
 * @returns {{ root: HTMLElement, show(account: { enabled: boolean }): void }}
 */
export function accountActions(id) {
  const feedback = element('p', { class: 'feedback', role: 'status' });
  const buttons = ACTIONS.map((action) => ({
    ...action,
    button: element('button', { type: 'button', 'data-action': action.path }, action.label),
  }));

  /** @param {string} tone @param {string} text */
  function say(tone, text) {
    feedback.dataset.tone = tone;
    setText(feedback, text);
  }

  for (const { path, done, label, button } of buttons) {
    button.addEventListener('click', async () => {
      if (button.getAttribute('aria-disabled') === 'true') return;
      button.setAttribute('aria-disabled', 'true');
      say('gray', `${label} …`);
      try {
        const bad = badNews(await call(`/admin/accounts/${encodeURIComponent(id)}/${path}`, { method: 'POST' }));
        say(bad === null ? 'green' : 'red', bad ?? done);
      } catch (error) {
        say('red', error instanceof Error ? error.message : 'It failed.');
      }
      button.removeAttribute('aria-disabled');
    });
  }

  return {
    root: element('div', { class: 'actions' }, element('div', { class: 'buttons' }, ...buttons.map(({ button }) => button)), feedback),
    show(account) {
      let isLost = false;
      for (const { button, offered } of buttons) {
        const hadFocus = document.activeElement === button;
        button.hidden = !offered(account);
        if (button.hidden && hadFocus) isLost = true;
      }
      if (isLost) buttons.find(({ button }) => !button.hidden)?.button.focus();
    },
  };
}
