/** The table of accounts: drawn in slices, in the order of their ids. The style leaves out what is off the screen (`content-visibility`). */

import { createAccountRow } from './account-row.js';
import { byId, setText } from './element.js';
import { createSliceQueue, inSlices } from './slices.js';

/** @typedef {import('./account-row.js').AccountRow} AccountRow */
/** @typedef {ReturnType<typeof createAccountRow>} Row */

/** What each part of the head is: some browsers forget it when the style makes grids of a table. */
const ROLES = { '.accounts': 'table', '.accounts :is(thead, tbody)': 'rowgroup', '.accounts tr': 'row', '.accounts th': 'columnheader' };

/** The account's button in the next row that is shown, or else in the one before; null: it is the only one. @param {Element} row @returns {HTMLElement | null} */
function neighbourOf(row) {
  for (const side of /** @type {const} */ (['nextElementSibling', 'previousElementSibling'])) {
    let beside = row[side];
    while (beside instanceof HTMLElement && beside.hidden) beside = beside[side];
    if (beside !== null) return beside.querySelector('.account-name');
  }
  return null;
}

/** Puts a row where the gateway lists its account: by id. @param {HTMLElement} body @param {HTMLElement} row */
function insert(body, row) {
  const idAt = (/** @type {number} */ place) => /** @type {HTMLElement} */ (body.children[place]).dataset.id ?? '';
  const id = row.dataset.id ?? '';
  let [low, high] = [0, body.children.length];
  // Most come in their order.
  if (high > 0 && idAt(high - 1) < id) low = high;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (idAt(middle) < id) low = middle + 1;
    else high = middle;
  }
  body.insertBefore(row, body.children[low] ?? null);
}

/**
 * @typedef {object} TableOptions
 * @property {(id: string) => AccountRow | undefined} find the account as it is known now
 * @property {() => number} now
 * @property {(id: string) => void} onOpen
 * @property {(id: string) => boolean} isOpen whether its panel is, which gives the focus back to its row
 */

/**
 * @param {TableOptions} options
 */
export function createAccountTable({ find, now, onOpen, isOpen }) {
  for (const [selector, role] of Object.entries(ROLES))
    for (const part of document.querySelectorAll(selector)) part.setAttribute('role', role);
  const body = byId('rows');
  const shown = byId('shown');
  /** @type {Map<string, Row>} */
  const rows = new Map();
  /** @type {{ status: string | null, find: string }} */
  let wanted = { status: null, find: '' };
  const runs = { filter: 0, tick: 0 };

  /** Hides what is not looked for, but never the row that has the focus, or will have it again. @param {Row} row @param {number} at */
  function sift(row, at) {
    const isInUse = row.root.contains(document.activeElement) || isOpen(row.data().id);
    const isHidden = !isInUse && !row.matches({ ...wanted, at });
    if (row.root.hidden !== isHidden) row.root.hidden = isHidden;
  }

  function tell() {
    const visible = [...rows.values()].filter(({ root }) => !root.hidden).length;
    const isFiltered = wanted.status !== null || wanted.find !== '';
    setText(shown, isFiltered ? `${visible} of ${rows.size}` : String(rows.size));
    byId('no-match').hidden = visible > 0 || rows.size === 0;
    byId('no-accounts').hidden = rows.size > 0;
  }

  /** @param {string} id */
  function put(id) {
    const data = find(id);
    if (data === undefined) return;
    const at = now();
    const known = rows.get(id);
    known?.update(data, at);
    const row = known ?? createAccountRow(data, { now: at, onOpen });
    if (known === undefined) {
      rows.set(id, row);
      insert(body, row.root);
    }
    sift(row, at);
  }

  /** Accounts whose rows have to be drawn, as they are known when their turn comes: they may have changed again, or be gone. @type {(ids: readonly string[]) => void} */
  const draw = createSliceQueue({ work: (slice) => slice.forEach(put), onEmpty: tell });

  /** The focus of a row that goes is handed to its neighbour, or to where accounts come from. @param {readonly string[]} ids */
  function drop(ids) {
    for (const id of ids) {
      const root = rows.get(id)?.root;
      if (root?.contains(document.activeElement)) (neighbourOf(root) ?? byId('import')).focus();
      root?.remove();
      rows.delete(id);
    }
  }

  /** Slices of all rows, unless a newer run of the kind has begun. @param {keyof typeof runs} kind @param {(row: Row) => void} work */
  async function run(kind, work) {
    runs[kind] += 1;
    const mine = runs[kind];
    const isCurrent = () => runs[kind] === mine;
    await inSlices([...rows.values()], { work: (slice) => slice.forEach(work), isCurrent });
    if (isCurrent()) tell();
  }

  return {
    /** Some that have changed, or are new. @param {readonly AccountRow[]} list */
    update: (list) => draw(list.map(({ id }) => id)),
    /** @param {readonly string[]} ids */
    remove(ids) {
      drop(ids);
      tell();
    },
    /** Everything anew. @param {readonly AccountRow[]} list */
    fill(list) {
      const ids = new Set(list.map(({ id }) => id));
      drop([...rows.keys()].filter((id) => !ids.has(id)));
      draw([...ids]);
    },
    /** @param {{ status?: string | null, find?: string }} change @returns {Promise<void>} */
    filter(change) {
      wanted = { ...wanted, ...change };
      return run('filter', (row) => sift(row, now()));
    },
    /** @param {number} at @returns {Promise<void>} */
    tick(at) {
      return run('tick', (row) => {
        row.tick(at);
        sift(row, at);
      });
    },
  };
}
