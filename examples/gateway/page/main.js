/** The page: what it hears from the gateway goes to what shows it. */

import { createAccountPanel } from './account-panel.js';
import { createAccountTable } from './account-table.js';
import { createAnnouncer } from './announce.js';
import { createChart } from './chart.js';
import { createClock } from './clock.js';
import { connect } from './connect.js';
import { createDecisionList } from './decision-list.js';
import { byId, setText } from './element.js';
import { createGlance } from './glance.js';
import { createImportDialog } from './import-dialog.js';
import { createPool } from './pool.js';
import { createSettingsForm } from './settings-form.js';
import { createSignIn } from './sign-in.js';
import { statusNow } from './view-now.js';
import { statusWords } from './words.js';

const SUM_MS = 200;
const FIND_MS = 120;
const VIEWS = ['accounts', 'decisions', 'settings'];

const clock = createClock({ onTick: tick });
const pool = createPool();
const panel = createAccountPanel({ find: pool.find, now: clock.now, onRow: (row) => onAccounts([row]), onDeleted });
const table = createAccountTable({ find: pool.find, now: clock.now, onOpen: panel.open, isOpen: panel.isOpen });
const imports = createImportDialog();
const glance = createGlance({ onFilter: (status) => void table.filter({ status }) });
const chart = createChart();
const decisions = createDecisionList();
const settings = createSettingsForm();
const announcer = createAnnouncer();
const signIn = createSignIn({ onSignedIn: start });

/** @type {() => void} */
let disconnect = () => {};
/** @type {number | undefined} */
let summing;

/** Adds up the pool, and keeps the clock running for as long as something counts. */
function sum() {
  clearTimeout(summing);
  summing = undefined;
  const now = clock.now();
  const found = pool.sum(now);
  glance.show(found, now);
  clock.countUntil(found.next);
  return found;
}

/** @param {number} now */
function tick(now) {
  void table.tick(now);
  panel.draw();
  if (sum().hasOutdated) reconnect();
}

/** @param {any} overview @param {any[]} latest */
function onFresh(overview, latest) {
  clock.set(overview.now);
  pool.fill(overview.accounts);
  sum();
  chart.fill(overview.series);
  table.fill(overview.accounts);
  decisions.fill(latest);
  panel.draw();
}

/** @param {any[]} rows */
function onAccounts(rows) {
  for (const row of rows) {
    const before = pool.find(row.id);
    const status = statusNow(row.view, clock.now());
    if (before === undefined || statusNow(before.view, clock.now()) !== status) announcer.change(row.label, statusWords(status)[0]);
  }
  pool.update(rows);
  table.update(rows);
  panel.draw();
  summing ??= setTimeout(sum, SUM_MS);
}

/** @param {readonly string[]} ids */
function forget(ids) {
  pool.remove(ids);
  // The panel gives the focus back to its account's row, and the row, as it goes, to the next.
  panel.draw();
  table.remove(ids);
  summing ??= setTimeout(sum, SUM_MS);
}

/** @param {string[]} ids */
function onRemoved(ids) {
  for (const label of ids.map((id) => pool.find(id)?.label)) if (label !== undefined) announcer.change(label, 'deleted');
  forget(ids);
}

/** @param {import('./account-row.js').AccountRow} account */
function onDeleted({ id, label }) {
  forget([id]);
  announcer.say(`${label} was deleted.`);
}

/** @param {string} name @param {any} data */
function onEvent(name, data) {
  if (name === 'accounts') onAccounts(data);
  else if (name === 'removed') onRemoved(data);
  else if (name === 'decision') decisions.update(data);
  else if (name === 'series') chart.update(data);
}

/** @param {'connecting' | 'live' | 'waiting'} state */
function onState(state) {
  byId('connection').dataset.state = state;
  setText(byId('connection-text'), { connecting: 'Connecting', live: 'Live', waiting: 'Connection lost, trying again' }[state]);
}

/** @param {string} why */
function signOut(why) {
  disconnect();
  panel.close();
  imports.close();
  clock.countUntil(null);
  byId('app').hidden = true;
  signIn.ask(why);
}

function reconnect() {
  disconnect();
  disconnect = connect({ onFresh, onEvent, onState, onRefused: () => signOut('The gateway does not know this token any more.') });
}

function start() {
  byId('app').hidden = false;
  reconnect();
  void settings.load();
}

/** The view that the address names. */
function showView() {
  const wanted = location.hash.slice(1);
  if (wanted !== '' && !VIEWS.includes(wanted)) return;
  const view = wanted === '' ? 'accounts' : wanted;
  document.body.dataset.view = view;
  for (const link of document.querySelectorAll('nav a')) {
    if (link.getAttribute('href') === `#${view}`) link.setAttribute('aria-current', 'page');
    else link.removeAttribute('aria-current');
  }
  window.scrollTo(0, 0);
}

/** @type {number | undefined} */
let finding;
byId('find').addEventListener('input', ({ target }) => {
  clearTimeout(finding);
  finding = setTimeout(() => void table.filter({ find: /** @type {HTMLInputElement} */ (target).value.trim().toLowerCase() }), FIND_MS);
});
byId('sign-out').addEventListener('click', () => signOut(''));
window.addEventListener('hashchange', showView);
showView();
signIn.start();
