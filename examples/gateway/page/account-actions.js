/** What a person can do with an account. */

import { accountPath, call } from './api.js';
import { element } from './element.js';
import { createFeedback, failureWords, whileBusy } from './feedback.js';

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
  const feedback = createFeedback();
  const buttons = ACTIONS.map((action) => ({
    ...action,
    button: element('button', { type: 'button', 'data-action': action.path }, action.label),
  }));

  /** @param {(typeof ACTIONS)[number]} action */
  async function act({ path, label, done, problem }) {
    feedback.say('gray', `${label} …`);
    try {
      const answer = await call(accountPath(id, path), { method: 'POST' });
      onRow(answer.account ?? answer);
      const bad = problem(answer);
      feedback.say(bad === null ? 'green' : 'red', bad ?? done);
    } catch (error) {
      feedback.say('red', failureWords(error));
    }
  }
  for (const { button, ...action } of buttons) button.addEventListener('click', () => void whileBusy(button, () => act(action)));

  return {
    root: element('div', { class: 'actions' }, element('div', { class: 'buttons' }, ...buttons.map(({ button }) => button)), feedback.root),
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
