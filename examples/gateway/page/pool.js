/** The accounts as the page knows them, whatever is drawn of them, and what they add up to. */

import { isOutdated, nextChange, statusNow, untilNow } from './view-now.js';

/** @typedef {import('./account-row.js').AccountRow} AccountRow */

/** A sum over all accounts. */
export function createPool() {
  /** @type {Map<string, AccountRow>} */
  let accounts = new Map();
  return {
    /** @param {readonly AccountRow[]} list */
    fill(list) {
      accounts = new Map(list.map((one) => [one.id, one]));
    },
    /** @param {readonly AccountRow[]} list */
    update(list) {
      for (const one of list) accounts.set(one.id, one);
    },
    /** @param {readonly string[]} ids */
    remove(ids) {
      for (const id of ids) accounts.delete(id);
    },
    /** @param {string} id @returns {AccountRow | undefined} */
    find: (id) => accounts.get(id),
    /**
     * How many there are by status, who recovers next, and when the next text changes.
     *
     * @param {number} now
     */
    sum(now) {
      /** @type {Map<string, number>} */
      const counts = new Map();
      /** @type {{ at: number, label: string } | null} */
      let recovery = null;
      let next = Number.POSITIVE_INFINITY;
      let hasOutdated = false;
      for (const { label, view } of accounts.values()) {
        const status = statusNow(view, now);
        counts.set(status, (counts.get(status) ?? 0) + 1);
        const until = untilNow(view, now);
        if (until !== null && (recovery === null || until < recovery.at)) recovery = { at: until, label };
        next = Math.min(next, nextChange(view, now) ?? next);
        hasOutdated ||= isOutdated(view, now);
      }
      return { total: accounts.size, counts, recovery, next: Number.isFinite(next) ? next : null, hasOutdated };
    },
  };
}
