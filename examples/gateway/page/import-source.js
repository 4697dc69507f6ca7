/** Where a list of accounts comes from: a file that is chosen or dropped, or a text that is pasted. */

import { element, setText } from './element.js';
import { sizeProblem } from './import-list.js';

/** A file's name, and its content, which is in no element of the page. @typedef {{ name: string, text: string }} Chosen */

/** The field for a pasted list. Nothing of it is completed, corrected or kept by the browser. */
function textField() {
  const unaided = { autocomplete: 'off', autocapitalize: 'off', autocorrect: 'off', spellcheck: 'false' };
  return /** @type {HTMLTextAreaElement} */ (
    element('textarea', {
      id: 'import-text',
      rows: 8,
      autofocus: true,
      'aria-label': 'List of accounts, as JSON',
      'aria-describedby': 'import-feedback',
      ...unaided,
    })
  );
}

/** @param {File} file @returns {Promise<Chosen | { problem: string }>} */
async function readFile(file) {
  const problem = sizeProblem(file.size);
  if (problem !== '') return { problem };
  return file.text().then(
    (text) => ({ name: file.name, text }),
    () => ({ problem: 'The file cannot be read.' }),
  );
}

/**
 * The part of the dialog where the list is handed in.
 *
 * @param {{ onFile: (problem: string) => void }} options told that a file was chosen; empty: and taken
 */
export function createImportSource({ onFile }) {
  const text = textField();
  const picker = /** @type {HTMLInputElement} */ (
    element('input', { type: 'file', accept: '.json,application/json', 'aria-label': 'File', hidden: true })
  );
  const choose = element('button', { type: 'button', click: () => picker.click() }, 'Choose a file');
  const other = element('button', { type: 'button', click: forget }, 'Use another list');
  const name = element('b', {});
  const empty = element(
    'div',
    { class: 'handing-in' },
    element('p', {}, choose, picker, element('span', { class: 'muted' }, ' or drop one here, or paste the list:')),
    text,
  );
  const chosen = element('p', { class: 'chosen' }, name, other);
  /** @type {Chosen | null} */
  let file = null;

  /** @param {Chosen | null} next */
  function use(next) {
    file = next;
    text.value = '';
    setText(name, next?.name ?? '');
    chosen.hidden = next === null;
    empty.hidden = next !== null;
  }
  /** Goes to where the list is. */
  function focus() {
    if (file === null) text.focus();
    else other.focus();
  }
  function forget() {
    use(null);
    focus();
  }
  /** @param {readonly File[]} files */
  async function take(files) {
    const [first] = files;
    if (first === undefined) return;
    const read = files.length > 1 ? { problem: 'Take one file at a time.' } : await readFile(first);
    if ('problem' in read) return onFile(read.problem);
    use(read);
    focus();
    onFile('');
  }
  picker.addEventListener('change', () => {
    const files = [...(picker.files ?? [])];
    // The same file can be chosen again, after somebody has mended it.
    picker.value = '';
    void take(files);
  });
  use(null);

  return { root: element('div', {}, empty, chosen), take, focus, clear: () => use(null), read: () => file?.text ?? text.value };
}
