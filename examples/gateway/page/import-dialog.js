/** The dialog that imports accounts. A list that is refused stays as it was handed in; once it is imported, or the dialog closes, nothing of it is left. */

import { ApiError, call } from './api.js';
import { createDialog } from './dialog.js';
import { element } from './element.js';
import { createFeedback, failureWords, whileBusy } from './feedback.js';
import { acceptDrops } from './file-drop.js';
import { problemsByEntry, readList } from './import-list.js';
import { createImportOutcome } from './import-outcome.js';
import { createImportSource } from './import-source.js';

const INTRO = 'A JSON list of accounts. Those that are there already stay as they are. Where an entry is wrong, nothing is imported.';

/** One account of each type. */
const EXAMPLE = `[
  {
    "id": "key-1",
    "platform": "anthropic",
    "type": "api_key",
    "credentials": { "api_key": "…" }
  },
  {
    "id": "max-1",
    "label": "Ann's Max",
    "platform": "anthropic",
    "type": "oauth",
    "credentials": {
      "access_token": "…",
      "refresh_token": "…",
      "expires_at": "2026-01-31T12:00:00Z"
    }
  },
  {
    "id": "cli-1",
    "platform": "anthropic",
    "type": "setup_token",
    "credentials": { "setup_token": "…" }
  }
]`;

function example() {
  return element(
    'details',
    {},
    element('summary', {}, 'An example'),
    element('pre', {}, element('code', {}, EXAMPLE)),
    element('p', { class: 'muted' }, 'A Google OAuth account also needs the client_id and client_secret that it signed in with.'),
  );
}

/** @param {number} count @returns {string} */
const accounts = (count) => (count === 1 ? '1 account' : `${count} accounts`);

/** @param {{ added: readonly string[], existing: readonly string[] }} answer @returns {string} */
function doneWords({ added, existing }) {
  const there = existing.length === 0 ? '' : ` ${accounts(existing.length)} ${existing.length === 1 ? 'was' : 'were'} there already.`;
  return `${accounts(added.length)} added.${there}`;
}

/** @param {readonly import('./import-list.js').EntryProblems[]} entries @param {number} all @returns {string} */
function refusedWords(entries, all) {
  const wrong = entries.filter(({ index }) => index !== null).length;
  if (wrong === 0) return 'Nothing was imported.';
  return `Nothing was imported: ${wrong} of ${all} ${all === 1 ? 'entry' : 'entries'} ${wrong === 1 ? 'has' : 'have'} a problem.`;
}

/** What one opening of the dialog is made of. @param {AbortSignal} signal aborted when it closes */
function createImportForm(signal) {
  const feedback = createFeedback('import-feedback');
  const outcome = createImportOutcome();
  const source = createImportSource({
    onFile(problem) {
      outcome.clear();
      feedback.say('red', problem);
    },
  });
  const submit = element('button', { type: 'submit', class: 'primary' }, 'Import');
  const form = element(
    'form',
    { novalidate: true },
    source.root,
    element('div', { class: 'buttons' }, submit, feedback.root),
    outcome.root,
  );

  /** @param {unknown} error @param {readonly unknown[]} list */
  async function refuse(error, list) {
    if (signal.aborted) return;
    const isRead = error instanceof ApiError && error.issues.length > 0;
    if (!isRead) return feedback.say('red', failureWords(error));
    const entries = problemsByEntry(error.issues, list);
    feedback.say('red', refusedWords(entries, list.length));
    await outcome.showProblems(entries);
  }
  async function importAll() {
    outcome.clear();
    const read = readList(source.read());
    if ('problem' in read) {
      feedback.say('red', read.problem);
      return source.focus();
    }
    feedback.say('gray', 'Importing …');
    try {
      const answer = await call('/admin/accounts', { method: 'POST', body: read.list, signal });
      source.clear();
      feedback.say('green', doneWords(answer));
      outcome.showImported(answer);
    } catch (error) {
      await refuse(error, read.list);
    }
  }
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    void whileBusy(submit, importAll);
  });
  return { form, take: source.take };
}

/** Lets every button that has `data-opens="import"` open it. */
export function createImportDialog() {
  let opened = new AbortController();
  /** @type {ReturnType<typeof createImportForm> | null} */
  let current = null;
  const dialog = createDialog('import-dialog', {
    onClosed() {
      opened.abort();
      current = null;
    },
  });
  acceptDrops(dialog.root, (files) => void current?.take(files));

  function open() {
    opened = new AbortController();
    current = createImportForm(opened.signal);
    const title = element('h2', { id: 'import-title' }, 'Import accounts');
    dialog.open([title], element('p', { class: 'muted' }, INTRO), example(), current.form);
  }
  for (const button of document.querySelectorAll('[data-opens="import"]')) button.addEventListener('click', open);
  return { close: dialog.close };
}
