/** The pool at a glance: who can serve, who recovers next, and the filter by status. */

import { formatLeft } from './countdown.js';
import { byId, element, setText } from './element.js';
import { STATUSES, statusWords } from './words.js';

/** A button of the filter. @param {string | null} status @param {(status: string | null) => void} onFilter */
function chip(status, onFilter) {
  const [label, tone] = status === null ? ['All', null] : statusWords(status);
  const count = element('span', { class: 'count' }, '0');
  const dot = tone === null ? null : element('span', { class: `dot dot-${tone}`, 'aria-hidden': 'true' });
  const button = element('button', { type: 'button', class: 'chip', 'aria-pressed': String(status === null) }, dot, label, ' ', count);
  button.addEventListener('click', () => onFilter(status));
  return { status, button, count };
}

/**
 * @param {{ onFilter: (status: string | null) => void }} options
 */
export function createGlance({ onFilter }) {
  /** @type {string | null} */
  let chosen = null;
  const chips = [null, ...Object.keys(STATUSES)].map((status) => chip(status, choose));
  byId('statuses').append(...chips.map(({ button }) => button));

  /** @param {string | null} status */
  function choose(status) {
    chosen = status === chosen ? null : status;
    for (const one of chips) one.button.setAttribute('aria-pressed', String(one.status === chosen));
    onFilter(chosen);
  }

  return {
    /** @param {ReturnType<ReturnType<typeof import('./pool.js').createPool>['sum']>} sum @param {number} now */
    show({ total, counts, recovery }, now) {
      setText(byId('serving'), String(counts.get('active') ?? 0));
      setText(byId('serving-of'), `of ${total}`);
      setText(byId('recovery'), recovery === null ? '–' : formatLeft(recovery.at, now));
      setText(byId('recovery-of'), recovery === null ? 'nobody is waiting' : recovery.label);
      for (const { status, button, count } of chips) {
        const many = status === null ? total : (counts.get(status) ?? 0);
        setText(count, String(many));
        button.hidden = many === 0 && status !== null && status !== chosen;
      }
    },
  };
}
