/** One account in the table. */

import { badgeList } from './badge.js';
import { formatLeft } from './countdown.js';
import { element, replaceKeepingFocus, setText } from './element.js';
import { formatInstant } from './instant.js';
import { tickBars, usageBars } from './usage-bars.js';
import { running, statusNow, untilNow } from './view-now.js';
import { platformWords, statusWords, typeWords } from './words.js';

const SHOWN_WINDOWS = 2;

/** @typedef {{ id: string, label: string, platform: string, type: string, enabled: boolean, parent: string | null, view: import('poolwarden').AccountView, usage: any, lastUsedAt: number | null }} AccountRow */

/** A cell with the role that it keeps when the style makes a card of the row. @param {string} name @param {...(Node | string | null)} children @returns {HTMLElement} */
function cell(name, ...children) {
  return element('td', { role: 'cell', class: name }, ...children);
}

/** @param {AccountRow} row @returns {readonly Node[]} */
function platformParts({ platform, type, view }) {
  const tier = view.tierLabel === null ? [] : [' ', element('span', { class: 'tier' }, view.tierLabel)];
  const name = element('span', { class: 'platform-name' }, platformWords(platform), ...tier);
  return [name, element('span', { class: 'muted sub' }, typeWords(type))];
}

/** The status, how long it lasts, and the badges. @param {AccountRow} row @param {number} now @returns {readonly Node[]} */
function statusParts({ view }, now) {
  const status = statusNow(view, now);
  const until = untilNow(view, now);
  const [label, tone] = statusWords(status);
  const word = element(
    'span',
    { class: `status status-${tone}`, 'data-status': status },
    element('span', { class: 'dot', 'aria-hidden': 'true' }),
    label,
  );
  const left = until === null ? null : element('span', { class: 'muted left' }, `for ${formatLeft(until, now)}`);
  return [element('span', { class: 'status-line' }, word, left), badgeList(running(view.badges, now), status)];
}

/** The windows, and the models' quotas where there is room. @param {import('poolwarden').AccountView} view */
function shownWindows({ windows, models }) {
  return [...windows, ...models].slice(0, SHOWN_WINDOWS);
}

/** @param {AccountRow} row @param {number} now @returns {readonly Node[]} */
function usageParts({ view }, now) {
  const more = view.windows.length + view.models.length - SHOWN_WINDOWS;
  const shown = shownWindows(view);
  if (shown.length === 0) return [element('span', { class: 'muted unknown', 'aria-label': 'Not known', role: 'note' }, '–')];
  const bars = usageBars(shown, { now, label: 'Usage' });
  return more > 0 ? [bars, element('span', { class: 'muted sub' }, `${more} more`)] : [bars];
}

/** What the status cell shows, as a text to compare: it is only made anew when this changes. @param {AccountRow} row @param {number} now @returns {string} */
function statusKey({ view }, now) {
  const until = untilNow(view, now);
  return JSON.stringify([statusNow(view, now), until === null ? '' : formatLeft(until, now), running(view.badges, now)]);
}

/** The words by which the account is found. @param {AccountRow} row @param {number} now @returns {string} */
function searchText({ id, label, platform, type, view }, now) {
  const words = running(view.badges, now).map((badge) => badge.label);
  return [label, id, platformWords(platform), typeWords(type), view.tierLabel ?? '', statusWords(statusNow(view, now))[0], ...words]
    .join(' ')
    .toLowerCase();
}

/**
 * A row of the table. Its cells are replaced only where something changed, so that focus, selection and scroll stay.
 *
 * @param {AccountRow} first
 * @param {{ now: number, onOpen: (id: string) => void }} options
 */
export function createAccountRow(first, { now, onOpen }) {
  const button = element('button', { type: 'button', class: 'account-name', 'aria-haspopup': 'dialog', click: () => onOpen(first.id) });
  const id = element('span', { class: 'muted sub mono' });
  const platform = cell('platform');
  const status = cell('status-cell');
  const usage = cell('usage-cell');
  const lastUsed = cell('last-used muted');
  const root = element(
    'tr',
    { role: 'row' },
    element('th', { role: 'rowheader', scope: 'row' }, button, id),
    platform,
    status,
    usage,
    lastUsed,
  );
  root.dataset.id = first.id;
  let data = first;
  let key = '';
  let windowsKey = '';
  let platformKey = '';

  /** @param {number} at */
  function tick(at) {
    const wanted = statusKey(data, at);
    if (wanted !== key) replaceKeepingFocus(status, statusParts(data, at));
    key = wanted;
    const bars = usage.firstElementChild;
    if (bars?.tagName === 'UL') tickBars(bars, shownWindows(data.view), at);
  }

  /** @param {AccountRow} next @param {number} at */
  function update(next, at) {
    data = next;
    setText(button, next.label);
    setText(id, next.label === next.id ? '' : next.id);
    const nextPlatform = JSON.stringify([next.platform, next.type, next.view.tierLabel]);
    if (nextPlatform !== platformKey) platform.replaceChildren(...platformParts(next));
    platformKey = nextPlatform;
    const nextWindows = JSON.stringify([...next.view.windows, ...next.view.models].map((window) => ({ ...window, countdown: '' })));
    if (nextWindows !== windowsKey) usage.replaceChildren(...usageParts(next, at));
    windowsKey = nextWindows;
    setText(lastUsed, next.lastUsedAt === null ? 'Never' : formatInstant(next.lastUsedAt, at));
    tick(at);
  }

  update(first, now);
  return {
    root,
    tick,
    update,
    data: () => data,
    /** Whether the row shows what is looked for; `find` in lower case. @param {{ status: string | null, find: string, at: number }} wanted @returns {boolean} */
    matches: ({ status: wanted, find, at }) =>
      (wanted === null || statusNow(data.view, at) === wanted) && (find === '' || searchText(data, at).includes(find)),
  };
}
