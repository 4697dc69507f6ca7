/** The table of accounts: drawn in slices, kept by id. The style leaves out what is off the screen (`content-visibility`). */

import { createAccountRow } from './account-row.js';
import { byId, setText } from './element.js';
import { inSlices } from './slices.js';

/** @typedef {import('./account-row.js').AccountRow} AccountRow */
/** @typedef {ReturnType<typeof createAccountRow>} Row */

/** What each part of the head is: some browsers forget it when the style makes grids of a table. */
const ROLES = { '.accounts': 'table', '.accounts :is(thead, tbody)': 'rowgroup', '.accounts tr': 'row', '.accounts th': 'columnheader' };

/**
 * @param {{ now: () => number, onOpen: (id: string) => void }} options
 */
export function createAccountTable({ now, onOpen }) {
  for (const [selector, role] of Object.entries(ROLES))
    for (const part of document.querySelectorAll(selector)) part.setAttribute('role', role);
  const body = byId('rows');
  const empty = byId('no-accounts');
  const shown = byId('shown');
  /** @type {Map<string, Row>} */
  const rows = new Map();
  /** @type {{ status: string | null, find: string }} */
  let wanted = { status: null, find: '' };
  const runs = { fill: 0, filter: 0, tick: 0 };

  /** Hides what is not looked for, but never the row that has the focus. @param {Row} row @param {number} at */
  function sift(row, at) {
    const isHidden = !row.matches({ ...wanted, at }) && !row.root.contains(document.activeElement);
    if (row.root.hidden !== isHidden) row.root.hidden = isHidden;
  }

  function tell() {
    const visible = [...rows.values()].filter(({ root }) => !root.hidden).length;
    const isFiltered = wanted.status !== null || wanted.find !== '';
    setText(shown, isFiltered ? `${visible} of ${rows.size}` : String(rows.size));
    empty.hidden = visible > 0;
    setText(empty, rows.size === 0 ? 'No accounts yet. Import some with POST /admin/accounts.' : 'No account is like that.');
  }

  /** @param {AccountRow} data @param {number} at @returns {Row} */
  function put(data, at) {
    const known = rows.get(data.id);
    if (known !== undefined) known.update(data, at);
    const row = known ?? createAccountRow(data, { now: at, onOpen });
    rows.set(data.id, row);
    sift(row, at);
    return row;
  }

  /** @param {readonly string[]} ids */
  function drop(ids) {
    for (const id of ids) rows.get(id)?.root.remove();
    for (const id of ids) rows.delete(id);
  }

  /** Slices of rows, unless a newer run of the kind has begun. @template Item @param {keyof typeof runs} kind @param {readonly Item[]} items @param {(slice: readonly Item[]) => void} work */
  async function run(kind, items, work) {
    runs[kind] += 1;
    const mine = runs[kind];
    await inSlices(items, { work, isCurrent: () => runs[kind] === mine });
    if (runs[kind] === mine) tell();
  }

  return {
    /** Everything anew, in the order given. @param {readonly AccountRow[]} list @returns {Promise<void>} */
    fill(list) {
      const ids = new Set(list.map(({ id }) => id));
      drop([...rows.keys()].filter((id) => !ids.has(id)));
      return run('fill', list, (slice) => {
        const fresh = slice.map((data) => put(data, now()).root).filter((root) => !root.isConnected);
        body.append(...fresh);
      });
    },
    /** Some that changed or are new. @param {readonly AccountRow[]} list */
    update(list) {
      for (const data of list) {
        const { root } = put(data, now());
        if (!root.isConnected) body.append(root);
      }
      tell();
    },
    /** @param {readonly string[]} ids */
    remove(ids) {
      drop(ids);
      tell();
    },
    /** @param {{ status?: string | null, find?: string }} change @returns {Promise<void>} */
    filter(change) {
      wanted = { ...wanted, ...change };
      return run('filter', [...rows.values()], (slice) => {
        for (const row of slice) sift(row, now());
      });
    },
    /** @param {number} at @returns {Promise<void>} */
    tick(at) {
      return run('tick', [...rows.values()], (slice) => {
        for (const row of slice) {
          row.tick(at);
          sift(row, at);
        }
      });
    },
  };
}
