/** Everything about one account, in a dialog: why it does not serve, what lifts it, all windows, and what can be done. */

import { accountActions } from './account-actions.js';
import { badgeElement, pill } from './badge.js';
import { formatLeft } from './countdown.js';
import { credentialsForm } from './credentials-form.js';
import { createDeleteDialog } from './delete-dialog.js';
import { createDialog } from './dialog.js';
import { element, replaceKeepingFocus } from './element.js';
import { formatDayAndTime } from './instant.js';
import { usageBars } from './usage-bars.js';
import { verificationLink } from './verification-link.js';
import { running, statusNow } from './view-now.js';
import { liftedBy, platformWords, statusWords, toWords, typeWords } from './words.js';

/** @typedef {import('./account-row.js').AccountRow} AccountRow */

/** A part with a title; null where there is nothing in it. @param {string} title @param {readonly (Node | null)[]} parts @returns {HTMLElement | null} */
function part(title, parts) {
  const found = parts.filter((one) => one !== null);
  return found.length === 0 ? null : element('section', {}, element('h3', {}, title), ...found);
}

/** A badge with its whole reason. @param {import('poolwarden').Badge} badge @param {number} now @returns {HTMLElement} */
function reason(badge, now) {
  const { detail, until, link } = badge;
  const ends =
    until === null ? null : element('span', { class: 'muted' }, `for ${formatLeft(until, now)}, until ${formatDayAndTime(until)}`);
  return element(
    'li',
    {},
    element('div', { class: 'reason-line' }, badgeElement(badge), ends),
    detail === '' ? null : element('p', { class: 'said' }, detail),
    link === null ? null : verificationLink(link),
  );
}

/** What blocks, by which rule, and what ends it. @param {any} blocker @param {number} now @returns {HTMLElement} */
function blockerItem({ cell, key, rule, exit, until }, now) {
  const name =
    cell === 'errors' && key !== null
      ? `Error: ${toWords(key).toLowerCase()}`
      : toWords(
          cell
            .replace(/^settings\./, '')
            .replace(/([A-Z])/g, '_$1')
            .toLowerCase(),
        );
  const ends = until === null ? liftedBy(exit) : `${liftedBy(exit)} ${formatDayAndTime(until)} at the latest (${formatLeft(until, now)}).`;
  return element(
    'li',
    {},
    element('b', {}, name),
    ' by the rule ',
    element('code', {}, rule),
    '. ',
    element('span', { class: 'muted' }, ends),
  );
}

/** @param {any} usage @returns {HTMLElement | null} */
function usageNote(usage) {
  if (usage === null) return null;
  const credits = (usage.credits ?? []).map((/** @type {any} */ { type, amount }) => `${toWords(type)}: ${amount} credits left`);
  const read = `Read ${formatDayAndTime(usage.updatedAt)}`;
  return element('p', { class: 'muted' }, [read, ...credits, ...(usage.error ? [usage.error] : [])].join(' · '));
}

/** All but the buttons. @param {AccountRow} row @param {number} now @returns {readonly Node[]} */
function bodyParts({ view, usage }, now) {
  const badges = running(view.badges, now).map((badge) => reason(badge, now));
  const blockers = running(view.blockers, now).map((blocker) => blockerItem(blocker, now));
  const windows = view.windows.length === 0 ? null : usageBars(view.windows, { now, label: 'Usage windows' });
  const models = view.models.length === 0 ? null : usageBars(view.models, { now, label: 'Usage by model' });
  const parts = [
    part('What is the matter', [
      badges.length === 0 ? element('p', { class: 'muted' }, 'Nothing.') : element('ul', { class: 'reasons' }, ...badges),
    ]),
    part('Why it does not serve', blockers.length === 0 ? [] : [element('ul', { class: 'blockers' }, ...blockers)]),
    part('Usage', [windows, usageNote(usage)]),
    part('Models', [models]),
  ];
  return parts.filter((one) => one !== null);
}

/** @param {AccountRow} row @param {number} now @returns {readonly Node[]} */
function headParts({ id, label, platform, type, view }, now) {
  const [words, tone] = statusWords(statusNow(view, now));
  const line = [platformWords(platform), typeWords(type), view.tierLabel, id === label ? null : id]
    .filter((one) => one !== null)
    .join(' · ');
  return [element('h2', { id: 'panel-title' }, label, ' ', pill(tone, words)), element('p', { class: 'muted' }, line)];
}

/** What is stored of the account: its credentials, and the account itself. @param {AccountRow} row @param {{ onRow: (row: AccountRow) => void, onDelete: () => void }} options @returns {HTMLElement} */
function keepingPart(row, { onRow, onDelete }) {
  const remove = element('button', { type: 'button', class: 'danger', 'aria-haspopup': 'dialog', click: onDelete }, 'Delete account');
  return element('div', { class: 'keeping' }, credentialsForm(row, onRow), remove);
}

/**
 * @typedef {object} PanelOptions
 * @property {(id: string) => AccountRow | undefined} find
 * @property {() => number} now
 * @property {(row: AccountRow) => void} onRow told of an account that a person has changed
 * @property {(row: AccountRow) => void} onDeleted told of one that a person has deleted
 */

/**
 * @param {PanelOptions} options
 */
export function createAccountPanel({ find, now, onRow, onDeleted }) {
  const head = element('div', {});
  const body = element('div', { class: 'panel-body' });
  const deletion = createDeleteDialog({ onDeleted });
  /** @type {{ id: string, key: string, actions: ReturnType<typeof accountActions> } | null} */
  let open = null;
  const dialog = createDialog('account-panel', {
    closesOutside: true,
    onClosed() {
      open = null;
    },
  });

  function close() {
    deletion.close();
    dialog.close();
  }

  /** Draws anew what has changed: the texts are compared, so that a selection and the focus stay. */
  function draw() {
    if (open === null) return;
    const row = find(open.id);
    if (row === undefined) return close();
    const parts = [headParts(row, now()), bodyParts(row, now())];
    const key = parts
      .flat()
      .map((node) => /** @type {Element} */ (node).outerHTML)
      .join('');
    if (key !== open.key) {
      head.replaceChildren(...(parts[0] ?? []));
      replaceKeepingFocus(body, parts[1] ?? []);
    }
    open.key = key;
    open.actions.show(row);
  }

  return {
    draw,
    close,
    /** @param {string} id */
    isOpen: (id) => open?.id === id,
    /** @param {string} id */
    open(id) {
      const row = find(id);
      if (row === undefined) return;
      open = { id, key: '', actions: accountActions(id, onRow) };
      draw();
      dialog.open([head], open.actions.root, body, keepingPart(row, { onRow, onDelete: () => deletion.ask(row) }));
    },
  };
}
