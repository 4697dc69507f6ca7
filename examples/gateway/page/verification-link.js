/** The link by which an account's owner verifies the account. An upstream wrote it: only a trusted one can be clicked. */

import { element } from './element.js';

const COPIED_MS = 2_000;

/** @param {string} url @returns {boolean} */
function isHttps(url) {
  return URL.canParse(url) && new URL(url).protocol === 'https:';
}

/** @param {string} url @returns {HTMLElement | null} null where the browser has no clipboard for this page */
function copyButton(url) {
  if (navigator.clipboard === undefined) return null;
  const label = ['Copy', element('span', { class: 'visually-hidden' }, ' the verification link')];
  const button = element('button', { type: 'button', class: 'quiet small' }, ...label);
  button.addEventListener('click', async () => {
    const isCopied = await navigator.clipboard.writeText(url).then(
      () => true,
      () => false,
    );
    button.textContent = isCopied ? 'Copied ✓' : 'Not copied';
    setTimeout(() => {
      button.replaceChildren(...label);
    }, COPIED_MS);
  });
  return button;
}

/**
 * A trusted link that opens in a new tab and can be copied; any other address is plain text.
 *
 * @param {import('poolwarden').VerificationLink} link
 * @returns {HTMLElement}
 */
export function verificationLink({ url, trusted }) {
  if (trusted !== true || !isHttps(url)) {
    return element('span', { class: 'untrusted', title: url }, element('b', {}, 'Untrusted address: '), element('code', {}, url));
  }
  const opens = element('span', { class: 'visually-hidden' }, ' (opens in a new tab)');
  const link = element('a', { href: url, target: '_blank', rel: 'noopener noreferrer', title: url }, 'Verify ↗', opens);
  return element('span', { class: 'link' }, link, copyButton(url));
}
