/** Asks for the admin token, once a tab. */

import { ApiError, call, keepToken, readToken } from './api.js';
import { byId, setText } from './element.js';
import { failureWords } from './feedback.js';

/**
 * Shows the form until a token is accepted.
 *
 * @param {{ onSignedIn: () => void }} options
 */
export function createSignIn({ onSignedIn }) {
  const section = byId('sign-in');
  const input = /** @type {HTMLInputElement} */ (byId('token'));
  const error = byId('sign-in-error');

  /** @param {string} text */
  function complain(text) {
    setText(error, text);
    input.setAttribute('aria-invalid', String(text !== ''));
    input.focus();
  }

  section.querySelector('form')?.addEventListener('submit', async (event) => {
    event.preventDefault();
    const token = input.value.trim();
    if (!/^[\x21-\x7e]+$/.test(token)) return complain('Enter the token that the gateway printed.');
    keepToken(token);
    try {
      await call('/admin/settings');
    } catch (cause) {
      keepToken(null);
      const isWrong = cause instanceof ApiError && cause.status === 401;
      return complain(isWrong ? 'The gateway does not know this token.' : failureWords(cause));
    }
    input.value = '';
    complain('');
    section.hidden = true;
    onSignedIn();
    byId('main').focus();
  });

  return {
    /** Goes on with the token of this tab, or asks. */
    start() {
      if (readToken() === null) this.ask('');
      else onSignedIn();
    },
    /** @param {string} why */
    ask(why) {
      keepToken(null);
      section.hidden = false;
      complain(why);
    },
  };
}
