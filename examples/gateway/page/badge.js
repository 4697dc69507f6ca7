/** Badges: small coloured words about an account. The word is always there, so that nobody has to see the colour. */

import { element } from './element.js';
import { verificationLink } from './verification-link.js';

const CREDITS_PREFIX = 'Served with AI credits: ';

/**
 * A word in a tone.
 *
 * @param {string} tone
 * @param {...(Node | string)} content
 * @returns {HTMLElement}
 */
export function pill(tone, ...content) {
  return element('span', { class: `pill tone-${tone}` }, ...content);
}

/**
 * The badge of an account. Its whole reason is a tooltip here and a text in the account's panel.
 *
 * @param {import('poolwarden').Badge} badge
 * @returns {HTMLElement}
 */
export function badgeElement({ kind, tone, label, detail }) {
  const isCredits = kind === 'credits_active';
  const made = pill(tone, ...(isCredits ? [element('span', { class: 'visually-hidden' }, CREDITS_PREFIX), label] : [label]));
  made.dataset.kind = kind;
  if (detail !== '') made.title = detail;
  return made;
}

/**
 * The badges that tell more than the account's status does, each with its link.
 *
 * @param {readonly import('poolwarden').Badge[]} badges
 * @param {string} status
 * @returns {HTMLElement}
 */
export function badgeList(badges, status) {
  const list = element('ul', { class: 'badges', 'aria-label': 'Badges' });
  for (const badge of badges) {
    if (badge.kind === status && badge.model === null) continue;
    list.append(element('li', {}, badgeElement(badge), badge.link === null ? null : verificationLink(badge.link)));
  }
  list.hidden = list.childElementCount === 0;
  return list;
}
