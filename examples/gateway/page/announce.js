/** Tells a screen reader what changed, politely and not too often. */

import { byId, setText } from './element.js';

const QUIET_MS = 5_000;
const NAMED = 3;

/** Collects changes and says them together; what a person has asked for is said at once. */
export function createAnnouncer() {
  const announcer = byId('announcer');
  /** @type {Map<string, string>} */
  const changes = new Map();
  /** @type {number | undefined} */
  let timer;

  function tell() {
    timer = undefined;
    const named = [...changes].slice(0, NAMED).map(([label, what]) => `${label}: ${what.toLowerCase()}`);
    const more = changes.size > NAMED ? [`and ${changes.size - NAMED} more accounts changed`] : [];
    setText(announcer, [...named, ...more].join(', '));
    changes.clear();
  }

  return {
    /** @param {string} text */
    say(text) {
      setText(announcer, text);
    },
    /** @param {string} label the account @param {string} what it is now */
    change(label, what) {
      changes.set(label, what);
      if (timer === undefined) timer = setTimeout(tell, QUIET_MS);
    },
  };
}
