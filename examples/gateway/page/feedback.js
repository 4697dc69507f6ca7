/** What a person is told of what they have asked for. */

import { element, setText } from './element.js';

/** @typedef {'gray' | 'green' | 'red'} FeedbackTone */

/**
 * A line that says how something went; a screen reader hears it.
 *
 * @param {string} [id] for a field that is described by it
 * @returns {{ root: HTMLElement, say(tone: FeedbackTone, text: string): void }}
 */
export function createFeedback(id) {
  const root = element('p', { class: 'feedback', role: 'status', id });
  return {
    root,
    say(tone, text) {
      root.dataset.tone = tone;
      setText(root, text);
    },
  };
}

/** Why something failed. @param {unknown} error @returns {string} */
export function failureWords(error) {
  return error instanceof Error ? error.message : 'It failed.';
}

/**
 * Does the work of a button, which takes no other press meanwhile. It keeps the focus: a disabled button would lose it.
 *
 * @param {HTMLElement} button
 * @param {() => Promise<void>} work
 * @returns {Promise<void>}
 */
export async function whileBusy(button, work) {
  if (button.getAttribute('aria-disabled') === 'true') return;
  button.setAttribute('aria-disabled', 'true');
  try {
    await work();
  } finally {
    button.removeAttribute('aria-disabled');
  }
}
