/** Tells a screen reader what changed, politely and not too often. */

import { byId, setText } from './element.js';
import { statusWords } from './words.js';

const QUIET_MS = 5_000;
const NAMED = 3;

/** Collects changes of status and says them together. */
export function createAnnouncer() {
  const announcer = byId('announcer');
  /** @type {Map<string, string>} */
  const changes = new Map();
  /** @type {number | undefined} */
  let timer;

  function say() {
    timer = undefined;
    const named = [...changes].slice(0, NAMED).map(([label, status]) => `${label}: ${statusWords(status)[0].toLowerCase()}`);
    const more = changes.size > NAMED ? [`and ${changes.size - NAMED} more accounts changed`] : [];
    setText(announcer, [...named, ...more].join(', '));
    changes.clear();
  }

  return {
    /** @param {string} label the account @param {string} status its new one */
    change(label, status) {
      changes.set(label, status);
      timer ??= setTimeout(say, QUIET_MS);
    },
  };
}
