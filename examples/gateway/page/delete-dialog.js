/** Asks before an account is deleted, by its name. */

import { ApiError, accountPath, call } from './api.js';
import { createDialog } from './dialog.js';
import { element } from './element.js';
import { createFeedback, failureWords, whileBusy } from './feedback.js';

/** @typedef {import('./account-row.js').AccountRow} AccountRow */

/**
 * @param {{ onDeleted: (account: AccountRow) => void }} options
 */
export function createDeleteDialog({ onDeleted }) {
  const dialog = createDialog('delete-dialog');

  return {
    close: dialog.close,
    /** @param {AccountRow} account */
    ask(account) {
      const { id, label } = account;
      const feedback = createFeedback();
      const confirm = element('button', { type: 'button', class: 'danger' }, 'Delete');
      const keep = element('button', { type: 'button', autofocus: true, click: dialog.close }, 'Keep it');

      async function remove() {
        feedback.say('gray', 'Deleting …');
        try {
          await call(accountPath(id), { method: 'DELETE' });
        } catch (error) {
          // Somebody else was faster.
          const isGone = error instanceof ApiError && error.status === 404;
          if (!isGone) return feedback.say('red', failureWords(error));
        }
        dialog.close();
        onDeleted(account);
      }
      confirm.addEventListener('click', () => void whileBusy(confirm, remove));
      const what = `${label === id ? 'The account' : id} and its credentials are deleted for good.`;
      dialog.open(
        [element('h2', { id: 'delete-title' }, `Delete ${label}?`)],
        element('p', { id: 'delete-text' }, what),
        element('div', { class: 'buttons' }, confirm, keep),
        feedback.root,
      );
    },
  };
}
