/** The last decisions, newest first. What a person has opened stays where it is. */

import { decisionItem } from './decision-item.js';
import { byId, setText } from './element.js';

const MOST = 100;
/** New decisions are shown in batches: nobody reads faster. */
const BATCH_MS = 300;

/** The list, and the button that holds it still. */
export function createDecisionList() {
  const list = byId('decision-list');
  const empty = byId('no-decisions');
  const pause = byId('pause');
  let isPaused = false;
  /** @type {any[]} newest first */
  let waiting = [];
  /** @type {number | undefined} */
  let timer;

  /** Removes the oldest that nobody has opened. */
  function trim() {
    for (const item of [...list.children].slice(MOST)) {
      if (item.querySelector('details[open]') === null && !item.contains(document.activeElement)) item.remove();
    }
  }

  function flush() {
    timer = undefined;
    list.prepend(...waiting.map(decisionItem));
    waiting = [];
    trim();
    empty.hidden = list.childElementCount > 0;
  }

  function showPause() {
    pause.setAttribute('aria-pressed', String(isPaused));
    setText(
      pause,
      isPaused && waiting.length > 0
        ? `Paused · ${waiting.length === MOST ? `${MOST}+` : waiting.length} new`
        : isPaused
          ? 'Paused'
          : 'Pause',
    );
  }

  pause.addEventListener('click', () => {
    isPaused = !isPaused;
    if (!isPaused) flush();
    showPause();
  });

  /** @param {readonly any[]} decisions newest first */
  function add(decisions) {
    waiting = [...decisions, ...waiting].slice(0, MOST);
    if (isPaused) showPause();
    else timer ??= setTimeout(flush, BATCH_MS);
  }

  return {
    /** After a new start: those that are not there yet. @param {readonly any[]} decisions newest first */
    fill(decisions) {
      const known = new Set([...list.children].map((item) => /** @type {HTMLElement} */ (item).dataset.id));
      for (const { id } of waiting) known.add(String(id));
      add(decisions.filter(({ id }) => !known.has(String(id))));
      clearTimeout(timer);
      if (!isPaused) flush();
    },
    /** @param {any} decision */
    update(decision) {
      add([decision]);
    },
  };
}
