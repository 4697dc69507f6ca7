/** Usage windows as bars, with the time until each resets. */

import { element, setText } from './element.js';
import { countdownNow } from './view-now.js';

/** @typedef {import('poolwarden').WindowView} WindowView */

/** What a screen reader says of a bar. @param {WindowView} window @param {string} countdown @returns {string} */
function spoken({ percentText, resetAt }, countdown) {
  if (countdown === '') return `${percentText} used`;
  return resetAt !== null && /\d/.test(countdown) ? `${percentText} used, resets in ${countdown}` : `${percentText} used, ${countdown}`;
}

/**
 * One window.
 *
 * @param {WindowView} window
 * @param {number} now
 * @returns {HTMLElement}
 */
function usageBar(window, now) {
  const { name, percentText, bar, tone } = window;
  const countdown = countdownNow(window, now);
  const fill = element('span', { class: `fill fill-${tone}` });
  fill.style.width = `${Math.min(Math.max(bar, 0), 100)}%`;
  const meter = {
    role: 'meter',
    'aria-label': name,
    'aria-valuemin': 0,
    'aria-valuemax': 100,
    'aria-valuenow': Math.round(bar),
    'aria-valuetext': spoken(window, countdown),
  };
  return element(
    'li',
    { class: 'usage-bar' },
    element('span', { class: 'window', title: name, 'aria-hidden': 'true' }, name),
    element('span', { class: 'track', ...meter }, fill),
    element('span', { class: `percent percent-${tone}`, 'aria-hidden': 'true' }, percentText),
    element('span', { class: 'countdown', 'aria-hidden': 'true' }, countdown),
  );
}

/**
 * Windows as a list of bars.
 *
 * @param {readonly WindowView[]} windows
 * @param {{ now: number, label: string }} options
 * @returns {HTMLElement}
 */
export function usageBars(windows, { now, label }) {
  return element('ul', { class: 'usage', 'aria-label': label }, ...windows.map((window) => usageBar(window, now)));
}

/**
 * Makes the countdowns right again without touching anything else.
 *
 * @param {Element} list what `usageBars` made of the same windows
 * @param {readonly WindowView[]} windows
 * @param {number} now
 */
export function tickBars(list, windows, now) {
  for (const [index, window] of windows.entries()) {
    const item = list.children[index];
    const text = item?.querySelector('.countdown');
    if (item === undefined || !text) continue;
    const countdown = countdownNow(window, now);
    if (text.textContent === countdown) continue;
    setText(text, countdown);
    item.querySelector('.track')?.setAttribute('aria-valuetext', spoken(window, countdown));
  }
}
