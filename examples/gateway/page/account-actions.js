/** What a person can do with an account. */

import { call } from './api.js';
import { element, setText } from './element.js';

/** @typedef {(answer: any) => string | null} Problem what an answer says that was not refused, yet brings bad news; null: all is well */

/** @type {Problem} */
const none = () => null;
/** @type {Problem} */
const failedTest = ({ ok, status, message }) => (ok ? null : status === null ? message : `${status}: ${message}`);
/** @type {Problem} */
const failedReading = ({ usage }) => usage?.error ?? null;

const always = () => true;

/** Each action: its button, what is said when it is done, and for which accounts it is offered. */
const ACTIONS = [
  { path: 'disable', label: 'Switch off', done: 'Switched off.', problem: none, offered: (/** @type {any} */ { enabled }) => enabled },
  { path: 'enable', label: 'Switch on', done: 'Switched on.', problem: none, offered: (/** @type {any} */ { enabled }) => !enabled },
  { path: 'recover', label: 'Recover', done: 'Recovered: nothing holds it any more.', problem: none, offered: always },
  { path: 'test', label: 'Test connection', done: 'The connection works.', problem: failedTest, offered: always },
  { path: 'usage', label: 'Read usage', done: 'Usage was read.', problem: failedReading, offered: always },
];

/**
 * The buttons of one account, and a line that says how the last one went.
 *
 * @param {string} id
 * @param {(row: any) => void} onRow told of the account as the gateway answers it
 * @returns {{ root: HTMLElement, show(account: { enabled: boolean }): void }}
 */
export function accountActions(id, onRow) {
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

  for (const { path, done, label, problem, button } of buttons) {
    button.addEventListener('click', async () => {
      if (button.getAttribute('aria-disabled') === 'true') return;
      button.setAttribute('aria-disabled', 'true');
      say('gray', `${label} …`);
      try {
        const answer = await call(`/admin/accounts/${encodeURIComponent(id)}/${path}`, { method: 'POST' });
        onRow(answer.account ?? answer);
        const bad = problem(answer);
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
