/** The dialogs of index.html: each is filled when it opens and emptied when it closes, however that comes about, so that nothing that was entered stays behind. */

import { byId, element } from './element.js';

/**
 * @param {string} id
 * @param {{ onClosed?: () => void, closesOutside?: boolean }} [options] `closesOutside`: also by a click beside it
 */
export function createDialog(id, { onClosed, closesOutside = false } = {}) {
  const dialog = /** @type {HTMLDialogElement} */ (byId(id));
  let isPressedOutside = false;

  /** The event comes a while after the dialog has closed: it may be open again by then. */
  function finish() {
    if (dialog.open || !dialog.hasChildNodes()) return;
    dialog.replaceChildren();
    onClosed?.();
  }
  function close() {
    dialog.close();
    finish();
  }
  dialog.addEventListener('close', finish);
  // A press that began inside is none: a text is selected beyond the edge of its field.
  dialog.addEventListener('pointerdown', ({ target }) => {
    isPressedOutside = target === dialog;
  });
  dialog.addEventListener('click', ({ target }) => {
    if (closesOutside && isPressedOutside && target === dialog) close();
  });

  return {
    root: dialog,
    close,
    /** @param {readonly Node[]} title has the heading that names the dialog @param {...Node} content */
    open(title, ...content) {
      const cross = element('button', { type: 'button', class: 'quiet', 'aria-label': 'Close', click: close }, '✕');
      const header = element('header', {}, element('div', {}, ...title), cross);
      dialog.replaceChildren(element('div', { class: 'dialog-inner' }, header, ...content));
      dialog.showModal();
    },
  };
}
