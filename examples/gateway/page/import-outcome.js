/** What came of an import: what was added, or what is wrong with which entry. */

import { element } from './element.js';
import { inSlices } from './slices.js';

/** @typedef {import('./import-list.js').EntryProblems} EntryProblems */

/** @param {string} title @param {readonly string[]} ids @returns {HTMLElement | null} */
function idList(title, ids) {
  if (ids.length === 0) return null;
  return element('section', {}, element('h3', {}, `${title} (${ids.length})`), element('p', { class: 'mono ids' }, ids.join(', ')));
}

/** @param {EntryProblems} entry @returns {HTMLElement} */
function entryItem({ index, id, problems }) {
  const name = element('b', {}, index === null ? 'The list' : `Entry ${index + 1}`);
  const head = id === '' ? [name] : [name, ' ', element('code', {}, id)];
  const lines = problems.map(({ path, message }) => element('li', {}, ...(path === '' ? [] : [element('code', {}, path), ' ']), message));
  return element('li', {}, ...head, element('ul', {}, ...lines));
}

/** Shows it below the list. */
export function createImportOutcome() {
  const root = element('div', { class: 'import-outcome' });
  let run = 0;

  /** @param {...(Node | null)} parts */
  function show(...parts) {
    run += 1;
    root.replaceChildren(...parts.filter((one) => one !== null));
  }
  return {
    root,
    clear: () => show(),
    /** @param {{ added: readonly string[], existing: readonly string[] }} answer ids */
    showImported({ added, existing }) {
      show(idList('Added', added), idList('There already, and as they were', existing));
    },
    /** Every one of them, also of a list of thousands. @param {readonly EntryProblems[]} entries @returns {Promise<void>} */
    showProblems(entries) {
      const list = element('ol', { class: 'problems', 'aria-label': 'Problems' });
      show(list);
      const mine = run;
      return inSlices(entries, { work: (slice) => list.append(...slice.map(entryItem)), isCurrent: () => run === mine });
    },
  };
}
